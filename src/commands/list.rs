//! `asyncguide` and `asyncguide list`: what there is.

use std::process::ExitCode;

use super::Failure;
use crate::lesson::Lesson;
use crate::page::{Page, Role, columns, fit};
use crate::render::paragraph;
use crate::term::Term;

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
    text += &format!("\n{}\n", lessons(syllabus, page));
    let first = syllabus.iter().find(|lesson| lesson.name == "gather").or(syllabus.first());
    if let Some(lesson) = first {
        text += &paragraph(page, "  ", &format!("Try: asyncguide lesson {}", lesson.name));
    }
    text += &paragraph(page, "  ", "More: asyncguide --help");
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// The lessons in teaching order.
pub(super) fn list(syllabus: &[&'static Lesson], term: &Term) -> Result<ExitCode, Failure> {
    term.print(&lessons(syllabus, &term.page)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn lessons(syllabus: &[&'static Lesson], page: &Page) -> String {
    let names = syllabus.iter().map(|lesson| columns(lesson.name)).max().unwrap_or(0);
    let line = |(index, lesson): (usize, &&Lesson)| {
        let room = page.width.saturating_sub(names + 7);
        let summary = fit(&page.line(lesson.summary), room);
        let name = page.paint(Role::Strong, format!("{:names$}", lesson.name));
        format!("{:>4}  {name} {summary}", index + 1).trim_end().to_owned() + "\n"
    };
    syllabus.iter().enumerate().map(line).collect()
}
