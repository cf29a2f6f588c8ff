//! Prints the events of a run while it goes on, line by line: `--format jsonl`.
//!
//! A thread of its own reads every few milliseconds what was recorded since, and prints it at once. A slow reader of
//! standard output does not hold up the scene. Read [`Event`] for the lines.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context as _;

use super::Failure;
use super::console::EventSender;
use crate::lesson::Scene;
use crate::record::Reader;
use crate::term::Term;
use crate::trace::{Event, SceneTrace, TaskId, write_event};

/// The pause between two batches of events, and so the delay with which a line is printed.
const PAUSE: Duration = Duration::from_millis(5);

/// Prints the events of one scene.
pub(crate) struct Follower {
    term: Arc<Term>,
    /// The thread that prints events as they come. `None` if they are printed once the scene has ended.
    printing: Option<Printing>,
}

/// A thread that prints events as they come.
struct Printing {
    /// Stops the thread when it is dropped; nothing is ever sent.
    stop: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Follower {
    /// Prints that `scene` has begun, and from now on the events that `reader` finds. Without a reader all that is printed
    /// once the scene has ended: only then is it known what it ran on. Reports to `sender` if standard output fails.
    ///
    /// # Errors
    /// If standard output takes no more, or no thread can be started.
    pub(crate) fn start(
        scene: &Scene,
        reader: Option<Reader>,
        term: &Arc<Term>,
        sender: EventSender,
    ) -> Result<Self, Failure> {
        let printing = match reader {
            Some(reader) => {
                print_event(term, &scene.event())?;
                Some(Printing::start(reader, Arc::clone(term), sender).context("cannot start a thread")?)
            }
            None => None,
        };
        Ok(Follower { term: Arc::clone(term), printing })
    }

    /// Prints the last events of the scene, and how it ended. The scene has ended or was interrupted; `trace` is its
    /// recording.
    ///
    /// # Errors
    /// If standard output takes no more.
    pub(crate) fn end(self, trace: &SceneTrace) -> Result<(), Failure> {
        match self.printing {
            Some(printing) => printing.end().map_err(Failure::Stdout)?,
            None => {
                let events = [trace.scene_start()].into_iter().chain(trace.events());
                events.into_iter().try_for_each(|event| print_event(&self.term, &event))?;
            }
        }
        trace.scene_end().try_for_each(|event| print_event(&self.term, &event))
    }
}

impl Printing {
    fn start(reader: Reader, out: Arc<Term>, sender: EventSender) -> io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let mut batches = EventBatches { reader, ended: HashSet::new() };
        let print = move || {
            loop {
                let last = stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
                let batch = if last { batches.rest() } else { batches.next() };
                let write = |out: &mut dyn io::Write| batch.iter().try_for_each(|event| write_event(event, &mut *out));
                let printed = out.print_as_it_comes(write);
                if let Err(error) = printed {
                    // A run whose output is no longer read ends at once.
                    sender.output_failed(error.kind().into());
                    return Err(error);
                }
                if last {
                    return Ok(());
                }
            }
        };
        let thread = thread::Builder::new().name("follower".to_owned()).spawn(print)?;
        Ok(Printing { stop, thread })
    }

    /// Prints what was recorded since the last batch, and ends the thread.
    fn end(self) -> io::Result<()> {
        drop(self.stop);
        // A panic of the thread has been reported by the panic hook.
        self.thread.join().unwrap_or(Ok(()))
    }
}

/// Prints one event of the stream.
///
/// # Errors
/// If standard output takes no more.
pub(crate) fn print_event(term: &Term, event: &Event) -> Result<(), Failure> {
    term.print_as_it_comes(|out| write_event(event, out)).map_err(Failure::Stdout)
}

/// Reads the events of a session batch by batch.
struct EventBatches {
    reader: Reader,
    /// The tasks whose end was in a batch already.
    ended: HashSet<TaskId>,
}

impl EventBatches {
    /// Returns the events that were recorded since the last batch, in the order in which they are printed.
    fn next(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.reader.read(|event| events.push(event));
        self.in_order(events)
    }

    /// Returns the last batch, once the scene has ended.
    fn rest(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.reader.read_rest(|event| events.push(event));
        self.in_order(events)
    }

    /// Sorts a batch, and leaves out second ends of a task.
    fn in_order(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        // The sort is stable and puts threads first: readers number threads in the order of their lines.
        events.sort_by_key(|event| (event.at(), event.rank()));
        // A future that panicked is also dropped afterwards, which is recorded as a second end.
        events.retain(|event| !matches!(event, Event::End { task, .. } if !self.ended.insert(*task)));
        events
    }
}
