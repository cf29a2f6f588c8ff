//! The recorder of this process: a log for each thread, which anyone may read at any time.
//!
//! [`observe`](crate::observe) and the layer for `tracing` write through `local.rs` into logs, packed by `entry.rs`. A
//! [`Reader`] unpacks them, turns ticks into nanoseconds and hands out [`Event`]s. Read `local.rs` next for what a poll
//! costs.

mod clock;
mod entry;
mod layer;
mod local;
mod log;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub(crate) use self::entry::LaneEnd;
pub(crate) use self::layer::install_recording;
#[cfg(feature = "program")]
pub(crate) use self::layer::{LogFilter, install};
pub(crate) use self::local::{LaneId, Polled, create};

use self::clock::Clock;
use self::entry::{Decoder, Entry, FieldEntry, Value};
use self::log::{Cursor, ThreadLog};
use crate::trace::{
    self, Builder, Contradiction, Event, FieldValue, Mark, Nanos, Outcome, RunningPoll, Source, TaskId, TaskKind,
    ThreadId,
};

/// A slice of a span that is no poll is shorter than this: see [`Reader`].
const DROP_SLICE: Nanos = Nanos::from_micros(50);

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
        local::attach(&self.shared);
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
        Reader { shared: Arc::clone(&self.shared), logs: Vec::new(), threads: 0 }
    }

    /// Returns the bytes that the logs hold: what the recording costs in memory, apart from the unused ends of chunks.
    pub fn bytes_held(&self) -> usize {
        let logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().map(|log| Cursor::bytes_held(log)).sum()
    }
}

/// Reads a recording as it grows.
///
/// Dropping a finished `Instrumented` future enters its span once more, for as long as the drop takes. That is no poll: a
/// span's last slice of several is left out if it is shorter than 50 microseconds and the span is closed right after it.
/// So a short slice is held back while it is the last entry of its log.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    logs: Vec<LogReader>,
    /// How many threads there are. A thread that came back to this recorder has two logs.
    threads: u32,
}

/// The reading end of one log.
#[derive(Debug)]
struct LogReader {
    log: Arc<ThreadLog>,
    thread: ThreadId,
    cursor: Cursor,
    decoder: Decoder,
    /// The last entry, if it is a short slice that may be no poll.
    held_back: Option<Event>,
}

impl Reader {
    /// Applies everything that was recorded since the last call to `builder`. Returns whether there was any event
    /// besides new threads.
    ///
    /// Events of one thread come in their order; those of several threads come in any.
    pub fn read_into(&mut self, builder: &mut Builder) -> bool {
        self.apply_to(builder, false)
    }

    /// Applies the events that are left once nothing is recorded any more.
    pub(crate) fn read_rest_into(&mut self, builder: &mut Builder) {
        self.apply_to(builder, true);
    }

    /// Calls `apply` with each event since the last call.
    pub(crate) fn read(&mut self, mut apply: impl FnMut(Event)) {
        self.find_new_logs(&mut apply);
        for log in &mut self.logs {
            log.read(&self.shared.clock, &mut apply);
        }
    }

    /// Calls `apply` with the events that are left once nothing is recorded any more.
    pub(crate) fn read_rest(&mut self, mut apply: impl FnMut(Event)) {
        self.read(&mut apply);
        self.logs.iter_mut().filter_map(|log| log.held_back.take()).for_each(apply);
    }

    /// Returns the polls under way at this moment, which no event tells of yet.
    pub fn running(&self) -> Vec<RunningPoll> {
        let of_log = |reader: &LogReader| {
            let thread = reader.thread;
            let clock = &self.shared.clock;
            let running = reader.log.running().all();
            running
                .map(|(task, since)| RunningPoll { task: TaskId::new(task), thread, since: clock.nanos(since) })
                .collect::<Vec<_>>()
        };
        self.logs.iter().flat_map(of_log).collect()
    }

    fn apply_to(&mut self, builder: &mut Builder, rest: bool) -> bool {
        let mut any = false;
        builder.expect_tasks(self.shared.next_lane.load(Ordering::Relaxed) as usize);
        let apply = |event: Event| {
            // A thread by itself has not done anything yet.
            any |= !matches!(event, Event::Thread { .. });
            let applied = builder.apply(event);
            debug_assert!(applied.is_ok(), "the recorder contradicts itself: {applied:?}");
        };
        if rest {
            self.read_rest(apply)
        } else {
            self.read(apply)
        }
        any
    }

