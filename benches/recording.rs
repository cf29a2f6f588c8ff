//! What recording costs: ratios within one run, beside the same tasks unobserved and the floor of the clock alone.
//!
//! `cargo bench --bench recording` prints the table in `README.md` beside this file. Runs are interleaved, and each
//! figure is a median, so that a machine that drifts favours nobody. The million sleeping tasks run in processes of
//! their own, since memory that was once touched is not given back.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::Path;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use asyncguide::Observe;
use asyncguide::record::Recorder;
use asyncguide::trace::Clock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, Sender, channel};
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
    polls();
    sleepers();
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

/// What the tasks of a measurement do.
#[derive(Clone, Copy)]
enum Work {
    /// Each wakes itself and gives the thread back: nothing is cheaper, so nothing shows the cost more.
    Yield,
    /// Pairs pass a ball to and fro through channels.
    Pass,
}

fn polls() {
    println!("CPU nanoseconds for each poll, its wake included");
    println!("{:32}{:>9}{:>10}{:>8}{:>8}{:>9}{:>12}", "", "plain", "observed", "added", "floor", "ratio", "bytes/poll");
    for (label, work, workers) in [
        ("wakes itself, 1 worker", Work::Yield, 1),
        ("wakes itself, 2 workers", Work::Yield, 2),
        ("passes a ball, 1 worker", Work::Pass, 1),
        ("passes a ball, 2 workers", Work::Pass, 2),
    ] {
        let (mut plain, mut observed, mut floor, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
        for _ in 0..ROUNDS {
            plain.push(measure(work, workers, false).0);
            let (nanos, held) = measure(work, workers, true);
            observed.push(nanos);
            bytes = held;
            floor.push(clock_reads(3, workers));
        }
        let (plain, observed, floor) = (middle(plain), middle(observed), middle(floor));
        let (added, ratio) = (observed - plain, observed / plain);
        println!("{label:32}{plain:>9.1}{observed:>10.1}{added:>8.1}{floor:>8.1}{ratio:>8.2}x{bytes:>12.1}");
    }
    println!("floor: three readings of the time-stamp counter, on as many threads at once");
}

/// CPU nanoseconds for each poll, and bytes that the recording holds for it.
fn measure(work: Work, workers: usize, observed: bool) -> (f64, f64) {
    let recorder = Recorder::new(Clock::Real);
    let runtime = runtime(workers, &recorder);
    recorder.start();
    let (cpu, polls) = runtime.block_on(async {
        let began = cpu_nanos();
        let mut tasks = JoinSet::new();
        let polls = match work {
            Work::Yield => {
                (0..workers).for_each(|_| spawn(&mut tasks, observed, Yields(POLLS)));
                POLLS * workers as u64
            }
            // A pair for each worker, and as many polls: each receives every other ball.
            Work::Pass => {
                (0..workers).for_each(|_| spawn_pair(&mut tasks, observed));
                POLLS / 4 * 2 * workers as u64
            }
        };
        while tasks.join_next().await.is_some() {}
        (cpu_nanos() - began, polls as f64)
    });
    (cpu / polls, recorder.bytes_held() as f64 / polls)
}

fn spawn(tasks: &mut JoinSet<()>, observed: bool, work: impl Future<Output = ()> + Send + 'static) {
    if observed {
        tasks.spawn(work.observe("task"));
    } else {
        tasks.spawn(work);
    }
}

fn spawn_pair(tasks: &mut JoinSet<()>, observed: bool) {
    let ((to_a, at_a), (to_b, at_b)) = (channel(1), channel(1));
    to_a.try_send(()).expect("an empty channel has room");
    spawn(tasks, observed, pass(at_a, to_b));
    spawn(tasks, observed, pass(at_b, to_a));
}

async fn pass(mut from: Receiver<()>, to: Sender<()>) {
    for _ in 0..POLLS / 4 {
        from.recv().await;
        // The other one may have finished.
        let _ = to.send(()).await;
    }
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

/// CPU nanoseconds for `reads` readings of the time-stamp counter, on so many threads at once.
fn clock_reads(reads: u64, threads: usize) -> f64 {
    let clock = quanta::Clock::new();
    let read = || {
        let began = thread_cpu_nanos("/proc/thread-self");
        for _ in 0..POLLS * reads {
            black_box(clock.raw());
        }
        (thread_cpu_nanos("/proc/thread-self") - began) / POLLS as f64
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        let figures = threads.into_iter().map(|thread| thread.join().expect("it only reads a clock"));
        middle(figures.collect())
    })
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
    threads.map(|thread| thread_cpu_nanos(thread.path())).sum()
}

/// CPU time of one thread so far, from its folder in `/proc`; 0 where there is none.
fn thread_cpu_nanos(folder: impl AsRef<Path>) -> f64 {
    let stat = std::fs::read_to_string(folder.as_ref().join("schedstat")).unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0)
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

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
