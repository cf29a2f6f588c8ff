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
use std::thread;
use std::time::{Duration, Instant};

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
    pub fn measure() -> Self {
        Machine {
            processors: thread::available_parallelism().map_or(1, usize::from),
            two_threads: two_threads(),
            sleep_late: sleep_late(),
            most_threads: limit("Max processes"),
            most_files: most_files(),
        }
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
fn two_threads() -> f64 {
    let gain = |_| 2.0 * compute_on(1).as_secs_f64() / compute_on(2).as_secs_f64();
    (0..4).map(gain).fold(0.0, f64::max).min(2.0)
}

/// Computes for `steps` steps, each of which needs the result of the one before. Holds the thread.
pub(crate) fn compute(steps: u64) {
    black_box((0..black_box(steps)).fold(1u64, |x, i| black_box(x.wrapping_mul(31).wrapping_add(i))));
}

/// Returns how long `threads` threads take that start together and compute the same each: the time of the slowest.
fn compute_on(threads: usize) -> Duration {
    let start = Barrier::new(threads);
    let computed = || {
        start.wait();
        let began = Instant::now();
        // About ten milliseconds on a machine of 2026.
        compute(8_000_000);
        began.elapsed()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(computed)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
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
