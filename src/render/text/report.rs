//! The report of a run as text: timelines on one axis, the table, the claims, the answer, and what to notice.

use super::lanes::{self, Layout};
use super::{question, table};
use crate::chart::View;
use crate::lesson::Scene;
use crate::page::{Page, Role, columns};
use crate::render::claims::VerdictText;
use crate::render::prose::{self, code};
use crate::render::report::{AFTERWARDS, ON_THE_VIRTUAL_CLOCK};
use crate::render::{Report, paragraph};
use crate::trace::{ClaimResult, Clock, Outcome, SceneTrace, Skipped};

impl Report<'_> {
    /// Returns the whole report as text for `page`.
    pub(crate) fn text(&self, page: &Page) -> String {
        let mut text = self.timelines(page);
        text += &table::table(self.trace, self.numbers(), page);
        text += &format!("{}\n", table::own_table(self.trace, self.numbers(), page));
        text += &self.trace.claims.iter().map(|result| claim(result, page)).collect::<String>();
        if let (Some(lesson), Some(guess)) = (self.lesson, self.guess) {
            text += &format!("\n{}", question::answer(&lesson.question, guess, self.trace, page));
        }
        if self.prose {
            text += &self.afterwards(page);
        }
        text
    }

    fn timelines(&self, page: &Page) -> String {
        let scenes = &self.trace.scenes;
        let extent = self.trace.extent();
        let layout = match self.view {
            View::Task => Layout::new(scenes, extent, page),
            View::Thread => Layout::by_thread(scenes, extent, page),
        };
        let mut text = String::new();
        if self.trace.clock == Clock::Virtual {
            text += &paragraph(page, "", ON_THE_VIRTUAL_CLOCK);
            text += "\n";
        }
        // Scenes that were skipped stand among those that ran, in the order of their numbers.
        let mut numbers = self.numbers();
        let mut parts = Vec::new();
        for scene in scenes {
            let number = numbers.next(&scene.name);
            parts.push((number, self.scene(number, scene, &layout, page)));
        }
        for skipped in &self.trace.skipped {
            let number = numbers.next(&skipped.scene);
            parts.push((number, self.skipped(number, skipped, page)));
        }
        parts.sort_by_key(|(number, _)| *number);
        text.extend(parts.into_iter().map(|(_, part)| part));
        text + &lanes::legend(page) + "\n"
    }

    fn scene(&self, number: usize, scene: &SceneTrace, layout: &Layout, page: &Page) -> String {
        let lanes = match self.view {
            View::Task => lanes::by_task(scene, layout, page),
            View::Thread => lanes::by_thread(scene, layout, page),
        };
        let panicked = match &scene.outcome {
            Outcome::Panicked { message } => paragraph(page, "   ", &format!("The scene panicked: {message}")),
            _ => String::new(),
        };
        let title = title(number, &scene.title, &scene.file, page);
        let code = match self.own(&scene.name) {
            Some(own) => code::excerpt(own.source, own.language, page),
            None => String::new(),
        };
        format!("{title}{code}\n{lanes}{panicked}\n")
    }

    fn skipped(&self, number: usize, skipped: &Skipped, page: &Page) -> String {
        let file = self.own(&skipped.scene).map_or_else(String::new, Scene::file);
        let title = title(number, &skipped.title, &file, page);
        format!("{title}{}\n", paragraph(page, "   ", &format!("Skipped: {}.", skipped.reason)))
    }

    fn afterwards(&self, page: &Page) -> String {
        let mut text = String::new();
        for title in AFTERWARDS {
            let body = self.lesson.and_then(|lesson| prose::section(lesson.readme, title, page));
            if let Some(body) = body {
                text += &format!("\n  {}\n{body}", page.paint(Role::Strong, title));
            }
        }
        if let Some(next) = self.next {
            let command = paragraph(page, "  ", &format!("Next: asyncguide lesson {}", next.name));
            text += &format!("\n{command}");
        }
        text
    }
}

fn claim(result: &ClaimResult, page: &Page) -> String {
    let verdict = VerdictText::of(result, page);
    let text = paragraph(page, "    ", &format!("{} ({})", result.statement, verdict.outcome()));
    // The mark replaces the first line's indent after wrapping, which would count colours as text.
    format!("  {} {}", page.paint(verdict.role, verdict.mark), text.trim_start())
}

/// Returns the line of a scene's number, title and file; several lines if the page is too narrow for one.
fn title(number: usize, title: &str, file: &str, page: &Page) -> String {
    let number = format!("{number}  ");
    let title = page.line(title);
    let file = page.line(file);
    let painted = page.paint(Role::Heading, format!("{number}{title}"));
    match page.width.checked_sub(columns(&number) + columns(&title) + columns(&file)) {
        Some(gap) if gap > 1 => format!("{painted}{}{}\n", " ".repeat(gap), page.paint(Role::Dim, file)),
        _ => paragraph(page, &number, &title) + &paragraph(page, "   ", &file),
    }
}
