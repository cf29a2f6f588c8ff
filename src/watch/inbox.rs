//! Receives the event streams of a program's processes, each on a connection of its own.
//!
//! A stream is a stranger's: its lines and the sum of all streams are bounded, and the first wrong line ends its
//! recording with a message that names it. What comes after that is read and thrown away, because a program whose stream
//! is closed might end or wait.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::machine::monotonic;
use crate::trace::{Builder, EventReader, Nanos, RunBuilder, RunningPoll, Snapshot, TaskId, ThreadId, Trace};

/// How much is recorded of one program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most bytes of all streams together: what their events take in memory is of the same size.
    bytes: u64,
    /// The most processes.
    processes: usize,
}

/// How much is recorded of any program.
pub(super) const LIMITS: Limits = Limits { bytes: 256 << 20, processes: 4096 };

/// The size of the buffer for each stream, in bytes.
const BUFFER: usize = 64 * 1024;
/// How long a process may go on to write after the program has ended.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause after a connection could not be accepted, because descriptors are short.
const PAUSE: Duration = Duration::from_millis(20);
/// The size of the file in which a process shows its polls under way, in bytes.
const SLOTS: u64 = 4096;

/// What one process wrote.
#[derive(Debug)]
pub(super) struct Received {
    /// The scenes that could be read; none if the stream did not begin as one.
    pub(super) trace: Option<Trace>,
    pub(super) ending: Ending,
}

/// How a stream ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Between scenes.
    Whole,
    /// Within a scene, because the process ended.
    Early,
    /// Within a scene, because the process outlived the program that was watched.
    StillRuns,
    /// At a line that is wrong. Says which, and what is wrong with it.
    Refused(String),
    /// At the limit of what is recorded.
    Full,
}

/// Receives streams until it is closed.
#[derive(Debug)]
pub(super) struct Inbox {
    shared: Arc<Shared>,
    socket: PathBuf,
    listening: JoinHandle<Connections>,
}

#[derive(Debug)]
struct Shared {
    /// The folder with the files that show polls under way.
    running: PathBuf,
    /// How many more bytes are recorded.
    room: AtomicU64,
    /// Whether the program has ended.
    over: AtomicBool,
    /// Whether streams were shut down at this end, because their processes outlive the program.
    cut: AtomicBool,
    /// The connections that are open, by their numbers, so that they can be shut down.
    open: Mutex<Vec<(usize, UnixStream)>>,
    /// What was read of each stream, in the order in which they were opened, for pictures of this moment.
    runs: Mutex<Vec<Arc<Mutex<RunBuilder>>>>,
}

/// Looks at what the processes of a program do while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Onlooker(Arc<Shared>);

impl Onlooker {
    /// Returns the first scene that is open, as it would go on until `horizon` if nothing more happened, and the moment
    /// now; an empty scene if none is open.
    pub(crate) fn snapshot(&self, horizon: Nanos) -> Snapshot {
        let runs: Vec<_> = lock(&self.0.runs).iter().map(Arc::clone).collect();
        let shown = runs.iter().find_map(|run| self.0.look(&lock(run), horizon));
        shown.unwrap_or_else(|| Snapshot::at(Builder::new().finish(horizon), Nanos::ZERO))
    }
}

/// What was accepted until the program ended.
#[derive(Debug)]
struct Connections {
    /// How many streams there are.
    count: usize,
    /// How many were turned away.
    refused: usize,
    received: Receiver<(usize, Received)>,
}

impl Inbox {
    /// Starts to receive what comes through `listener`, which is bound to `socket`, up to the `limits`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(super) fn open(listener: UnixListener, socket: PathBuf, running: PathBuf, limits: Limits) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            running,
            room: AtomicU64::new(limits.bytes),
            over: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            open: Mutex::default(),
            runs: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        let accept = move || accepting.accept(&listener, limits.processes);
        let listening = thread::Builder::new().name("inbox".to_owned()).spawn(accept)?;
        Ok(Inbox { shared, socket, listening })
    }

    /// Returns what looks at the program while it runs.
    pub(super) fn onlooker(&self) -> Onlooker {
        Onlooker(Arc::clone(&self.shared))
    }

    /// Waits until all streams have ended, but only a little for processes that outlive the program. Returns them in the
    /// order in which they were opened, and how many could not be received.
    pub(super) fn close(self) -> (Vec<Received>, usize) {
        self.shared.over.store(true, Ordering::Release);
        // Wakes the thread that accepts connections, behind those that wait already.
        drop(UnixStream::connect(&self.socket));
        let Ok(Connections { count, mut refused, received }) = self.listening.join() else { return (Vec::new(), 0) };
        let deadline = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while all.len() < count {
            match received.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(one) => all.push(one),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.shared.shut_down();
                    all.extend(received.iter().take(count - all.len()));
                    break;
                }
            }
        }
        refused += count - all.len();
        all.sort_unstable_by_key(|(number, _)| *number);
        (all.into_iter().map(|(_, received)| received).collect(), refused)
    }
}

