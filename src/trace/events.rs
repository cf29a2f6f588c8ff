//! A recording as what happened, one thing after the other: for whoever follows a run or walks through it.
//!
//! The recorder tells events as it reads them, thread by thread; [`SceneTrace::events`] tells those of a whole scene in
//! the order of time. [`SceneTrace::until`] goes the other way: the scene as it was known at a moment.

use ecow::EcoString;

use super::{Index, Mark, Outcome, Poll, SceneTrace, Slice, Task, TaskKind};

/// Something that happened, as a recorder tells it. Tasks and threads are indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thread of this name was heard of for the first time; the first one is number 0.
    Thread {
        /// Its name.
        name: String,
    },
    /// A task came to be, inside the poll of `parent`.
    Created {
        /// Which one.
        task: u32,
        /// When.
        at: u64,
        /// The task inside whose poll it was made.
        parent: Option<u32>,
        /// What it is.
        kind: TaskKind,
        /// What the scene calls it.
        name: EcoString,
    },
    /// A task is about to be polled for the first time, by an executor itself.
    Started {
        /// Which one.
        task: u32,
    },
    /// A task was polled.
    Polled {
        /// Which one.
        task: u32,
        /// When and where.
        poll: Poll,
    },
    /// A task's waker fired.
    Woken {
        /// Which one.
        task: u32,
        /// When.
        at: u64,
    },
    /// A task ended.
    Ended {
        /// Which one.
        task: u32,
        /// When.
        at: u64,
        /// How.
        outcome: Outcome,
    },
    /// Somebody said something.
    Marked(Mark),
}

impl Event {
    /// When it was over; a thread has been there all the time.
    pub fn at(&self) -> u64 {
        match self {
            Event::Thread { .. } | Event::Started { .. } => 0,
            Event::Polled { poll, .. } => poll.end,
            Event::Created { at, .. } | Event::Woken { at, .. } | Event::Ended { at, .. } => *at,
            Event::Marked(mark) => mark.at,
        }
    }

    /// Of things that happened at the same moment, which comes first: nobody is woken before there is somebody, and
    /// who has ended does nothing any more. Where an end is told twice, being dropped is what came of the other one.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Event::Thread { .. } => 0,
            Event::Created { .. } => 1,
            Event::Started { .. } => 2,
            Event::Marked(_) => 3,
            Event::Polled { .. } => 4,
            Event::Woken { .. } => 5,
            Event::Ended { outcome: Outcome::Cancelled, .. } => 7,
            Event::Ended { .. } => 6,
        }
    }
}

impl SceneTrace {
    /// Everything that happened, in the order of time.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = self.tasks.iter().zip(0..).flat_map(|(task, n)| self.events_of(task, n)).collect();
        events.extend(self.marks.iter().cloned().map(Event::Marked));
        events.sort_by_key(|event| (event.at(), event.rank()));
        let threads = self.threads.iter().map(|thread| Event::Thread { name: thread.name.clone() });
        threads.chain(events).collect()
    }

    fn events_of(&self, task: &Task, number: u32) -> impl Iterator<Item = Event> {
        let (at, parent, kind, name) = (task.created, task.parent(), task.kind, task.name.clone());
        let created = Event::Created { task: number, at, parent, kind, name };
        let polls = self.polls(task).iter().map(move |poll| Event::Polled { task: number, poll: *poll });
        let wakes = self.wakes(task).iter().map(move |at| Event::Woken { task: number, at: *at });
        let outcome = task.outcome.clone();
        let ended = task.ended.map(|at| Event::Ended { task: number, at, outcome });
        [created].into_iter().chain(polls).chain(wakes).chain(ended)
    }

    /// The moments at which anything begins, ends or happens, in order.
    pub(crate) fn moments(&self) -> Vec<u64> {
        let of_tasks = self.tasks.iter().flat_map(|task| [Some(task.created), task.ended]).flatten();
        let of_polls = self.polls.iter().flat_map(|poll| [poll.start, poll.end]);
        let mut moments: Vec<u64> = of_tasks.chain(of_polls).chain(self.wakes.iter().copied()).collect();
        moments.sort_unstable();
        moments
    }

    /// The scene as it was known at `now`, when it was still under way: whatever was going on then goes on until
    /// `wall`.
    pub(crate) fn until(&self, now: u64, wall: u64) -> SceneTrace {
        let mut cut = self.emptied(wall, Outcome::Interrupted);
        // Those that did not exist yet leave gaps in the numbers by which others name a task.
        let mut numbers = vec![None; self.tasks.len()];
        for (task, number) in self.tasks.iter().zip(&mut numbers) {
            if task.created <= now || self.polls(task).first().is_some_and(|poll| poll.start <= now) {
                *number = Some(cut.tasks.len() as u32);
                self.cut_task(task, now, &mut cut);
            }
        }
        let renumber = |task: Option<u32>| task.and_then(|task| numbers.get(task as usize).copied().flatten());
        for task in &mut cut.tasks {
            task.parent = renumber(task.parent()).and_then(Index::new);
        }
        let said = self.marks.iter().filter(|mark| mark.at <= now);
        cut.marks = said.map(|mark| Mark { task: renumber(mark.task), ..mark.clone() }).collect();
        cut
    }

    /// The scene without anything that happened in it.
    fn emptied(&self, wall: u64, outcome: Outcome) -> SceneTrace {
        SceneTrace {
            name: self.name.clone(),
            title: self.title.clone(),
            file: self.file.clone(),
            runtime: self.runtime,
            wall,
            outcome,
            threads: self.threads.clone(),
            tasks: Vec::new(),
            marks: Vec::new(),
            polls: Vec::new(),
            wakes: Vec::new(),
        }
    }

    fn cut_task(&self, task: &Task, now: u64, cut: &mut SceneTrace) {
        let (first_poll, first_wake) = (cut.polls.len() as u32, cut.wakes.len() as u32);
        let begun = self.polls(task).iter().take_while(|poll| poll.start <= now);
        // A poll of no length is over as soon as it has begun.
        let under_way = |poll: &Poll| poll.end > now;
        cut.polls
            .extend(begun.map(|poll| if under_way(poll) { Poll { end: cut.wall.max(now), ..*poll } } else { *poll }));
        cut.wakes.extend(self.wakes(task).iter().take_while(|wake| **wake <= now));
        let polls = Slice { start: first_poll, len: cut.polls.len() as u32 - first_poll };
        let wakes = Slice { start: first_wake, len: cut.wakes.len() as u32 - first_wake };
        let ended = task.ended.filter(|ended| *ended <= now);
        let outcome = if ended.is_some() { task.outcome.clone() } else { Outcome::Interrupted };
        cut.tasks.push(Task { ended, outcome, polls, wakes, ..task.clone() });
    }
}
