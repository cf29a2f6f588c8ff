//! What a thread records: the lanes that run here, and what code says.
//!
//! `attach.rs` finds the log that it goes into. Nothing here takes a lock that another worker could hold, and nothing
//! allocates on the poll path but a chunk of log now and then.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::thread::ThreadId;

use tracing::Metadata;

use super::attach::{Local, with, with_current};
use super::entry::{LaneEnd, NewLane, Said, UsageEntry, Value};
use super::meter::{Counts, Meter};
use crate::trace::{LONGEST_NAME, LONGEST_TEXT, Nanos, TaskKind, cut};

/// The number of a lane, with that of its recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneId {
    recorder: u32,
    lane: u32,
}

/// The beginning of a poll, for its end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Begun {
    /// In ticks of the recorder's clock.
    since: u64,
    counts: Counts,
}

/// A moment of a lane between two of its polls, on one thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    thread: ThreadId,
    /// In ticks of the recorder's clock.
    tick: u64,
    /// How many polls executors have begun on this thread.
    polls: u64,
}

/// How a poll ended.
pub(crate) enum Polled<'a> {
    Pending,
    Ready,
    Panicked(&'a str),
}

/// Returns whether what happens on this thread right now is recorded.
pub(super) fn is_recorded() -> bool {
    with_current(|_| ()).is_some()
}

/// Creates a lane in this thread's recording, as a child of the lane that runs here. Returns none if nothing is
/// recorded here.
pub(crate) fn create(kind: TaskKind, name: &str) -> Option<LaneId> {
    with_current(|local| {
        let lane = local.shared.next_lane.fetch_add(1, Ordering::Relaxed);
        let parent = local.writer.innermost().map(|(lane, _)| lane);
        let now = local.now();
        let name = cut(name, LONGEST_NAME);
        let room = local.writer.long(name.len());
        local.encoder.created(now, &NewLane { lane, parent, kind: kind as u8, name: &name }, room);
        LaneId { recorder: local.recorder, lane }
    })
}

impl LaneId {
    /// Notes, before the first poll, whether an executor does it, or another lane.
    pub(crate) fn starts(self) {
        with(self.recorder, |local| {
            if local.writer.depth() == 0 {
                local.encoder.spawned(local.now(), self.lane, local.writer.short());
            }
        });
    }

    /// Notes that the lane holds the thread from now until [`LaneId::end`], which needs what this returns.
    #[inline]
    pub(crate) fn begin(self) -> Begun {
        self.begin_slice(true)
    }

    /// Does the same as [`LaneId::begin`]. A slice that is not known to be a poll must not count as one.
    #[inline]
    pub(super) fn begin_slice(self, is_poll: bool) -> Begun {
        let begun = with(self.recorder, |local| {
            if local.writer.depth() == 0 {
                local.polls += u64::from(is_poll);
                local.check_pool();
            }
            let mut now = local.now();
            if local.meter.is_due(now) {
                local.meter.look(now, local.writer.log().look());
                // What the look took is not the poll's.
                now = local.now();
            }
            local.writer.enter(self.lane, now);
            Begun { since: now, counts: local.meter.counts() }
        });
        begun.unwrap_or_default()
    }

    /// Records that the poll that `begun` tells of is over.
    #[inline]
    pub(crate) fn end(self, begun: Begun, how: Polled<'_>) {
        with(self.recorder, |local| {
            let now = local.now();
            let ticks = now.saturating_sub(begun.since);
            local.writer.leave();
            if local.meter.is_long(ticks) {
                self.used(local, begun, now, ticks);
            }
            let ready = match how {
                Polled::Pending => false,
                Polled::Ready => true,
                Polled::Panicked(message) => {
                    let message = cut(message, LONGEST_TEXT);
                    let out = local.writer.long(message.len());
                    return local.encoder.panicked(now, self.lane, ticks, &message, out);
                }
            };
            local.encoder.polled(now, self.lane, ticks, ready, local.writer.short());
        });
    }

    /// Records how the thread spent the poll that ends `now`, after `ticks`.
    #[cold]
    fn used(self, local: &mut Local, begun: Begun, now: u64, ticks: u64) {
        if let Some((computed, preempted)) = Meter::of_poll(begun.counts, local.shared.clock.nanos(ticks)) {
            let usage = UsageEntry { ticks, computed: computed.0, preempted: preempted.0 };
            let room = local.writer.long(0);
            local.encoder.used(now, self.lane, usage, room);
        }
    }

    /// Records that the lane's waker fires.
    #[inline]
    pub(crate) fn woken(self) {
        with(self.recorder, |local| {
            local.encoder.woken(local.now(), self.lane, local.writer.short());
        });
    }

    /// Returns this moment, while the lane is not polled.
    pub(super) fn pause(self) -> Option<Pause> {
        with(self.recorder, |local| Pause { thread: local.writer.log().id, tick: local.now(), polls: local.polls })
    }

    /// Returns whether more lies between `since` and now than a few instructions of one thread: whether the thread is
    /// another one, an executor has begun another poll on it, or `longest` has passed.
    pub(super) fn is_later_than(self, since: Pause, longest: Nanos) -> bool {
        let later = |now: Pause, local: &Local| {
            let elapsed = local.shared.clock.nanos(now.tick.saturating_sub(since.tick));
            now.thread != since.thread || now.polls != since.polls || elapsed >= longest
        };
        self.pause().is_some_and(|now| with(self.recorder, |local| later(now, local)).unwrap_or(false))
    }

    /// Returns how many lanes this thread has dropped so far before they were done.
    pub(super) fn dropped_here(self) -> u64 {
        with(self.recorder, |local| local.encoder.dropped()).unwrap_or_default()
    }

    /// Records that the lane ends outside of a poll.
    pub(crate) fn ended(self, how: LaneEnd) {
        with(self.recorder, |local| local.encoder.ended(local.now(), self.lane, how, local.writer.short()));
    }
}

/// Records what code says at `site`, on behalf of the lane that runs on this thread.
pub(super) fn mark(site: &'static Metadata<'static>, said: Said<'_>) {
    with_current(|local| {
        let lane = local.writer.innermost().map(|(lane, _)| lane);
        let number = local.writer.log().site(site);
        let now = local.now();
        let shorten = |(position, value)| match value {
            Value::Text(text) => (position, Value::Text(Cow::Owned(cut(&text, LONGEST_TEXT).into_owned()))),
            value => (position, value),
        };
        let text = Cow::Owned(cut(&said.text, LONGEST_TEXT).into_owned());
        let said = Said { text, fields: said.fields.into_iter().map(shorten).collect() };
        let room = local.writer.long(said.len());
        local.encoder.marked(now, lane, number, &said, room);
    });
}
