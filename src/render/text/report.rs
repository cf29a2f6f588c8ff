//! The report of a run as a terminal shows it: timelines on one axis, the table, the claims, the answer, what to notice.

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
    /// The whole report, as it is to be read on `page`.
    pub(crate) fn text(&self, page: &Page) -> String {
        let mut text = self.timelines(page);
        text += &table::table(self.trace, self.numbers(), page);
        text += &format!("{}\n", table::own_table(self.trace, self.numbers(), page));
        text += &self.trace.claims.iter().map(|result| claim(result, page)).collect::<String>();
        if let Some(guess) = self.guess {
            text += &format!("\n{}", question::answer(&self.lesson.question, guess, self.trace, page));
        }
        if self.prose {
            text += &self.afterwards(page);
        }
        text
    }

    fn timelines(&self, page: &Page) -> String {
        let (scenes, extent) = (&self.trace.scenes, self.trace.extent());
        let layout = match self.view {
            View::Task => Layout::new(scenes, extent, page),
            View::Thread => Layout::by_thread(scenes, extent, page),
        };
        let mut text = String::new();
        if self.trace.clock == Clock::Virtual {
            text += &paragraph(page, "", ON_THE_VIRTUAL_CLOCK);
            text += "\n";
        }
        let mut numbers = self.numbers();
        let ran = scenes.iter().map(|scene| (numbers.next(&scene.name), scene));
        let mut parts: Vec<_> = ran.map(|(number, ran)| (number, self.scene(number, ran, &layout, page))).collect();
        let skipped = self.trace.skipped.iter().map(|skipped| (numbers.next(&skipped.scene), skipped));
        parts.extend(skipped.map(|(number, skipped)| (number, self.skipped(number, skipped, page))));
        parts.sort_by_key(|(number, _)| *number);
        text.extend(parts.into_iter().map(|(_, part)| part));
        text + &lanes::legend(page) + "\n"
    }

    fn scene(&self, number: usize, ran: &SceneTrace, layout: &Layout, page: &Page) -> String {
        let lanes = match self.view {
            View::Task => lanes::by_task(ran, layout, page),
            View::Thread => lanes::by_thread(ran, layout, page),
        };
        let panicked = match &ran.outcome {
            Outcome::Panicked { message } => paragraph(page, "   ", &format!("The scene panicked: {message}")),
            _ => String::new(),
        };
        let title = title(number, &ran.title, &ran.file, page);
        let code = self.own(&ran.name).map_or_else(String::new, |own| code::excerpt(own.source, own.language, page));
        format!("{title}{code}\n{lanes}{panicked}\n")
    }

    fn skipped(&self, number: usize, skipped: &Skipped, page: &Page) -> String {
        let file = self.own(&skipped.scene).map_or_else(String::new, Scene::file);
        let title = title(number, &skipped.title, &file, page);
        format!("{title}{}\n", paragraph(page, "   ", &format!("Skipped: {}.", skipped.reason)))
    }

    fn afterwards(&self, page: &Page) -> String {
        let section = |title: &str| {
            let body = prose::section(self.lesson.readme, title, page)?;
            Some(format!("\n  {}\n{body}", page.paint(Role::Strong, title)))
        };
        let next = self.next.map(|next| paragraph(page, "  ", &format!("Next: asyncguide lesson {}", next.name)));
        let next = next.map(|next| format!("\n{next}")).unwrap_or_default();
        AFTERWARDS.into_iter().filter_map(section).collect::<String>() + &next
    }
}

fn claim(result: &ClaimResult, page: &Page) -> String {
    let verdict = VerdictText::of(result, page);
    let text = paragraph(page, "    ", &format!("{} ({})", result.statement, verdict.outcome()));
    // The mark takes the place of the first line's indent, so that colour does not come into the wrapping.
    format!("  {} {}", page.paint(verdict.role, verdict.mark), text.trim_start())
}

/// A scene's number and title, and the file that it is in.
fn title(number: usize, title: &str, file: &str, page: &Page) -> String {
    let (number, title, file) = (format!("{number}  "), page.line(title), page.line(file));
    let painted = page.paint(Role::Heading, format!("{number}{title}"));
    match page.width.checked_sub(columns(&number) + columns(&title) + columns(&file)) {
        Some(gap) if gap > 1 => format!("{painted}{}{}\n", " ".repeat(gap), page.paint(Role::Dim, file)),
        _ => paragraph(page, &number, &title) + &paragraph(page, "   ", &file),
    }
}
