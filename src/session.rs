//! Runs one scene under the recorder: builds the runtime and the clock, and hands out the recording as it grows.
//!
//! The scene gets a thread of its own, so that a scene that blocks its loop does not hold up the thread that draws, asks
//! or interrupts. This is the one place that builds tokio runtimes for scenes. [`record_here`] needs none of that: it
//! records a future on the runtime that awaits it. Read [`crate::record`] next.

mod here;
mod kept;
mod pulse;
mod runtime;
#[cfg(test)]
mod tests;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

pub(crate) use self::here::runtime_here;
pub use self::here::{Recording, record_here};
use self::kept::Kept;
pub(crate) use self::pulse::Pulse;
use self::runtime::build;
pub use self::runtime::{Flavor, Runtime};
use self::threads::{OnEnd, ThreadCount, look_for_missing, no_thread, wait_until_built};

use tokio::runtime::Runtime as TokioRuntime;
use tracing::warn;

use crate::observe::{Observed, message};
use crate::record::{self, Reader, Recorder};
use crate::trace::{Clock, Growing, Nanos, Outcome, SceneEnd, SceneStart, SceneTrace, Snapshot, TaskKind};

/// How long the end of a scene waits for blocking work that it left behind.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// A scene that runs under the recorder.
#[derive(Debug)]
pub(crate) struct Session {
    clock: Clock,
    recorder: Recorder,
    start: SceneStart,
    kept: Arc<Mutex<Kept>>,
    threads: Arc<ThreadCount>,
    /// The most bytes that the recording may hold.
    most: Arc<AtomicUsize>,
    /// Notices that the scene is held up, and that a thread is missing.
    pulse: Pulse,
    /// For how long the scene was held up until its end.
    held_up: OnceLock<Nanos>,
    end: OnceLock<SceneEnd>,
}

/// Records `work` to its end, on a runtime and a clock of this kind. The output is what it returned, an error included;
/// none if it panicked, and then the trace says how.
///
/// ```
/// use asyncguide::session::{self, Runtime};
/// use asyncguide::trace::Clock;
///
/// let recording = session::record(Runtime::CURRENT_THREAD, Clock::Real, || async { "no".parse::<u32>() })?;
/// assert!(recording.output.is_some_and(|parsed| parsed.is_err()));
/// # std::io::Result::Ok(())
/// ```
///
/// # Errors
/// If the system gives no thread for the scene or for its runtime, at the start or later; of the kind
/// [`Unsupported`](io::ErrorKind::Unsupported) if the clock is virtual and the crate is built without its feature
/// `virtual-clock`. If a thread is refused while the scene runs, what waits for it is left behind.
pub fn record<F>(
    runtime: Runtime,
    clock: Clock,
    work: impl FnOnce() -> F + Send + 'static,
) -> io::Result<Recording<Option<F::Output>>>
where
    F: Future<Output: Send + 'static>,
{
    let (sender, output) = channel();
    let work = || async move {
        // Below, the output is waited for.
        let _ = sender.send(work().await);
    };
    let start = SceneStart::default();
    let session = run_to_end(|ended| Session::start(start, runtime, clock, work, move || drop(ended)))?;
    session.check_threads()?;
    Ok(Recording { output: output.try_recv().ok(), trace: session.finish() })
}

/// Starts something and waits for its end: until the sender that `start` gets is dropped. Nothing is ever sent.
///
/// # Errors
/// Those of `start`.
pub(crate) fn run_to_end<T>(start: impl FnOnce(Sender<()>) -> io::Result<T>) -> io::Result<T> {
    let (ended, end) = channel();
    let started = start(ended)?;
    let _ = end.recv();
    Ok(started)
}

impl Session {
    /// Starts `work` on a runtime and a clock of this kind; `on_end` is called on another thread once it has ended, or once
    /// it misses a thread: see [`Session::check_threads`].
    ///
    /// # Errors
    /// If the thread or the runtime cannot be built.
    pub(crate) fn start<F: Future>(
        start: SceneStart,
        runtime: Runtime,
        clock: Clock,
        work: impl FnOnce() -> F + Send + 'static,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Session>> {
        record::install_recording();
        let recorder = Recorder::new(clock);
        let threads = Arc::new(ThreadCount::default());
        let name = start.scene.clone();
        let start = SceneStart { runtime: runtime.info(), ..start };
        let kept = Arc::new(Mutex::new(Kept::All(Growing::new(start.clone(), recorder.reader()))));
        let most = Arc::new(AtomicUsize::new(usize::MAX));
        let on_end = Arc::new(OnEnd::new(on_end));
        let drain = draining(recorder.clone(), Arc::clone(&kept));
        let bound = bounded(recorder.clone(), Arc::clone(&most));
        let mut look = look_for_missing(Arc::clone(&threads), Arc::clone(&on_end));
        let pulse = Pulse::start(move || {
            drain();
            bound();
            look();
        });
        let pulse = pulse.map_err(|_| no_thread())?;
        let session = Arc::new(Session {
            clock,
            recorder,
            start,
            kept,
            threads: Arc::clone(&threads),
            most,
            pulse,
            held_up: OnceLock::new(),
            end: OnceLock::new(),
        });
        let running = Arc::clone(&session);
        let (built, is_built) = channel();
        let spawned = thread::Builder::new().name("main".to_owned()).spawn(move || {
            let tokio = match build(runtime, clock, &running.recorder, &running.threads) {
                Ok(tokio) => tokio,
                // The one that starts the scene is told, and has not gone yet.
                Err(error) => return drop(built.send(Err(error))),
            };
            if built.send(Ok(())).is_ok() {
                running.run(&name, tokio, work);
                on_end.call();
            }
        });
        spawned.map_err(|_| no_thread())?;
        wait_until_built(&is_built, &threads)?;
        Ok(session)
    }

