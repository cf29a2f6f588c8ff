//! A recording as what happened, one thing after the other: for whoever follows a run or walks through it.
//!
//! The recorder tells events as it reads them, thread by thread; [`SceneTrace::events`] tells those of a whole scene in
//! the order of time. [`SceneTrace::until`] goes the other way: the scene as it was known at a moment.

use ecow::EcoString;

use super::task::{Index, Slice};
use super::{Mark, Outcome, Poll, SceneTrace, Task, TaskKind};

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

/// When something happened, and where in the recording it is found. These are sorted rather than the events
/// themselves, which would take several times the room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: u64,
    rank: u8,
    /// None is a mark.
    task: Option<u32>,
    nth: u32,
}

impl SceneTrace {
    /// Everything that happened, in the order of time; at the same moment, in that of the tasks.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let threads = self.threads.iter().map(|thread| Event::Thread { name: thread.name.clone() });
        threads.chain(self.places().into_iter().map(|place| self.event(place)))
    }

    /// Where in the recording to find what happened, in the order of time.
    fn places(&self) -> Vec<Place> {
        let of_tasks = self.tasks.iter().zip(0..).flat_map(|(task, number)| {
            let count = 1 + task.polls.len + task.wakes.len + u32::from(task.ended.is_some());
            (0..count).map(move |nth| (Some(number), nth))
        });
        let marks = (0..self.marks.len() as u32).map(|nth| (None, nth));
        let place = |(task, nth)| {
            let place = Place { at: 0, rank: 0, task, nth };
            let event = self.event(place);
            Place { at: event.at(), rank: event.rank(), ..place }
        };
        let mut places: Vec<Place> = of_tasks.chain(marks).map(place).collect();
        places.sort_unstable();
        places
    }

    /// Of a task first its creation, then its polls, its wakes and its end.
    fn event(&self, place: Place) -> Event {
        let nth = place.nth as usize;
        let Some(number) = place.task else { return Event::Marked(self.marks[nth].clone()) };
        let task = &self.tasks[number as usize];
        let (polls, wakes) = (self.polls(task), self.wakes(task));
        match nth.checked_sub(1) {
            None => {
                let (at, parent, kind, name) = (task.created, task.parent(), task.kind, task.name.clone());
                Event::Created { task: number, at, parent, kind, name }
            }
            Some(nth) if nth < polls.len() => Event::Polled { task: number, poll: polls[nth] },
            Some(nth) if nth < polls.len() + wakes.len() => Event::Woken { task: number, at: wakes[nth - polls.len()] },
            Some(_) => {
                let (at, outcome) = (task.ended.unwrap_or_default(), task.outcome.clone());
                Event::Ended { task: number, at, outcome }
            }
        }
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
            figures: Vec::new(),
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
