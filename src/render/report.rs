//! The report of a run, which all formats are made from: the trace, its lesson, and how to show them.

use super::text::lanes;
use super::{paragraph, prose};
use crate::chart::{Shown, View};
use crate::lesson::{Lesson, PYTHON, Scene};
use crate::style::Style;
use crate::trace::{Outcome, Quantity, SceneTrace, Skipped, Task, Trace, Verdict};
use crate::units::{duration, grouped};

/// The remark above a run on the virtual clock.
pub(super) const ON_THE_VIRTUAL_CLOCK: &str = "On the virtual clock: times are exact, and nobody waited for them.";
/// The sections of a lesson's prose that are shown after the run. The first one answers the lesson's question.
pub(super) const AFTERWARDS: [&str; 3] = [EXPLANATION, "What to notice", "Try"];
/// The section of a lesson's prose that explains what its scenes show.
pub(crate) const EXPLANATION: &str = "What happens";

/// How an installed program is called.
const PROGRAM: &str = "asyncguide";

/// A run's trace, and how it is to be shown.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The lesson that was run; `None` if the trace names one that this program does not know.
    pub(crate) lesson: Option<&'static Lesson>,
    /// The lessons that may explain what is found in a program of somebody's own.
    pub(crate) syllabus: &'a [&'static Lesson],
    /// The lesson that is recommended next.
    pub(crate) next: Option<&'a Lesson>,
    /// The file with the list of lessons, to which a page links, relative to the page; `None` if the page stands alone.
    pub(crate) list: Option<&'static str>,
    pub(crate) trace: &'a Trace,
    pub(crate) view: View,
    /// Which lanes are shown, and how they share rows.
    pub(crate) shown: Shown,
    /// The source files of a program of somebody's own, as far as they could be read.
    pub(crate) sources: &'a [OwnSource],
    /// Index of the choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// How the program is called: what commands that are recommended begin with.
    pub(crate) invocation: &'static str,
    /// Whether the text shows what to notice and what to try, beside the results.
    pub(crate) prose: bool,
}

/// A source file of a program of somebody's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnSource {
    /// Its path, as the recording names it.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// Numbers the scenes of a trace, from 1. A scene of the lesson has its number there; scenes that only the trace knows
/// come after those, in the order in which they are asked for.
pub(super) struct Numbers {
    lesson: Option<&'static Lesson>,
    /// The highest number that was given to any scene so far, or is taken by the lesson.
    last: usize,
}

impl Numbers {
    /// Returns the number of the next scene of the trace.
    pub(super) fn of(&mut self, scene: &SceneTrace) -> usize {
        self.next(&scene.name, scene.language.as_deref())
    }

    /// Returns the number of the next scene of the trace that did not run.
    pub(super) fn of_skipped(&mut self, skipped: &Skipped) -> usize {
        self.next(&skipped.scene, skipped.language.as_deref())
    }

    fn next(&mut self, name: &str, language: Option<&str>) -> usize {
        if let Some(number) = self.lesson.and_then(|lesson| lesson.number_in(name, language)) {
            return number;
        }
        self.last += 1;
        self.last
    }
}

/// Returns what is to be said of a scene below its lanes, a sentence each: why it failed, and what is missing from it.
pub(super) fn remarks(scene: &SceneTrace) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Outcome::Panicked { message } = &scene.outcome {
        remarks.push(format!("The scene {}: {message}", lanes::failed(scene)));
    }
    if scene.lost > 0 {
        let lost = grouped(usize::try_from(scene.lost).unwrap_or(usize::MAX));
        let records = if scene.lost == 1 { "record was" } else { "records were" };
        remarks.push(format!("{lost} {records} lost: they came faster than they could be written."));
    }
    remarks.extend(inexact(scene));
    remarks
}

/// Says for how long a virtual clock went on like a real one, and why, if it did: the recorder tells that as figures.
fn inexact(scene: &SceneTrace) -> Option<String> {
    let told = |name: &str| scene.figures.iter().find(|figure| figure.name == name).map(|figure| &figure.quantity);
    match (told("waited for real"), told("outside")) {
        (Some(Quantity::Time(waited)), Some(Quantity::Text(why))) => {
            let waited = duration(*waited);
            Some(format!("Times are not exact: the clock went on like a real one for {waited}, because of {why}."))
        }
        _ => None,
    }
}

