//! Runs one scene under the recorder: builds the runtime and the clock, and hands out the recording as it grows.
//!
//! The scene gets a thread of its own, so that whoever draws, asks or interrupts is never held up by a scene that
//! blocks its loop. The one door to tokio's runtime builder. Read `record/mod.rs` next.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

use tokio::runtime::{Builder as RuntimeBuilder, Runtime as TokioRuntime};

use crate::lesson::{Inputs, Scene};
use crate::observe::{Observed, message};
use crate::record::{self, Reader, Recorder};
use crate::trace::{About, Builder, Clock, Flavor, Outcome, Runtime, SceneTrace, TaskKind};

/// How long a scene's end waits for blocking work that it left behind.
const PATIENCE: Duration = Duration::from_secs(1);

/// A scene under way.
#[derive(Debug)]
pub struct Session {
    about: About,
    recorder: Recorder,
    recording: Mutex<Recording>,
    end: OnceLock<(u64, Outcome)>,
}

/// What has been read of the recording so far.
#[derive(Debug)]
struct Recording {
    reader: Reader,
    builder: Builder,
}

/// Records `work`, whatever it is, on a runtime and a clock of this kind, to its end.
///
/// # Errors
/// If the thread or the runtime cannot be built.
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
    Ok(session.trace())
}

/// Starts `scene`; `on_end` is called on the scene's thread once it has ended.
///
/// # Errors
/// If the thread or the runtime cannot be built.
pub(crate) fn start(
    scene: &Scene,
    inputs: Inputs,
    clock: Clock,
    on_end: impl FnOnce() + Send + 'static,
) -> io::Result<Arc<Session>> {
    let about = About {
        name: scene.name.to_owned(),
        title: scene.title.to_owned(),
        file: scene.file(),
        runtime: scene.runtime,
        outcome: Outcome::Done,
    };
    let run = scene.run;
    Session::start(about, clock, move || run(inputs), on_end)
}

impl Session {
    fn start<F: Future>(
        about: About,
        clock: Clock,
        work: impl FnOnce() -> F + Send + 'static,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Session>> {
        record::install_recording();
        let recorder = Recorder::new(clock);
        let runtime = build(about.runtime, clock, &recorder)?;
        let recording = Mutex::new(Recording { reader: recorder.reader(), builder: Builder::new() });
        let session = Arc::new(Session { about, recorder, recording, end: OnceLock::new() });
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

    /// The scene as it is known at this moment: tasks that have not ended are still open, or interrupted if this is
    /// the last look.
    pub(crate) fn trace(&self) -> SceneTrace {
        let mut recording = self.recording();
        // Asked before the reading: what the scene did before its end is read then.
        let end = self.end.get().cloned();
        let Recording { reader, builder } = &mut *recording;
        reader.read_into(builder);
        match end {
            Some((wall, outcome)) => builder.trace_about(About { outcome, ..self.about.clone() }, wall, &[]),
            None => {
                let about = About { outcome: Outcome::Interrupted, ..self.about.clone() };
                builder.trace_about(about, self.recorder.now(), &reader.running())
            }
        }
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn build(runtime: Runtime, clock: Clock, recorder: &Recorder) -> io::Result<TokioRuntime> {
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
    builder
        .enable_all()
        .start_paused(clock == Clock::Virtual)
        // The workers are started first, when the runtime is built; the pool's threads as they are needed.
        .thread_name_fn(move || match started.fetch_add(1, Ordering::Relaxed) {
            worker if worker < workers => format!("worker {}", worker + 1),
            other => format!("blocking {}", other - workers + 1),
        })
        .on_thread_start(move || recorder.attach())
        .build()
}
