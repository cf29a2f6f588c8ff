//! A lesson's claims, and the functions that check what a claim says about scenes and lanes.

use super::Relation;
use crate::trace::{Evidence, Nanos, Outcome, Quantity, SceneTrace, Task, Trace, Verdict};

/// A statement about a run that the lesson must make true.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The statement, in the past tense: “together took as long as the longest nap”.
    pub statement: &'static str,
    /// What decides whether it held.
    pub check: Check,
    /// Why it cannot be checked on the lesson's Python twin; none if it can.
    pub only_in_rust: Option<&'static str>,
}

/// What decides whether a claim held.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Check {
    /// A function of the trace.
    Function(fn(&Trace) -> Verdict),
    /// A comparison of two measures, which a lesson that is made at run time can have as well.
    Relation(Relation),
}

impl Claim {
    /// Returns a claim that a function checks.
    pub const fn function(statement: &'static str, check: fn(&Trace) -> Verdict) -> Self {
        Claim { statement, check: Check::Function(check), only_in_rust: None }
    }

    /// Returns a claim that `relation` holds between two measures of a run.
    pub const fn relation(statement: &'static str, relation: Relation) -> Self {
        Claim { statement, check: Check::Relation(relation), only_in_rust: None }
    }

    /// Returns this claim as one that cannot be checked on the lesson's Python twin, because of `reason`.
    pub const fn only_in_rust(self, reason: &'static str) -> Self {
        Claim { only_in_rust: Some(reason), ..self }
    }

    /// Checks the claim against the scenes of a twin, which are all that `trace` holds.
    pub(crate) fn verdict_on_twin(&self, trace: &Trace) -> Verdict {
        match self.only_in_rust {
            Some(reason) => Verdict::Skipped(reason.into()),
            None => self.verdict_on_run(trace),
        }
    }

    /// Checks the claim against a trace. Skips a failure if a scene was held up from outside, since it says nothing about
    /// the scene then.
    pub(crate) fn verdict_on_run(&self, trace: &Trace) -> Verdict {
        let held_up = trace.scenes.iter().map(|scene| scene.runtime.held_up).max().unwrap_or_default();
        match self.verdict(trace) {
            Verdict::Failed(evidence) if held_up > Nanos::ZERO => {
                let evidence = evidence.but("the run was held up for {held_up}: stopped, or without a processor");
                Verdict::Skipped(evidence.with("held_up", Quantity::Time(held_up)))
            }
            verdict => verdict,
        }
    }

    /// Checks the claim against a trace.
    pub fn verdict(&self, trace: &Trace) -> Verdict {
        match &self.check {
            Check::Function(check) => check(trace),
            Check::Relation(relation) => relation.verdict(trace),
        }
    }
}

/// Checks something about scenes that must have run to their end. Returns [`Verdict::Skipped`] with the reason if one
/// of them has not.
pub fn check<const N: usize>(
    trace: &Trace,
    scenes: [&str; N],
    check: impl FnOnce([&SceneTrace; N]) -> Verdict,
) -> Verdict {
    if let Some(skipped) = trace.skipped.iter().find(|skipped| scenes.contains(&skipped.scene.as_str())) {
        let reason = Evidence::new("“{scene}” was skipped: {reason}");
        return Verdict::Skipped(reason.with("scene", skipped.title.clone()).with("reason", skipped.reason.clone()));
    }
    let ran = scenes.iter().filter_map(|name| trace.scene(name).filter(|scene| scene.outcome == Outcome::Done));
    match <[&SceneTrace; N]>::try_from(ran.collect::<Vec<_>>()) {
        Ok(scenes) => check(scenes),
        Err(_) => Verdict::Skipped("a scene that it is about did not run to its end".into()),
    }
}

/// Skips a failure in a run whose delay is shorter than `shortest`; returns any other verdict as it is.
///
/// Beside very short delays, what a busy machine adds to each is no longer small, so a failure says nothing about async.
pub fn unless_too_short(trace: &Trace, shortest: Nanos, verdict: Verdict) -> Verdict {
    let delay = trace.inputs.delay;
    match verdict {
        Verdict::Failed(evidence) if delay < shortest => {
            let evidence = evidence.but("a delay of {delay} is too short to tell");
            Verdict::Skipped(evidence.with("delay", Quantity::Time(delay)))
        }
        verdict => verdict,
    }
}

/// Checks something about a scene's lanes of these names. Returns [`Verdict::Failed`] if one is missing, since the
/// scene then did not do what it is there to show. If the scene is one of a twin in another language, which may do
/// without a task for it, returns [`Verdict::Skipped`].
pub fn check_lanes<const N: usize>(
    scene: &SceneTrace,
    names: [&str; N],
    check: impl FnOnce([&Task; N]) -> Verdict,
) -> Verdict {
    if let Some(missing) = names.iter().find(|name| scene.lane(name).is_none()) {
        let evidence = Evidence::new("“{scene}” has no lane {lane}");
        let evidence = evidence.with("scene", scene.title.clone()).with("lane", (*missing).to_owned());
        return if scene.language.is_some() { Verdict::Skipped(evidence) } else { Verdict::Failed(evidence) };
    }
    let lanes: Vec<&Task> = names.iter().filter_map(|name| scene.lane(name)).collect();
    match lanes.try_into() {
        Ok(lanes) => check(lanes),
        Err(_) => Verdict::Failed("a lane is missing".into()),
    }
}
