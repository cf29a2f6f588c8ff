//! What is kept of a scene's events: all of them, or the last ones of a server that may stay up for days.

use crate::record::Reader;
use crate::trace::{Contradiction, Growing, Nanos, Outcome, SceneEnd, SceneStart, SceneTrace, Snapshot, Tail};

/// How much of a server's time is kept.
const LAST: Nanos = Nanos::from_secs(600);
/// The most events that are kept of a server: those of some ten thousand messages. A picture of more takes too long to draw
/// many times a second.
const MOST: usize = 100_000;

/// What is kept of a scene's events.
#[derive(Debug)]
pub(super) enum Kept {
    /// All of them.
    All(Growing<Reader>),
    /// The last ones.
    Last(Last),
}

/// The last events of a scene.
#[derive(Debug)]
pub(super) struct Last {
    start: SceneStart,
    reader: Reader,
    tail: Tail,
}

impl Kept {
    /// Keeps the last events of the scene that `start` describes. `reader` must be the only one, and free what it has read.
    pub(super) fn last(start: SceneStart, reader: Reader) -> Self {
        Kept::Last(Last { start, reader, tail: Tail::new(LAST, MOST) })
    }

    /// Takes what was recorded until `now`, so that the recorder need not hold it, and lets go of what is too old. Does
    /// nothing if all is kept.
    pub(super) fn drain(&mut self, now: Nanos) {
        if let Kept::Last(last) = self {
            last.take(now, false);
        }
    }

    /// Returns the moment from which on events are kept: 0 if all are.
    pub(super) fn from(&self) -> Nanos {
        match self {
            Kept::All(_) => Nanos::ZERO,
            Kept::Last(last) => last.tail.from(),
        }
    }

    /// Consumes the events and returns the scene. Without an `end` it is interrupted `now`.
    pub(super) fn finish(&mut self, now: Nanos, end: Option<&SceneEnd>) -> SceneTrace {
        match self {
            Kept::All(growing) => trusted(growing.finish(now, end)),
            Kept::Last(last) => {
                last.take(now, end.is_some());
                last.scene(now, end)
            }
        }
    }

    /// Returns the scene `now`, as it would go on until `horizon` if nothing more happened. Both count from the moment from
    /// which on events are kept in what is returned, and `horizon` does so here.
    pub(super) fn snapshot(
        &mut self,
        before: Option<Snapshot>,
        now: Nanos,
        horizon: Nanos,
        end: Option<&SceneEnd>,
    ) -> Snapshot {
        match self {
            Kept::All(growing) => trusted(growing.snapshot(before, now, horizon, end)),
            Kept::Last(last) => {
                last.take(now, end.is_some());
                let from = last.tail.from();
                Snapshot::at(last.scene(now.max(from + horizon), end), now - from)
            }
        }
    }
}

impl Last {
    /// Takes what was recorded until `now`; once the scene `has_ended`, all of it.
    fn take(&mut self, now: Nanos, has_ended: bool) {
        let mut events = Vec::new();
        if has_ended {
            self.reader.read_rest(|event| events.push(event));
        } else {
            self.reader.read(|event| events.push(event));
        }
        self.tail.take(events, now);
    }

    /// Returns the scene from the cut to its `end`, or else to `now`, when it is interrupted.
    fn scene(&self, now: Nanos, end: Option<&SceneEnd>) -> SceneTrace {
        let running = if end.is_some() { Vec::new() } else { self.reader.running() };
        let SceneEnd { wall, outcome } = end.cloned().unwrap_or(SceneEnd { wall: now, outcome: Outcome::Interrupted });
        self.tail.scene(self.start.clone(), wall, outcome, &running).0
    }
}

/// Returns the result of applying events of this process's own recorder, which never contradicts itself.
fn trusted<T>(result: Result<T, Contradiction>) -> T {
    result.unwrap_or_else(|contradiction| panic!("the recorder contradicts itself: {contradiction}"))
}