    /// Checks that the system has given all threads that the scene's runtime asked for, so far.
    ///
    /// # Errors
    /// If it has refused one. The scene may wait for it for ever.
    pub(crate) fn check_threads(&self) -> io::Result<()> {
        self.threads.check()
    }

    /// Bounds the recording: once it holds this many bytes, nothing more is recorded, and a warning says so.
    pub(crate) fn hold_at_most(&self, bytes: usize) {
        self.most.store(bytes, Ordering::Relaxed);
    }

    /// Keeps only what happens in the last minutes from now on. There must be no reader of the recording.
    pub(crate) fn keep_last(&self) {
        *self.kept() = Kept::last(self.start.clone(), self.recorder.draining_reader());
    }

    /// Returns the moment from which on the recording is kept: 0 if all of it is.
    pub(crate) fn kept_from(&self) -> Nanos {
        self.kept().from()
    }

    fn run<F: Future>(&self, name: &str, runtime: TokioRuntime, work: impl FnOnce() -> F) {
        self.recorder.attach();
        let context = runtime.enter();
        self.recorder.start();
        // The scene's own function is a task too: the others are its children.
        let whole = || runtime.block_on(Observed::of_kind(TaskKind::Scene, name, async { work().await }));
        let outcome = match catch_unwind(AssertUnwindSafe(whole)) {
            Ok(_) => Outcome::Done,
            Err(panic) => Outcome::Panicked { message: message(&*panic).to_owned() },
        };
        let wall = self.recorder.now();
        self.note_held_up();
        drop(context);
        // Tasks that the scene left behind are cancelled here, which is recorded too.
        runtime.shutdown_timeout(SHUTDOWN);
        if !self.threads.have_started() {
            self.threads.refuse();
        }
        // Only this thread sets it, and once.
        let _ = self.end.set(SceneEnd { wall, outcome });
    }

    /// Consumes the recording and returns it; [`Session::snapshot`] must not be called afterwards. If the scene still
    /// runs, it is interrupted at this moment, and so are its tasks.
    pub(crate) fn finish(&self) -> SceneTrace {
        // The end is read before the events: all events before the end are then in the trace.
        let end = self.end.get();
        let now = self.recorder.now();
        let mut trace = self.kept().finish(now, end);
        trace.runtime.held_up = self.note_held_up();
        trace
    }

    /// Returns for how long the scene was held up until its end, or until now. To be called at its end.
    fn note_held_up(&self) -> Nanos {
        let now = || match self.clock {
            Clock::Real => self.pulse.held_up(),
            // Nothing holds up its time.
            Clock::Virtual => Nanos::ZERO,
        };
        *self.held_up.get_or_init(now)
    }

    /// Returns the scene at this moment, as it would go on until `horizon` if nothing more happened. The trace is built
    /// anew only if something has happened since `last`.
    pub(crate) fn snapshot(&self, last: Option<Snapshot>, horizon: Nanos) -> Snapshot {
        let end = self.end.get();
        let mut kept = self.kept();
        let now = end.map_or_else(|| self.recorder.now(), |end| end.wall);
        kept.snapshot(last, now, horizon, end)
    }

    /// Returns a reader of the recording that begins with the first event.
    pub(crate) fn reader(&self) -> Reader {
        self.recorder.reader()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a function that takes what was recorded since its last call, if only the last of it is kept. It waits for nobody
/// who looks at the recording at that moment: it would seem to be held up.
fn draining(recorder: Recorder, kept: Arc<Mutex<Kept>>) -> impl Fn() + Send {
    move || {
        if let Ok(mut kept) = kept.try_lock() {
            kept.drain(recorder.now());
        }
    }
}

/// Returns a function that stops `recorder` once it holds more than `most` bytes.
fn bounded(recorder: Recorder, most: Arc<AtomicUsize>) -> impl Fn() + Send {
    move || {
        if !recorder.is_stopped() && recorder.bytes_held() > most.load(Ordering::Relaxed) {
            recorder.stop();
            warn!("the recording is full: it holds what happened until now, and nothing that comes");
        }
    }
}
