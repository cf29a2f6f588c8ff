//! The library through its public API: what a program with lessons of its own can rely on.
//!
//! One binary, so that it is linked once. The lessons are mounted as the program mounts them, since their claims are
//! to be seen failing.

#[path = "../../lessons/mod.rs"]
mod lessons;

mod alike;
mod arbitrary;
mod arranged;
mod axis;
mod claims;
#[cfg(unix)]
mod command;
mod contradictions;
mod figures;
mod findings;
mod guide;
mod held;
mod here;
mod hog;
mod json;
mod measures;
mod outcomes;
mod questions;
mod recording;
mod rows;
mod serve;
mod spans;
mod states;
mod stream;
mod stretches;
mod support;
mod threads;
mod twin;
mod usage;
mod virtual_clock;
mod wakes;
