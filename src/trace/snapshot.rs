//! A running scene at one moment, in a form that is cheap to draw again.

use super::SceneTrace;
use super::source::RunningPoll;
use crate::nanos::Nanos;

/// A snapshot of a running scene that is cheap to redraw.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The scene as it would go on until the snapshot's horizon if nothing more happened: what is under way lasts
    /// beyond `now`.
    pub(crate) trace: SceneTrace,
    /// Nanoseconds since the start of the scene; its wall once it has ended.
    pub(crate) now: Nanos,
    /// Whether `trace` differs from that of the snapshot before.
    pub(crate) changed: bool,
    pub(super) basis: Basis,
}

/// What a snapshot's trace was made from: while the basis stays the same, so does the trace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Basis {
    /// How many batches of events have been read.
    pub(super) batches: u64,
    pub(super) running: Vec<RunningPoll>,
    pub(super) ended: bool,
    /// Until when the trace goes on as if nothing more happened.
    pub(super) horizon: Nanos,
}

impl Snapshot {
    /// Returns a snapshot of a scene that is not being recorded.
    pub(crate) fn at(trace: SceneTrace, now: Nanos) -> Self {
        let basis = Basis { horizon: trace.wall, ..Basis::default() };
        Snapshot { trace, now, changed: true, basis }
    }

    /// Returns the same snapshot at a later moment, if nothing has happened in between.
    pub(crate) fn later(self, now: Nanos) -> Self {
        Snapshot { now, changed: false, ..self }
    }

    /// Returns until when the trace goes on as if nothing more happened.
    pub(crate) fn horizon(&self) -> Nanos {
        self.basis.horizon
    }
}
