//! A running scene at one moment, in a form that is cheap to draw again.

use super::SceneTrace;

/// The `wall` of a snapshot's trace while its scene runs: 292 years, which sums and products of a chart can still hold.
pub(crate) const FOREVER: u64 = u64::MAX >> 1;

/// A snapshot of a running scene that is cheap to redraw.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The scene as it would go on if nothing more happened: what is under way lasts beyond `now`.
    pub(crate) trace: SceneTrace,
    /// Nanoseconds since the start of the scene; its wall once it has ended.
    pub(crate) now: u64,
    /// Whether `trace` differs from that of the snapshot before.
    pub(crate) changed: bool,
    pub(crate) basis: Basis,
}

/// What a snapshot's trace was made from: while the basis stays the same, so does the trace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Basis {
    /// How many batches of events have been read.
    pub(crate) batches: u64,
    /// The polls under way, as (task, thread, start in nanoseconds).
    pub(crate) running: Vec<(u32, u32, u64)>,
    pub(crate) ended: bool,
}

impl Snapshot {
    /// Returns a snapshot of a scene that is not recorded in this process.
    pub(crate) fn at(trace: SceneTrace, now: u64) -> Self {
        Snapshot { trace, now, changed: true, basis: Basis::default() }
    }

    /// Returns the same snapshot at a later moment, if nothing has happened in between.
    pub(crate) fn later(self, now: u64) -> Self {
        Snapshot { now, changed: false, ..self }
    }
}
