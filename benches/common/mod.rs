//! Helpers that the benches share: commands that print figures, CPU time and memory of a process, medians.
//!
//! Figures of the system come from `/proc`. They are 0 on a system without it.

// Each bench is a crate of its own and uses only some of these.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use asyncguide::machine::proc;

/// Returns the path of this bench, which runs itself again where a measurement needs a process of its own.
pub(crate) fn this_program() -> String {
    std::env::current_exe().expect("this program has a path").to_string_lossy().into_owned()
}

/// Runs a command and returns the numbers that it prints, or `None` if it cannot be run or prints none.
pub(crate) fn printed(command: &[&str]) -> Option<Vec<f64>> {
    let ran = Command::new(command[0]).args(&command[1..]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(ran.stdout).ok()?;
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some(figures).filter(|figures| !figures.is_empty())
}

/// Returns the median; of an even number of figures, the upper one of the two in the middle.
pub(crate) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Returns the folders in `/proc` of the threads of a process that are alive. `self` is this process.
pub(crate) fn threads(process: &str) -> impl Iterator<Item = PathBuf> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads.map(|thread| thread.path())
}

/// Returns the CPU time of one thread so far, in nanoseconds. `folder` is its folder in `/proc`.
pub(crate) fn thread_cpu_nanos(folder: impl AsRef<Path>) -> f64 {
    let stat = std::fs::read_to_string(folder.as_ref().join("schedstat")).unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0)
}

/// Returns the user and system time of this process in seconds, including threads that have ended. The system counts in
/// hundredths of a second.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Returns the first number after `label` in a file of labelled lines, such as those in `/proc`.
pub(crate) fn figure(path: impl AsRef<Path>, label: &str) -> f64 {
    proc::field(path, label).unwrap_or(0) as f64
}
