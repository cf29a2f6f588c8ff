//! What is known of the program and of a recording before it begins.

use std::ffi::OsString;
use std::num::NonZero;
use std::panic::Location;
use std::path::Path;
use std::{env, process, thread};

use crate::machine::monotonic;
use crate::session::runtime_here;
use crate::trace::{Clock, Nanos, ProcessInfo, RunInputs, RuntimeInfo, SceneStart, Trace, source_path};

/// The most words of the program's command that are kept, and the most characters of each.
const WORDS: usize = 64;
const LETTERS: usize = 200;

/// Returns a trace of this process, without scenes yet.
pub(super) fn describe_program() -> Trace {
    let cut = |word: OsString| word.to_string_lossy().chars().take(LETTERS).collect::<String>();
    let command: Vec<String> = env::args_os().take(WORDS).map(cut).collect();
    let program = command.first().map(Path::new).and_then(Path::file_stem);
    let name = program.map_or_else(|| "program".to_owned(), |name| name.to_string_lossy().into_owned());
    #[cfg(unix)]
    let parent = Some(std::os::unix::process::parent_id());
    #[cfg(not(unix))]
    let parent = None;
    let folder = env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    let inputs = RunInputs { tasks: 0, delay: Nanos::ZERO };
    let process = ProcessInfo { pid: process::id(), parent, command, folder };
    Trace { process: Some(process), ..Trace::new(name, Clock::Real, inputs) }
}

/// Returns what is known of the recording when it begins. It is called after its thread: a test runs on a thread with the
/// name of the test.
pub(super) fn describe_scene(caller: &Location<'_>) -> SceneStart {
    let thread = thread::current();
    let (scene, title) = match thread.name() {
        None | Some("main") => ("main", "main()"),
        Some(name) => (name, name),
    };
    SceneStart {
        scene: scene.to_owned(),
        title: title.to_owned(),
        file: source_path(caller.file()),
        language: None,
        runtime: runtime_here().unwrap_or_else(unknown_runtime),
        helpers: Vec::new(),
        started: monotonic(),
    }
}

/// Describes a runtime that is built later, or none at all. Of several workers nothing is said that might be wrong: a
/// single thread would be said to be held by each long poll.
fn unknown_runtime() -> RuntimeInfo {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    RuntimeInfo { flavor: "multi_thread".to_owned(), workers: cores.max(2), ..RuntimeInfo::default() }
}
