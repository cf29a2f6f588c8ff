//! Tests of the program through its front door: what people, pipes and files get to see of it.
//!
//! The name of a test says what the test proves. A code in front of it, such as `p6_` or `s3_`, names the statement in
//! `docs/behaviour.md` that the test proves a part of; that page lists the tests of each statement. `program.rs` runs
//! asyncguide and `fixture`, a program of lessons that misbehave (`tests/fixture`). Exact figures come from the virtual
//! clock. On the real clock tests assert only relations, and no test waits for a fixed time.

mod browsed;
mod browser;
mod colour;
mod commands;
mod compare;
mod examples;
mod formats;
#[cfg(unix)]
mod gateways;
mod house;
mod json;
mod misbehaving;
mod outside;
mod page;
mod pictures;
mod program;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod pty_input;
#[cfg(unix)]
mod pty_live;
#[cfg(unix)]
mod pty_panics;
#[cfg(unix)]
mod pty_question;
#[cfg(unix)]
mod pty_replay;
#[cfg(unix)]
mod pty_signals;
#[cfg(unix)]
mod pty_size;
#[cfg(unix)]
mod pty_smooth;
#[cfg(unix)]
mod pty_step;
#[cfg(unix)]
mod pty_tour;
#[cfg(unix)]
mod push;
#[cfg(unix)]
mod push_page;
mod read_back;
mod replay;
mod save;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod serving;
mod shells;
mod stdin;
mod streams;
mod tour;
mod twins;
#[cfg(unix)]
mod websocket;
#[cfg(unix)]
mod websocket_page;
