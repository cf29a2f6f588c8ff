//! The reading end of a recording: unpacks the logs of all threads into events.

use std::collections::HashMap;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, PoisonError};
use std::thread;

use super::Shared;
use super::clock::Clock;
use super::entry::{Decoder, Entry, FieldEntry, LaneEnd, Value};
use super::log::{Cursor, ThreadLog};
use super::meter::is_asleep;
use crate::trace::{
    self, Builder, Contradiction, Event, FieldValue, Mark, Nanos, Outcome, RunningPoll, Source, TaskId, TaskKind,
    ThreadId, Usage,
};

/// A slice of a span that is no poll is shorter than this: see [`Reader`].
const DROP_SLICE: Nanos = Nanos::from_micros(50);
/// A thread that has slept in a call for less than this is not said to be blocked: the system counts in steps, too.
const LONG_SLEEP: Nanos = Nanos::from_millis(5);

/// Reads a recording as it grows.
///
/// Dropping a finished `Instrumented` future enters its span once more, for as long as the drop takes. That is no poll: a
/// span's last slice of several is left out if it is shorter than 50 microseconds and the span is closed right after it.
/// So a short slice is held back while it is the last entry of its log. `span.rs` says what
/// such a drop may show.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    logs: Vec<LogReader>,
    /// How many of the recorder's logs were found.
    found: usize,
    /// The threads by the system's number and their name. A thread that came back to this recorder has two logs.
    threads: HashMap<(thread::ThreadId, String), ThreadId>,
    /// Whether what was read is freed.
    frees: bool,
}

/// The reading end of one log.
#[derive(Debug)]
struct LogReader {
    log: Arc<ThreadLog>,
    thread: ThreadId,
    cursor: Cursor,
    decoder: Decoder,
    /// The last entry, if it is a short slice that may be no poll.
    held_back: Option<Slice>,
}

/// The time for which a lane held the log's thread. Most polls are held back for one entry, and this is a fifth of an
/// [`Event`].
#[derive(Clone, Copy, Debug)]
struct Slice {
    task: TaskId,
    start: Nanos,
    end: Nanos,
}

