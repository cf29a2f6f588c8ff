//! What the program costs around the recording: starting, running faithfully, folding, saving and drawing.
//!
//! `cargo bench --bench program` prints the tables in `README.md` beside this file. Each figure stands beside a floor
//! or a peer of the same run; runs are interleaved, and each figure is a median. Measurements that need a process of
//! their own (starting, memory) run this bench again, or asyncguide, or an interpreter if the machine has one.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod common;

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use asyncguide::Observe;
use asyncguide::machine::proc;
use asyncguide::record::Recorder;
use asyncguide::session::{Flavor, Runtime};
use asyncguide::style::Style;
use asyncguide::trace::{Builder, Clock, RunInputs, Trace};
use asyncguide::{render, session};
use tokio::task::JoinSet;

use self::common::{middle, printed, this_program};

const STARTS: usize = 101;
const ONE_THREAD: Runtime = Runtime { flavor: Flavor::CurrentThread, workers: 1 };
/// How long each of the sleeping tasks sleeps.
const SLEEP: Duration = Duration::from_secs(1);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["floor"] => start_a_runtime(),
        ["gather", how, count] => println!("{}", gather(how == "observed", count.parse().expect("a number"))),
        ["recording", count] => fold_measure_draw(count.parse().expect("a number")),
        _ => {
            starting();
            fidelity();
            recordings();
        }
    }
}

/// Does the least that a program like asyncguide can do: parses a command line and builds a runtime.
fn start_a_runtime() {
    let command = clap::Command::new("floor").subcommand(clap::Command::new("floor"));
    let _ = black_box(command.get_matches_from(["floor", "floor"]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    drop(black_box(runtime));
}

fn starting() {
    println!("starting, milliseconds\n");
    let (this, own, python) = (this_program(), env!("CARGO_BIN_EXE_asyncguide"), python());
    let (floor, version, list) = ([this.as_str(), "floor"], [own, "--version"], [own, "list"]);
    let [floor, version, list] = walls([&floor, &version, &list]);
    // Not in turn with the others: it empties the processor's caches, which would slow down the command after it.
    let [import] = walls([&[&python, "-I", "-c", "import asyncio"]]);
    for (name, wall) in [
        ("clap and a runtime", floor),
        ("asyncguide --version", version),
        ("asyncguide list", list),
        ("python3 -I -c 'import asyncio'", import),
    ] {
        println!("{name:34}{:>8.2}{:>8.2} x", wall * 1e3, wall / floor);
    }
    println!("Python to asyncguide --version: {:.0} x", import / version);
}

/// Returns the median seconds of each command. The commands take turns.
fn walls<const N: usize>(commands: [&[&str]; N]) -> [f64; N] {
    let mut walls = [const { Vec::new() }; N];
    for _ in 0..STARTS {
        for (walls, command) in walls.iter_mut().zip(commands) {
            walls.push(wall(command));
        }
    }
    walls.map(middle)
}

/// Returns the path of Python's interpreter itself: `python3` may be a script that looks for the interpreter first.
fn python() -> String {
    let ran = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let path = ran.ok().and_then(|ran| String::from_utf8(ran.stdout).ok()).unwrap_or_default();
    if path.trim().is_empty() { "python3".to_owned() } else { path.trim().to_owned() }
}

/// Returns the seconds that a command takes as a whole process, or infinity if it fails or does not exist.
fn wall(command: &[&str]) -> f64 {
    let began = Instant::now();
    let ran = Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if ran.is_ok_and(|status| status.success()) { began.elapsed().as_secs_f64() } else { f64::INFINITY }
}

const PYTHON: &str = "\
import asyncio, sys, time
async def main(n):
    start = time.perf_counter()
    await asyncio.gather(*(asyncio.sleep(1) for _ in range(n)))
    print(time.perf_counter() - start - 1)
asyncio.run(main(int(sys.argv[1])))";

const NODE: &str = "\
const sleep = () => new Promise(done => setTimeout(done, 1000));
const start = performance.now();
Promise.all(Array.from({ length: Number(process.argv[1]) }, sleep))
  .then(() => console.log((performance.now() - start) / 1000 - 1));";

fn fidelity() {
    println!("\ngather of so many sleeps of a second: the wall beyond that second, milliseconds\n");
    println!("{:>12}{:>12}{:>12}{:>10}{:>12}{:>12}", "", "plain tokio", "observed", "ratio", "asyncio", "Node");
    let this = this_program();
    for (count, rounds) in [(2, 9), (10_000, 7), (100_000, 5), (1_000_000, 3)] {
        let count = count.to_string();
        let commands = [
            vec![this.as_str(), "gather", "plain", &count],
            vec![this.as_str(), "gather", "observed", &count],
            vec!["python3", "-I", "-c", PYTHON, &count],
            vec!["node", "-e", NODE, &count],
        ];
        let mut beyond = [const { Vec::new() }; 4];
        for _ in 0..rounds {
            for (beyond, command) in beyond.iter_mut().zip(&commands) {
                beyond.push(printed(command).map_or(f64::NAN, |figures| figures[0]));
            }
        }
        let [plain, observed, python, node] = beyond.map(middle);
        let ratio = (SLEEP.as_secs_f64() + observed) / (SLEEP.as_secs_f64() + plain);
        let [plain, observed, python, node] = [plain, observed, python, node].map(|seconds| seconds * 1e3);
        println!("{count:>12}{plain:>12.1}{observed:>12.1}{ratio:>9.2}x{python:>12.1}{node:>12.1}");
    }
    println!("ratio: observed to plain, the second included");
}

/// Returns the wall beyond the sleep, in seconds. Both ways do the same work on the same kind of runtime; observed, it
/// is the wall that a lesson would show.
fn gather(observed: bool, count: usize) -> f64 {
    let all = move || async move {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            match observed {
                true => tasks.spawn(tokio::time::sleep(SLEEP).observe("nap")),
                false => tasks.spawn(tokio::time::sleep(SLEEP)),
            };
        }
        tasks.join_all().await;
    };
    let wall = if observed {
        let recording = session::record(ONE_THREAD, Clock::Real, all).expect("a thread and a runtime");
        Duration::from(recording.trace.wall)
    } else {
        let plain = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let began = Instant::now();
            runtime.block_on(all());
            began.elapsed()
        };
        // As a scene has a thread of its own: to others than the main one the allocator is a little slower.
        thread::spawn(plain).join().expect("it ends")
    };
    (wall - SLEEP).as_secs_f64()
}

