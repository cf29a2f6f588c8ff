//! A short calibration of the machine: a claim that the machine cannot show is skipped, with the figure that says why.
//!
//! A machine is measured once for a run and kept in the run's trace, because claims are about the machine that the
//! scenes ran on, wherever the trace is read later. Depends on nothing. [`proc`] reads what Linux says of a process,
//! `clock.rs` the system's clocks.

mod clock;
pub mod proc;

pub(crate) use self::clock::{monotonic, thread_time};

use crate::nanos::Nanos;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{io, thread};

use serde::{Deserialize, Serialize};

/// The properties of a machine that the claims of lessons depend on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Machine {
    /// The number of processors that this process may use, as the system says; 1 if it does not say.
    pub processors: usize,
    /// The work that two plain threads compute, divided by the work that one computes in the same time: at most 2.0.
    pub two_threads: f64,
    /// The time by which a sleep of one millisecond is late, in nanoseconds: the median of 21 sleeps.
    pub sleep_late: Nanos,
    /// The most threads that this user may have, or `None` if there is no limit or the system does not say.
    pub most_threads: Option<u64>,
    /// The most files and sockets that this process may have open, or `None` if there is no limit or the system does
    /// not say.
    pub most_files: Option<u64>,
}

/// The least [`Machine::two_threads`] with which the machine counts as having a second core.
pub const SECOND_CORE: f64 = 1.5;

impl Machine {
    /// Measures this machine, which takes about a quarter of a second.
    ///
    /// # Errors
    /// If a second thread cannot be started.
    pub fn measure() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Ok(Machine {
            processors,
            two_threads: two_threads(processors)?,
            sleep_late: sleep_late(),
            most_threads: limit("Max processes"),
            most_files: most_files(),
        })
    }

    /// Returns why this machine cannot show anything that needs a second core, or `None` if it can.
    pub fn no_second_core(&self) -> Option<String> {
        let gain = self.two_threads;
        if gain >= SECOND_CORE {
            return None;
        }
        Some(format!("two plain threads gain only {gain:.1} × here: this machine has no second core to give"))
    }
}

/// Returns [`Machine::two_threads`]: the best of four tries, because other work on the machine only lowers the figure.
/// On one processor it is at most 1.0: a try can seem better there, if other work held up the one thread longer.
fn two_threads(processors: usize) -> io::Result<f64> {
    let mut best: f64 = 0.0;
    for _ in 0..4 {
        let gain = 2.0 * compute_alone().as_secs_f64() / compute_beside()?.as_secs_f64();
        best = best.max(gain);
    }
    Ok(best.min(processors.min(2) as f64))
}

/// Computes for `steps` steps, each of which needs the result of the one before. Holds the thread.
pub(crate) fn compute(steps: u64) {
    black_box((0..black_box(steps)).fold(1u64, |x, i| black_box(x.wrapping_mul(31).wrapping_add(i))));
}

/// Returns how long one thread computes.
fn compute_alone() -> Duration {
    let began = Instant::now();
    // About ten milliseconds on a machine of 2026.
    compute(8_000_000);
    began.elapsed()
}

/// Returns how long two threads take that start together and compute as much as in [`compute_alone`] each: the time of
/// the slower one.
///
/// # Errors
/// If the second thread cannot be started.
fn compute_beside() -> io::Result<Duration> {
    let start = Barrier::new(2);
    let computed = || {
        start.wait();
        compute_alone()
    };
    thread::scope(|scope| {
        // The calling thread is the first one. So nobody waits at the barrier if the other cannot be started.
        let other = thread::Builder::new().spawn_scoped(scope, computed)?;
        let own = computed();
        Ok(other.join().map_or(own, |other| own.max(other)))
    })
}

/// Returns [`Machine::sleep_late`].
fn sleep_late() -> Nanos {
    let asked = Duration::from_millis(1);
    let late = |_| {
        let began = Instant::now();
        thread::sleep(asked);
        Nanos::from(began.elapsed().saturating_sub(asked))
    };
    let mut late: Vec<Nanos> = (0..21).map(late).collect();
    late.sort_unstable();
    late[late.len() / 2]
}

/// Returns the most files and sockets that this process may have open, or `None` if there is no limit or the system
/// does not say.
pub fn most_files() -> Option<u64> {
    limit("Max open files")
}

/// Returns the soft limit of this process that has this name in `/proc/self/limits`, or `None` if it is unlimited or
/// there is no such file.
fn limit(name: &str) -> Option<u64> {
    proc::field("/proc/self/limits", name)
}
