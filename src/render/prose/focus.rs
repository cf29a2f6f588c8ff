//! Which lines of a scene's code are shown beside its picture: those in which it differs from the scene before.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::lesson::Language;

/// Returns the lines to show of `source`, at most `most`, counted from 0 and in order.
///
/// These are the lines of the scene's function if they all fit and one of them is a line in which `source` differs from
/// `before`. Otherwise they are the lines in which it differs and, where there is room, others of the function: those that
/// wait or spawn first.
pub(super) fn lines_to_show(source: &str, before: Option<&str>, language: Language, most: usize) -> Vec<usize> {
    let function = super::code::scene_function(source, language);
    let differing = before.map_or_else(Vec::new, |before| differing_lines(source, before));
    let shows_a_difference = differing.is_empty() || differing.iter().any(|line| function.contains(line));
    if function.len() <= most && shows_a_difference {
        return function.collect();
    }
    let mut shown = most_telling(source, differing, most);
    // Where there is room, what the scene does with the lines that differ.
    let rest = function.filter(|line| !shown.contains(line)).collect::<Vec<_>>();
    let room = most - shown.len();
    shown.extend(most_telling(source, rest, room));
    shown.sort_unstable();
    shown
}

/// Returns the lines of `source` that `before` lacks. Comments, imports and empty lines are not compared.
pub(super) fn differing_lines(source: &str, before: &str) -> Vec<usize> {
    let old = code_lines(before);
    let new = code_lines(source);
    let texts = |lines: &[(usize, &str)]| -> Vec<String> { lines.iter().map(|(_, text)| (*text).to_owned()).collect() };
    let changes = capture_diff_slices(Algorithm::Patience, &texts(&old), &texts(&new));
    let inserted = changes.iter().filter(|change| change.tag() != DiffTag::Equal);
    inserted.flat_map(|change| change.new_range()).map(|index| new[index].0).collect()
}

/// Returns the lines of code with their numbers from 0, without the blanks around them.
fn code_lines(source: &str) -> Vec<(usize, &str)> {
    let is_code = |text: &str| !text.is_empty() && !text.starts_with("//") && !text.starts_with("use ");
    source.lines().map(str::trim).enumerate().filter(|(_, text)| is_code(text)).collect()
}

/// Returns at most `most` of `lines`: those that say most about how a scene waits.
fn most_telling(source: &str, lines: impl IntoIterator<Item = usize>, most: usize) -> Vec<usize> {
    let texts: Vec<&str> = source.lines().collect();
    let mut lines: Vec<usize> = lines.into_iter().collect();
    if lines.len() > most {
        lines.sort_by_key(|line| (rank(texts[*line]), *line));
        lines.truncate(most);
        lines.sort_unstable();
    }
    lines
}

/// Returns how little a line says: 0 for one that waits, spawns or blocks, 2 for one of brackets alone or for the head of a
/// function, whose body may not be shown.
fn rank(text: &str) -> u8 {
    let telling = [".await", "await ", "spawn", "yield", "block", "join", "abort", "drop("];
    match text {
        _ if text.contains("fn ") && text.ends_with('{') => 2,
        _ if telling.iter().any(|word| text.contains(word)) => 0,
        _ if text.chars().any(char::is_alphanumeric) => 1,
        _ => 2,
    }
}

/// Returns the lines of the Python function of this name; none if `source` has none. It ends before the next line that
/// begins in the first column. Its parameters may end in a line `):`, which still belongs to it.
pub(super) fn python_function(source: &str, name: &str) -> Option<Range<usize>> {
    let opens = |line: &str| {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ");
        rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    let belongs = |line: &str| line.is_empty() || line.starts_with([' ', '\t', ')']);
    let start = source.lines().position(opens)?;
    let mut end = start + 1;
    for (index, line) in source.lines().enumerate().skip(start + 1).take_while(|(_, line)| belongs(line)) {
        // Empty lines at its end do not belong to it.
        if !line.trim().is_empty() {
            end = index + 1;
        }
    }
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "//! One.\n\nuse a::b;\n\npub async fn scene() {\n    work().await;\n}\n\nasync fn work() {\n    compute();\n}\n";

    #[test]
    fn what_differs_outside_of_the_function_is_shown() {
        let after = BEFORE.replace("One", "Two").replace("use a::b", "use a::c");
        assert_eq!(differing_lines(&after, BEFORE), [] as [usize; 0], "comments and imports do not count");
        let yields = after.replace("compute();\n", "compute();\n    yield_now().await;\n");
        assert_eq!(lines_to_show(&yields, Some(BEFORE), Language::Rust, 14), [4, 5, 6, 10]);
        assert_eq!(lines_to_show(&yields, Some(BEFORE), Language::Rust, 2), [5, 10], "the await, and what differs");
        let awaits = after.replace("work().await", "join!(work(), work())");
        assert_eq!(lines_to_show(&awaits, Some(BEFORE), Language::Rust, 14), [4, 5, 6], "the whole function");
        assert_eq!(lines_to_show(&awaits, Some(BEFORE), Language::Rust, 1), [5], "what differs in it");
    }

    #[test]
    fn of_too_many_lines_those_that_wait_are_shown() {
        let long = format!("pub async fn scene() {{\n{}    nap().await;\n}}\n", "    let a = 1;\n".repeat(20));
        assert_eq!(lines_to_show(&long, None, Language::Rust, 3), [1, 2, 21]);
    }
}
