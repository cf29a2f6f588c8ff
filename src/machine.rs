//! What this machine can show: a short calibration, so that a claim it cannot show is skipped with its figure.
//!
//! Measured once for a run and kept in its trace: a claim is about the machine it ran on, wherever it is looked at
//! later. Knows nothing of lessons or traces.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A machine, as far as lessons depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Machine {
    /// Processors that this process may use, as the system says.
    pub processors: usize,
    /// How many times as much two plain threads compute as one does in the same time: 2.0 at best.
    pub two_threads: f64,
    /// How much later than asked a sleep of one millisecond ends, in nanoseconds; the median of some.
    pub sleep_late: u64,
    /// How many threads this process may have, if there is a known limit.
    pub most_threads: Option<u64>,
    /// How many files and sockets it may have open, likewise.
    pub most_files: Option<u64>,
}

/// With less gain than this from a second thread, there is no second core to speak of.
pub const SECOND_CORE: f64 = 1.5;

impl Machine {
    /// Measures this machine; takes about a quarter of a second.
    pub fn measure() -> Self {
        Machine {
            processors: thread::available_parallelism().map_or(1, usize::from),
            two_threads: two_threads(),
            sleep_late: sleep_late(),
            most_threads: limit("Max processes"),
            most_files: most_files(),
        }
    }

    /// Why nothing that needs a second core can be shown here; none if it can.
    pub fn no_second_core(&self) -> Option<String> {
        let gain = self.two_threads;
        let lacking = gain < SECOND_CORE;
        lacking
            .then(|| format!("two plain threads gain only {gain:.1} × here: this machine has no second core to give"))
    }
}

/// The best of some tries: whatever else the machine does makes it look poorer than it is.
fn two_threads() -> f64 {
    let gain = |_| 2.0 * compute_on(1).as_secs_f64() / compute_on(2).as_secs_f64();
    (0..4).map(gain).fold(0.0, f64::max).min(2.0)
}

/// How long so many threads take that each compute the same, once all are there.
fn compute_on(threads: usize) -> Duration {
    let start = Barrier::new(threads);
    let compute = || {
        start.wait();
        let began = Instant::now();
        // About ten milliseconds on a machine of our day.
        black_box((0..black_box(8_000_000u64)).fold(1u64, |x, i| black_box(x.wrapping_mul(31).wrapping_add(i))));
        began.elapsed()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(compute)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
    })
}

fn sleep_late() -> u64 {
    let asked = Duration::from_millis(1);
    let late = |_| {
        let began = Instant::now();
        thread::sleep(asked);
        began.elapsed().saturating_sub(asked).as_nanos() as u64
    };
    let mut late: Vec<u64> = (0..21).map(late).collect();
    late.sort_unstable();
    late[late.len() / 2]
}

/// How many files and sockets this process may have open, if there is a known limit.
pub fn most_files() -> Option<u64> {
    limit("Max open files")
}

/// A soft limit of this process by its name in `/proc`; none where it is unlimited or there is no such file.
fn limit(name: &str) -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