fn recordings() {
    println!("\na recording of so many tasks: seconds, megabytes, and bytes of JSON a task\n");
    let columns = ["fold", "measure", "scan", "draw", "save", "open", "recorded MB", "+ MB", "bytes/task"];
    println!("{:>12}{}", "", columns.map(|column| format!("{column:>12}")).concat());
    let this = this_program();
    for count in ["10000", "100000", "1000000"] {
        let runs: Vec<Vec<f64>> = (0..3).filter_map(|_| printed(&[&this, "recording", count])).collect();
        let figures: [f64; 11] = std::array::from_fn(|index| middle(runs.iter().map(|run| run[index]).collect()));
        let [fold, measure, scan, draw, save, open, save_value, open_value, held, took, bytes] = figures;
        let seconds = [fold, measure, scan, draw, save, open].map(|seconds| format!("{seconds:>12.3}")).concat();
        println!("{count:>12}{seconds}{held:>12.0}{took:>12.0}{bytes:>12.0}");
        println!("{:>12}{:>48}{save_value:>12.3}{open_value:>12.3}", "", "serde_json");
    }
    println!("scan: all tasks looked at once");
    println!("serde_json: the same bytes from and to a serde_json::Value");
}

/// Prints the seconds to fold, measure, scan, draw, save and open a recording of so many tasks, then those of serde_json to
/// write and read the same bytes, then the megabytes that the recording held, those that folding, measuring and drawing
/// it took beside that, and the bytes of the file a task.
fn fold_measure_draw(count: usize) {
    let recorder = Recorder::new(Clock::Real);
    recorder.attach();
    recorder.start();
    sleep_by_hand(count);
    let (wall, held) = (recorder.now(), recorder.bytes_held() as f64 / MEGABYTE);
    let before = Memory::mark();
    let (fold, scene) = timed(|| {
        let mut builder = Builder::new();
        recorder.reader().read_into(&mut builder);
        builder.finish(wall)
    });
    drop(recorder);
    let (measure, _) = timed(|| black_box((scene.task_time(), scene.overlap(), scene.busy(), scene.stall())));
    let (scan, _) = timed(|| {
        let times = scene.tasks.iter().map(|task| task.created.0 ^ task.ended.unwrap_or_default().0);
        times.fold(0, |all, one| black_box(all ^ one))
    });
    let style = Style { width: 80, color: false, unicode: true };
    let (draw, _) = timed(|| black_box(render::timeline(&scene, scene.wall, &style).len()));
    let took = before.peak();
    let mut trace = Trace::new("bench", Clock::Real, RunInputs { tasks: count, delay: SLEEP.into() });
    trace.scenes.push(scene);
    let (save, json) = timed(|| {
        let mut json = Vec::new();
        trace.write_json(&mut json).expect("memory can be written");
        json
    });
    drop(trace);
    let (open, _) = timed(|| black_box(Trace::from_json(&json).expect("it is a trace")).scenes.len());
    let (open_value, value) = timed(|| serde_json::from_slice::<serde_json::Value>(&json).expect("it is JSON"));
    let (save_value, _) = timed(|| black_box(serde_json::to_vec(&value).expect("memory can be written")).len());
    let bytes = json.len() as f64 / count as f64;
    println!("{fold} {measure} {scan} {draw} {save} {open} {save_value} {open_value} {held} {took} {bytes}");
}

/// Does to so many observed tasks what a runtime does to tasks that sleep, without the memory that its own would take:
/// creates and polls all of them, then wakes and polls each again.
fn sleep_by_hand(count: usize) {
    let mut context = Context::from_waker(Waker::noop());
    let nap = |_| {
        let mut over = false;
        let nap = poll_fn(move |context| match std::mem::replace(&mut over, true) {
            true => Poll::Ready(()),
            false => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        });
        nap.observe("nap")
    };
    let mut naps: Vec<_> = (0..count).map(nap).collect();
    for _ in 0..2 {
        for nap in &mut naps {
            let _ = Pin::new(nap).poll(&mut context);
        }
    }
}

const MEGABYTE: f64 = 1024.0 * 1024.0;

/// The resident memory of this process at one moment, in megabytes: growth is measured from it.
struct Memory(f64);

impl Memory {
    fn mark() -> Self {
        proc::forget_peak();
        Memory(megabytes(proc::resident()))
    }

    fn peak(&self) -> f64 {
        megabytes(proc::peak()) - self.0
    }
}

fn megabytes(bytes: Option<u64>) -> f64 {
    bytes.unwrap_or(0) as f64 / MEGABYTE
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed().as_secs_f64(), done)
}
