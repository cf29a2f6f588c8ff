//! Writes a recording as an event stream while it grows. `docs/events.md` specifies the stream.
//!
//! A thread of its own reads the logs, so the threads that are recorded never wait for whoever reads the stream.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::Path;
use std::process;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::record::Reader;
use crate::trace::{Event, Nanos, RunningPoll, SceneEnd, Usage, write_event};

/// The pause between two looks at what is new.
const EVERY: Duration = Duration::from_millis(50);
/// How long a reader that takes nothing is waited for. Then it gets nothing more.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(2);

/// The size of the file that shows polls under way, in bytes: 16 for each thread.
const SLOTS: usize = 4096;

/// A stream that is being written.
#[derive(Debug)]
pub(super) struct Stream {
    ended: Sender<SceneEnd>,
    thread: JoinHandle<io::Result<()>>,
}

impl Stream {
    /// Opens `place` and starts to write what `reader` reads, after the events in `head`, which begin the run and its scene.
    /// Whoever reads the stream may have named a folder, in which a file shows the polls that are `running`.
    ///
    /// # Errors
    /// If `place` cannot be opened, or no thread can be started.
    pub(super) fn open(place: &OsStr, running: Option<&Path>, head: [Event; 2], reader: Reader) -> io::Result<Self> {
        let [_, Event::Scene(start)] = &head else { return Err(io::ErrorKind::InvalidInput.into()) };
        let scene = start.scene.clone();
        let running = running.zip(start.started).and_then(|(folder, zero)| RunningFile::create(folder, zero).ok());
        let out = BufWriter::new(open(place)?);
        let (ended, end) = mpsc::channel();
        let write = move || Lines { out, reader, running, scene }.write(&head, &end);
        let thread = thread::Builder::new().name("asyncguide".to_owned()).spawn(write)?;
        Ok(Stream { ended, thread })
    }

    /// Writes what is left, once nothing is recorded any more.
    ///
    /// # Errors
    /// If anything could not be written, now or before.
    pub(super) fn end(self, end: SceneEnd) -> io::Result<()> {
        // If the thread has ended by itself, it says why.
        let _ = self.ended.send(end);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")))
    }
}

/// Opens a socket (`unix:` and its path) or a file.
fn open(place: &OsStr) -> io::Result<Box<dyn Write + Send>> {
    match place.as_encoded_bytes().strip_prefix(b"unix:") {
        Some(path) => connect(path),
        None => Ok(Box::new(File::create(place)?)),
    }
}

#[cfg(unix)]
fn connect(path: &[u8]) -> io::Result<Box<dyn Write + Send>> {
    use std::os::unix::{ffi::OsStrExt as _, net::UnixStream};

    let stream = UnixStream::connect(OsStr::from_bytes(path))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
fn connect(_: &[u8]) -> io::Result<Box<dyn Write + Send>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "sockets with a path are not supported here"))
}

/// What the stream is written from, and to.
struct Lines {
    out: BufWriter<Box<dyn Write + Send>>,
    reader: Reader,
    running: Option<RunningFile>,
    /// The scene's name.
    scene: String,
}

impl Lines {
    /// Writes the stream from its head to its end.
    fn write(mut self, head: &[Event], end: &Receiver<SceneEnd>) -> io::Result<()> {
        for event in head {
            write_event(event, &mut self.out)?;
        }
        loop {
            self.out.flush()?;
            self.show_running();
            match end.recv_timeout(EVERY) {
                Err(RecvTimeoutError::Timeout) => {
                    let mut events = Vec::new();
                    self.reader.read(|event| events.push(event));
                    self.write_all(events)?;
                }
                Ok(end) => return self.write_end(end),
                // The guard was leaked or forgotten.
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Shows the polls that are under way, which no event tells of yet. After a crash nothing else says that they were.
    fn show_running(&mut self) {
        if let Some(file) = &mut self.running
            && file.show(&self.reader.running()).is_err()
        {
            self.running = None;
        }
    }

    /// Writes `events`. The logs of several threads come one after the other, so a poll may be far ahead of the creation
    /// of its task, which readers of a stranger's stream refuse.
    fn write_all(&mut self, mut events: Vec<Event>) -> io::Result<()> {
        // Stable: the events of one thread stay in the order of time.
        events.sort_by_key(|event| match event {
            Event::Thread { .. } => (0, 0),
            Event::Created { task, .. } => (1, task.number()),
            _ => (2, 0),
        });
        events.iter().try_for_each(|event| write_event(event, &mut self.out))
    }

    /// Writes what is left. Polls that are still under way last until the end, as far as is known.
    fn write_end(mut self, SceneEnd { wall, outcome }: SceneEnd) -> io::Result<()> {
        // Before the rest is read: what ends meanwhile is in the rest.
        let mut running = self.reader.running();
        let mut events = Vec::new();
        self.reader.read_rest(|event| events.push(event));
        running.extend(self.reader.running());
        running.sort_unstable_by_key(|poll| (poll.task, Reverse(poll.since)));
        running.dedup_by_key(|poll| poll.task);
        running.retain(|poll| !is_over(poll, &events));
        for RunningPoll { task, thread, since, blocked } in running {
            if blocked {
                events.push(Event::Usage(Usage { task, start: since, computed: Nanos::ZERO, preempted: Nanos::ZERO }));
            }
            events.push(Event::Poll { task, thread, start: since, end: wall.max(since) });
        }
        self.write_all(events)?;
        write_event(&Event::SceneEnd { scene: self.scene, wall, outcome }, &mut self.out)?;
        self.out.flush()
    }
}

/// A file with the innermost poll that is under way on each thread: one more than the number of its task, and its start
/// on the machine's monotonic clock. Both are little-endian numbers of 64 bits, and 0 where there is none.
#[derive(Debug)]
struct RunningFile {
    file: File,
    /// The monotonic clock at the start of the scene.
    zero: Nanos,
    /// What the file holds.
    shown: Vec<u8>,
}

impl RunningFile {
    fn create(folder: &Path, zero: Nanos) -> io::Result<Self> {
        let file = File::create(folder.join(format!("{}.running", process::id())))?;
        Ok(RunningFile { file, zero, shown: Vec::new() })
    }

    fn show(&mut self, polls: &[RunningPoll]) -> io::Result<()> {
        let mut slots = vec![0; SLOTS];
        // Of one thread, outer polls come first.
        for poll in polls {
            let start = poll.thread.index() * 16;
            if let Some(slot) = slots.get_mut(start..start + 16) {
                slot[..8].copy_from_slice(&(u64::from(poll.task.number()) + 1).to_le_bytes());
                slot[8..].copy_from_slice(&(self.zero + poll.since).0.to_le_bytes());
            }
        }
        if slots != self.shown {
            self.file.rewind()?;
            self.file.write_all(&slots)?;
            self.shown = slots;
        }
        Ok(())
    }
}

/// Returns whether one of `events` tells of `poll`, or of a later one of its task.
fn is_over(poll: &RunningPoll, events: &[Event]) -> bool {
    let tells =
        |event: &Event| matches!(event, Event::Poll { task, start, .. } if *task == poll.task && *start >= poll.since);
    events.iter().any(tells)
}