impl<'a> Report<'a> {
    /// Makes the report of `trace`, a run of `lesson` whose claims are checked: see [`Lesson::conclude`].
    pub(crate) fn new(lesson: Option<&'static Lesson>, trace: &'a Trace) -> Self {
        Report {
            lesson,
            syllabus: &[],
            next: None,
            list: None,
            trace,
            view: View::Task,
            shown: Shown::FOLDED,
            sources: &[],
            guess: None,
            invocation: PROGRAM,
            prose: true,
        }
    }
}

impl Report<'_> {
    /// Returns a section of the lesson's prose, with commands as they are typed here; none if there is no such section.
    pub(super) fn section(&self, title: &str, style: &Style) -> Option<String> {
        let readme = self.lesson?.readme.replace("`asyncguide ", &format!("`{} ", self.invocation));
        prose::section(&readme, title, style)
    }

    /// Returns the command that runs the lesson which is recommended next, as a paragraph; none if there is none.
    pub(super) fn next_command(&self, style: &Style) -> Option<String> {
        let next = self.next?;
        Some(paragraph(style, "  ", &format!("Next: {} lesson {}", self.invocation, next.name)))
    }

    /// Returns whether a claim failed, or a task or a scene panicked.
    pub(crate) fn failed(&self) -> bool {
        self.panicked().is_some() || self.trace.claims.iter().any(|claim| matches!(claim.verdict, Verdict::Failed(_)))
    }

    /// Returns what panicked first, such as `main() failed`: a task, or a scene. None if nothing did. A task whose exception
    /// was caught by the one that awaited it counts as little as the exception.
    pub(crate) fn panicked(&self) -> Option<String> {
        let panicked = |outcome: &Outcome| matches!(outcome, Outcome::Panicked { .. });
        self.trace.scenes.iter().find_map(|scene| {
            let failed = |task: &&Task| panicked(&task.outcome) && scene.caught_by(task).is_none();
            let task = scene.tasks.iter().find(failed).map(|task| &*task.name);
            let name = task.or_else(|| panicked(&scene.outcome).then_some(&*scene.title))?;
            Some(format!("{name} {}", lanes::failed(scene)))
        })
    }

    /// Returns the title of a picture or a page of this run: the lesson's name and summary, or the name in the trace
    /// if the lesson is not known.
    pub(super) fn title(&self) -> String {
        match self.lesson {
            Some(lesson) => format!("{}: {}", lesson.name, lesson.summary),
            None if self.trace.lesson.is_empty() => "A recording".to_owned(),
            None => self.trace.lesson.clone(),
        }
    }

    /// Returns the numbers of the scenes. They must be asked for in the trace's order: the scenes that ran, then those
    /// that were skipped.
    pub(super) fn numbers(&self) -> Numbers {
        // The scenes of a twin have as many numbers again.
        let in_twins = self.trace.scenes.iter().any(|scene| scene.language.is_some());
        let last = self.lesson_scenes().len() * if in_twins { 2 } else { 1 };
        Numbers { lesson: self.lesson, last }
    }

    /// Returns the lesson's scenes; none if the lesson is not known.
    pub(super) fn lesson_scenes(&self) -> &'static [Scene] {
        match self.lesson {
            Some(lesson) => lesson.scenes,
            None => &[],
        }
    }

    /// Returns the lesson's scene that `recorded` is of, if the lesson is known and has one. The scene of a twin is none.
    pub(crate) fn own(&self, recorded: &SceneTrace) -> Option<&'static Scene> {
        let is_own = |scene: &&Scene| scene.name == recorded.name && recorded.language.is_none();
        self.lesson_scenes().iter().find(is_own)
    }

    /// Returns the lesson whose Python twin `recorded` is a scene of; none if it is a scene of the lesson's own.
    pub(crate) fn twin(&self, recorded: &SceneTrace) -> Option<&'static Lesson> {
        self.lesson.filter(|_| recorded.language.as_deref() == Some(PYTHON))
    }
}