    fn find_new_logs(&mut self, apply: &mut impl FnMut(Event)) {
        let logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        for log in &logs[self.logs.len()..] {
            let known = self.logs.iter().find(|reader| reader.log.id == log.id).map(|reader| reader.thread);
            let thread = known.unwrap_or_else(|| {
                let thread = ThreadId(self.threads);
                self.threads += 1;
                apply(Event::Thread { thread, name: log.name.clone(), process: None });
                thread
            });
            self.logs.push(LogReader {
                log: Arc::clone(log),
                thread,
                cursor: Cursor::default(),
                decoder: Decoder::default(),
                held_back: None,
            });
        }
    }
}

impl Source for Reader {
    fn read_into(&mut self, builder: &mut Builder) -> Result<bool, Contradiction> {
        Ok(Reader::read_into(self, builder))
    }

    fn read_rest_into(&mut self, builder: &mut Builder) -> Result<(), Contradiction> {
        Reader::read_rest_into(self, builder);
        Ok(())
    }

    fn running(&self) -> Vec<RunningPoll> {
        Reader::running(self)
    }
}

impl LogReader {
    fn read(&mut self, clock: &Clock, apply: &mut impl FnMut(Event)) {
        while let Some(bytes) = self.cursor.next_bytes(&self.log) {
            let mut rest = bytes.as_slice();
            while let Some((ticks, entry)) = self.decoder.decode(&mut rest) {
                self.entry(clock, ticks, entry, apply);
            }
        }
    }

    /// Turns one entry into events.
    fn entry(&mut self, clock: &Clock, ticks: u64, entry: Entry<'_>, apply: &mut impl FnMut(Event)) {
        let at = clock.nanos(ticks);
        if let Some(held_back) = self.held_back.take() {
            let is_drop = matches!((&held_back, &entry), (
                Event::Poll { task, .. },
                Entry::Ended { lane, how: LaneEnd::ClosedAfterSeveral },
            ) if task.number() == *lane);
            if !is_drop {
                apply(held_back);
            }
        }
        match entry {
            Entry::Created { lane, parent, kind, name } => {
                let task = TaskId::new(lane);
                let parent = parent.map(TaskId::new);
                apply(Event::Created { task, at, parent, kind: TaskKind::from_number(kind), name: name.into() });
            }
            Entry::Spawned { lane } => apply(Event::Spawned { task: TaskId::new(lane), at }),
            Entry::Polled { lane, ticks: length, ready } => {
                let task = TaskId::new(lane);
                let poll = self.poll(clock, task, ticks, length);
                if ready {
                    apply(poll);
                    apply(Event::End { task, at, outcome: Outcome::Done });
                } else if at - clock.nanos(ticks.saturating_sub(length)) < DROP_SLICE {
                    self.held_back = Some(poll);
                } else {
                    apply(poll);
                }
            }
            Entry::Panicked { lane, ticks: length, message } => {
                let task = TaskId::new(lane);
                apply(self.poll(clock, task, ticks, length));
                let outcome = Outcome::Panicked { message: message.into_owned() };
                apply(Event::End { task, at, outcome });
            }
            Entry::Woken { lane } => apply(Event::Wake { task: TaskId::new(lane), at }),
            Entry::Ended { lane, how } => {
                let task = TaskId::new(lane);
                let outcome = if how == LaneEnd::Dropped { Outcome::Cancelled } else { Outcome::Done };
                apply(Event::End { task, at, outcome });
            }
            Entry::Marked { lane, site, text, fields } => {
                apply(Event::Mark(self.mark(at, lane.map(TaskId::new), site, text.into_owned(), fields)));
            }
        }
    }

    fn poll(&self, clock: &Clock, task: TaskId, ticks: u64, length: u64) -> Event {
        let start = clock.nanos(ticks.saturating_sub(length));
        Event::Poll { task, thread: self.thread, start, end: clock.nanos(ticks) }
    }

    fn mark(&self, at: Nanos, task: Option<TaskId>, site: usize, text: String, fields: Vec<FieldEntry<'_>>) -> Mark {
        let site = self.log.site_at(site);
        let name = |position: usize| Some(site?.fields().iter().nth(position)?.name().to_owned());
        let field = |(position, value)| Some((name(position)?, field_value(value)));
        Mark {
            at,
            task,
            thread: self.thread,
            file: site.and_then(|site| site.file()).map(trace::source_path),
            line: site.and_then(|site| site.line()),
            text,
            fields: fields.into_iter().filter_map(field).collect(),
        }
    }
}

fn field_value(value: Value<'_>) -> FieldValue {
    match value {
        Value::Bool(value) => FieldValue::Bool(value),
        Value::Unsigned(value) => FieldValue::Unsigned(value),
        Value::Signed(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Text(text) => FieldValue::Text(text.into_owned()),
    }
}
