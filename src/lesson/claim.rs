//! A lesson's claims, and what can come of checking one against a recording.

use crate::trace::{Outcome, SceneTrace, Task, Trace};
use crate::units::duration;

/// A statement about a trace that the lesson must make true.
#[derive(Debug)]
pub struct Claim {
    /// The statement.
    pub statement: &'static str,
    /// Checks it.
    pub check: fn(&Trace) -> Verdict,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It held, with this figure.
    Held(String),
    /// It failed, with this figure.
    Failed(String),
    /// It could not be checked in this run, for this reason.
    Skipped(String),
}

impl Verdict {
    /// Held or failed, with a figure.
    pub fn of(held: bool, figure: impl Into<String>) -> Self {
        if held { Verdict::Held(figure.into()) } else { Verdict::Failed(figure.into()) }
    }

    /// Whether `value` is at most `factor` × `base`, both in nanoseconds.
    pub fn at_most(value: u64, factor: f64, base: u64) -> Self {
        let figure = format!("{}; at most {factor} × {}", duration(value), duration(base));
        Verdict::of(value as f64 <= factor * base as f64, figure)
    }

    /// Whether `value` is at least `factor` × `base`, both in nanoseconds.
    pub fn at_least(value: u64, factor: f64, base: u64) -> Self {
        let figure = format!("{}; at least {factor} × {}", duration(value), duration(base));
        Verdict::of(value as f64 >= factor * base as f64, figure)
    }
}

/// Checks something about scenes that have to have run to their end; skipped, with the reason, if one has not.
pub fn check<const N: usize>(
    trace: &Trace,
    scenes: [&str; N],
    check: impl FnOnce([&SceneTrace; N]) -> Verdict,
) -> Verdict {
    if let Some(skipped) = trace.skipped.iter().find(|skipped| scenes.contains(&skipped.scene.as_str())) {
        return Verdict::Skipped(format!("“{}” was skipped: {}", skipped.title, skipped.reason));
    }
    let ran = scenes.iter().filter_map(|name| trace.scene(name).filter(|scene| scene.outcome == Outcome::Done));
    match <[&SceneTrace; N]>::try_from(ran.collect::<Vec<_>>()) {
        Ok(scenes) => check(scenes),
        Err(_) => Verdict::Skipped("a scene that it is about did not run to its end".to_owned()),
    }
}

/// Checks something about a scene's lanes of these names; failed if one is missing, since the scene did not do then
/// what it is there to show.
pub fn check_lanes<const N: usize>(
    scene: &SceneTrace,
    names: [&str; N],
    check: impl FnOnce([&Task; N]) -> Verdict,
) -> Verdict {
    if let Some(missing) = names.iter().find(|name| scene.lane(name).is_none()) {
        return Verdict::Failed(format!("“{}” has no lane {missing}", scene.title));
    }
    let lanes: Vec<&Task> = names.iter().filter_map(|name| scene.lane(name)).collect();
    lanes.try_into().map_or_else(|_| Verdict::Failed("a lane is missing".to_owned()), check)
}
