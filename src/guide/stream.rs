//! Reads a recording while it grows, and writes it as an event stream. `docs/events.md` specifies the stream.
//!
//! A thread of its own reads the logs, so the threads that are recorded never wait for whoever reads the stream.
//! A [`Tail`] keeps the end of what was read.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::Path;
use std::process;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::record::{Reader, Recorder};
use crate::trace::{Event, Nanos, RunningPoll, SceneEnd, SceneStart, SceneTrace, Tail, Usage, write_event};

/// The pause between two looks at what is new.
const EVERY: Duration = Duration::from_millis(50);
/// How long a reader that takes nothing is waited for. Then it gets nothing more.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(2);

/// The size of the file that shows polls under way, in bytes: 16 for each thread.
const SLOTS: usize = 4096;

/// What is read of a recording while it grows, shared by the thread that reads it and whoever saves it.
#[derive(Debug)]
pub(super) struct Feed {
    reader: Reader,
    /// The end of the recording, if only that is kept.
    tail: Option<Tail>,
}

impl Feed {
    pub(super) fn new(reader: Reader, tail: Option<Tail>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Feed { reader, tail }))
    }

    /// Returns the end of the recording as a scene, and the moment at which it begins. None if all of it is kept
    /// elsewhere.
    pub(super) fn tail(&self, start: &SceneStart, end: &SceneEnd) -> Option<(SceneTrace, Nanos)> {
        let running = self.reader.running();
        Some(self.tail.as_ref()?.scene(start.clone(), end.wall, end.outcome.clone(), &running))
    }

    /// Returns what was recorded since the last call; if this `is_last`, all that is left.
    fn read(&mut self, is_last: bool, now: Nanos) -> Vec<Event> {
        let mut events = Vec::new();
        match is_last {
            true => self.reader.read_rest(|event| events.push(event)),
            false => self.reader.read(|event| events.push(event)),
        }
        if let Some(tail) = &mut self.tail {
            tail.take(events.iter().cloned(), now);
        }
        events
    }
}

/// Reads a recording while it grows: writes it as a stream, keeps its end, or both.
#[derive(Debug)]
pub(super) struct Follower {
    ended: Sender<SceneEnd>,
    thread: JoinHandle<io::Result<()>>,
}

impl Follower {
    /// Starts to read `feed`, and to write it to `lines` if there are any.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(feed: Arc<Mutex<Feed>>, lines: Option<Lines>, recorder: Recorder) -> io::Result<Self> {
        let (ended, end) = mpsc::channel();
        let follow = move || follow(&feed, lines, &recorder, &end);
        let thread = thread::Builder::new().name("asyncguide".to_owned()).spawn(follow)?;
        Ok(Follower { ended, thread })
    }

    /// Reads what is left, once nothing is recorded any more.
    ///
    /// # Errors
    /// If anything could not be written, now or before.
    pub(super) fn end(self, end: SceneEnd) -> io::Result<()> {
        // If the thread has ended by itself, it says why.
        let _ = self.ended.send(end);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")))
    }
}

/// Reads what is recorded until the recording ends. If it cannot be written any more it is still read: it would fill the
/// memory otherwise.
fn follow(
    feed: &Mutex<Feed>,
    mut lines: Option<Lines>,
    recorder: &Recorder,
    end: &Receiver<SceneEnd>,
) -> io::Result<()> {
    let mut wrong = None;
    loop {
        let received = end.recv_timeout(EVERY);
        let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the events are read: what ends meanwhile is in the events.
        let running = feed.reader.running();
        let is_last = !matches!(received, Err(RecvTimeoutError::Timeout));
        let events = feed.read(is_last, recorder.now());
        let later = feed.reader.running();
        // Whoever saves the recording need not wait for whoever reads the stream.
        drop(feed);
        let written = lines.as_mut().map_or(Ok(()), |lines| match &received {
            Ok(end) => lines.write_end(events, running.into_iter().chain(later).collect(), end.clone()),
            Err(_) => lines.write_on(events, &later),
        });
        if let Err(error) = written {
            wrong = Some(error);
            lines = None;
        }
        if is_last {
            return wrong.map_or(Ok(()), Err);
        }
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

/// A stream that is being written.
pub(super) struct Lines {
    out: BufWriter<Box<dyn Write + Send>>,
    running: Option<RunningFile>,
    /// The scene's name.
    scene: String,
}

impl Lines {
    /// Opens `place`, and writes the beginning of the run and of its scene. Whoever reads the stream may have named a folder,
    /// in which a file shows the polls that are `running`.
    ///
    /// # Errors
    /// If `place` cannot be opened or written to.
    pub(super) fn open(place: &OsStr, running: Option<&Path>, run: &Event, start: &SceneStart) -> io::Result<Self> {
        let running = running.zip(start.started).and_then(|(folder, zero)| RunningFile::create(folder, zero).ok());
        let mut lines = Lines { out: BufWriter::new(open(place)?), running, scene: start.scene.clone() };
        write_event(run, &mut lines.out)?;
        write_event(&Event::Scene(Box::new(start.clone())), &mut lines.out)?;
        lines.out.flush()?;
        Ok(lines)
    }

    /// Writes what has happened, and shows the polls that are `running`.
    fn write_on(&mut self, events: Vec<Event>, running: &[RunningPoll]) -> io::Result<()> {
        self.write_all(events)?;
        self.out.flush()?;
        self.show_running(running);
        Ok(())
    }

    /// Shows the polls that are under way, which no event tells of yet. After a crash nothing else says that they were.
    fn show_running(&mut self, running: &[RunningPoll]) {
        if let Some(file) = &mut self.running
            && file.show(running).is_err()
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

    /// Writes what is left. The polls in `running` that none of `events` tells of last until the end, as far as is known.
    fn write_end(&mut self, mut events: Vec<Event>, mut running: Vec<RunningPoll>, end: SceneEnd) -> io::Result<()> {
        let SceneEnd { wall, outcome } = end;
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
        write_event(&Event::SceneEnd { scene: self.scene.clone(), wall, outcome }, &mut self.out)?;
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
