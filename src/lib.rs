//! Learn concurrency by watching it: lessons that run real tokio code, and a picture of what every task did with
//! every moment.
//!
//! The program runs lessons. The library behind it also records other code: it stamps each poll and each wake of the
//! tasks that are observed, makes a [`Trace`](trace::Trace) of that, and draws it. Use it to see what your own tasks do
//! with their time, to assert in a test that work overlaps, or to write lessons of your own.
//!
//! # Your own program
//!
//! One line in `main` records a program when the environment asks for it: see [`watch()`].
//!
//! ```
//! use asyncguide::Observe;
//!
//! #[tokio::main]
//! async fn main() {
//!     let _guide = asyncguide::watch();
//!     tokio::spawn(async { 42 }.observe("answer")).await.unwrap();
//! }
//! ```
//!
//! `ASYNCGUIDE_SAVE=run.json cargo run` saves it, and `asyncguide watch -- cargo run` draws it.
//!
//! # A part of your own code
//!
//! [`Observe::observe`] gives a future a lane, and [`session::record_here`] records what is observed while it awaits a
//! future. This program is `examples/own_code`:
//!
//! ```
//! use std::time::Duration;
//!
//! use asyncguide::style::Style;
//! use asyncguide::{Observe, render, session};
//! use tokio::time::sleep;
//!
//! #[tokio::main]
//! async fn main() {
//!     let nap = Duration::from_millis(200);
//!     let naps = async { tokio::join!(sleep(nap).observe("A"), sleep(2 * nap).observe("B")) };
//!     let recording = session::record_here(naps).await;
//!     print!("{}", render::timeline(&recording.trace, recording.trace.wall, &Style::plain(80)));
//! }
//! ```
//!
//! # Features
//!
//! - `program` (on by default): the program with its subcommands, lessons, servers and all formats. Without it, the
//!   crate observes, records and draws a timeline, and needs about 35 crates instead of 150.
//! - `signals` (on with `program`): [`watch()`] saves its recording at Ctrl-C and SIGTERM, too.
//! - `virtual-clock` (on with `program`): [`session::record`] on tokio's paused clock. It turns on tokio's `test-util`.
//!
//! # The map
//!
//! Data flows one way, from the run to the picture:
//!
//! ```text
//! lesson ──► session ──► observe, record ──► trace ──► chart ──► render, live
//! (what runs)  (runtime,    (stamps in a       (data,     (lanes,     (text, svg, html, …;
//!              clock)       log per thread)    figures)   cells)      growing bars)
//! ```
//!
//! - [`lesson`] is the contract that a lesson fulfils; [`session`] runs a scene under the recorder.
//! - [`exercise`](mod@exercise) is a Python file that a learner changes, and its judge.
//! - [`observe`] gives a future, a thread or a call its lane; [`record`] is where the stamps go.
//! - [`trace`] is the recording as data, with its measures: every picture, file and claim is made from it alone.
//! - The module `watch` plays back recordings that come from elsewhere; `guide` is the function [`watch()`].
//! - [`chart`] turns a trace into lanes and cells; [`render`] and `live` put them on a [`style`]; [`units`] writes figures.
//! - `run` is a run from its introduction to its report; `compare` times the same work in several ways.
//! - `refusals` tells of threads and descriptors that the system refuses, `leftovers` knows what must not
//!   outlast this process: temporary files, and programs that it has started.
//! - `term` is the one place that knows the terminal, its keyboard and signals; `stdio` is what a scene reads and
//!   prints, [`serve`] what it serves; [`machine`] is what the machine can show.
//! - `commands` is the program, a file for each subcommand; [`run()`] is its front door.
//!
//! The library knows no lesson: `main.rs` hands it a syllabus. `examples/own_lesson` is a program with one of its
//! own. Start reading at [`lesson`], then `session.rs`.

// Items that only the program uses and links that only it has are not worth a condition each.
#![cfg_attr(not(feature = "program"), allow(dead_code, rustdoc::broken_intra_doc_links))]

pub mod chart;
#[cfg(feature = "program")]
#[cfg_attr(not(unix), allow(dead_code, reason = "no exercise can be judged there yet"))]
pub mod exercise;
#[cfg(feature = "program")]
pub mod finding;
mod guide;
mod leftovers;
#[cfg(feature = "program")]
pub mod lesson;
pub mod machine;
mod nanos;
pub mod observe;
mod place;
pub mod record;
mod refusals;
pub mod render;
#[cfg(feature = "program")]
pub mod serve;
pub mod session;
pub mod style;
pub mod trace;
pub mod units;

#[cfg(feature = "program")]
mod commands;
#[cfg(feature = "program")]
mod compare;
#[cfg(feature = "program")]
mod live;
#[cfg(feature = "program")]
mod run;
#[cfg(feature = "program")]
mod stdio;
#[cfg(feature = "program")]
mod term;
#[cfg(feature = "program")]
mod watch;

#[cfg(feature = "program")]
pub use commands::{run, run_course};
pub use guide::{Guide, watch};
#[cfg(feature = "program")]
pub use lesson::Inputs;
pub use observe::{Observe, observe_call, observe_thread};
pub use record::layer;
#[cfg(feature = "program")]
pub use stdio::{InputLines, LineWriter};

/// The code in `README.md` is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
