//! The program: the library's front door, with this project's own lessons behind it.

use std::process::ExitCode;

#[path = "../lessons/mod.rs"]
mod lessons;

fn main() -> ExitCode {
    asyncguide::run(lessons::SYLLABUS)
}