impl Reader {
    /// Returns a reader of this recorder that begins with the first event.
    pub(super) fn new(shared: Arc<Shared>, frees: bool) -> Self {
        Reader { shared, logs: Vec::new(), found: 0, threads: HashMap::new(), frees }
    }

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
        // Of threads that have ended by now, nothing will come after this.
        let ended = if self.frees { self.take_logs_of_ended_threads() } else { Vec::new() };
        for log in &mut self.logs {
            log.read(&self.shared.clock, &mut apply);
        }
        for mut log in ended {
            log.read(&self.shared.clock, &mut apply);
            log.take_held_back().into_iter().for_each(&mut apply);
        }
    }

    /// Takes out the logs to which nobody writes any more.
    fn take_logs_of_ended_threads(&mut self) -> Vec<LogReader> {
        let mut logs = self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner);
        // The recorder holds a log, and so does this reader.
        let ended: Vec<_> = self.logs.extract_if(.., |reader| Arc::strong_count(&reader.log) == 2).collect();
        // What their threads wrote came before they let go.
        fence(Ordering::Acquire);
        if !ended.is_empty() {
            logs.retain(|log| !ended.iter().any(|reader| Arc::ptr_eq(&reader.log, log)));
            self.found -= ended.len();
        }
        ended
    }

    /// Calls `apply` with the events that are left once nothing is recorded any more.
    pub(crate) fn read_rest(&mut self, mut apply: impl FnMut(Event)) {
        self.read(&mut apply);
        self.logs.iter_mut().filter_map(LogReader::take_held_back).for_each(apply);
    }

    /// Returns the polls under way at this moment, which no event tells of yet.
    pub fn running(&self) -> Vec<RunningPoll> {
        let of_log = |reader: &LogReader| {
            let thread = reader.thread;
            let clock = &self.shared.clock;
            let running: Vec<(u32, u64)> = reader.log.running().all().collect();
            let blocked = !running.is_empty() && is_asleep(reader.log.look(), clock, LONG_SLEEP);
            let poll =
                |(task, since)| RunningPoll { task: TaskId::new(task), thread, since: clock.nanos(since), blocked };
            running.into_iter().map(poll).collect::<Vec<_>>()
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
        for log in &logs[self.found..] {
            let number = ThreadId(self.threads.len() as u32);
            let thread = *self.threads.entry((log.id, log.name.clone())).or_insert_with(|| {
                apply(Event::Thread { thread: number, name: log.name.clone(), process: None });
                number
            });
            self.logs.push(LogReader {
                log: Arc::clone(log),
                thread,
                cursor: Cursor::new(self.frees),
                decoder: Decoder::default(),
                held_back: None,
            });
        }
        self.found = logs.len();
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
        if self.tells_what_was_held_back(&entry, at, apply) {
            return;
        }
        let slice = |lane, length: u64| Slice {
            task: TaskId::new(lane),
            start: clock.nanos(ticks.saturating_sub(length)),
            end: at,
        };
        match entry {
            Entry::Created { lane, parent, kind, name } => {
                let (task, parent) = (TaskId::new(lane), parent.map(TaskId::new));
                let kind = TaskKind::from_number(kind);
                apply(Event::Created { task, at, parent, kind, name: name.into(), site: None, code: None });
            }
            Entry::Spawned { lane } => apply(Event::Spawned { task: TaskId::new(lane), at }),
            Entry::Polled { lane, ticks: length, ready } => {
                let slice = slice(lane, length);
                if ready {
                    apply(self.poll(slice));
                    apply(Event::End { task: slice.task, at, outcome: Outcome::Done, site: None });
                } else if slice.end - slice.start < DROP_SLICE {
                    self.held_back = Some(slice);
                } else {
                    apply(self.poll(slice));
                }
            }
            Entry::Used { lane, usage } => {
                let Slice { task, start, .. } = slice(lane, usage.ticks);
                let (computed, preempted) = (Nanos(usage.computed), Nanos(usage.preempted));
                apply(Event::Usage(Usage { task, start, computed, preempted }));
            }
            Entry::Panicked { lane, ticks: length, message } => {
                let slice = slice(lane, length);
                apply(self.poll(slice));
                let outcome = Outcome::Panicked { message: message.into_owned() };
                apply(Event::End { task: slice.task, at, outcome, site: None });
            }
            Entry::Woken { lane } => apply(Event::Wake { task: TaskId::new(lane), at, by: None }),
            Entry::Ended { lane, how } => {
                let task = TaskId::new(lane);
                let outcome = if how == LaneEnd::Dropped { Outcome::Cancelled } else { Outcome::Done };
                apply(Event::End { task, at, outcome, site: None });
            }
            Entry::Marked { lane, site, text, fields } => {
                apply(Event::Mark(self.mark(at, lane.map(TaskId::new), site, text.into_owned(), fields)));
            }
        }
    }

    /// Reports the slice that was held back as a poll, unless `entry`, which follows it, tells that it was none. Returns
    /// whether that is all that `entry` tells.
    fn tells_what_was_held_back(&mut self, entry: &Entry<'_>, at: Nanos, apply: &mut impl FnMut(Event)) -> bool {
        let Some(slice) = self.held_back.take() else { return false };
        match *entry {
            Entry::Ended { lane, how: LaneEnd::ClosedAfterSeveral } if slice.task.number() == lane => false,
            Entry::Ended { lane, how: LaneEnd::ClosedUnfinished } if slice.task.number() == lane => {
                apply(Event::End { task: slice.task, at, outcome: Outcome::Cancelled, site: None });
                true
            }
            _ => {
                apply(self.poll(slice));
                false
            }
        }
    }

    fn poll(&self, slice: Slice) -> Event {
        Event::Poll { task: slice.task, thread: self.thread, start: slice.start, end: slice.end }
    }

    fn take_held_back(&mut self) -> Option<Event> {
        self.held_back.take().map(|slice| self.poll(slice))
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