impl Shared {
    /// Accepts at most `most` connections until the program has ended, and then those that wait already.
    fn accept(self: &Arc<Self>, listener: &UnixListener, most: usize) -> Connections {
        let (sender, received) = mpsc::channel();
        let mut connections = Connections { count: 0, refused: 0, received };
        loop {
            let accepted = listener.accept();
            let over = self.over.load(Ordering::Acquire);
            if over && listener.set_nonblocking(true).is_err() {
                return connections;
            }
            match accepted {
                Ok((stream, _)) if connections.count < most => {
                    let number = connections.count;
                    match self.receive(number, stream, sender.clone()) {
                        Ok(()) => connections.count += 1,
                        Err(_) => connections.refused += 1,
                    }
                }
                Ok(_) => connections.refused += 1,
                Err(_) if over => return connections,
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    /// Reads a stream on a thread of its own.
    fn receive(
        self: &Arc<Self>,
        number: usize,
        stream: UnixStream,
        sender: Sender<(usize, Received)>,
    ) -> io::Result<()> {
        let handle = stream.try_clone()?;
        let shared = Arc::clone(self);
        let read = move || {
            let received = shared.read(&stream);
            shared.open().retain(|(known, _)| *known != number);
            // Nobody waits for it any more if it took too long.
            let _ = sender.send((number, received));
        };
        self.open().push((number, handle));
        let started = thread::Builder::new().name("stream".to_owned()).spawn(read);
        if started.is_err() {
            self.open().retain(|(known, _)| *known != number);
        }
        started.map(drop)
    }

    /// Ends the streams that are still open, as if their processes had ended. What they have written is still read.
    fn shut_down(&self) {
        self.cut.store(true, Ordering::Release);
        for (_, stream) in self.open().iter() {
            // It may have been closed meanwhile.
            let _ = stream.shutdown(std::net::Shutdown::Read);
        }
    }

    fn open(&self) -> MutexGuard<'_, Vec<(usize, UnixStream)>> {
        lock(&self.open)
    }

    /// Returns the open scene of a stream at this moment.
    fn look(&self, run: &RunBuilder, horizon: Nanos) -> Option<Snapshot> {
        let started = run.open_scene()?.started?;
        let running = run.process().map(|process| self.running(process.pid, started)).unwrap_or_default();
        let now = monotonic()? - started;
        Some(Snapshot::at(run.snapshot_scene(horizon.max(now), &running)?, now))
    }

    /// Reads a stream to its end, or to its first wrong line.
    fn read(&self, stream: &UnixStream) -> Received {
        let accepted = Instant::now();
        let shown = Arc::new(Mutex::new(RunBuilder::default()));
        lock(&self.runs).push(Arc::clone(&shown));
        let mut reader = EventReader::new(BufReader::with_capacity(BUFFER, Bounded { stream, room: &self.room }));
        let read = loop {
            match reader.next_event() {
                Ok(None) => break Ok(()),
                Ok(Some(event)) => {
                    let applied = lock(&shown).apply(event);
                    if let Err(contradiction) = applied {
                        break Err(reader.refuse(&contradiction));
                    }
                }
                Err(error) => break Err(error),
            }
        };
        let mut run = std::mem::take(&mut *lock(&shown));
        let open = run.open_scene();
        let full = self.room.load(Ordering::Relaxed) == 0;
        let mut ending = match (read, open) {
            (Err(error), _) => Ending::Refused(format!("{}{}", error.message, error.place())),
            (Ok(()), _) if full => Ending::Full,
            (Ok(()), None) => Ending::Whole,
            (Ok(()), Some(_)) if self.cut.load(Ordering::Acquire) => Ending::StillRuns,
            (Ok(()), Some(_)) => Ending::Early,
        };
        if let Some(open) = open {
            let (wall, running) = match (&ending, open.started) {
                (Ending::Early | Ending::StillRuns, Some(started)) => {
                    // The process ended just now. A number of its clock may be any, so it is not trusted far.
                    let wall = (monotonic().unwrap_or_default() - started)
                        .clamp(open.latest, open.latest + accepted.elapsed().into());
                    (wall, run.process().map(|process| self.running(process.pid, started)).unwrap_or_default())
                }
                _ => (open.latest, Vec::new()),
            };
            if let Err(contradiction) = run.interrupt_scene(wall, running) {
                ending = Ending::Refused(contradiction.to_string());
            }
        }
        if matches!(ending, Ending::Refused(_) | Ending::Full) {
            // The program must not notice that nobody listens.
            let _ = io::copy(&mut { stream }, &mut io::sink());
        }
        Received { trace: run.into_trace(), ending }
    }

    /// Returns the polls that the process shows as under way, in moments of the scene that began at `started`.
    fn running(&self, pid: u32, started: Nanos) -> Vec<RunningPoll> {
        let numbers = read_slots(&self.running.join(format!("{pid}.running"))).unwrap_or_default();
        let slots = numbers.chunks_exact(2).zip(0..);
        let poll = |(slot, thread): (&[i64], u32)| {
            let task = u32::try_from(slot[0].checked_sub(1)?).ok()?;
            let since = Nanos(u64::try_from(slot[1]).ok()?.checked_sub(started.0)?);
            Some(RunningPoll { task: TaskId::new(task), thread: ThreadId(thread), since, blocked: false })
        };
        slots.filter_map(poll).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream that ends once no more bytes are recorded.
struct Bounded<'a> {
    stream: &'a UnixStream,
    room: &'a AtomicU64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.room.load(Ordering::Relaxed) == 0 {
            return Ok(0);
        }
        let count = self.stream.read(bytes)?;
        let take = |room: u64| Some(room.saturating_sub(count as u64));
        // It never fails, because `take` always has an answer.
        let _ = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        Ok(count)
    }
}

/// Reads the numbers of a file that the program has written, and may have replaced by anything.
fn read_slots(path: &Path) -> io::Result<Vec<i64>> {
    // Opening a FIFO would wait for its writer.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(SLOTS).read_to_end(&mut bytes)?;
    Ok(bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap_or_default())).collect())
}
