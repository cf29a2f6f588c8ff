//! What a run ends with: timelines on one axis, the table, the claims, the answer, what to notice.

use super::claims::{self, Checked};
use super::lanes::{self, Layout};
use super::{code, paragraph, prose, question, table};
use crate::cli::By;
use crate::lesson::{Lesson, Scene};
use crate::page::{Page, Role, columns};
use crate::trace::{Clock, Outcome, SceneTrace, Skipped, Trace};

/// What is said of a run on the virtual clock,
pub(super) const ON_THE_VIRTUAL_CLOCK: &str = "On the virtual clock: times are exact, and nobody waited for them.";
/// and the sections of a lesson's prose that are for afterwards.
pub(super) const AFTERWARDS: [&str; 2] = ["What to notice", "Try"];

/// A run's trace, and what it is to be shown with.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) lesson: &'a Lesson,
    /// What is claimed about this run, and what came of that.
    pub(crate) claims: Vec<Checked>,
    /// The next lesson in the syllabus.
    pub(crate) next: Option<&'a Lesson>,
    pub(crate) trace: &'a Trace,
    pub(crate) by: By,
    /// The choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// Whether people are to be told what to notice and to try, beside the results.
    pub(crate) prose: bool,
}

/// Numbers scenes as the lesson does, and those that only the trace knows after them, one by one.
pub(super) struct Numbers<'a> {
    lesson: &'a Lesson,
    last: usize,
}

impl Numbers<'_> {
    /// The number of the next scene, which is called `name`.
    pub(super) fn next(&mut self, name: &str) -> usize {
        match self.lesson.number(name) {
            0 => {
                self.last += 1;
                self.last
            }
            number => number,
        }
    }
}

impl<'a> Report<'a> {
    /// What there is to say of `trace`, a run of `lesson`: its claims are checked here.
    pub(crate) fn new(lesson: &'a Lesson, trace: &'a Trace) -> Self {
        let claims = claims::check(lesson, trace);
        Report { lesson, claims, next: None, trace, by: By::Task, guess: None, prose: true }
    }
}

impl Report<'_> {
    /// Whether a claim failed, or a task or a scene panicked.
    pub(crate) fn failed(&self) -> bool {
        let panicked = |outcome: &Outcome| matches!(outcome, Outcome::Panicked { .. });
        let mut scenes = self.trace.scenes.iter();
        scenes.any(|scene| panicked(&scene.outcome) || scene.tasks.iter().any(|task| panicked(&task.outcome)))
            || self.claims.iter().any(Checked::failed)
    }

    /// The number of the scene of this name: in the lesson, or after the lesson's in the trace.
    pub(super) fn number(&self, name: &str) -> usize {
        let (mut numbers, scenes) = (self.numbers(), &self.trace.scenes);
        let names =
            scenes.iter().map(|scene| &scene.name).chain(self.trace.skipped.iter().map(|skipped| &skipped.scene));
        let numbered = names.map(|of| (of, numbers.next(of))).find(|(of, _)| *of == name);
        numbered.map_or_else(|| self.lesson.number(name), |(_, number)| number)
    }

    /// The whole report, as it is to be read on `page`.
    pub(crate) fn text(&self, page: &Page) -> String {
        let mut text = self.timelines(page);
        text += &table::table(self.trace, self.numbers(), page);
        text += &format!("{}\n", table::own_table(self.lesson.scenes, self.trace, page));
        text += &self.claims.iter().map(|checked| claim(checked, page)).collect::<String>();
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

    /// The numbers of scenes, which are to be asked for in the trace's order.
    pub(super) fn numbers(&self) -> Numbers<'_> {
        Numbers { lesson: self.lesson, last: self.lesson.scenes.len() }
    }

    /// The scene of this name as the lesson has it.
    pub(crate) fn own(&self, name: &str) -> Option<&'static Scene> {
        self.lesson.scenes.iter().find(|scene| scene.name == name)
    }

    fn scene(&self, number: usize, ran: &SceneTrace, layout: &Layout, page: &Page) -> String {
        let lanes = match self.by {
            By::Task => lanes::by_task(ran, layout, page),
            By::Thread => lanes::by_thread(ran, layout, page),
        };
        let panicked = match &ran.outcome {
            Outcome::Panicked { message } => paragraph(page, "   ", &format!("The scene panicked: {message}")),
            _ => String::new(),
        };
        let title = title(number, &ran.title, &ran.file, page);
        let code = self.own(&ran.name).map_or_else(String::new, |own| code::excerpt(own.source, page));
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

fn claim(checked: &Checked, page: &Page) -> String {
    let told = checked.told(page);
    let text = paragraph(page, "    ", &format!("{} ({})", checked.statement, told.outcome()));
    // The mark takes the place of the first line's indent, so that colour does not come into the wrapping.
    format!("  {} {}", page.paint(told.role, told.mark), text.trim_start())
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
