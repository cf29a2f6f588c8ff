//! Runs one scene under the recorder: builds the runtime and the clock, and hands out the recording as it grows.
//!
//! The scene gets a thread of its own, so that whoever draws, asks or interrupts is never held up by a scene that
//! blocks its loop. The one door to tokio's runtime builder. [`record_here`] does without all of that: it records a
//! future on the runtime that awaits it. Read `record/mod.rs` next.

mod here;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

pub use self::here::{Recording, record_here};

use tokio::runtime::{Builder as RuntimeBuilder, Runtime as TokioRuntime};

use crate::observe::{Observed, message};
use crate::record::{self, Reader, Recorder};
use crate::trace::{
    About, Basis, Builder, Clock, FOREVER, Flavor, Outcome, POOL, Runtime, SceneTrace, Snapshot, TaskKind,
};

/// How long a scene's end waits for blocking work that it left behind.
const PATIENCE: Duration = Duration::from_secs(1);

/// A scene under way.
#[derive(Debug)]
pub struct Session {
    about: About,
    recorder: Recorder,
    progress: Mutex<Progress>,
    end: OnceLock<(u64, Outcome)>,
}

/// What has been read of the recording so far.
#[derive(Debug)]
struct Progress {
    reader: Reader,
    builder: Builder,
    /// How many readings found something new, whoever read.
    batches: u64,
}

/// Records `work` to its end, on a runtime and a clock of this kind and on a thread of its own.
///
/// The output of `work` is dropped; a panic of its is in the trace, as its outcome. To record a future within a runtime
/// that is there already, and to have its output, await [`record_here`].
///
/// # Errors
/// If the thread or the runtime cannot be built; of the kind [`Unsupported`](io::ErrorKind::Unsupported) if the clock
/// is virtual and the crate is built without its feature `virtual-clock`.
pub fn record<F: Future>(
    runtime: Runtime,
    clock: Clock,
    work: impl FnOnce() -> F + Send + 'static,
) -> io::Result<SceneTrace> {
    let about = About { runtime, ..About::default() };
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let session = Session::start(about, clock, work, move || drop(ended))?;
    // The sender is dropped when the scene has ended; nothing is ever sent.
    let _ = end.recv();
    Ok(session.finish())
}

impl Session {
    /// Starts `work`, whatever it is: what it is called and what it runs on is `about` it.
    ///
    /// # Errors
    /// If the thread or the runtime cannot be built.
    pub(crate) fn start<F: Future>(
        about: About,
        clock: Clock,
        work: impl FnOnce() -> F + Send + 'static,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Session>> {
        record::install_recording();
        let recorder = Recorder::new(clock);
        let runtime = build(about.runtime, clock, &recorder)?;
        let progress = Mutex::new(Progress { reader: recorder.reader(), builder: Builder::new(), batches: 0 });
        let session = Arc::new(Session { about, recorder, progress, end: OnceLock::new() });
        let running = Arc::clone(&session);
        thread::Builder::new().name("main".to_owned()).spawn(move || {
            running.run(runtime, work);
            on_end();
        })?;
        Ok(session)
    }

    fn run<F: Future>(&self, runtime: TokioRuntime, work: impl FnOnce() -> F) {
        self.recorder.attach();
        let context = runtime.enter();
        self.recorder.start();
        // The scene's own function is a task too: it is what the others are children of.
        let whole = || runtime.block_on(Observed::of_kind(TaskKind::Scene, &self.about.name, async { work().await }));
        let outcome = match catch_unwind(AssertUnwindSafe(whole)) {
            Ok(_) => Outcome::Done,
            Err(panic) => Outcome::Panicked { message: message(&*panic).to_owned() },
        };
        let wall = self.recorder.now();
        drop(context);
        // Tasks that the scene left behind are cancelled here, and the recording is to tell so.
        runtime.shutdown_timeout(PATIENCE);
        // Only this thread sets it, and once.
        let _ = self.end.set((wall, outcome));
    }

    /// The scene as it is known at this moment, tasks that have not ended being interrupted. What is known is handed
    /// over, so nobody snapshots at it any more after that.
    pub(crate) fn finish(&self) -> SceneTrace {
        // Asked before the reading: what the scene did before its end is read then.
        let end = self.end.get();
        let mut progress = self.progress();
        progress.read();
        let builder = std::mem::take(&mut progress.builder);
        match end {
            Some((wall, outcome)) => builder.finish_as(self.about(outcome), *wall, &[]),
            None => {
                let running = progress.reader.running();
                builder.finish_as(self.about(&Outcome::Interrupted), self.recorder.now(), &running)
            }
        }
    }

    /// The scene for somebody who draws it many times a second: what costs time with many tasks is done anew only
    /// if something has happened since the `last` snapshot.
    pub(crate) fn snapshot(&self, last: Option<Snapshot>) -> Snapshot {
        let end = self.end.get();
        let mut progress = self.progress();
        progress.read();
        let now = end.map_or_else(|| self.recorder.now(), |(wall, _)| *wall);
        let running = if end.is_some() { Vec::new() } else { progress.reader.running() };
        let basis = Basis { batches: progress.batches, running, ended: end.is_some() };
        match last {
            Some(last) if last.basis == basis => last.later(now),
            last => {
                // Of a million tasks, two traces at once are one too many.
                drop(last);
                let (until, outcome) = end.map_or((FOREVER, &Outcome::Interrupted), |(wall, how)| (*wall, how));
                let trace = progress.builder.clone().finish_as(self.about(outcome), until, &basis.running);
                Snapshot { trace, now, changed: true, basis }
            }
        }
    }

