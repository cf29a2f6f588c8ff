//! The recorder of this process: a log for each thread, which anyone may read at any time.
//!
//! [`observe`](crate::observe) and the layer for `tracing` write through `local.rs` into logs, packed by `entry.rs`. A
//! [`Reader`] unpacks them, turns ticks into nanoseconds and hands out [`trace::Event`]s. Read `local.rs` next for what a
//! poll costs.

mod attach;
mod clock;
mod entry;
mod layer;
mod local;
mod log;
mod meter;
mod moment;
mod reader;
mod span;
mod span_filter;
mod tokio_spans;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub(crate) use self::attach::Attachment;
pub(crate) use self::entry::LaneEnd;
pub use self::layer::layer;
#[cfg(feature = "program")]
pub(crate) use self::layer::{LogFilter, install};
pub(crate) use self::layer::{has_layer, install_recording};
pub(crate) use self::local::{LaneId, Polled, create};
pub use self::reader::Reader;
pub(crate) use self::span_filter::SpanFilter;

use self::clock::Clock;
use self::log::{Cursor, ThreadLog};
use crate::trace::{self, Nanos};

/// All living recorders. A lane names its own by four bytes: a million sleeping tasks each hold them.
static RECORDERS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// Records what the threads that are attached to it do.
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
    /// Adds a log of the calling thread. It is called as the thread is, unless it gets a `name`.
    fn add_log(&self, name: Option<String>) -> Arc<ThreadLog> {
        let log = Arc::new(ThreadLog::new(name));
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&log));
        log
    }
}

fn find(id: u32) -> Option<Arc<Shared>> {
    let recorders = RECORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    recorders.iter().filter_map(Weak::upgrade).find(|shared| shared.id == id)
}

impl Recorder {
    /// Returns a recorder on a clock of this kind. Its time begins with [`Recorder::start`].
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

    /// Attaches the calling thread: its lanes and marks are recorded here from now on.
    pub fn attach(&self) {
        attach::attach(&self.shared);
    }

    /// Makes this moment the zero of the recording. On the virtual clock, must be called within its runtime.
    pub fn start(&self) {
        self.shared.clock.start();
    }

    /// Returns the nanoseconds since the start.
    pub fn now(&self) -> Nanos {
        self.shared.clock.nanos(self.shared.clock.ticks())
    }

    /// Returns a reader that begins with the first event.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared), false)
    }

    /// Returns a reader that begins with the first event and frees what it has read, so that a recording can go on for
    /// days. There must be no other reader of this recorder.
    pub fn draining_reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared), true)
    }

    /// Returns whether the recording is over.
    pub(crate) fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::Relaxed)
    }

    /// Returns whether any lane was made so far.
    pub(crate) fn has_lanes(&self) -> bool {
        self.shared.next_lane.load(Ordering::Relaxed) > 0
    }

    /// Returns the bytes that the logs hold: what the recording costs in memory, apart from the unused ends of chunks.
    pub fn bytes_held(&self) -> usize {
        let logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().map(|log| Cursor::bytes_held(log)).sum()
    }
}
