//! Keeps the end of a recording: what happened in the last seconds, and what is known of the tasks that took part.
//!
//! A recording that is cut off at its beginning must still say who its tasks are. So of tasks that have not ended, the
//! creation is kept however long ago it was, and whether they waited or were ready at the cut.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use super::{Builder, Event, Mark, Outcome, RunningPoll, SceneStart, SceneTrace, TaskId, ThreadId, Usage};
use crate::nanos::Nanos;

/// The end of a recording.
#[derive(Debug)]
pub(crate) struct Tail {
    /// How much is kept.
    length: Nanos,
    /// The most events that are kept, of about 32 bytes each. If there are more, a shorter time is kept.
    most: usize,
    threads: Vec<Event>,
    /// The tasks that have not ended before the cut.
    tasks: BTreeMap<TaskId, Known>,
    /// What happened since the cut, in the order in which it was read.
    batches: VecDeque<Batch>,
    /// How many events the batches hold.
    count: usize,
    /// The cut: the moment of the latest event that was let go.
    from: Nanos,
}

/// What is known of a task at the cut.
#[derive(Clone, Debug)]
struct Known {
    /// Its creation.
    created: Box<Event>,
    spawned: bool,
    /// The thread of its last poll; none if it was not polled yet.
    polled_on: Option<ThreadId>,
    /// Whether it was woken since that poll.
    woken: bool,
}

/// Events that were read at once.
#[derive(Debug)]
struct Batch {
    events: Vec<Kept>,
    latest: Nanos,
}

/// An event. Nearly all are polls and wakes, and take a third of the memory of an [`Event`].
#[derive(Debug)]
enum Kept {
    Poll { task: TaskId, thread: ThreadId, start: Nanos, end: Nanos },
    Wake { task: TaskId, at: Nanos },
    Other(Box<Event>),
}

impl Tail {
    /// Returns the tail of a recording that begins now. It keeps the last `length`, and at most this many events.
    pub(crate) fn new(length: Nanos, most: usize) -> Self {
        Tail {
            length,
            most,
            threads: Vec::new(),
            tasks: BTreeMap::new(),
            batches: VecDeque::new(),
            count: 0,
            from: Nanos::ZERO,
        }
    }

    /// Takes events in the order in which they were read, until the moment `now`. Lets go of what is too old.
    pub(crate) fn take(&mut self, events: impl IntoIterator<Item = Event>, now: Nanos) {
        let mut batch = Batch { events: Vec::new(), latest: Nanos::ZERO };
        for event in events {
            batch.latest = batch.latest.max(event.at());
            match event {
                Event::Thread { .. } => self.threads.push(event),
                Event::Created { task, .. } => {
                    let created = Box::new(event);
                    self.tasks.insert(task, Known { created, spawned: false, polled_on: None, woken: false });
                }
                Event::Spawned { task, .. } => {
                    self.tasks.entry(task).and_modify(|known| known.spawned = true);
                }
                Event::Poll { task, thread, start, end } => batch.events.push(Kept::Poll { task, thread, start, end }),
                Event::Wake { task, at, by: None } => batch.events.push(Kept::Wake { task, at }),
                other => batch.events.push(Kept::Other(Box::new(other))),
            }
        }
        if !batch.events.is_empty() {
            self.count += batch.events.len();
            self.batches.push_back(batch);
        }
        self.trim(now);
    }

    /// Lets go of the batches that are too old, or too many.
    fn trim(&mut self, now: Nanos) {
        self.trim_last();
        let from = now - self.length;
        while let Some(oldest) = self.batches.front()
            && (oldest.latest < from || self.count > self.most)
            && let Some(oldest) = self.batches.pop_front()
        {
            self.count -= oldest.events.len();
            self.from = self.from.max(oldest.latest);
            for event in &oldest.events {
                forget(&mut self.tasks, event);
            }
        }
        if from > Nanos::ZERO {
            self.from = self.from.max(from);
        }
    }

    /// Lets go of the beginning of the last batch, if that alone holds too many events.
    fn trim_last(&mut self) {
        let Some(last) = self.batches.back_mut() else { return };
        let excess = last.events.len().saturating_sub(self.most);
        self.count -= excess;
        for event in last.events.drain(..excess) {
            self.from = self.from.max(event.at());
            forget(&mut self.tasks, &event);
        }
    }

    /// Returns the moment of the cut: 0 if nothing was let go.
    pub(crate) fn from(&self) -> Nanos {
        self.from
    }

    /// Returns how many tasks and events are held.
    #[cfg(test)]
    fn held(&self) -> (usize, usize) {
        (self.tasks.len(), self.count)
    }

