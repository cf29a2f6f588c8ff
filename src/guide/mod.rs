//! Records a program of somebody's own from a guard in its `main`, if the environment asks for it.
//!
//! The guard owns a recorder that is open to all threads. `stream.rs` reads what happens as it happens, `save.rs` writes
//! the recording at the end, and `ending.rs` sees to ends that drop no guard. May be used with and without the feature `program`. Read `record/attach.rs` next for which
//! threads are recorded.

mod describe;
mod ending;
mod environment;
mod save;
mod stream;

use std::io::Write as _;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use self::describe::{describe_program, describe_scene};
use self::environment::{Outputs, Request};
use self::save::Target;
use self::stream::{Feed, Follower, Lines};
use crate::place::is_stream;
use crate::record::{Attachment, Recorder, has_layer, install_recording};
use crate::style::Style;
use crate::trace::{Builder, Clock, Nanos, Outcome, SceneEnd, SceneStart, SceneTrace, Tail, Trace};
use crate::units;

/// The most events that are kept of a run's end.
const MOST_KEPT: usize = 4_000_000;

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
/// - `ASYNCGUIDE_LAST=10s` saves the end of the run only, for programs that run for days; the title of the scene says so.
/// - `ASYNCGUIDE_WATCH=unix:PATH` or a file gets the event stream while the program runs. `asyncguide watch -- COMMAND` sets
///   it, so it draws programs that call this.
/// - `ASYNCGUIDE_SPANS=mini_redis=debug,tower_http=trace` gives a lane to each span of these modules that has at most this
///   level, as `#[instrument]` makes them, if the program's subscriber has [`layer`](crate::layer()). The lane is called as
///   the span is, with the values of its fields: `get("key", 3)`.
///
/// What goes wrong is said on standard error and changes nothing for the program. On Unix and with the feature
/// `signals`, Ctrl-C and SIGTERM save what is recorded so far, and then end the program as they would have. On Linux, a program that catches the signal within its
/// first 200 milliseconds is left to itself: it drops the guard when it ends. One that catches it later has 300
/// milliseconds to end by itself, and on other systems each has a second. [`std::process::exit`] saves on Linux with glibc
/// and on macOS, if the guard was made on the main thread and that thread calls it; elsewhere, and by `abort`, nothing is
/// saved. The stream has what happened until then in any case.
///
/// Several guards may live at once, as in tests that run in parallel: each records the thread that made it, and the last
/// one the threads that made none. `tracing` is recorded only if the program installs [`layer`](crate::layer()). In a program
/// that is built with `--cfg tokio_unstable` this function installs it, unless there is a subscriber already: a program
/// that installs its own has to do so first.
#[track_caller]
pub fn watch() -> Guide {
    let Some(request) = Request::read() else { return Guide { recording: None, _attachment: None } };
    let Request { outputs, spans } = request;
    if let Some(spans) = spans {
        spans.choose();
    }
    if cfg!(tokio_unstable) && !tracing::dispatcher::has_been_set() {
        install_recording();
    }
    let started = Recording::start(outputs, Location::caller());
    let (recording, attachment) = started.unzip();
    if let Some(recording) = &recording {
        ending::watch_over(recording);
    }
    Guide { recording, _attachment: attachment }
}

/// A guard that records the program until it is dropped; made by [`watch`].
#[derive(Debug)]
#[must_use = "the recording ends when the guard is dropped: `let _guide = asyncguide::watch();`"]
pub struct Guide {
    /// None if the environment does not ask for a recording.
    recording: Option<Arc<Recording>>,
    /// Keeps the thread that made the guard from recording for another guard.
    _attachment: Option<Attachment>,
}

impl Drop for Guide {
    fn drop(&mut self) {
        if let Some(recording) = &self.recording {
            recording.end(match thread::panicking() {
                true => Outcome::Panicked { message: "its message is on standard error".to_owned() },
                false => Outcome::Done,
            });
        }
    }
}

#[derive(Debug)]
struct Recording {
    recorder: Recorder,
    run: Trace,
    start: SceneStart,
    target: Option<Target>,
    /// What is read while the program runs; none if all of it is read at the end.
    feed: Option<Arc<Mutex<Feed>>>,
    /// What ends with the recording. Whoever saves holds the lock, so that one saves after the other.
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    has_ended: bool,
    follower: Option<Follower>,
}

