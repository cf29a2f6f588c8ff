//! Tells what happens in a run while it goes on, line by line: `--format jsonl`.
//!
//! A thread of its own reads what was recorded since it last looked, every few milliseconds, and prints it at once; the
//! scene is not held up by whoever reads. Read `render/jsonl.rs` for the lines.

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
use crate::session::Session;
use crate::term::Term;
use crate::trace::{Event, SceneTrace, write_event};

/// How late a line may come.
const PAUSE: Duration = Duration::from_millis(5);

/// Follows one scene.
pub(crate) struct Follower {
    term: Arc<Term>,
    /// Dropped, it stops the thread; nothing is ever sent.
    stop: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Follower {
    /// Tells that `scene` has begun, and from now on what happens in it.
    pub(crate) fn start(
        scene: &Scene,
        session: &Session,
        term: &Arc<Term>,
        sender: EventSender,
    ) -> Result<Self, Failure> {
        print_event(term, &scene.event())?;
        let (stop, stopped) = channel::<()>();
        let (mut news, out) = (News { reader: session.reader(), ended: HashSet::new() }, Arc::clone(term));
        let follow = move || {
            loop {
                let last = stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
                if let Err(error) = out
                    .print_as_it_comes(|out| news.events().iter().try_for_each(|event| write_event(event, &mut *out)))
                {
                    // A run that nobody reads ends at once.
                    sender.output_failed(error.kind().into());
                    return Err(error);
                }
                if last {
                    return Ok(());
                }
            }
        };
        let thread =
            thread::Builder::new().name("follower".to_owned()).spawn(follow).context("cannot start a thread")?;
        Ok(Follower { term: Arc::clone(term), stop, thread })
    }

    /// Tells what is left to tell of the scene that has ended, or was left, like this.
    pub(crate) fn end(self, trace: &SceneTrace) -> Result<(), Failure> {
        drop(self.stop);
        // If it panicked, that was said.
        self.thread.join().unwrap_or(Ok(())).map_err(Failure::Stdout)?;
        trace.scene_end().try_for_each(|event| print_event(&self.term, &event))
    }
}

/// Prints one event of the stream.
pub(crate) fn print_event(term: &Term, event: &Event) -> Result<(), Failure> {
    term.print_as_it_comes(|out| write_event(event, out)).map_err(Failure::Stdout)
}

/// What was recorded since the last time.
struct News {
    reader: Reader,
    ended: HashSet<u32>,
}

impl News {
    fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.reader.read(|event| events.push(event));
        // Stable, and threads come first: they are numbered in the order in which they are told of.
        events.sort_by_key(|event| (event.at(), event.rank()));
        // A future that panicked is dropped afterwards too.
        events.retain(|event| !matches!(event, Event::End { task, .. } if !self.ended.insert(*task)));
        events
    }
}
