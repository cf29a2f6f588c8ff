//! The lane of a span: what can be known of a future from when its span is entered, left and closed.
//!
//! `tracing` does not say how a future ends. `Instrumented`, which `#[instrument]` makes too, enters its span for each poll
//! and once more to drop the future, and then closes it. A future that is done is dropped at once by nearly everything
//! that polls futures. So a future whose drop comes later was not done, and neither was one whose drop drops lanes that
//! were not done. What `tracing` cannot show is a future that is dropped right after a poll, as by a timeout: without
//! observed futures in it, it looks done. One that is kept after it is done looks cancelled, and so does code that enters a
//! span by hand several times, the last time for less than 50 microseconds.

use std::thread::{self, ThreadId};

use super::entry::LaneEnd;
use super::local::{self, Begun, LaneId, Pause, Polled};
use crate::trace::{Nanos, TaskKind};

/// The drop of a future that is done begins this soon after its last poll, and its span is closed as soon after the drop.
const AT_ONCE: Nanos = Nanos::from_micros(200);

/// The lane of a span; kept with the span.
#[derive(Debug)]
pub(super) struct SpanLane {
    /// None as long as the field that names it is empty, and once it has panicked.
    lane: Option<LaneId>,
    /// Whether the span is known to be around one future from its first poll to its drop.
    is_future: bool,
    /// The thread that the span is entered on, and how many times more often it was entered there than left: a span may
    /// be entered again from within. Other threads may enter it too, but a lane is on one thread at a time.
    entered: Option<(ThreadId, usize)>,
    /// The slice that is under way: its begin, and what was so at that moment.
    slice: Option<Slice>,
    /// How many slices there were. The last of several may be no poll: see `Reader`.
    slices: u64,
    /// When the span was left last.
    left: Option<Pause>,
    /// Whether the last slice, if it is the drop of the future, shows that the future was not done.
    unfinished: Unfinished,
}

/// A time for which the span is entered.
#[derive(Clone, Copy, Debug)]
struct Slice {
    begun: Begun,
    /// Whether it began later than at once after the slice before it.
    late: bool,
    unwinding: bool,
    /// How many lanes the thread had dropped.
    dropped: u64,
}

/// What the last slice shows if it is the drop of a future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfinished {
    No,
    /// It came late.
    Probably,
    /// Lanes were dropped in it that were not done.
    Surely,
}

impl SpanLane {
    /// Returns the lane of a span that was just made. Its name may come later.
    pub(super) fn new(kind: TaskKind, name: Option<&str>, is_future: bool) -> Self {
        SpanLane {
            lane: name.and_then(|name| local::create(kind, name)),
            is_future,
            entered: None,
            slice: None,
            slices: 0,
            left: None,
            unfinished: Unfinished::No,
        }
    }

    /// Gives the span a lane of this name from now on, unless it has one or had one.
    pub(super) fn name(&mut self, name: &str) {
        if self.lane.is_some() || self.slices > 0 {
            return;
        }
        self.lane = local::create(TaskKind::Span, name);
        if self.entered.is_some_and(|(thread, _)| thread == thread::current().id()) {
            self.begin();
        }
    }

    /// Notes that the span is entered.
    pub(super) fn enter(&mut self) {
        let here = thread::current().id();
        match &mut self.entered {
            Some((thread, times)) if *thread == here => *times += 1,
            Some(_) => {}
            None => {
                self.entered = Some((here, 1));
                self.begin();
            }
        }
    }

    /// Notes that the span is left.
    pub(super) fn leave(&mut self) {
        let here = thread::current().id();
        match &mut self.entered {
            Some((thread, times)) if *thread == here && *times > 1 => *times -= 1,
            Some((thread, _)) if *thread == here => {
                self.entered = None;
                self.end();
            }
            _ => {}
        }
    }

    /// Records that a waker of the future fires.
    pub(super) fn woken(&self) {
        if let Some(lane) = self.lane {
            lane.woken();
        }
    }

    /// Records that the span is closed: nothing can enter it any more.
    pub(super) fn close(&self) {
        let Some(lane) = self.lane else { return };
        let at_once = self.left.is_none_or(|left| !lane.is_later_than(left, AT_ONCE));
        lane.ended(match (self.slices, self.unfinished) {
            // It was dropped, and not once polled.
            (1, _) if self.is_future => LaneEnd::Dropped,
            (0 | 1, _) => LaneEnd::Closed,
            (_, Unfinished::Surely) if at_once => LaneEnd::Dropped,
            (_, Unfinished::Probably) if at_once => LaneEnd::ClosedUnfinished,
            _ => LaneEnd::ClosedAfterSeveral,
        });
    }

    fn begin(&mut self) {
        let Some(lane) = self.lane else { return };
        if self.slices == 0 {
            lane.starts();
        }
        let late = self.left.is_some_and(|left| lane.is_later_than(left, AT_ONCE));
        let dropped = lane.dropped_here();
        self.slice =
            Some(Slice { begun: lane.begin_slice(self.is_future), late, unwinding: thread::panicking(), dropped });
    }

    fn end(&mut self) {
        let (Some(lane), Some(slice)) = (self.lane, self.slice.take()) else { return };
        if thread::panicking() && !slice.unwinding {
            lane.end(slice.begun, Polled::Panicked("its message is on standard error"));
            self.lane = None;
            return;
        }
        lane.end(slice.begun, Polled::Pending);
        self.slices += 1;
        self.unfinished = match slice.late {
            _ if lane.dropped_here() > slice.dropped => Unfinished::Surely,
            true => Unfinished::Probably,
            false => Unfinished::No,
        };
        self.left = lane.pause();
    }
}
