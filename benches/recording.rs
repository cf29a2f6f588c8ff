//! What recording costs: ratios within one run, beside the same tasks unobserved and the floor of the clock alone.
//!
//! `cargo bench --bench recording` prints the table in `README.md` beside this file. Runs are interleaved, and each
//! figure is a median, so that a machine that drifts favours nobody. The million sleeping tasks run in processes of
//! their own, since memory that was once touched is not given back.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use asyncguide::Observe;
use asyncguide::record::Recorder;
use asyncguide::trace::Clock;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const ROUNDS: usize = 9;
const POLLS: u64 = 2_000_000;
const SLEEPERS: usize = 1_000_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, sleepers, how, count] = args.as_slice()
        && sleepers == "sleepers"
    {
        return sleep_and_tell(how == "observed", count.parse().expect("a number"));
    }
    let asked =
        |name: &str| args.len() < 2 || args[1..].iter().any(|arg| arg == name || arg == "--bench" && args.len() == 2);
    if asked("polls") {
        polls();
    }
    if asked("sleepers") {
        sleepers();
    }
}

/// Wakes itself and gives the thread back, so many times.
struct Yields(u64);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn polls() {
    println!("A task that wakes itself and yields; added nanoseconds for each poll, its wake included");
    println!("{:26}{:>12}{:>12}{:>12}{:>12}{:>12}", "", "plain", "observed", "added", "CPU ratio", "bytes/poll");
    let floor = median(|| clock_reads(3));
    for workers in [1, 2] {
        let (mut plain, mut observed, mut bytes) = (Vec::new(), Vec::new(), 0.0);
        for _ in 0..ROUNDS {
            plain.push(yields(workers, false).0);
            let (nanos, held) = yields(workers, true);
            observed.push(nanos);
            bytes = held;
        }
        let (plain, observed) = (middle(plain), middle(observed));
        let (added, ratio) = (observed - plain, observed / plain);
        let label = format!("{workers} worker{}", if workers == 1 { "" } else { "s" });
        println!("{label:26}{plain:>12.1}{observed:>12.1}{added:>12.1}{ratio:>12.2}{bytes:>12.1}");
    }
    println!("{:26}{:>12}{:>12}{floor:>12.1}", "floor: three clock reads", "", "");
}

/// CPU nanoseconds for each poll, and bytes that the recording holds for it.
fn yields(workers: usize, observed: bool) -> (f64, f64) {
    let recorder = Recorder::new(Clock::Real);
    let runtime = runtime(workers, &recorder);
    recorder.start();
    let cpu = runtime.block_on(async {
        let began = cpu_nanos();
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            if observed {
                tasks.spawn(async { Yields(POLLS).observe("task").await });
            } else {
                tasks.spawn(Yields(POLLS));
            }
        }
        tasks.join_all().await;
        cpu_nanos() - began
    });
    let nanos = cpu / (POLLS * workers as u64) as f64;
    (nanos, recorder.bytes_held() as f64 / (POLLS * workers as u64) as f64)
}

fn runtime(workers: usize, recorder: &Recorder) -> Runtime {
    recorder.attach();
    let attached = recorder.clone();
    let mut builder = if workers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    if workers > 1 {
        builder.worker_threads(workers);
    }
    builder.enable_all().on_thread_start(move || attached.attach()).build().expect("a runtime")
}

/// Nanoseconds for `reads` readings of the time-stamp counter.
fn clock_reads(reads: u64) -> f64 {
    let clock = quanta::Clock::new();
    let began = Instant::now();
    for _ in 0..POLLS * reads {
        black_box(clock.raw());
    }
    began.elapsed().as_nanos() as f64 / POLLS as f64
}

fn sleepers() {
    println!("\n{SLEEPERS} tasks that sleep for the same second");
    println!("{:26}{:>12}{:>12}{:>12}{:>14}", "", "wall", "CPU", "peak MB", "bytes/task");
    let (mut plain, mut observed) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        plain.push(in_a_process("plain"));
        observed.push(in_a_process("observed"));
    }
    let column = |runs: &[[f64; 3]], index: usize| middle(runs.iter().map(|run| run[index]).collect());
    let row = |label: &str, runs: &[[f64; 3]]| {
        let [wall, cpu, bytes] = [0, 1, 2].map(|index| column(runs, index));
        let (megabytes, each) = (bytes / 1e6, bytes / SLEEPERS as f64);
        println!("{label:26}{wall:>10.2} s{cpu:>10.2} s{megabytes:>12.1}{each:>14.1}");
    };
    row("plain", &plain);
    row("observed", &observed);
    let ratio = |index| column(&observed, index) / column(&plain, index);
    let more = (column(&observed, 2) - column(&plain, 2)) / SLEEPERS as f64;
    println!("{:26}{:>11.2}x{:>11.2}x{:>12}{:>+14.1}", "observed to plain", ratio(0), ratio(1), "", more);
}

fn in_a_process(how: &str) -> [f64; 3] {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).args(["sleepers", how, &SLEEPERS.to_string()]).output().expect("it runs again");
    let text = String::from_utf8(output.stdout).expect("it prints numbers");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    numbers.try_into().expect("three numbers")
}

/// Prints wall and CPU in seconds, and peak memory in bytes.
fn sleep_and_tell(observed: bool, count: usize) {
    let recorder = Recorder::new(Clock::Real);
    let runtime = runtime(1, &recorder);
    recorder.start();
    let began = Instant::now();
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        let until = tokio::time::Instant::now() + Duration::from_secs(3);
        for _ in 0..count {
            if observed {
                tasks.spawn(async move { tokio::time::sleep_until(until).await }.observe("nap"));
            } else {
                tasks.spawn(async move { tokio::time::sleep_until(until).await });
            }
        }
        while tasks.join_next().await.is_some() {}
    });
    let wall = began.elapsed().as_secs_f64();
    println!("{wall} {} {}", cpu_seconds(), peak_bytes());
}

/// CPU time of all this process's living threads so far.
fn cpu_nanos() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of_thread = |thread: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.filter_map(of_thread).sum()
}

/// User and system time of this process, from `/proc`; 0 where there is none.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
}

fn median(mut measure: impl FnMut() -> f64) -> f64 {
    middle((0..ROUNDS).map(|_| measure()).collect())
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
