//! `asyncguide` and `asyncguide list`: print the lessons.

use std::process::ExitCode;

use crate::lesson::Lesson;
use crate::render::paragraph;
use crate::run::Failure;
use crate::run::progress::{Guess, Progress};
use crate::run::store::Store;
use crate::style::{Role, Style, columns, fit};
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide list
  asyncguide list --ascii";

/// Prints what the program is, the lessons, and how to begin.
///
/// # Errors
/// Returns an error if standard output cannot be written to.
pub(super) fn overview(syllabus: &[&'static Lesson], has_exercises: bool, term: &Term) -> Result<ExitCode, Failure> {
    let style = &term.style;
    let name = format!("asyncguide {}", env!("CARGO_PKG_VERSION"));
    let mut text = format!("{}\n\n", style.paint(Role::Heading, name));
    text += &paragraph(
        style,
        "  ",
        "Learn concurrency by watching it. Each lesson runs real tokio code, records what every task did with every \
         moment, and draws it.",
    );
    text += &format!("\n{}\n", lessons(syllabus, &Progress::default(), style));
    text += &paragraph(style, "  ", &format!("All, one by one: {} tour", term.invocation));
    if let Some(lesson) = syllabus.first() {
        text += &paragraph(style, "  ", &format!("One of them: {} lesson {}", term.invocation, lesson.name));
    }
    if has_exercises {
        text += &paragraph(style, "  ", &format!("Write code yourself: {} exercise", term.invocation));
    }
    text += &paragraph(style, "  ", &format!("More: {} --help", term.invocation));
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the lessons in teaching order, with marks on those that were done on the tour.
///
/// # Errors
/// Returns an error if standard output cannot be written to. Unreadable progress is a warning.
pub(super) fn list(syllabus: &[&'static Lesson], term: &Term) -> Result<ExitCode, Failure> {
    let stored = match Store::<Progress>::find() {
        Some(store) => store.read(),
        None => Ok(Progress::default()),
    };
    let progress = stored.unwrap_or_else(|error| {
        term.warn(&format!("{error:#}"));
        Progress::default()
    });
    let text = lessons(syllabus, &progress, &term.style) + &legend(&progress, &term.style);
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn lessons(syllabus: &[&'static Lesson], progress: &Progress, style: &Style) -> String {
    let names = syllabus.iter().map(|lesson| columns(lesson.name)).max().unwrap_or(0);
    let line = |(index, lesson): (usize, &&Lesson)| {
        let room = style.width.saturating_sub(names + 7);
        let summary = fit(&style.line(lesson.summary), room);
        let name = style.paint(Role::Strong, format!("{:names$}", lesson.name));
        let mark = match progress.done.get(lesson.name) {
            Some(guess) => mark(*guess, style).0,
            None => " ".to_owned(),
        };
        format!("{mark}{:>3}  {name} {summary}", index + 1).trim_end().to_owned() + "\n"
    };
    syllabus.iter().enumerate().map(line).collect()
}

/// Returns the mark of a lesson that was done, painted, and its meaning.
fn mark(guess: Guess, style: &Style) -> (String, &'static str) {
    let glyphs = style.glyphs();
    let (glyph, role, meaning) = match guess {
        Guess::Right => (glyphs.held, Role::Good, "done, guessed right"),
        // A wrong guess is no failure: people who guess wrong and then see it learn most.
        Guess::Wrong => (glyphs.skipped, Role::Dim, "done, guessed otherwise"),
        Guess::Skipped => (glyphs.bullet, Role::Dim, "done"),
    };
    (style.paint(role, glyph), meaning)
}

/// Renders the meaning of the marks in the list, one a line. Empty if no lesson is marked.
fn legend(progress: &Progress, style: &Style) -> String {
    let mut lines = String::new();
    for guess in [Guess::Right, Guess::Wrong, Guess::Skipped] {
        if progress.done.values().any(|done| *done == guess) {
            let (mark, meaning) = mark(guess, style);
            lines += &format!("{mark} {meaning}\n");
        }
    }
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}
