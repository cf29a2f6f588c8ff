//! The tokio runtimes that scenes run on.

use std::io;
use std::sync::Arc;

use tokio::runtime::{Builder as RuntimeBuilder, Runtime as TokioRuntime};

use super::threads::{ThreadCount, no_thread};
use crate::record::Recorder;
use crate::refusals;
use crate::trace::{Clock, POOL, RuntimeInfo};

/// A tokio runtime to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// The kind of runtime.
    pub flavor: Flavor,
    /// How many threads poll tasks; 1 for a current-thread runtime.
    pub workers: usize,
}

/// The kinds of tokio runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// One thread polls everything.
    CurrentThread,
    /// Several workers, which steal tasks from each other.
    MultiThread,
}

impl Runtime {
    /// A runtime of one thread.
    pub const CURRENT_THREAD: Runtime = Runtime { flavor: Flavor::CurrentThread, workers: 1 };

    /// Describes the runtime for a recording.
    pub(crate) fn info(self) -> RuntimeInfo {
        let flavor = match self.flavor {
            Flavor::CurrentThread => "current_thread",
            Flavor::MultiThread => "multi_thread",
        };
        RuntimeInfo { flavor: flavor.to_owned(), workers: self.workers, ..RuntimeInfo::default() }
    }
}

/// Builds the runtime, whose threads `recorder` records.
///
/// # Errors
/// If the system refuses a thread, or the clock is virtual and the feature for that is off.
pub(super) fn build(
    runtime: Runtime,
    clock: Clock,
    recorder: &Recorder,
    threads: &Arc<ThreadCount>,
) -> io::Result<TokioRuntime> {
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
    let recorder = recorder.clone();
    let asking = Arc::clone(threads);
    let starting = Arc::clone(threads);
    #[cfg(feature = "virtual-clock")]
    builder.start_paused(clock == Clock::Virtual);
    builder
        .enable_all()
        // The workers are started first, when the runtime is built, and the threads of the pool as they are needed.
        .thread_name_fn(move || match asking.ask() {
            worker if worker < workers => format!("worker {}", worker + 1),
            other => format!("{POOL}{}", other - workers + 1),
        })
        .on_thread_start(move || {
            starting.start();
            recorder.attach();
        });
    let built = refusals::attempt(|| builder.build())?;
    if threads.have_started() {
        return Ok(built);
    }
    built.shutdown_background();
    Err(no_thread())
}
