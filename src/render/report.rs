//! What a run ends with: timelines on one axis, the table, the claims, the answer, what to notice.

use super::lanes::{self, Layout};
use super::{code, paragraph, prose, question, table};
use crate::cli::By;
use crate::lesson::{Claim, Lesson, Scene, Verdict};
use crate::page::{Page, Role, columns};
use crate::trace::{Clock, Outcome, SceneTrace, Trace};

/// A run's trace, and what it is to be shown with.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) lesson: &'a Lesson,
    /// What is claimed about this run.
    pub(crate) claims: &'a [Claim],
    /// The next lesson in the syllabus.
    pub(crate) next: Option<&'a Lesson>,
    pub(crate) trace: &'a Trace,
    pub(crate) by: By,
    /// The choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// Whether people are to be told what to notice and to try, beside the results.
    pub(crate) prose: bool,
}

impl Report<'_> {
    /// Whether a claim failed, or a task or a scene panicked.
    pub(crate) fn failed(&self) -> bool {
        let panicked = |outcome: &Outcome| matches!(outcome, Outcome::Panicked { .. });
        let mut scenes = self.trace.scenes.iter();
        scenes.any(|scene| panicked(&scene.outcome) || scene.tasks.iter().any(|task| panicked(&task.outcome)))
            || self.claims.iter().any(|claim| matches!((claim.check)(self.trace), Verdict::Failed(_)))
    }

    /// The whole report, as it is to be read on `page`.
    pub(crate) fn text(&self, page: &Page) -> String {
        let mut text = self.timelines(page);
        text += &table::table(self.trace, |scene| self.lesson.number(&scene.name), page);
        text += &format!("{}\n", table::own_table(self.lesson.scenes, self.trace, page));
        text += &self.claims.iter().map(|claim| self.claim(claim, page)).collect::<String>();
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
        let layout = match self.by {
            By::Task => Layout::new(scenes, extent, page),
            By::Thread => Layout::by_thread(scenes, extent, page),
        };
        let mut text = String::new();
        if self.trace.clock == Clock::Virtual {
            text += &paragraph(page, "", "On the virtual clock: times are exact, and nobody waited for them.");
            text += "\n";
        }
        for scene in self.lesson.scenes {
            let skipped = self.trace.skipped.iter().find(|skipped| skipped.scene == scene.name);
            text += &match (self.trace.scene(scene.name), skipped) {
                (Some(ran), _) => self.scene(scene, ran, &layout, page),
                (None, Some(skipped)) => self.skipped(scene, &skipped.reason, page),
                // It was not to run: a server that stays up runs alone, or not at all.
                (None, None) => String::new(),
            };
        }
        text + &legend(page) + "\n"
    }

    fn scene(&self, scene: &Scene, ran: &SceneTrace, layout: &Layout, page: &Page) -> String {
        let lanes = match self.by {
            By::Task => lanes::by_task(ran, layout, page),
            By::Thread => lanes::by_thread(ran, layout, page),
        };
        let panicked = match &ran.outcome {
            Outcome::Panicked { message } => paragraph(page, "   ", &format!("The scene panicked: {message}")),
            _ => String::new(),
        };
        let title = self.title(scene, page);
        format!("{title}{}\n{lanes}{panicked}\n", code::excerpt(scene.source, page))
    }

    fn skipped(&self, scene: &Scene, reason: &str, page: &Page) -> String {
        format!("{}{}\n", self.title(scene, page), paragraph(page, "   ", &format!("Skipped: {reason}.")))
    }

    fn title(&self, scene: &Scene, page: &Page) -> String {
        let number = format!("{}  ", self.lesson.number(scene.name));
        let (title, file) = (page.line(scene.title), scene.file());
        let painted = page.paint(Role::Heading, format!("{number}{title}"));
        match page.width.checked_sub(columns(&number) + columns(&title) + columns(&file)) {
            Some(gap) if gap > 1 => format!("{painted}{}{}\n", " ".repeat(gap), page.paint(Role::Dim, file)),
            _ => paragraph(page, &number, &title) + &paragraph(page, "   ", &file),
        }
    }

    fn claim(&self, claim: &Claim, page: &Page) -> String {
        let glyphs = page.glyphs();
        let (glyph, role, figure) = match (claim.check)(self.trace) {
            Verdict::Held(figure) => (glyphs.held, Role::Good, figure),
            Verdict::Failed(figure) => (glyphs.failed, Role::Bad, format!("FAILED: {figure}")),
            Verdict::Skipped(reason) => (glyphs.skipped, Role::Warn, format!("skipped: {reason}")),
        };
        let text = paragraph(page, "    ", &format!("{} ({figure})", claim.statement));
        // The mark takes the place of the first line's indent, so that colour does not come into the wrapping.
        format!("  {} {}", page.paint(role, glyph), text.trim_start())
    }

    fn afterwards(&self, page: &Page) -> String {
        let section = |title: &str| {
            let body = prose::section(self.lesson.readme, title, page)?;
            Some(format!("\n  {}\n{body}", page.paint(Role::Strong, title)))
        };
        let next = self.next.map(|next| paragraph(page, "  ", &format!("Next: asyncguide lesson {}", next.name)));
        let next = next.map(|next| format!("\n{next}")).unwrap_or_default();
        ["What to notice", "Try"].into_iter().filter_map(section).collect::<String>() + &next
    }
}

/// What the lanes' characters mean.
fn legend(page: &Page) -> String {
    let glyphs = page.glyphs();
    let entries = [
        (glyphs.waiting, Role::Waiting, "waiting: it gave the thread back"),
        (glyphs.ready, Role::Ready, "ready: it wants the thread"),
        (glyphs.running, Role::Running, "running: it holds the thread"),
    ];
    let entries: Vec<String> = entries
        .iter()
        .map(|(glyph, role, text)| {
            let text = paragraph(page, "     ", text);
            format!("   {} {}", page.paint(*role, glyph), text.trim_start())
        })
        .collect();
    let width: usize = 3 + entries.len() * 34;
    if page.width < width { entries.concat() } else { entries.concat().replace('\n', "") + "\n" }
}
