//! `asyncguide` and `asyncguide list`: what there is.

use std::process::ExitCode;

use crate::lesson::Lesson;
use crate::page::{Page, Role, columns, fit};
use crate::render::paragraph;
use crate::run::Failure;
use crate::run::progress::{Guess, Progress, Store};
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide list
  asyncguide list --ascii";

/// What the program is, the lessons, and one command to try.
pub(super) fn overview(syllabus: &[&'static Lesson], term: &Term) -> Result<ExitCode, Failure> {
    let page = &term.page;
    let mut text = String::new();
    let name = format!("asyncguide {}", env!("CARGO_PKG_VERSION"));
    text += &format!("{}\n\n", page.paint(Role::Heading, name));
    text += &paragraph(
        page,
        "  ",
        "Learn concurrency by watching it. Each lesson runs real tokio code, records what every task did with every \
         moment, and draws it.",
    );
    text += &format!("\n{}\n", lessons(syllabus, &Progress::default(), page));
    let first = syllabus.iter().find(|lesson| lesson.name == "gather").or(syllabus.first());
    if let Some(lesson) = first {
        text += &paragraph(page, "  ", &format!("Try: asyncguide lesson {}", lesson.name));
    }
    text += &paragraph(page, "  ", "More: asyncguide --help");
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// The lessons in teaching order, and what was done of them on the tour.
pub(super) fn list(syllabus: &[&'static Lesson], term: &Term) -> Result<ExitCode, Failure> {
    let kept = Store::find().map_or_else(|| Ok(Progress::default()), |store| store.read());
    let progress = kept.unwrap_or_else(|error| {
        term.warn(&format!("{error:#}"));
        Progress::default()
    });
    let text = lessons(syllabus, &progress, &term.page) + &legend(&progress, &term.page);
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn lessons(syllabus: &[&'static Lesson], progress: &Progress, page: &Page) -> String {
    let names = syllabus.iter().map(|lesson| columns(lesson.name)).max().unwrap_or(0);
    let line = |(index, lesson): (usize, &&Lesson)| {
        let room = page.width.saturating_sub(names + 7);
        let summary = fit(&page.line(lesson.summary), room);
        let name = page.paint(Role::Strong, format!("{:names$}", lesson.name));
        let mark = progress.done.get(lesson.name).map_or_else(|| " ".to_owned(), |guess| mark(*guess, page).0);
        format!("{mark}{:>3}  {name} {summary}", index + 1).trim_end().to_owned() + "\n"
    };
    syllabus.iter().enumerate().map(line).collect()
}

/// What marks a lesson that was done, and what that means.
fn mark(guess: Guess, page: &Page) -> (String, &'static str) {
    let glyphs = page.glyphs();
    let (glyph, role, meaning) = match guess {
        Guess::Right => (glyphs.held, Role::Good, "done, guessed right"),
        Guess::Wrong => (glyphs.failed, Role::Bad, "done, guessed wrong"),
        Guess::None => (glyphs.bullet, Role::Dim, "done"),
    };
    (page.paint(role, glyph), meaning)
}

/// What the marks mean that stand in the list, and where the tour goes on.
fn legend(progress: &Progress, page: &Page) -> String {
    let marks = [Guess::Right, Guess::Wrong, Guess::None].into_iter();
    let marks = marks.filter(|guess| progress.done.values().any(|done| done == guess)).map(|guess| {
        let (mark, meaning) = mark(guess, page);
        format!("{mark} {meaning}\n")
    });
    let marks: String = marks.collect();
    if marks.is_empty() { marks } else { format!("\n{marks}") }
}