    /// Returns the scene that `start` describes, from the cut to `wall`, and the moment of the cut: 0 if nothing was let
    /// go. The polls in `running` are under way.
    pub(crate) fn scene(
        &self,
        mut start: SceneStart,
        wall: Nanos,
        outcome: Outcome,
        running: &[RunningPoll],
    ) -> (SceneTrace, Nanos) {
        let from = self.from;
        let mut tasks = self.tasks.clone();
        let is_old = |event: &&Kept| event.at() < from;
        let all = || self.batches.iter().flat_map(|batch| &batch.events);
        all().filter(is_old).for_each(|event| forget(&mut tasks, event));

        let numbers: BTreeMap<TaskId, TaskId> = tasks.keys().copied().zip((0..).map(TaskId::new)).collect();
        let mut builder = Builder::new();
        builder.expect_tasks(numbers.len());
        let mut apply = |event| {
            let applied = builder.apply(event);
            debug_assert!(applied.is_ok(), "the kept end contradicts itself: {applied:?}");
        };
        self.threads.iter().cloned().for_each(&mut apply);
        let cut = Cut { numbers: &numbers, from };
        tasks.iter().flat_map(|(task, known)| cut.beginning(*task, known)).for_each(&mut apply);
        all().filter(|event| !is_old(event)).filter_map(|event| cut.event(event)).for_each(&mut apply);
        let running: Vec<_> = running.iter().filter_map(|poll| cut.running(poll)).collect();
        start.started = start.started.map(|started| started + from);
        (builder.finish_as(start, wall - from, outcome, &running), from)
    }
}

/// Notes what `event`, which is let go, leaves of its task.
fn forget(tasks: &mut BTreeMap<TaskId, Known>, event: &Kept) {
    match event {
        Kept::Poll { task, thread, .. } => {
            tasks.entry(*task).and_modify(|known| (known.polled_on, known.woken) = (Some(*thread), false));
        }
        Kept::Wake { task, .. } => {
            tasks.entry(*task).and_modify(|known| known.woken = true);
        }
        Kept::Other(event) => {
            if let Event::End { task, .. } = &**event {
                tasks.remove(task);
            }
        }
    }
}

impl Kept {
    fn at(&self) -> Nanos {
        match self {
            Kept::Poll { end, .. } => *end,
            Kept::Wake { at, .. } => *at,
            Kept::Other(event) => event.at(),
        }
    }
}

/// Turns what was recorded into what is shown: tasks have the new `numbers`, and moments count from the cut.
struct Cut<'a> {
    numbers: &'a BTreeMap<TaskId, TaskId>,
    from: Nanos,
}

impl Cut<'_> {
    /// Returns the number of a task; none if it ended before the cut.
    fn task(&self, task: TaskId) -> Option<TaskId> {
        self.numbers.get(&task).copied()
    }

    /// Returns the events that say what a task is, and what it did at the cut. A poll of no length stands for those before
    /// it: what was polled and not woken since waits.
    fn beginning(&self, task: TaskId, known: &Known) -> Vec<Event> {
        let Some(number) = self.task(task) else { return Vec::new() };
        let mut created = (*known.created).clone();
        let mut at_creation = Nanos::ZERO;
        if let Event::Created { task, at, parent, .. } = &mut created {
            *task = number;
            *at = *at - self.from;
            *parent = parent.and_then(|parent| self.task(parent));
            at_creation = *at;
        }
        let mut events = vec![created];
        if known.spawned {
            events.push(Event::Spawned { task: number, at: at_creation });
        }
        if let Some(thread) = known.polled_on {
            events.push(Event::Poll { task: number, thread, start: Nanos::ZERO, end: Nanos::ZERO });
        }
        if known.woken {
            events.push(Event::Wake { task: number, at: at_creation, by: None });
        }
        events
    }

    /// Returns an event after the cut; none if it is about a task that is not shown.
    fn event(&self, event: &Kept) -> Option<Event> {
        Some(match event {
            Kept::Poll { task, thread, start, end } => {
                let (start, end) = (*start - self.from, *end - self.from);
                Event::Poll { task: self.task(*task)?, thread: *thread, start, end }
            }
            Kept::Wake { task, at } => Event::Wake { task: self.task(*task)?, at: *at - self.from, by: None },
            Kept::Other(event) => match (**event).clone() {
                Event::End { task, at, outcome, site } => {
                    Event::End { task: self.task(task)?, at: at - self.from, outcome, site }
                }
                Event::Usage(usage) => {
                    let (task, start) = (self.task(usage.task)?, usage.start - self.from);
                    Event::Usage(Usage { task, start, ..usage })
                }
                Event::Mark(mark) => {
                    let task = mark.task.and_then(|task| self.task(task));
                    Event::Mark(Mark { task, at: mark.at - self.from, ..mark })
                }
                _ => return None,
            },
        })
    }

    fn running(&self, poll: &RunningPoll) -> Option<RunningPoll> {
        Some(RunningPoll { task: self.task(poll.task)?, since: poll.since - self.from, ..*poll })
    }
}
