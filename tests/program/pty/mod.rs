//! The program in a real pseudo-terminal, whose screen is read back as a person would see it. Read `terminal.rs` first.

mod input;
mod live;
mod panics;
mod question;
mod replay;
mod signals;
mod size;
mod smooth;
mod step;
mod storm;
mod terminal;
mod tour;
mod walk;

pub(crate) use self::terminal::*;
