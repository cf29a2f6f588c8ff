//! Records a future on the runtime that awaits it: for code of one's own, under `#[tokio::main]`.
//!
//! The runtime's threads belong to the program, so they are not attached for good. Each poll of the future attaches the
//! thread that it happens on, and gives it back at its end. Read `record/attach.rs` next.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::observe::Observed;
use crate::record::{self, Recorder};
use crate::trace::{Builder, Clock, Outcome, RuntimeInfo, SceneStart, SceneTrace, TaskKind};

use super::{Flavor, Runtime};

/// The output of a future, and the recording of what it did; made by [`record_here`] and [`record`](super::record()).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recording<T> {
    /// What the future returned. If it is a `Result`, an error is here too. [`record`](super::record()) makes an `Option` of
    /// it: none if the future panicked.
    pub output: T,
    /// The recording, from the first poll of the future to its end.
    pub trace: SceneTrace,
}

/// Awaits `work` and records it, on the runtime and the threads that it is awaited on.
///
/// ```
/// use asyncguide::{Observe, session};
///
/// #[tokio::main]
/// async fn main() {
///     let recording = session::record_here(async { answer().observe("deep thought").await }).await;
///     assert_eq!(recording.output, 42);
///     assert!(recording.trace.lane("deep thought").is_some());
/// }
///
/// async fn answer() -> u32 {
///     42
/// }
/// ```
///
/// The trace has the lanes that `work` makes while it runs ([`Observe::observe`](crate::Observe::observe),
/// [`observe_thread`](crate::observe_thread), [`observe_call`](crate::observe_call)), the lanes that these make, and
/// the `info!` of all of them, on any thread. A future that was observed before it was handed over has no lane. A task
/// that `work` spawns is recorded if it is observed where it is spawned; what it observes itself is not enough. A lane
/// that goes on after the end of `work` is [`Interrupted`](crate::trace::Outcome::Interrupted) in the trace, and is not
/// recorded from then on.
///
/// `info!` and spans are recorded through a subscriber of `tracing`, which this function installs for the whole process.
/// If there is a subscriber already, it stays, and `info!` and spans are not recorded. So a program with a subscriber of
/// its own has to install it first.
///
/// The clock is the real one. The trace names the runtime's flavor and its number of workers; outside of a tokio
/// runtime it says one thread. Several recordings can be under way at once, one within the other included.
///
/// # Panics
/// If `work` panics: the panic goes on to whatever awaits this, and the recording is lost. A panic in a task that
/// `work` spawns is a panic of that task alone, and in the trace.
pub async fn record_here<F: Future>(work: F) -> Recording<F::Output> {
    record::install_recording();
    let recording = Running(Recorder::new(Clock::Real));
    let recorder = &recording.0;
    let work = {
        let _attachment = recorder.attach_for_poll();
        recorder.start();
        Observed::of_kind(TaskKind::Scene, "", work)
    };
    let output = Attached { recorder, work }.await;
    let wall = recorder.now();
    // What other threads do from here on would lie beyond the end of the trace.
    recorder.stop();
    let mut reader = recorder.reader();
    let mut builder = Builder::new();
    reader.read_rest_into(&mut builder);
    let runtime = runtime_here().unwrap_or_default();
    let start = SceneStart { runtime, ..SceneStart::default() };
    let trace = builder.finish_as(start, wall, Outcome::Done, &reader.running());
    Recording { output, trace }
}

/// A recorder that stops when it is dropped, as it is if the recording is dropped before its end.
struct Running(Recorder);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop();
    }
}

pin_project! {
    /// A future that attaches the polling thread to the recorder for the length of each poll.
    struct Attached<'a, F> {
        recorder: &'a Recorder,
        #[pin]
        work: F,
    }
}

impl<F: Future> Future for Attached<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _attachment = this.recorder.attach_for_poll();
        this.work.poll(cx)
    }
}

/// Returns the tokio runtime that the calling thread is in; none outside of one.
pub(crate) fn runtime_here() -> Option<RuntimeInfo> {
    let handle = Handle::try_current().ok()?;
    let flavor = match handle.runtime_flavor() {
        RuntimeFlavor::CurrentThread => Flavor::CurrentThread,
        _ => Flavor::MultiThread,
    };
    Some(Runtime { flavor, workers: handle.metrics().num_workers() }.info())
}
