//! What the live picture takes of a core while ten thousand tasks sleep, beside indicatif by itself.
//!
//! `cargo bench --bench picture` prints the table in `README.md` beside this file. Each program runs in a terminal of
//! its own. The system says what the program's thread called `picture` took, from the moment when all tasks have begun
//! to the end of the thread. Only Linux says so.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod common;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use self::common::{figure, middle, this_program, thread_cpu_nanos, threads};

const ROUNDS: usize = 5;
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;
/// How long the tasks sleep and the bars grow.
const SHOWN: Duration = Duration::from_secs(8);
/// How long after the first frame the measurement begins: ten thousand tasks that begin cost more than a frame.
const BEGINNING: Duration = Duration::from_secs(1);
/// The frame rate for which the cost is extrapolated, in frames a second.
const RATE: u32 = 15;
/// The interval at which a thread's account is read. What the thread does after the last reading is not counted.
const LOOK: Duration = Duration::from_millis(20);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["bars", count] => draw_bars(count.parse().expect("a number")),
        _ if !cfg!(target_os = "linux") => println!("this system does not tell what a thread takes"),
        _ => pictures(),
    }
}

fn pictures() {
    let (this, own) = (this_program(), env!("CARGO_BIN_EXE_asyncguide"));
    let delay = format!("{}s", SHOWN.as_secs());
    let lesson = |tasks| vec![own, "lesson", "idle", "--no-predict", "--tasks", tasks, "--delay", &delay];
    let rows = (ROWS - 2).to_string();
    let commands: [(&str, Vec<&str>); 4] = [
        ("asyncguide, 10,000 tasks", lesson("10000")),
        ("asyncguide, 8 tasks", lesson("8")),
        ("indicatif, the bars that fit", vec![&this, "bars", &rows]),
        ("indicatif, 1,000 bars", vec![&this, "bars", "1000"]),
    ];
    let mut seen = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (seen, (_, command)) in seen.iter_mut().zip(&commands) {
            seen.push(picture(command));
        }
    }
    println!("what the thread that draws takes\n");
    println!("{:30}{:>12}{:>14}{:>16}{:>20}", "", "frames/s", "% of a core", "microseconds", "% at 15 frames/s");
    for (seen, (name, _)) in seen.into_iter().zip(&commands) {
        let column = |of: fn(&Picture) -> f64| middle(seen.iter().map(of).collect());
        let (rate, share) =
            (column(|picture| picture.frames / picture.wall), column(|picture| picture.cpu / picture.wall));
        let each = column(|picture| picture.cpu / picture.frames);
        let full = each * f64::from(RATE);
        println!("{name:30}{rate:>12.1}{:>14.2}{:>16.0}{:>20.2}", share * 100.0, each * 1e6, full * 100.0);
    }
    println!("a frame: each time that the thread has slept");
}

/// The wall and CPU time of a thread in seconds, and the frames that it drew.
struct Picture {
    wall: f64,
    cpu: f64,
    frames: f64,
}

/// Runs a command in a terminal until its first thread called `picture` is gone.
fn picture(command: &[&str]) -> Picture {
    let mut child = in_a_terminal(command);
    let process = child.process_id().expect("it runs").to_string();
    let thread = wait_for(|| threads(&process).find(|thread: &PathBuf| name(thread) == "picture"));
    thread::sleep(BEGINNING);
    let began = Instant::now();
    let so_far = || Picture {
        wall: began.elapsed().as_secs_f64(),
        cpu: thread_cpu_nanos(&thread) / 1e9,
        frames: figure(thread.join("status"), "voluntary_ctxt_switches:"),
    };
    let (first, mut last) = (so_far(), so_far());
    while name(&thread) == "picture" {
        // It may end between any two readings.
        last = Some(so_far()).filter(|now| now.cpu > 0.0 && now.frames > 0.0).unwrap_or(last);
        thread::sleep(LOOK);
    }
    child.kill().expect("it is there");
    let _ = child.wait();
    Picture { wall: last.wall - first.wall, cpu: last.cpu - first.cpu, frames: last.frames - first.frames }
}

fn name(thread: &Path) -> String {
    std::fs::read_to_string(thread.join("comm")).unwrap_or_default().trim().to_owned()
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "it draws nothing");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Starts a command in a terminal of its own, and reads and drops what it shows.
fn in_a_terminal(command: &[&str]) -> Box<dyn Child + Send + Sync> {
    let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("there are terminals to be had");
    let mut program = CommandBuilder::new(command[0]);
    program.args(&command[1..]);
    program.env("TERM", "xterm-256color");
    let child = pair.slave.spawn_command(program).expect("it can be started");
    let mut screen = pair.master.try_clone_reader().expect("it can be read");
    let master = pair.master;
    thread::spawn(move || {
        // The terminal stays open until the program has closed its end.
        let _master = master;
        let mut bytes = [0; 4096];
        while screen.read(&mut bytes).is_ok_and(|read| read > 0) {}
    });
    child
}

/// Draws `count` bars, all of which grow with each frame.
fn draw_bars(count: u64) {
    let drawing = move || {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(RATE as u8));
        let bar_style = ProgressStyle::with_template("{prefix} {bar:50} {pos}").expect("it is a template");
        let bar = |n| bars.add(ProgressBar::new(100).with_style(bar_style.clone()).with_prefix(format!("task {n:5}")));
        let all: Vec<_> = (0..count).map(bar).collect();
        let began = Instant::now();
        while began.elapsed() < SHOWN {
            all.iter().for_each(|bar| bar.inc(1));
            thread::sleep(Duration::from_secs(1) / RATE);
        }
    };
    let drawing = thread::Builder::new().name("picture".to_owned()).spawn(drawing).expect("a thread");
    drawing.join().expect("it only draws");
}
