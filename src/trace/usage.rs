//! How a thread spent its longer polls: computing, waiting for a core, or blocked in a call.
//!
//! A recorder tells it from the thread's CPU time, where the system counts that. What is not told of is taken for
//! computing: recordings of other programs, and polls too short to be worth a look at that clock.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::ids::{TaskId, ThreadId};
use super::{Poll, SceneTrace, State, Task, TaskKind};
use crate::nanos::Nanos;

/// How a thread spent one poll. The rest of the poll's time it was blocked in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The task that was polled.
    pub task: TaskId,
    /// The moment when that poll began.
    pub start: Nanos,
    /// For how long the thread computed: its CPU time.
    pub computed: Nanos,
    /// For how long it could have computed, while other programs or threads had the cores.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub preempted: Nanos,
}

fn is_zero(nanos: &Nanos) -> bool {
    *nanos == Nanos::ZERO
}

/// The shortest poll of which it is shown that the thread was asleep: a shorter one hardly fills a cell of a picture.
const SHOWN: Nanos = Nanos::from_millis(5);

impl Usage {
    /// Returns what is told of the same poll, of `length`, while it lasts for `shown` so far.
    pub(super) fn scaled(self, length: Nanos, shown: Nanos) -> Usage {
        let scale = |time: Nanos| Nanos((time.as_f64() * shown.ratio(length)) as u64);
        Usage { computed: scale(self.computed), preempted: scale(self.preempted), ..self }
    }

    /// Returns whether the thread was blocked in a call for most of a poll of `length`, and for long enough to be shown.
    fn is_mostly_blocked(&self, length: Nanos) -> bool {
        let blocked = length - self.computed - self.preempted;
        length >= SHOWN && blocked > length - blocked
    }
}

/// The usages of a scene's polls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usages {
    /// In the order of the scene's polls, each with the position of its poll.
    by_poll: Vec<(u32, Usage)>,
}

impl Usages {
    /// Gives each of `told` the position that `find` has for the poll of its task and start. One of a poll that is not
    /// there is left out.
    pub(super) fn of(mut told: Vec<Usage>, find: impl Fn(TaskId, Nanos) -> Option<usize>) -> Usages {
        told.sort_by_key(|usage| (usage.task, usage.start));
        let with_position = |usage: Usage| find(usage.task, usage.start).map(|position| (position as u32, usage));
        let mut by_poll: Vec<(u32, Usage)> = told.into_iter().filter_map(with_position).collect();
        by_poll.dedup_by_key(|(position, _)| *position);
        Usages { by_poll }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.by_poll.len()
    }

    /// Returns the one at `index`; `polls` are those of the same scene.
    pub(super) fn nth(&self, index: usize, polls: &[Poll]) -> Usage {
        let (position, usage) = self.by_poll[index];
        Usage { start: polls[position as usize].start, ..usage }
    }

    /// Returns that of the poll at `position`.
    pub(super) fn at(&self, position: usize) -> Option<Usage> {
        let found = self.by_poll.binary_search_by_key(&(position as u32), |(position, _)| *position).ok()?;
        Some(self.by_poll[found].1)
    }
}

impl SceneTrace {
    /// Returns how the thread spent each poll of which that is known, in the order of the tasks and their polls.
    pub fn usages(&self) -> impl ExactSizeIterator<Item = Usage> {
        (0..self.usages.len()).map(|index| self.usages.nth(index, &self.polls))
    }

    /// Returns for how long threads computed in polls of `task`. A poll of which no usage is known counts whole.
    pub fn busy_of(&self, task: &Task) -> Nanos {
        let computed = |position: usize| {
            let length = self.polls[position].end - self.polls[position].start;
            self.usages.at(position).map_or(length, |usage| usage.computed.min(length))
        };
        task.polls.range().map(computed).sum()
    }

    /// Returns for how long other programs or threads had the cores during a poll of the task `id`, as far as is known.
    pub(crate) fn preempted_in(&self, id: TaskId, poll: Poll) -> Nanos {
        let usage = self.position_of_poll(id, poll.start).and_then(|position| self.usages.at(position));
        usage.map_or(Nanos::ZERO, |usage| usage.preempted)
    }

    /// Returns whether any poll was spent asleep in a call, so that a lane may be [`State::Blocked`].
    pub fn has_blocked_polls(&self) -> bool {
        let slept = |(position, usage): &(u32, Usage)| {
            let length = self.polls[*position as usize].end - self.polls[*position as usize].start;
            self.task(usage.task).is_some_and(|task| task.kind != TaskKind::Thread) && usage.is_mostly_blocked(length)
        };
        self.usages.by_poll.iter().any(slept)
    }

    /// Returns the position of the last poll of `task` that starts at `start`.
    pub(super) fn position_of_poll(&self, task: TaskId, start: Nanos) -> Option<usize> {
        let slice = self.task(task)?.polls;
        let polls = slice.of(&self.polls);
        let last = polls.partition_point(|poll| poll.start <= start).checked_sub(1)?;
        (polls[last].start == start).then_some(slice.range().start + last)
    }

    /// Returns the state of `task` during its poll at `position`.
    pub(super) fn state_of_poll(&self, task: &Task, position: usize) -> State {
        let poll = self.polls[position];
        let length = poll.end - poll.start;
        match self.usages.at(position) {
            // A thread of its own holds up nobody else: the system gives its core to others.
            Some(usage) if usage.is_mostly_blocked(length) && task.kind == TaskKind::Thread => State::Waiting,
            Some(usage) if usage.is_mostly_blocked(length) => State::Blocked,
            _ => State::Running,
        }
    }

    /// Returns the polls of the tasks that `counts` chooses of which it is known for how long the thread did not compute:
    /// thread, start, end, and that time.
    pub(super) fn unused_polls(
        &self,
        counts: impl Fn(&Task) -> bool,
    ) -> impl Iterator<Item = (ThreadId, Nanos, Reverse<Nanos>, Nanos)> {
        let counted = self.usages.by_poll.iter().filter(move |(_, usage)| self.task(usage.task).is_some_and(&counts));
        counted.map(|(position, usage)| {
            let Poll { start, end, thread } = self.polls[*position as usize];
            (thread, start, Reverse(end), (end - start) - usage.computed)
        })
    }
}
