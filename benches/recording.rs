//! What recording costs: ratios within one run, beside the same tasks unobserved and the floor of the clock alone.
//!
//! `cargo bench --bench recording` prints the table in `README.md` beside this file. Runs are interleaved and each
//! figure is a median, so that a machine whose speed drifts favours none of the candidates. The peer is tracing-chrome,
//! which records the same polls from spans. It runs in processes of its own, because a process has only one subscriber.
//! The million sleeping tasks do so too, because memory that was touched once is not given back.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod common;

use std::hint::black_box;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use asyncguide::Observe;
use asyncguide::machine::proc;
use asyncguide::record::Recorder;
use asyncguide::trace::Clock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tracing::{Instrument as _, info_span};
use tracing_chrome::ChromeLayerBuilder;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::common::{cpu_seconds, middle, printed, this_program, thread_cpu_nanos, threads};

const ROUNDS: usize = 9;
const POLLS: u64 = 2_000_000;
const SLEEPERS: usize = 1_000_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["sleepers", how, count] => sleep_and_tell(how == "observed", count.parse().expect("a number")),
        ["spans", work, workers] => {
            let work = if work == "yield" { Work::Yield } else { Work::Pass };
            poll_in_spans(work, workers.parse().expect("a number"));
        }
        _ => {
            polls();
            sleepers();
        }
    }
}

/// A future that wakes itself and gives the thread back, as often as it says.
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

/// The work that the tasks of a measurement do.
#[derive(Clone, Copy)]
enum Work {
    /// Each wakes itself and gives the thread back: nothing is cheaper, so nothing shows the cost more.
    Yield,
    /// Pairs of tasks pass a ball to and fro through channels.
    Pass,
}

/// The way in which the polls of a task are recorded.
#[derive(Clone, Copy)]
enum How {
    Plain,
    Observed,
    /// Each task is a span, and a subscriber of `tracing` records the span's entries and exits.
    Spans,
}

fn polls() {
    println!("CPU nanoseconds for each poll, its wake included");
    print!("{:32}{:>9}{:>10}{:>8}{:>8}{:>9}{:>12}", "", "plain", "observed", "added", "floor", "ratio", "bytes/poll");
    println!("{:>16}{:>9}{:>12}", "tracing-chrome", "ratio", "bytes/poll");
    for (label, work, name, workers) in [
        ("wakes itself, 1 worker", Work::Yield, "yield", 1),
        ("wakes itself, 2 workers", Work::Yield, "yield", 2),
        ("passes a ball, 1 worker", Work::Pass, "pass", 1),
        ("passes a ball, 2 workers", Work::Pass, "pass", 2),
    ] {
        let (mut plain, mut observed, mut floor, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
        let (mut spans, mut written) = (Vec::new(), 0.0);
        for _ in 0..ROUNDS {
            plain.push(measure(work, workers, How::Plain, POLLS).0);
            let (nanos, held) = measure(work, workers, How::Observed, POLLS);
            observed.push(nanos);
            bytes = held;
            floor.push(clock_reads(3, workers));
            let figures = printed(&[&this_program(), "spans", name, &workers.to_string()]).expect("it prints figures");
            spans.push(figures[0]);
            written = figures[1];
        }
        let [plain, observed, floor, spans] = [plain, observed, floor, spans].map(middle);
        let (added, ratio) = (observed - plain, observed / plain);
        print!("{label:32}{plain:>9.1}{observed:>10.1}{added:>8.1}{floor:>8.1}{ratio:>8.2}x{bytes:>12.1}");
        println!("{spans:>16.1}{:>8.2}x{written:>12.1}", spans / plain);
    }
    println!("floor: three readings of the time-stamp counter, on as many threads at once");
    println!("tracing-chrome: the same tasks, each in a span; writing, which it does as it goes, included");
}

/// Prints the CPU nanoseconds for each poll in a span and the bytes that are written of it. Runs in a process of its
/// own, because its subscriber is for the whole process.
fn poll_in_spans(work: Work, workers: usize) {
    let written = Arc::new(AtomicU64::new(0));
    let (layer, guard) = ChromeLayerBuilder::new().writer(Written(Arc::clone(&written))).build();
    tracing_subscriber::registry().with(layer).init();
    // Fewer polls, because tracing-chrome keeps in memory what it has not written yet.
    let polls = POLLS / 10;
    measure(work, workers, How::Spans, polls);
    drop(guard);
    let polls = (polls * workers as u64) as f64;
    println!("{} {}", cpu_seconds() * 1e9 / polls, written.load(Ordering::Relaxed) as f64 / polls);
}

/// A file that counts the bytes written to it and drops them.
struct Written(Arc<AtomicU64>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the CPU nanoseconds for each poll, and the bytes that the recording holds for it.
fn measure(work: Work, workers: usize, how: How, polls: u64) -> (f64, f64) {
    let recorder = Recorder::new(Clock::Real);
    let runtime = runtime(workers, &recorder);
    recorder.start();
    let cpu = runtime.block_on(async {
        let began = cpu_nanos();
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            match work {
                Work::Yield => spawn(&mut tasks, how, Yields(polls)),
                // Half as many balls make as many polls: one for each ball that either of the two receives.
                Work::Pass => spawn_pair(&mut tasks, how, polls / 2),
            }
        }
        while tasks.join_next().await.is_some() {}
        cpu_nanos() - began
    });
    let polls = (polls * workers as u64) as f64;
    (cpu / polls, recorder.bytes_held() as f64 / polls)
}

fn spawn(tasks: &mut JoinSet<()>, how: How, work: impl Future<Output = ()> + Send + 'static) {
    match how {
        How::Plain => tasks.spawn(work),
        How::Observed => tasks.spawn(work.observe("task")),
        How::Spans => tasks.spawn(work.instrument(info_span!("task"))),
    };
}

fn spawn_pair(tasks: &mut JoinSet<()>, how: How, balls: u64) {
    let ((to_a, at_a), (to_b, at_b)) = (channel(1), channel(1));
    to_a.try_send(()).expect("an empty channel has room");
    spawn(tasks, how, pass(at_a, to_b, balls));
    spawn(tasks, how, pass(at_b, to_a, balls));
}

async fn pass(mut from: Receiver<()>, to: Sender<()>, balls: u64) {
    for _ in 0..balls {
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

/// Returns the CPU nanoseconds for `reads` readings of the time-stamp counter, on `threads` threads at once.
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
    let figures = printed(&[&this_program(), "sleepers", how, &SLEEPERS.to_string()]);
    figures.and_then(|figures| figures.try_into().ok()).expect("it prints three numbers")
}

/// Sleeps in `count` tasks and prints the wall and CPU time in seconds and the peak memory in bytes.
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
    println!("{wall} {} {}", cpu_seconds(), proc::peak().unwrap_or(0));
}

/// Returns the CPU time of all threads of this process that are alive, in nanoseconds.
fn cpu_nanos() -> f64 {
    threads("self").map(thread_cpu_nanos).sum()
}
