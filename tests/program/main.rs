//! Tests of the program through its front door: what people, pipes and files get to see of it.
//!
//! The name of a test says what the test proves. A code in front of it, such as `p6_` or `s3_`, names the statement in
//! `docs/behaviour.md` that the test proves a part of; that page lists the tests of each statement. `program.rs` runs
//! asyncguide and `fixture`, a program of lessons that misbehave (`tests/fixture`). Exact figures come from the virtual
//! clock. On the real clock tests assert only relations, and no test waits for a fixed time.

mod characters;
mod colour;
mod commands;
mod compare;
mod environment;
mod examples;
#[cfg(unix)]
mod exercise;
#[cfg(unix)]
mod folders;
mod formats;
mod fuzz;
#[path = "../fuzz/mod.rs"]
mod fuzzing;
mod guarded;
mod house;
mod json;
mod misbehaving;
#[cfg(unix)]
mod net;
mod node;
mod outside;
mod page;
mod places;
mod program;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod python;
mod read_back;
#[cfg(unix)]
mod refused;
mod replay;
mod save;
mod shells;
mod site;
mod stdin;
mod streams;
mod tour;
mod twins;
#[cfg(unix)]
mod watch;
mod web;