impl Recording {
    /// Starts to record. `caller` is where the guard is made. Returns none if none of the `outputs` can be written; that is
    /// said.
    fn start(outputs: Outputs, caller: &Location<'_>) -> Option<(Arc<Recording>, Attachment)> {
        let Outputs { save, last, stream, running } = outputs;
        let number = GUARDS.fetch_add(1, Ordering::Relaxed) + 1;
        let target = save.and_then(|path| {
            let path = numbered(Path::new(&path), number);
            Target::check(&path).map_err(|error| say(&error)).ok()
        });
        let last = last.filter(|_| target.is_some());
        let run = describe_program();
        let start = describe_scene(caller);
        let recorder = Recorder::new(Clock::Real);
        recorder.start();
        let attachment = recorder.attach_for_poll();
        recorder.open_to_all();
        let lines = stream.and_then(|place| {
            let opened = Lines::open(&place, running.as_deref(), &run.run_start(), &start);
            opened.map_err(|error| say(&format!("cannot stream to {}: {error}", Path::new(&place).display()))).ok()
        });
        if target.is_none() && lines.is_none() {
            recorder.stop();
            return None;
        }
        // If all is saved at the end, what was read must be kept until then.
        let keeps_all = target.is_some() && last.is_none();
        let reader = if keeps_all { recorder.reader() } else { recorder.draining_reader() };
        let feed =
            (lines.is_some() || last.is_some()).then(|| Feed::new(reader, last.map(|last| Tail::new(last, MOST_KEPT))));
        let follower = feed.clone().and_then(|feed| {
            let started = Follower::start(feed, lines, recorder.clone());
            started.map_err(|error| say(&format!("cannot start a thread that reads the recording: {error}"))).ok()
        });
        let open = Mutex::new(Open { has_ended: false, follower });
        Some((Arc::new(Recording { recorder, run, start, target, feed, open }), attachment))
    }

    /// Ends the recording and saves it, unless it has ended.
    fn end(&self, outcome: Outcome) {
        let mut open = lock(&self.open);
        if std::mem::replace(&mut open.has_ended, true) {
            return;
        }
        let end = SceneEnd { wall: self.recorder.now(), outcome };
        self.recorder.stop();
        if let Some(follower) = open.follower.take()
            && let Err(error) = follower.end(end.clone())
        {
            say(&format!("the recording was not streamed to its end: {error}"));
        }
        if !self.recorder.has_lanes() {
            say(&without_lanes());
        }
        self.save(end);
    }

    /// Saves what is recorded so far, unless the recording has ended.
    fn save_so_far(&self) {
        let open = lock(&self.open);
        if !open.has_ended {
            self.save(SceneEnd { wall: self.recorder.now(), outcome: Outcome::Interrupted });
        }
    }

    fn has_ended(&self) -> bool {
        lock(&self.open).has_ended
    }

    /// Saves the recording until `end`.
    fn save(&self, end: SceneEnd) {
        let Some(target) = &self.target else { return };
        let mut run = self.run.clone();
        let tail = self.feed.as_ref().and_then(|feed| lock(feed).tail(&self.start, &end));
        run.scenes.push(match tail {
            Some((scene, Nanos::ZERO)) => scene,
            Some((mut scene, _)) => {
                scene.title = format!("{}, last {}", scene.title, units::duration(scene.wall));
                scene
            }
            None => self.scene(end),
        });
        if let Err(error) = target.save(&run) {
            say(&error);
        }
    }

    /// Returns all of the recording until `end`.
    fn scene(&self, end: SceneEnd) -> SceneTrace {
        let mut reader = self.recorder.reader();
        let mut builder = Builder::new();
        reader.read_rest_into(&mut builder);
        builder.finish_as(self.start.clone(), end.wall, end.outcome, &reader.running())
    }
}

/// Returns why there may be no lane, and what to do.
fn without_lanes() -> String {
    let why = match (has_layer(), cfg!(tokio_unstable)) {
        (false, _) => "nothing was observed while the guard lived",
        (true, false) => {
            "nothing was observed while the guard lived, and no span had a field `lane` or was chosen by ASYNCGUIDE_SPANS"
        }
        (true, true) => {
            "nothing was observed while the guard lived, no span had a field `lane`, and tokio told of no task: that needs \
             its feature `tracing`, and a filter that lets the target tokio::task pass"
        }
    };
    format!("no lane was recorded: {why}; .observe(\"name\") gives a future a lane")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
