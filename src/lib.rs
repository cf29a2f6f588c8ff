//! Learn concurrency by watching it: lessons that run real tokio code, and a picture of what every task did with
//! every moment.
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
//! - [`lesson`] is the contract that a lesson fulfils; [`session`] runs one of its scenes under the recorder.
//! - [`observe`] gives a future, a thread or a call its lane; [`record`] is where the stamps go.
//! - [`trace`] is the recording as data, with its measures: every picture, file and claim is made from it alone.
//! - [`chart`] turns a trace into lanes and cells; [`render`] and `live` put them on a [`page`].
//! - `term` is the one place that knows the terminal, `keys` its keyboard key by key; `stdio` is what a scene reads and
//!   prints, [`serve`] what it serves.
//! - `cli` and `commands` are the program; [`run`] is its front door.
//!
//! The library knows no lesson: `main.rs` hands it a syllabus. `examples/own_lesson` is a program with one of its
//! own. Start reading at [`lesson`], then `session.rs`.

pub mod chart;
pub mod lesson;
pub mod machine;
pub mod observe;
pub mod page;
pub mod record;
pub mod render;
pub mod serve;
pub mod session;
pub mod trace;

mod cli;
mod commands;
mod compare;
mod keys;
mod live;
mod signals;
mod stdio;
mod term;

pub use commands::run;
pub use lesson::Inputs;
pub use observe::{Observe, observe_call, observe_thread};
pub use stdio::{InputLines, LineWriter};

/// The code in `README.md` is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
