//! The system's clocks that the standard library does not tell of.

use crate::nanos::Nanos;

/// Returns the machine's monotonic clock, which all processes share and other recorders read, too. None on a system that
/// has none.
pub(crate) fn monotonic() -> Option<Nanos> {
    #[cfg(unix)]
    return read(rustix::time::ClockId::Monotonic);
    #[cfg(not(unix))]
    None
}

/// Returns the CPU time of the calling thread. None where the system's count is too coarse.
pub(crate) fn thread_time() -> Option<Nanos> {
    #[cfg(unix)]
    return read(rustix::time::ClockId::ThreadCPUTime);
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn read(clock: rustix::time::ClockId) -> Option<Nanos> {
    let time = rustix::time::clock_gettime(clock);
    let seconds = Nanos::from_secs(time.tv_sec.try_into().ok()?);
    Some(seconds + Nanos(time.tv_nsec.try_into().ok()?))
}
