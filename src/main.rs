//! The program: the library's front door, with this project's own lessons and exercises behind it.

use std::process::ExitCode;

#[path = "../exercises/mod.rs"]
mod exercises;
#[path = "../lessons/mod.rs"]
mod lessons;

fn main() -> ExitCode {
    asyncguide::run_course(lessons::SYLLABUS, exercises::EXERCISES)
}
