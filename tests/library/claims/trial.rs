//! A lesson on trial, on the real clock: each of its claims holds for its own scenes, and fails once another scene is
//! passed off as the one that the claim is about.

use std::collections::BTreeSet;

use asyncguide::Inputs;
use asyncguide::lesson::{Claim, Lesson, Verdict};
use asyncguide::machine::Machine;
use asyncguide::trace::{Clock, SceneTrace};

use super::{comes_up, failed, held, lesson, note, own, run};

/// A lesson, and which of its claims have been tried.
pub(super) struct Trial {
    lesson: &'static Lesson,
    inputs: Inputs,
    machine: Option<Machine>,
    tried: BTreeSet<&'static str>,
}

/// One claim, and the scenes that it compares: only they run.
pub(super) struct Tried<'a> {
    trial: &'a Trial,
    claim: &'static Claim,
    scenes: &'a [&'a str],
}

impl Trial {
    pub(super) fn of(name: &str, inputs: Inputs) -> Self {
        let lesson = lesson(name);
        let machine = lesson.calibrates.then(|| Machine::measure().expect("threads start"));
        Trial { lesson, inputs, machine, tried: BTreeSet::new() }
    }

    /// The claim that starts so. It holds for these scenes of the lesson's; others will take the place of the first.
    #[track_caller]
    pub(super) fn claim<'a>(&'a mut self, start: &str, scenes: &'a [&'a str]) -> Tried<'a> {
        let mut claims = self.lesson.claims.iter().filter(|claim| claim.statement.starts_with(start));
        let claim = claims.next().unwrap_or_else(|| panic!("{} does not claim that {start}", self.lesson.name));
        assert!(claims.next().is_none(), "{} has several claims that {start}", self.lesson.name);
        self.tried.insert(claim.statement);
        let tried = Tried { trial: self, claim, scenes };
        tried.holds();
        tried
    }

    /// None of the lesson's claims was forgotten.
    #[track_caller]
    pub(super) fn is_over(&self) {
        assert_eq!(self.tried.len(), self.lesson.claims.len(), "{:?}", self.tried);
    }

    fn own(&self, scene: &str) -> SceneTrace {
        own(self.lesson, scene, Clock::Real, self.inputs.clone())
    }
}

impl Tried<'_> {
    #[track_caller]
    fn holds(&self) {
        match self.trial.machine.and_then(|machine| machine.no_second_core()) {
            Some(reason) => {
                comes_up(not_failed, || self.verdict(self.trial.own(self.scenes[0])));
                note(&format!("“{}” may have been skipped: {reason}", self.claim.statement));
            }
            None => comes_up(held, || self.verdict(self.trial.own(self.scenes[0]))),
        }
    }

    /// It fails with this scene of the lesson's.
    #[track_caller]
    pub(super) fn fails_as(self, scene: &str) -> Self {
        comes_up(failed, || self.verdict(self.trial.own(scene)));
        self
    }

    /// It fails with what was recorded so.
    #[track_caller]
    pub(super) fn fails_with(self, record: impl Fn() -> SceneTrace) -> Self {
        comes_up(failed, || self.verdict(record()));
        self
    }

    /// What it says with `target` in the place of the first scene.
    fn verdict(&self, target: SceneTrace) -> Verdict {
        let Trial { lesson, inputs, machine, .. } = self.trial;
        let mut trace = run(lesson, Clock::Real, inputs);
        trace.machine = *machine;
        trace.scenes.push(target);
        trace.scenes[0].name = self.scenes[0].to_owned();
        trace.scenes.extend(self.scenes[1..].iter().map(|scene| self.trial.own(scene)));
        self.claim.verdict(&trace)
    }
}

fn not_failed(verdict: &Verdict) -> bool {
    !failed(verdict)
}
