//! What a thread does at this moment, for readers: the polls under way, and what its meter saw last.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::meter::Counts;
use crate::trace::Nanos;

/// How many nested polls readers see. Deeper ones are not in the live picture.
const DEPTH: usize = 32;

/// The polls that are under way on a thread, innermost last. The log does not hold them before they end.
///
/// The owning thread writes with plain stores, so a reader may see a poll that has just begun or just ended. For a
/// picture of this moment that is precise enough.
#[derive(Debug, Default)]
pub(super) struct Running {
    depth: AtomicU32,
    lanes: [AtomicU32; DEPTH],
    since: [AtomicU64; DEPTH],
}

impl Running {
    /// Notes a poll. Returns whether there is room to show it.
    #[inline]
    pub(super) fn push(&self, lane: u32, since: u64) -> bool {
        let depth = self.depth.load(Ordering::Relaxed);
        let slot = self.lanes.get(depth as usize);
        if let Some(slot) = slot {
            slot.store(lane, Ordering::Relaxed);
            self.since[depth as usize].store(since, Ordering::Relaxed);
        }
        self.depth.store(depth + 1, Ordering::Release);
        slot.is_some()
    }

    /// Notes the end of the innermost poll. Returns whether it was too deep to be shown.
    #[inline]
    pub(super) fn pop(&self) -> bool {
        let depth = self.depth.load(Ordering::Relaxed);
        self.depth.store(depth.saturating_sub(1), Ordering::Release);
        depth as usize > DEPTH
    }

    #[inline]
    pub(super) fn depth(&self) -> u32 {
        self.depth.load(Ordering::Acquire)
    }

    /// Returns all of them, outermost first: each lane with the tick at which its poll began.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        let depth = (self.depth() as usize).min(DEPTH);
        (0..depth).map(|i| (self.lanes[i].load(Ordering::Relaxed), self.since[i].load(Ordering::Relaxed)))
    }
}

/// What the thread's meter saw when it last looked, for readers. The owning thread writes with plain stores: a reader may
/// see a look half changed, which a picture of this moment can bear.
#[derive(Debug, Default)]
pub(super) struct LastLook {
    /// The system's number of the thread; 0 before the first look.
    thread: AtomicU32,
    tick: AtomicU64,
    cpu: AtomicU64,
    wait: AtomicU64,
}

impl LastLook {
    pub(super) fn set(&self, thread: u32, tick: u64, counts: Counts) {
        self.tick.store(tick, Ordering::Relaxed);
        self.cpu.store(counts.cpu.0, Ordering::Relaxed);
        self.wait.store(counts.wait.0, Ordering::Relaxed);
        self.thread.store(thread, Ordering::Release);
    }

    /// Returns the thread's number, the tick of the look and the counts; none if there was no look.
    pub(super) fn get(&self) -> Option<(u32, u64, Counts)> {
        let thread = Some(self.thread.load(Ordering::Acquire)).filter(|thread| *thread != 0)?;
        let [tick, cpu, wait] = [&self.tick, &self.cpu, &self.wait].map(|number| number.load(Ordering::Relaxed));
        Some((thread, tick, Counts { cpu: Nanos(cpu), wait: Nanos(wait) }))
    }
}
