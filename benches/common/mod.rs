//! What the benches share: programs that print figures, what the system says of a process, medians.
//!
//! Figures of the system come from `/proc`, and are 0 where there is none.

// Each bench uses some of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// This program, to be run again: what has to have a process of its own.
pub(crate) fn this_program() -> String {
    std::env::current_exe().expect("this program has a path").to_string_lossy().into_owned()
}

/// The numbers that a command prints; none if there is no such program.
pub(crate) fn printed(command: &[&str]) -> Option<Vec<f64>> {
    let ran = Command::new(command[0]).args(&command[1..]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(ran.stdout).ok()?;
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some(figures).filter(|figures| !figures.is_empty())
}

pub(crate) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The folders of a process's living threads.
pub(crate) fn threads(process: &str) -> impl Iterator<Item = PathBuf> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads.map(|thread| thread.path())
}

/// CPU time of one thread so far, in nanoseconds, from its folder in `/proc`.
pub(crate) fn thread_cpu_nanos(folder: impl AsRef<Path>) -> f64 {
    let stat = std::fs::read_to_string(folder.as_ref().join("schedstat")).unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0)
}

/// User and system time of this process in seconds, threads that have ended included; the system counts hundredths.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The first number after `label` in a file of lines, such as those in `/proc`.
pub(crate) fn figure(path: impl AsRef<Path>, label: &str) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default();
    line.split_whitespace().next().and_then(|figure| figure.parse().ok()).unwrap_or(0.0)
}
