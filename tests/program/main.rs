//! The program through its front door: what people, pipes and files get to see of it.
//!
//! Each test is named after what it proves; a code such as P6 or S3 is that of the statement in the project's list of
//! what people expect of a command-line program. `program.rs` runs asyncguide and `fixture`, a program of lessons that
//! misbehave (`tests/fixture`). Exact figures come from the virtual clock; on the real one only relations are asserted,
//! and nothing waits for a fixed time.

mod colour;
mod commands;
mod compare;
mod examples;
mod formats;
mod house;
mod json;
mod misbehaving;
#[cfg(unix)]
mod net;
mod outside;
mod page;
mod program;
#[cfg(unix)]
mod pty;
mod read_back;
mod replay;
mod save;
mod shells;
mod stdin;
mod streams;
mod tour;
mod twins;
mod web;
