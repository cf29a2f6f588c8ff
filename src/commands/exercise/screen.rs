//! What the exercises print: the list, a verdict with its lanes and claims, hints and solutions.

use crate::chart::{NamePattern, Shown};
use crate::exercise::{Exercise, Judgement, Ruling, Sheet};
use crate::lesson::Language;
use crate::render::prose::code::listing;
use crate::render::{Report, paragraph};
use crate::run::Failure;
use crate::run::progress::Progress;
use crate::style::{Role, Style, columns, fit};
use crate::term::Term;
use crate::trace::{Clock, Nanos, RunInputs, SceneTrace, Trace, Verdict};

/// Most rows that lanes take.
const MOST_LANES: usize = 11;
/// Fewest rows that lanes take.
const LEAST_LANES: usize = 5;
/// Most lines that are shown of what a file prints.
const MOST_PRINTED: usize = 4;

/// Returns the list of the exercises, with marks on those that were passed.
///
/// # Errors
/// If a sheet is wrong.
pub(super) fn list(exercises: &[Exercise], progress: &Progress, term: &Term) -> Result<String, Failure> {
    let style = &term.style;
    let names = exercises.iter().map(|exercise| columns(exercise.name)).max().unwrap_or(0);
    let mut text = String::new();
    for (index, exercise) in exercises.iter().enumerate() {
        let sheet = Sheet::of(exercise)?;
        let passed = progress.passed.contains(exercise.name);
        let mark = if passed { style.paint(Role::Good, style.glyphs().held) } else { " ".to_owned() };
        let name = style.paint(Role::Strong, format!("{:names$}", exercise.name));
        let room = style.width.saturating_sub(names + 7);
        text += &format!("{mark}{:>3}  {name} {}\n", index + 1, fit(&style.line(&sheet.title), room));
        let teaches = paragraph(style, &" ".repeat((names + 6).min(style.width / 3)), &sheet.teaches);
        text += &style.paint(Role::Dim, teaches.trim_end_matches('\n'));
        text.push('\n');
    }
    if progress.passed.iter().any(|name| exercises.iter().any(|exercise| exercise.name == name)) {
        text += &format!("\n{} passed\n", style.paint(Role::Good, style.glyphs().held));
    }
    let next = exercises.iter().find(|exercise| !progress.passed.contains(exercise.name)).or(exercises.first());
    if let Some(next) = next {
        text.push('\n');
        text += &paragraph(style, "  ", &format!("Begin: {} exercise {}", term.invocation, next.name));
    }
    Ok(text)
}

/// Returns the heading of an exercise.
pub(super) fn heading(exercise: &Exercise, sheet: &Sheet, position: (usize, usize), style: &Style) -> String {
    let (index, of) = position;
    let title = style.paint(Role::Heading, style.line(&sheet.title));
    let place = style.line(&format!("{} · {} of {of}", exercise.file(), index + 1));
    let one_line = columns(&sheet.title) + 2 + columns(&place) <= style.width;
    let gap = if one_line { "  " } else { "\n" };
    format!("{title}{gap}{}\n\n", style.paint(Role::Dim, place))
}

/// Returns what is to be done, and whether the learner's file was `written` for it or was there.
pub(super) fn introduction(
    exercise: &Exercise,
    sheet: &Sheet,
    position: (usize, usize),
    written: bool,
    style: &Style,
) -> String {
    let heading = heading(exercise, sheet, position, style);
    let file = exercise.file();
    let found = match written {
        true => format!("{file} is written here: open it in your editor."),
        false => format!("{file} is here already, and is left as it is."),
    };
    format!("{heading}{}\n{}", task(exercise, style), paragraph(style, "  ", &found))
}

