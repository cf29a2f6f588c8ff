//! Where the events of a running scene come from, and the trace that grows from them.

#[cfg(feature = "program")]
use super::Event;
use super::ids::{TaskId, ThreadId};
use super::snapshot::Basis;
use super::{Builder, Contradiction, Outcome, SceneStart, SceneTrace, Snapshot};
use crate::nanos::Nanos;

/// A poll that is under way: no event tells of it before it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningPoll {
    /// The task that is being polled.
    pub task: TaskId,
    /// The thread that it holds.
    pub thread: ThreadId,
    /// The moment when it took the thread.
    pub since: Nanos,
    /// Whether the thread has been asleep in a call for most of that time, as far as is known.
    pub blocked: bool,
}

/// Something that a scene's events are read from: the recorder of this process, or the stream of another one.
pub(crate) trait Source: Send {
    /// Applies all events since the last call. Returns whether there was any besides new threads.
    ///
    /// # Errors
    /// If an event contradicts those before it.
    fn read_into(&mut self, builder: &mut Builder) -> Result<bool, Contradiction>;

    /// Applies the last events, once the scene has ended.
    ///
    /// # Errors
    /// If an event contradicts those before it.
    fn read_rest_into(&mut self, builder: &mut Builder) -> Result<(), Contradiction>;

    /// Returns the polls that are under way at this moment.
    fn running(&self) -> Vec<RunningPoll>;
}

/// How a scene ended.
#[derive(Clone, Debug)]
pub(crate) struct SceneEnd {
    pub(crate) wall: Nanos,
    pub(crate) outcome: Outcome,
}

/// The trace of a running scene.
#[derive(Debug)]
pub(crate) struct Growing<S> {
    start: SceneStart,
    source: S,
    builder: Builder,
    /// How many times something new was read.
    batches: u64,
}

impl<S: Source> Growing<S> {
    /// Returns the trace of the scene that `start` describes, without events yet.
    pub(crate) fn new(start: SceneStart, source: S) -> Self {
        Growing { start, source, builder: Builder::new(), batches: 0 }
    }

    /// Consumes the recording and returns it; [`Growing::snapshot`] must not be called afterwards. A scene without an
    /// `end` is interrupted `now`, and so are its tasks.
    ///
    /// # Errors
    /// If the events contradict each other.
    pub(crate) fn finish(&mut self, now: Nanos, end: Option<&SceneEnd>) -> Result<SceneTrace, Contradiction> {
        self.read()?;
        let running = match end {
            Some(_) => {
                self.source.read_rest_into(&mut self.builder)?;
                Vec::new()
            }
            None => self.source.running(),
        };
        let end = end.cloned().unwrap_or(SceneEnd { wall: now, outcome: Outcome::Interrupted });
        let builder = std::mem::take(&mut self.builder);
        Ok(builder.finish_as(self.start.clone(), end.wall, end.outcome, &running))
    }

    /// Returns the scene at the moment `now`, as it would go on until `horizon` if nothing more happened. The trace is
    /// built anew only if something has happened since `last`: with many tasks that takes time.
    ///
    /// # Errors
    /// If the events contradict each other.
    pub(crate) fn snapshot(
        &mut self,
        last: Option<Snapshot>,
        now: Nanos,
        horizon: Nanos,
        end: Option<&SceneEnd>,
    ) -> Result<Snapshot, Contradiction> {
        self.read()?;
        let running = if end.is_some() { Vec::new() } else { self.source.running() };
        let basis = Basis { batches: self.batches, running, ended: end.is_some(), horizon };
        if let Some(last) = last {
            if last.basis == basis {
                return Ok(last.later(now));
            }
            // Two traces of a million tasks at once would be one too many.
            drop(last);
        }
        let end = end.cloned().unwrap_or(SceneEnd { wall: horizon.max(now), outcome: Outcome::Interrupted });
        let trace = self.builder.clone().finish_as(self.start.clone(), end.wall, end.outcome, &basis.running);
        Ok(Snapshot { trace, now, changed: true, basis })
    }

    /// Applies an event that did not come from the source's own reading.
    ///
    /// # Errors
    /// If the event contradicts those before it.
    #[cfg(feature = "program")]
    pub(crate) fn apply(&mut self, event: Event) -> Result<(), Contradiction> {
        self.builder.apply(event)?;
        self.batches += 1;
        Ok(())
    }

    /// Sets what a command says of its own scene: the runtime that it runs on, and its helpers.
    #[cfg(feature = "program")]
    pub(crate) fn describe(&mut self, told: SceneStart) {
        self.start.runtime = told.runtime;
        self.start.helpers = told.helpers;
    }

    /// Checks what only the whole scene shows. For events from a stranger, before [`Growing::finish`].
    ///
    /// # Errors
    /// The first contradiction.
    #[cfg(feature = "program")]
    pub(crate) fn check(&self) -> Result<(), Contradiction> {
        self.builder.check()
    }

    fn read(&mut self) -> Result<(), Contradiction> {
        let any = self.source.read_into(&mut self.builder)?;
        self.batches += u64::from(any);
        Ok(())
    }
}