    /// A reader of its recording, from the beginning, for somebody who wants to hear each event by itself.
    pub(crate) fn reader(&self) -> Reader {
        self.recorder.reader()
    }

    fn about(&self, outcome: &Outcome) -> About {
        About { outcome: outcome.clone(), ..self.about.clone() }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    fn read(&mut self) {
        self.batches += u64::from(self.reader.read_into(&mut self.builder));
    }
}

fn build(runtime: Runtime, clock: Clock, recorder: &Recorder) -> io::Result<TokioRuntime> {
    if clock == Clock::Virtual && !cfg!(feature = "virtual-clock") {
        let needed = "the virtual clock needs asyncguide's feature `virtual-clock`";
        return Err(io::Error::new(io::ErrorKind::Unsupported, needed));
    }
    let mut builder = match runtime.flavor {
        Flavor::CurrentThread => RuntimeBuilder::new_current_thread(),
        Flavor::MultiThread => RuntimeBuilder::new_multi_thread(),
    };
    let workers = match runtime.flavor {
        Flavor::CurrentThread => 0,
        Flavor::MultiThread => {
            builder.worker_threads(runtime.workers);
            runtime.workers
        }
    };
    let (started, recorder) = (AtomicUsize::new(0), recorder.clone());
    #[cfg(feature = "virtual-clock")]
    builder.start_paused(clock == Clock::Virtual);
    builder
        .enable_all()
        // The workers are started first, when the runtime is built; the pool's threads as they are needed.
        .thread_name_fn(move || match started.fetch_add(1, Ordering::Relaxed) {
            worker if worker < workers => format!("worker {}", worker + 1),
            other => format!("{POOL}{}", other - workers + 1),
        })
        .on_thread_start(move || recorder.attach())
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::observe::{Observe, observe_thread};
    use crate::trace::State;

    /// Snapshots again and again, until `seen` says so and there is nothing new any more.
    fn snapshot_until(session: &Session, mut snapshot: Snapshot, seen: impl Fn(&SceneTrace) -> bool) -> Snapshot {
        for _ in 0..1_000_000 {
            if !snapshot.changed && seen(&snapshot.trace) {
                return snapshot;
            }
            thread::yield_now();
            snapshot = session.snapshot(Some(snapshot));
        }
        panic!("never seen, or something new each time: {snapshot:?}");
    }

    fn last_state(trace: &SceneTrace, name: &str) -> Option<(State, u64)> {
        trace.states(trace.lane(name)?).last().map(|span| (span.state, span.end))
    }

    #[test]
    fn the_virtual_clock_needs_its_feature() {
        let recorded = record(About::default().runtime, Clock::Virtual, || async {});
        match recorded {
            Ok(trace) => assert_eq!((cfg!(feature = "virtual-clock"), trace.wall), (true, 0)),
            Err(error) => {
                assert_eq!((cfg!(feature = "virtual-clock"), error.kind()), (false, io::ErrorKind::Unsupported));
                assert!(error.to_string().contains("`virtual-clock`"), "{error}");
            }
        }
    }

    #[test]
    fn a_snapshot_is_made_anew_only_when_something_has_happened() {
        let (wake, woken) = tokio::sync::oneshot::channel::<()>();
        let (ended, end) = channel::<()>();
        let work = move || async { woken.observe("A").await.ok() };
        let session = Session::start(About::default(), Clock::Real, work, move || drop(ended)).expect("a thread");

        let waits = |trace: &SceneTrace| last_state(trace, "A") == Some((State::Waiting, FOREVER));
        let snapshot = snapshot_until(&session, session.snapshot(None), waits);
        let (before, later) = (snapshot.now, session.snapshot(Some(snapshot)));
        assert!(!later.changed && later.now > before && waits(&later.trace));

        wake.send(()).expect("somebody waits");
        let _ = end.recv();
        let last = session.snapshot(Some(later));
        assert!(last.changed && last.trace == session.finish());
        assert_eq!((last.now, &last.trace.outcome), (last.trace.wall, &Outcome::Done));
    }

    #[test]
    fn a_poll_under_way_is_seen_though_nothing_is_recorded_of_it_yet() {
        let ((go, going), (stop, stopping)) = (channel::<()>(), channel::<()>());
        let work = move || async move {
            let hog = observe_thread("hog", move || stopping.recv());
            let _ = going.recv();
            // From here to its end there is no event of it.
            let _ = hog();
        };
        let session = Session::start(About::default(), Clock::Real, work, || ()).expect("a thread");
        let snapshot = snapshot_until(&session, session.snapshot(None), |trace| trace.lane("hog").is_some());
        drop(go);
        snapshot_until(&session, snapshot, |trace| last_state(trace, "hog") == Some((State::Running, FOREVER)));
        drop(stop);
    }
}
