//! Where the stamps go: a log per thread, read by anyone at any time, folded into a [`Builder`].
//!
//! The arrows: `observe.rs` and the tracing `layer` write through `local` into `log`s, packed by `event`;
//! a [`Reader`] unpacks them, turns ticks into nanoseconds and tells a [`Builder`]. Knows nothing of drawing, of
//! lessons or of runtimes. Read `local.rs` next for what a poll costs, `trace/build.rs` for what becomes of it.

mod clock;
mod event;
mod layer;
mod local;
mod log;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub(crate) use self::layer::install_recording;
#[cfg(feature = "program")]
pub(crate) use self::layer::{LogFilter, install};
pub(crate) use self::local::{LaneId, Polled, create};

use self::clock::Clock;
use self::event::{Decoder, Event};
use self::log::{Cursor, ThreadLog};
use crate::trace::{self, Builder, Mark, Outcome, Poll, TaskKind};

/// Recorders that live, so that a lane can name its own in four bytes: a million sleeping tasks each hold one.
static RECORDERS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// Collects what the threads attached to it do.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: u32,
    clock: Clock,
    next_lane: AtomicU32,
    /// Whether the recording is over: nothing more is recorded then, on any thread.
    stopped: AtomicBool,
    logs: Mutex<Vec<Arc<ThreadLog>>>,
}

impl Shared {
    fn add_log(&self) -> Arc<ThreadLog> {
        let log = Arc::new(ThreadLog::new());
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&log));
        log
    }
}

fn find(id: u32) -> Option<Arc<Shared>> {
    let recorders = RECORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    recorders.iter().filter_map(Weak::upgrade).find(|shared| shared.id == id)
}

impl Recorder {
    /// A recorder on a clock of this kind; its time begins with [`Recorder::start`].
    pub fn new(clock: trace::Clock) -> Self {
        let shared = Arc::new(Shared {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            clock: Clock::new(clock),
            next_lane: AtomicU32::new(0),
            stopped: AtomicBool::new(false),
            logs: Mutex::default(),
        });
        let mut recorders = RECORDERS.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.retain(|known| known.strong_count() > 0);
        recorders.push(Arc::downgrade(&shared));
        Recorder { shared }
    }

    /// The calling thread's lanes and marks are recorded here from now on.
    pub fn attach(&self) {
        local::attach(&self.shared);
    }

    /// Makes this moment the recording's zero. On the virtual clock: to be called within its runtime.
    pub fn start(&self) {
        self.shared.clock.start();
    }

    /// Nanoseconds since the start.
    pub fn now(&self) -> u64 {
        self.shared.clock.nanos(self.shared.clock.ticks())
    }

    /// A reader from the beginning.
    pub fn reader(&self) -> Reader {
        Reader { shared: Arc::clone(&self.shared), logs: Vec::new(), threads: 0 }
    }

    /// Bytes that the logs hold: what the recording costs in memory, chunks' unused ends apart.
    pub fn bytes_held(&self) -> usize {
        let logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().map(|log| Cursor::bytes_held(log)).sum()
    }
}

/// Reads a recording as it grows.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    logs: Vec<ReadLog>,
    /// How many there are: of two logs, one may be the other's thread come back.
    threads: u32,
}

#[derive(Debug)]
struct ReadLog {
    log: Arc<ThreadLog>,
    thread: u32,
    cursor: Cursor,
    decoder: Decoder,
}

impl Reader {
    /// Tells `builder` everything that was recorded since the last call; answers whether there was anything.
    ///
    /// Each thread's events come in their order; those of two threads may come in any.
    pub fn read_into(&mut self, builder: &mut Builder) -> bool {
        let mut any = false;
        builder.expect_tasks(self.shared.next_lane.load(Ordering::Relaxed) as usize);
        self.read(|event| {
            // A thread by itself is no news: it has not done anything yet.
            any |= !matches!(event, trace::Event::Thread { .. });
            builder.hear(event);
        });
        any
    }

    /// Calls `hear` with everything that was recorded since the last call, in that order.
    pub(crate) fn read(&mut self, mut hear: impl FnMut(trace::Event)) {
        self.find_new_logs(&mut hear);
        for read in &mut self.logs {
            while let Some(bytes) = read.cursor.next_bytes(&read.log) {
                let mut rest = bytes.as_slice();
                while let Some((at, event)) = read.decoder.decode(&mut rest) {
                    tell(&mut hear, &self.shared.clock, read.thread, &read.log, at, event);
                }
            }
        }
    }

    /// The polls under way at this moment, which no event tells of yet: (lane, thread, nanoseconds of their start).
    pub fn running(&self) -> Vec<(u32, u32, u64)> {
        let nanos = |since| self.shared.clock.nanos(since);
        let of = |read: &ReadLog| {
            let thread = read.thread;
            read.log.running().all().into_iter().map(move |(lane, since)| (lane, thread, since))
        };
        self.logs.iter().flat_map(of).map(|(lane, thread, since)| (lane, thread, nanos(since))).collect()
    }

    fn find_new_logs(&mut self, hear: &mut impl FnMut(trace::Event)) {
        let logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        for log in &logs[self.logs.len()..] {
            // A thread that came back to this recorder has a second log, and is still one thread.
            let known = self.logs.iter().find(|read| read.log.id == log.id).map(|read| read.thread);
            let thread = known.unwrap_or_else(|| {
                hear(trace::Event::Thread { name: log.name.clone() });
                self.threads += 1;
                self.threads - 1
            });
            let (log, cursor, decoder) = (Arc::clone(log), Cursor::default(), Decoder::default());
            self.logs.push(ReadLog { log, thread, cursor, decoder });
        }
    }
}

fn tell(
    hear: &mut impl FnMut(trace::Event),
    clock: &Clock,
    thread: u32,
    log: &ThreadLog,
    ticks: u64,
    event: Event<'_>,
) {
    let at = clock.nanos(ticks);
    let poll = |length: u64| Poll { start: clock.nanos(ticks.saturating_sub(length)), end: at, thread };
    let ended = |task, outcome| trace::Event::Ended { task, at, outcome };
    match event {
        Event::Created { lane: task, parent, kind, name } => {
            let (kind, name) = (TaskKind::from_number(kind), name.into());
            hear(trace::Event::Created { task, at, parent, kind, name });
        }
        Event::Started { lane: task } => hear(trace::Event::Started { task }),
        Event::Polled { lane: task, ticks, ready } => {
            hear(trace::Event::Polled { task, poll: poll(ticks) });
            if ready {
                hear(ended(task, Outcome::Done));
            }
        }
        Event::Panicked { lane: task, ticks, message } => {
            hear(trace::Event::Polled { task, poll: poll(ticks) });
            hear(ended(task, Outcome::Panicked { message: message.into_owned() }));
        }
        Event::Woken { lane: task } => hear(trace::Event::Woken { task, at }),
        Event::Ended { lane, done } => hear(ended(lane, if done { Outcome::Done } else { Outcome::Cancelled })),
        Event::Marked { lane: task, site, text } => {
            let site = log.site_at(site);
            let (file, line) = (site.and_then(|site| site.file()), site.and_then(|site| site.line()));
            let (file, text) = (file.map(trace::source_path), text.into_owned());
            hear(trace::Event::Marked(Mark { at, task, thread, file, line, text }));
        }
    }
}
