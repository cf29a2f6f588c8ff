//! What a lesson's `README.md` must have: a title, an introduction and three sections.

use super::Fault;

/// The sections of every lesson's prose.
const SECTIONS: [&str; 3] = ["## What happens", "## What to notice", "## Try"];
/// The most characters of the introduction, which are three lines.
const LONGEST_INTRODUCTION: usize = 230;

/// Returns what is missing from the prose in `file`, of the lesson with this name and summary.
pub(super) fn faults(file: &str, readme: &str, name: &str, summary: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let at_line = |line: usize, message: String| Fault { place: Some((line, 1)), ..Fault::of_file(file, message) };
    let title = format!("# {name}: {summary}");
    if readme.lines().next() != Some(&title) {
        faults.push(at_line(1, format!("the first line must be the title, as lesson.toml has it: {title}")));
    }
    let introduction = readme.lines().skip(1).take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>().join(" ");
    match introduction.trim().chars().count() {
        0 => faults
            .push(at_line(2, "a paragraph is missing that says what the scenes do and what is compared".to_owned())),
        1..=LONGEST_INTRODUCTION => {}
        long => faults.push(at_line(
            2,
            format!("the introduction has {long} characters; at most {LONGEST_INTRODUCTION} stand above the question"),
        )),
    }
    for section in SECTIONS {
        let mut places =
            readme.lines().zip(1..).filter(|(line, _)| line.trim_end() == section).map(|(_, number)| number);
        match (places.next(), places.next()) {
            (None, _) => faults.push(Fault::of_file(file, format!("the section {section:?} is missing"))),
            (Some(_), Some(second)) => {
                faults.push(at_line(second, format!("the section {section:?} stands here again")))
            }
            (Some(first), None) => {
                let body = readme.lines().skip(first).take_while(|line| !line.starts_with("## "));
                if body.into_iter().all(|line| line.trim().is_empty()) {
                    faults.push(at_line(first, format!("the section {section:?} is empty")));
                }
            }
        }
    }
    faults
}
