//! Records a program of somebody's own from a guard in its `main`, if the environment asks for it.
//!
//! The guard owns a recorder that is open to all threads. `stream.rs` writes what happens as it happens, `save.rs` the
//! whole recording at the end. May be used with and without the feature `program`. Read `record/attach.rs` next for which
//! threads are recorded.

mod save;
mod stream;

use std::ffi::OsString;
use std::io::Write as _;
use std::num::NonZero;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, process, thread};

use self::save::Target;
use self::stream::Stream;
use crate::machine::monotonic;
use crate::record::{Attachment, Recorder};
use crate::session::runtime_here;
use crate::style::Style;
use crate::trace::{
    Builder, Clock, Event, Nanos, Outcome, ProcessInfo, RunInputs, RuntimeInfo, SceneEnd, SceneStart, Trace,
    source_path,
};

/// The file that the recording is saved to.
const SAVE: &str = "ASYNCGUIDE_SAVE";
/// Where the recording is written while it grows: `unix:` and the path of a socket, or a file.
const WATCH: &str = "ASYNCGUIDE_WATCH";

/// The folder in which a program that is watched shows which polls are under way.
const RUNNING: &str = "ASYNCGUIDE_WATCH_RUNNING";

/// The most words of the program's command that are kept, and the most characters of each.
const WORDS: usize = 64;
const LETTERS: usize = 200;

/// How many guards of this process have recorded so far.
static GUARDS: AtomicUsize = AtomicUsize::new(0);

/// Records the program until the guard is dropped, if the environment asks for it. Otherwise does nothing at all.
///
/// ```
/// use asyncguide::Observe;
///
/// #[tokio::main]
/// async fn main() {
///     let _guide = asyncguide::watch();
///     tokio::spawn(async { 42 }.observe("answer")).await.unwrap();
/// }
/// ```
///
/// Lanes come from [`Observe::observe`](crate::Observe::observe), [`observe_thread`](crate::observe_thread),
/// [`observe_call`](crate::observe_call) and, with [`layer`](crate::layer()), from spans of `tracing`. They are recorded on
/// every thread and under every executor. What [`session`](crate::session) records meanwhile goes to its own recording.
///
/// - `ASYNCGUIDE_SAVE=run.html` saves the recording when the guard is dropped, also when a panic drops it. The ending
///   names the format: one of those of `asyncguide lesson --save`, or without the feature `program` `.json`, `.jsonl` or
///   `.txt`. The second guard of a process saves to `run-2.html`, and so on.
/// - `ASYNCGUIDE_WATCH=unix:PATH` or a file gets the event stream while the program runs. `asyncguide watch -- COMMAND` sets
///   it, so it draws programs that call this.
///
/// What goes wrong is said on standard error and changes nothing for the program. A program that ends without dropping
/// the guard, such as by [`std::process::exit`] or a signal, saves nothing; the stream has what happened until then.
///
/// Several guards may live at once, as in tests that run in parallel: each records the thread that made it, and the last
/// one the threads that made none. `tracing` is recorded only if the program installs [`layer`](crate::layer()).
#[track_caller]
pub fn watch() -> Guide {
    let (save, stream) = (variable(SAVE), variable(WATCH));
    if save.is_none() && stream.is_none() {
        return Guide { recording: None };
    }
    Guide { recording: Recording::start(save, stream, Location::caller()) }
}

/// A guard that records the program until it is dropped; made by [`watch`].
#[derive(Debug)]
#[must_use = "the recording ends when the guard is dropped: `let _guide = asyncguide::watch();`"]
pub struct Guide {
    /// None if the environment does not ask for a recording.
    recording: Option<Recording>,
}

impl Drop for Guide {
    fn drop(&mut self) {
        if let Some(recording) = self.recording.take() {
            recording.end();
        }
    }
}

#[derive(Debug)]
struct Recording {
    recorder: Recorder,
    /// Keeps the thread that made the guard from recording for another guard.
    _attachment: Attachment,
    run: Trace,
    start: SceneStart,
    target: Option<Target>,
    stream: Option<Stream>,
}