/// Returns what is to be done: the text at the top of the starter.
fn task(exercise: &Exercise, style: &Style) -> String {
    let text = exercise.starter.trim_start_matches("\"\"\"");
    let text = text.split_once("\"\"\"").map_or(text, |(text, _)| text);
    // The first paragraph is the title.
    let paragraphs = text.split("\n\n").skip(1);
    paragraphs.map(|text| paragraph(style, "  ", &text.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
}

/// Returns a verdict: what the file printed, the lanes, the claims and one sentence. It takes about `rows` rows at most.
pub(super) fn verdict(exercise: &Exercise, sheet: &Sheet, judgement: &Judgement, style: &Style, rows: usize) -> String {
    let mut below = claims(judgement, style);
    below += &sentence(exercise, judgement, style);
    if judgement.ruling == Ruling::Passed {
        below += &passed(sheet, style);
    }
    let printed = printed(&judgement.printed, style);
    let used = below.lines().count() + printed.lines().count() + 1;
    let room = rows.saturating_sub(used).clamp(LEAST_LANES, MOST_LANES);
    let lanes = judgement.scene.as_ref().map(|scene| lanes(scene, sheet, room, style)).unwrap_or_default();
    format!("{printed}{lanes}{below}")
}

/// Returns the beginning of what a file printed.
fn printed(text: &str, style: &Style) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.iter().take(MOST_PRINTED).map(|line| fit(&style.line(line), style.width.saturating_sub(4)));
    let mut text: String = shown.map(|line| format!("  {} {line}\n", style.glyphs().gutter)).collect();
    if lines.len() > MOST_PRINTED {
        text += &format!("  {} and {} more lines\n", style.glyphs().gutter, lines.len() - MOST_PRINTED);
    }
    if !text.is_empty() {
        text = format!("{}\n", style.paint(Role::Dim, text.trim_end_matches('\n')));
    }
    text
}

/// Returns the lanes that matter, or nothing if there are none.
fn lanes(scene: &SceneTrace, sheet: &Sheet, rows: usize, style: &Style) -> String {
    let only = NamePattern::new(&sheet.lanes);
    if !scene.lanes().any(|lane| only.includes(lane)) {
        return String::new();
    }
    let mut trace = Trace::new(String::new(), Clock::Virtual, RunInputs { tasks: 0, delay: Nanos::ZERO });
    trace.scenes.push(scene.clone());
    let shown = Shown { only: Some(only), ..Shown::FOLDED };
    let report = Report { shown, ..Report::new(None, &trace) };
    let picture = report.scene_picture(&trace.scenes[0], scene.wall, rows, style);
    format!("{picture}\n")
}

/// Returns the claims, one a line, with what became of each.
fn claims(judgement: &Judgement, style: &Style) -> String {
    let glyphs = style.glyphs();
    let line = |claim: &crate::trace::ClaimResult| {
        let (mark, role) = match claim.verdict {
            Verdict::Held(_) => (glyphs.held, Role::Good),
            Verdict::Failed(_) => (glyphs.failed, Role::Bad),
            Verdict::Skipped(_) => (glyphs.skipped, Role::Warn),
        };
        let text = paragraph(style, "    ", &claim.statement);
        format!("  {} {}", style.paint(role, mark), text.trim_start())
    };
    let lines: String = judgement.claims.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("{lines}\n") }
}

/// Returns the verdict in one sentence.
fn sentence(exercise: &Exercise, judgement: &Judgement, style: &Style) -> String {
    let (word, role) = match judgement.ruling {
        Ruling::Passed => ("Passed.", Role::Good),
        Ruling::NotYet => ("Not yet.", Role::Bad),
        Ruling::CannotTell => ("Cannot tell.", Role::Warn),
    };
    let place = judgement.line.map(|line| format!(" ({}:{line})", exercise.file())).unwrap_or_default();
    let text = paragraph(style, "  ", format!("{word} {}{place}", judgement.sentence).trim_end());
    match text.strip_prefix(&format!("  {word}")) {
        Some(rest) => format!("  {}{rest}", style.paint(role, word)),
        None => text,
    }
}

/// Returns what is said to a learner who has passed.
fn passed(sheet: &Sheet, style: &Style) -> String {
    let mut text = format!("\n{}", paragraph(style, "  ", &sheet.why));
    text += &paragraph(style, "  ", &format!("The lesson to it: asyncguide lesson {}", sheet.lesson));
    text += &paragraph(style, "  ", &format!("Harder: {}", sheet.harder));
    text
}

/// Returns the hint of this number, counted from 0.
pub(super) fn hint(sheet: &Sheet, number: usize, style: &Style) -> String {
    let heading = style.paint(Role::Strong, format!("Hint {} of {}", number + 1, sheet.hints.len()));
    let lines = sheet.hints[number].lines();
    let text: String = lines.map(|line| paragraph(style, &indent(line), line.trim_start())).collect();
    format!("  {heading}\n{text}")
}

/// Returns the indent of a line of a hint, which may be code.
fn indent(line: &str) -> String {
    " ".repeat(2 + line.len() - line.trim_start().len())
}

/// Returns the solution as code.
pub(super) fn solution(exercise: &Exercise, style: &Style) -> String {
    let heading = style.paint(Role::Strong, "A solution");
    format!("  {heading}\n{}", listing(exercise.solution, Language::Python, style))
}
