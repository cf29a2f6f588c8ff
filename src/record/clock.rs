//! The one clock: ticks for the recording, nanoseconds for everybody else.
//!
//! On the real clock a tick is one of the processor's time-stamp counter, read in a third of the time that
//! `Instant` takes (`quanta` falls back to the system's clock where the counter is not steady). On the virtual clock
//! it is a nanosecond of tokio's paused `Instant`. Knows no event.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;

use crate::trace::{self, Nanos};

/// A running clock that counts from [`Clock::start`].
#[derive(Debug)]
pub(super) enum Clock {
    Real { counter: quanta::Clock, start: AtomicU64 },
    Virtual { epoch: std::sync::OnceLock<tokio::time::Instant>, latest: AtomicU64 },
}

impl Clock {
    pub(super) fn new(kind: trace::Clock) -> Self {
        match kind {
            trace::Clock::Real => Clock::Real { counter: quanta::Clock::new(), start: AtomicU64::new(u64::MAX) },
            trace::Clock::Virtual => Clock::Virtual { epoch: Default::default(), latest: AtomicU64::new(0) },
        }
    }

    /// Makes this moment the zero of all ticks. On the virtual clock: to be called within its runtime.
    pub(super) fn start(&self) {
        match self {
            Clock::Real { counter, start } => start.store(counter.raw(), Ordering::Relaxed),
            Clock::Virtual { epoch, .. } => {
                epoch.get_or_init(tokio::time::Instant::now);
            }
        }
    }

    /// Ticks since the start; 0 before it.
    #[inline]
    pub(super) fn ticks(&self) -> u64 {
        match self {
            Clock::Real { counter, start } => counter.raw().saturating_sub(start.load(Ordering::Relaxed)),
            Clock::Virtual { epoch, latest } => virtual_nanos(epoch.get(), latest),
        }
    }

    /// Returns about how many ticks take `nanos`; none on the virtual clock, whose ticks pass in no time.
    pub(super) fn ticks_of(&self, nanos: Nanos) -> Option<u64> {
        /// So many that rounding does not matter.
        const MANY: u64 = 1 << 24;
        match self {
            Clock::Real { counter, .. } => {
                let took = counter.delta_as_nanos(0, MANY).max(1);
                u64::try_from(u128::from(nanos.0) * u128::from(MANY) / u128::from(took)).ok()
            }
            Clock::Virtual { .. } => None,
        }
    }

    /// Nanoseconds from the start to `ticks`.
    pub(super) fn nanos(&self, ticks: u64) -> Nanos {
        match self {
            Clock::Real { counter, .. } => Nanos(counter.delta_as_nanos(0, ticks)),
            Clock::Virtual { .. } => Nanos(ticks),
        }
    }
}

/// Returns the nanoseconds of virtual time since `epoch`. On a thread outside the runtime, such as the thread that draws
/// the live picture, tokio's `Instant` would tell the system's time, so the latest moment that the runtime saw is
/// returned there.
fn virtual_nanos(epoch: Option<&tokio::time::Instant>, latest: &AtomicU64) -> u64 {
    match epoch {
        Some(epoch) if Handle::try_current().is_ok() => {
            let nanos = u64::try_from(epoch.elapsed().as_nanos()).unwrap_or(u64::MAX);
            latest.fetch_max(nanos, Ordering::Relaxed).max(nanos)
        }
        _ => latest.load(Ordering::Relaxed),
    }
}