impl Recording {
    /// Starts to record, to be saved to the file `save` and streamed to `stream`. `caller` is where the guard is made.
    /// Returns none if neither can be written; that is said.
    fn start(save: Option<OsString>, stream: Option<OsString>, caller: &Location<'_>) -> Option<Recording> {
        let number = GUARDS.fetch_add(1, Ordering::Relaxed) + 1;
        let target = save.and_then(|path| {
            let path = numbered(Path::new(&path), number);
            Target::check(&path).map_err(|error| say(&error)).ok()
        });
        let run = describe_program();
        let start = describe_scene(caller);
        let recorder = Recorder::new(Clock::Real);
        recorder.start();
        let attachment = recorder.attach_for_poll();
        recorder.open_to_all();
        let stream = stream.and_then(|place| {
            let head = [run.run_start(), Event::Scene(Box::new(start.clone()))];
            let running = variable(RUNNING).map(PathBuf::from);
            let opened = Stream::open(&place, running.as_deref(), head, recorder.reader());
            opened.map_err(|error| say(&format!("cannot stream to {}: {error}", Path::new(&place).display()))).ok()
        });
        if target.is_none() && stream.is_none() {
            recorder.stop();
            return None;
        }
        Some(Recording { recorder, _attachment: attachment, run, start, target, stream })
    }

    /// Ends the recording and saves it.
    fn end(self) {
        let wall = self.recorder.now();
        let outcome = match thread::panicking() {
            true => Outcome::Panicked { message: "its message is on standard error".to_owned() },
            false => Outcome::Done,
        };
        let end = SceneEnd { wall, outcome };
        self.recorder.stop();
        if let Some(stream) = self.stream
            && let Err(error) = stream.end(end.clone())
        {
            say(&format!("the recording was not streamed to its end: {error}"));
        }
        if !self.recorder.has_lanes() {
            say("no lane was recorded: nothing was observed; .observe(\"name\") gives a future a lane");
        }
        let Some(target) = self.target else { return };
        let mut reader = self.recorder.reader();
        let mut builder = Builder::new();
        reader.read_rest_into(&mut builder);
        let mut run = self.run;
        run.scenes.push(builder.finish_as(self.start, end.wall, end.outcome, &reader.running()));
        if let Err(error) = target.save(&run) {
            say(&error);
        }
    }
}

/// Returns what the environment says; none if the variable is empty.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns a trace of this process, without scenes yet.
fn describe_program() -> Trace {
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
fn describe_scene(caller: &Location<'_>) -> SceneStart {
    let thread = thread::current();
    let (scene, title) = match thread.name() {
        None | Some("main") => ("main", "main()"),
        Some(name) => (name, name),
    };
    SceneStart {
        scene: scene.to_owned(),
        title: title.to_owned(),
        file: source_path(caller.file()),
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

/// Returns the path for the guard with this number, from 1: `run.json`, `run-2.json`. A device or a pipe keeps its name.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return path.to_owned() };
    if number < 2 || is_stream(path) {
        return path.to_owned();
    }
    // A format's ending may have a dot within, and a hidden file's name begins with one.
    let dot = name.char_indices().skip(1).find(|(_, letter)| *letter == '.').map_or(name.len(), |(dot, _)| dot);
    let (stem, ending) = name.split_at(dot);
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

/// Returns whether `path` is a pipe, a terminal or a device. So is /dev/stdout if the shell made a file of it: replacing
/// that file would cut the program off from its own standard output.
fn is_stream(path: &Path) -> bool {
    let in_device_folder = path.starts_with("/dev") || path.starts_with("/proc");
    fs::metadata(path).is_ok_and(|found| !found.is_dir() && (in_device_folder || !found.is_file()))
}

/// Says what is wrong, in a line on standard error.
fn say(what: &str) {
    let line = Style::plain(80).line(what);
    // There is nowhere left to report that it cannot be said.
    let _ = writeln!(io::stderr().lock(), "asyncguide: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_guard_of_a_process_has_a_file_of_its_own() {
        let path = |path: &str, number| numbered(Path::new(path), number).to_string_lossy().replace('\\', "/");
        assert_eq!(path("a/run.json", 1), "a/run.json");
        assert_eq!(path("a.b/run.trace.json", 2), "a.b/run-2.trace.json");
        assert_eq!((path(".run.html", 12), path("run", 3)), (".run-12.html".to_owned(), "run-3".to_owned()));
    }

    #[test]
    #[cfg(unix)]
    fn a_device_keeps_its_name() {
        assert_eq!(numbered(Path::new("/dev/null"), 2), Path::new("/dev/null"));
    }
}
