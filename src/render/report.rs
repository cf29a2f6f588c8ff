//! What a run ends with: timelines on one axis, the table, the claims, the answer, what to notice.

use crate::chart::View;
use crate::lesson::{Lesson, Scene};
use crate::trace::{Outcome, Trace, Verdict};

/// What is said of a run on the virtual clock,
pub(super) const ON_THE_VIRTUAL_CLOCK: &str = "On the virtual clock: times are exact, and nobody waited for them.";
/// and the sections of a lesson's prose that are for afterwards.
pub(super) const AFTERWARDS: [&str; 2] = ["What to notice", "Try"];

/// A run's trace, and what it is to be shown with.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) lesson: &'a Lesson,
    /// The next lesson in the syllabus.
    pub(crate) next: Option<&'a Lesson>,
    pub(crate) trace: &'a Trace,
    pub(crate) view: View,
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
    /// Returns a report of `trace`, a run of `lesson` whose claims are checked: see [`Lesson::conclude`].
    pub(crate) fn new(lesson: &'a Lesson, trace: &'a Trace) -> Self {
        Report { lesson, next: None, trace, view: View::Task, guess: None, prose: true }
    }
}

impl Report<'_> {
    /// Whether a claim failed, or a task or a scene panicked.
    pub(crate) fn failed(&self) -> bool {
        let panicked = |outcome: &Outcome| matches!(outcome, Outcome::Panicked { .. });
        let mut scenes = self.trace.scenes.iter();
        scenes.any(|scene| panicked(&scene.outcome) || scene.tasks.iter().any(|task| panicked(&task.outcome)))
            || self.trace.claims.iter().any(|claim| matches!(claim.verdict, Verdict::Failed(_)))
    }

    /// The number of the scene of this name: in the lesson, or after the lesson's in the trace.
    pub(super) fn number(&self, name: &str) -> usize {
        let (mut numbers, scenes) = (self.numbers(), &self.trace.scenes);
        let names =
            scenes.iter().map(|scene| &scene.name).chain(self.trace.skipped.iter().map(|skipped| &skipped.scene));
        let numbered = names.map(|of| (of, numbers.next(of))).find(|(of, _)| *of == name);
        numbered.map_or_else(|| self.lesson.number(name), |(_, number)| number)
    }

    /// The numbers of scenes, which are to be asked for in the trace's order.
    pub(super) fn numbers(&self) -> Numbers<'_> {
        Numbers { lesson: self.lesson, last: self.lesson.scenes.len() }
    }

    /// The scene of this name as the lesson has it.
    pub(crate) fn own(&self, name: &str) -> Option<&'static Scene> {
        self.lesson.scenes.iter().find(|scene| scene.name == name)
    }
}
