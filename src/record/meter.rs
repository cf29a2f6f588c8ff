//! How a thread spends a long poll: computing, waiting for a core, or blocked in a call.
//!
//! The system counts a thread's CPU time, and Linux also the time for which it could have run while others had the cores.
//! Both are read seldom, since each look is a system call: the CPU time at most every 200 microseconds at the beginning of
//! a poll, and at the end of polls of a millisecond or more. So it costs a thread about a thousandth of its time, and what
//! is told of a poll is too large by at most 200 microseconds. On the virtual clock, and where the system does not count,
//! nothing is told.

use super::clock::Clock;
use super::moment::LastLook;
use crate::machine::thread_time;
use crate::trace::Nanos;

/// The shortest poll that is measured.
const LONG: Nanos = Nanos::from_millis(1);
/// The least time between two looks at the thread's CPU time at the beginning of polls.
const CPU_EVERY: Nanos = Nanos::from_micros(200);
/// The least time between two looks at how long the thread waited for a core: several times as dear.
const WAIT_EVERY: Nanos = Nanos::from_millis(20);
/// A thread with less CPU time than this is new, and its wait for a core so far is not worth a look.
const NEW: Nanos = Nanos::from_millis(1);

/// What the system has counted for a thread since the thread began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) cpu: Nanos,
    /// For how long the thread could have run, while others had the cores.
    pub(super) wait: Nanos,
}

/// Measures the long polls of the thread that it lives in. Moments and lengths are in ticks of the recorder's clock.
#[derive(Debug)]
pub(super) struct Meter {
    counts: Counts,
    cpu_due: u64,
    wait_due: u64,
    /// The three constants above, in ticks.
    long: u64,
    cpu_every: u64,
    wait_every: u64,
}

impl Meter {
    /// Returns a meter for the calling thread.
    pub(super) fn new(clock: &Clock) -> Self {
        // Ticks of the virtual clock say nothing about CPU time.
        let ticks = |nanos| clock.ticks_of(nanos).unwrap_or(u64::MAX);
        let first = if clock.ticks_of(LONG).is_some() { 0 } else { u64::MAX };
        Meter {
            counts: Counts::default(),
            cpu_due: first,
            wait_due: first,
            long: ticks(LONG),
            cpu_every: ticks(CPU_EVERY),
            wait_every: ticks(WAIT_EVERY),
        }
    }

    /// Returns whether [`Meter::look`] should come before the poll that begins now.
    #[inline]
    pub(super) fn is_due(&self, now: u64) -> bool {
        now >= self.cpu_due
    }

    /// Looks at what the system has counted, and leaves it in `look` for readers.
    #[cold]
    pub(super) fn look(&mut self, now: u64, look: &LastLook) {
        let Some(cpu) = thread_time() else {
            self.cpu_due = u64::MAX;
            self.long = u64::MAX;
            return;
        };
        self.counts.cpu = cpu;
        self.cpu_due = now.saturating_add(self.cpu_every);
        if now >= self.wait_due {
            self.counts.wait = if cpu < NEW { Nanos::ZERO } else { waiting_time() };
            self.wait_due = now.saturating_add(self.wait_every);
        }
        look.set(thread_number(), now, self.counts);
    }

    /// Returns the latest counts, for [`Meter::of_poll`] at the end of the poll that begins now.
    #[inline]
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns whether a poll of this length is measured.
    #[inline]
    pub(super) fn is_long(&self, ticks: u64) -> bool {
        ticks >= self.long
    }

    /// Returns for how long the thread has computed since `begun`, and for how long it waited for a core, in a poll of
    /// `length`. The latter is zero if the thread computed for most of the poll: nobody asks, then.
    #[cold]
    pub(super) fn of_poll(begun: Counts, length: Nanos) -> Option<(Nanos, Nanos)> {
        let computed = (thread_time()? - begun.cpu).min(length);
        let waited = if 2 * computed.0 < length.0 { waiting_time() - begun.wait } else { Nanos::ZERO };
        Some((computed, waited.min(length - computed)))
    }
}

/// Returns whether a thread has been asleep in a call for most of the time since its meter last looked, and for `least`.
/// That was at the beginning of the poll that is under way, or of one before it or within it.
pub(super) fn is_asleep(look: &LastLook, clock: &Clock, least: Nanos) -> bool {
    let Some((thread, tick, then)) = look.get() else { return false };
    let time = clock.nanos(clock.ticks()) - clock.nanos(tick);
    if time < least {
        return false;
    }
    let Some(now) = counts_of(&format!("/proc/self/task/{thread}/schedstat")) else { return false };
    let used = (now.cpu - then.cpu) + (now.wait - then.wait);
    used < time - used
}

/// Returns for how long the calling thread could have run while others had the cores, or zero where no system says so.
fn waiting_time() -> Nanos {
    counts_of("/proc/thread-self/schedstat").map_or(Nanos::ZERO, |counts| counts.wait)
}

/// Reads what Linux has counted for a thread: three numbers, of which the first two are these in nanoseconds.
fn counts_of(file: &str) -> Option<Counts> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(|number| number.parse().map(Nanos));
    Some(Counts { cpu: numbers.next()?.ok()?, wait: numbers.next()?.ok()? })
}

/// Returns the system's number of the calling thread, or 0 where it is of no use.
#[cfg(target_os = "linux")]
fn thread_number() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs()
}

#[cfg(not(target_os = "linux"))]
fn thread_number() -> u32 {
    0
}
