//! What a run ends with: timelines on one axis, the table, the claims, the answer, what to notice.

use super::claims::{self, Checked};
use crate::chart::View;
use crate::lesson::{Lesson, Scene};
use crate::trace::{Outcome, Trace};

/// What is said of a run on the virtual clock,
pub(super) const ON_THE_VIRTUAL_CLOCK: &str = "On the virtual clock: times are exact, and nobody waited for them.";
/// and the sections of a lesson's prose that are for afterwards.
pub(super) const AFTERWARDS: [&str; 2] = ["What to notice", "Try"];

/// A run's trace, and what it is to be shown with.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The lesson that was run; `None` if the trace names one that this program does not know.
    pub(crate) lesson: Option<&'static Lesson>,
    /// What is claimed about this run, and what came of that.
    pub(crate) claims: Vec<Checked>,
    /// The next lesson in the syllabus.
    pub(crate) next: Option<&'a Lesson>,
    pub(crate) trace: &'a Trace,
    pub(crate) view: View,
    /// The choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// Whether people are to be told what to notice and to try, beside the results.
    pub(crate) prose: bool,
}

/// Numbers the scenes of a trace, from 1. A scene of the lesson has its number there; scenes that only the trace knows
/// come after those, in the order in which they are asked for.
pub(super) struct Numbers {
    lesson: Option<&'static Lesson>,
    /// The highest number that was given to any scene so far, or is taken by the lesson.
    last: usize,
}

impl Numbers {
    /// Returns the number of the next scene of the trace, which is called `name`.
    pub(super) fn next(&mut self, name: &str) -> usize {
        if let Some(number) = self.lesson.and_then(|lesson| lesson.number(name)) {
            return number;
        }
        self.last += 1;
        self.last
    }
}

impl<'a> Report<'a> {
    /// Makes the report of `trace`, a run of `lesson`, and checks the lesson's claims.
    pub(crate) fn new(lesson: Option<&'static Lesson>, trace: &'a Trace) -> Self {
        let claims = match lesson {
            Some(lesson) => claims::check(lesson, trace),
            None => Vec::new(),
        };
        Report { lesson, claims, next: None, trace, view: View::Task, guess: None, prose: true }
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
        Numbers { lesson: self.lesson, last: self.lesson_scenes().len() }
    }

    /// Returns the lesson's scenes; none if the lesson is not known.
    pub(super) fn lesson_scenes(&self) -> &'static [Scene] {
        match self.lesson {
            Some(lesson) => lesson.scenes,
            None => &[],
        }
    }

    /// Returns the lesson's scene with this name, if the lesson is known and has one.
    pub(crate) fn own(&self, name: &str) -> Option<&'static Scene> {
        self.lesson_scenes().iter().find(|scene| scene.name == name)
    }
}
