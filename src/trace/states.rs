//! What a task was doing at each moment: running, ready or waiting, derived from its polls and wakes. `usage.rs` tells
//! polls that compute from those that sleep in a call.
//!
//! The states are those of operating-systems textbooks; tokio-console says busy, scheduled and idle. A lane begins at
//! the moment when its task could first be polled: for a spawned task its creation, for a future that another task
//! polls from within its first poll.

use super::holds::Hold;
use super::{Poll, SceneTrace, Task, TaskKind};
use crate::nanos::Nanos;

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It gave the thread back and was not woken yet.
    Waiting,
    /// It waits, and its loop cannot look at timers or sockets, because one poll keeps each of the loop's threads. What it
    /// waits for may have come.
    Held,
    /// It was woken, or woke itself, and was not polled yet: it wants the thread.
    Ready,
    /// It holds the thread, which sleeps in a call: it computes nothing, and nothing else can run there.
    Blocked,
    /// It holds the thread and computes, as far as is known.
    Running,
}

impl State {
    /// Returns the state's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Held => "held",
            State::Ready => "ready",
            State::Blocked => "blocked",
            State::Running => "running",
        }
    }
}

/// A stretch of time in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The state.
    pub state: State,
    /// The moment when it begins.
    pub start: Nanos,
    /// The moment when it ends.
    pub end: Nanos,
}

/// A part of a task's lane: a wait, the time that it stood ready, or one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the task did, and when. A wait in which its loop was held for a part is several steps.
    pub span: Span,
    /// The wake that made the task ready; none in steps of other states, and if nothing woke it, as before its first poll.
    pub wake: Option<Nanos>,
}

/// A poll with the wait before it: what led to the poll, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round<'a> {
    /// The moment when the wait began: the end of the poll before, or the beginning of the lane.
    pub since: Nanos,
    /// The wakes that this poll answers, in the order of time: those after the start of the poll before it.
    pub wakes: &'a [Nanos],
    /// The poll; none in the last round, which goes from the last poll to the end of the lane.
    pub poll: Option<Poll>,
}

/// Returns the spans of a wait from `start` to `end`: held where one of `holds` is, which are in order, and else waiting.
fn wait(start: Nanos, end: Nanos, holds: &[Hold]) -> impl Iterator<Item = Span> {
    let first = holds.partition_point(|(_, hold_end)| *hold_end <= start);
    let within = holds[first..].iter().take_while(move |(hold_start, _)| *hold_start < end);
    let mut at = start;
    let cut = within.flat_map(move |(hold_start, hold_end)| {
        let held_from = (*hold_start).max(at);
        let held_until = (*hold_end).min(end);
        let spans = [
            Span { state: State::Waiting, start: at, end: held_from },
            Span { state: State::Held, start: held_from, end: held_until },
        ];
        at = held_until;
        spans
    });
    let waits_from = match holds[first..].iter().take_while(|(hold_start, _)| *hold_start < end).last() {
        Some((_, hold_end)) => (*hold_end).min(end),
        None => start,
    };
    cut.chain([Span { state: State::Waiting, start: waits_from, end }])
}

impl SceneTrace {
    /// Returns the moment when `task`'s lane begins; none if it was neither spawned nor polled.
    pub fn began(&self, task: &Task) -> Option<Nanos> {
        let first_poll = self.polls(task).first().map(|poll| poll.start);
        // A future that was made outside of every lane may have been made long before it was spawned.
        let made_in_a_lane = task.parent.is_some() || task.kind != TaskKind::Future;
        if !task.spawned || !made_in_a_lane {
            return first_poll;
        }
        // Two cores' clocks may disagree by a few ticks: its first poll may seem to come before its creation.
        let created = first_poll.map_or(task.created, |poll| poll.min(task.created));
        Some(created)
    }

    /// Returns the moment when `task`'s lane ends: with the recording if the task outlived it, and never before the end
    /// of its last poll.
    pub fn ended(&self, task: &Task) -> Nanos {
        let last_poll = self.polls(task).last().map(|poll| poll.end);
        let least = last_poll.or(self.began(task)).unwrap_or(Nanos::ZERO);
        task.ended.unwrap_or(self.wall).max(least)
    }

    /// Returns the length of `task`'s lane, or 0 if it never began.
    pub fn lifetime(&self, task: &Task) -> Nanos {
        self.began(task).map_or(Nanos::ZERO, |began| self.ended(task) - began)
    }

    /// Returns `task`'s polls, each with the wakes that it answers. A wake at the very moment when a poll begins is what
    /// the task was polled for, as always on the virtual clock.
    pub fn rounds(&self, task: &Task) -> impl Iterator<Item = Round<'_>> {
        let polls = self.polls(task);
        let began = self.began(task).unwrap_or_else(|| self.ended(task));
        let mut wakes = self.wakes(task);
        let polled = polls.iter().copied().map(Some);
        let mut since = began;
        polled.chain([None]).map(move |poll| {
            let answered = match poll {
                Some(poll) => wakes.iter().take_while(|wake| **wake <= poll.start).count(),
                None => wakes.len(),
            };
            let (own, rest) = wakes.split_at(answered);
            wakes = rest;
            let round = Round { since, wakes: own, poll };
            since = poll.map_or(since, |poll| poll.end);
            round
        })
    }

    /// Returns the states of `task` in order of time, without a gap from [`began`](Self::began) to
    /// [`ended`](Self::ended). Empty spans are left out.
    pub fn states(&self, task: &Task) -> impl Iterator<Item = Span> {
        self.steps(task).map(|step| step.span).filter(|span| span.start < span.end)
    }

    /// Returns the steps of `task` in order of time, without a gap from [`began`](Self::began) to [`ended`](Self::ended).
    /// Polls that took no time are among them, and so are wakes that a poll answered at once; empty waits are left out.
    pub fn steps(&self, task: &Task) -> impl Iterator<Item = Step> {
        let end = self.ended(task);
        let holds = self.holds.for_task(self, task);
        let mut first = true;
        let mut positions = task.polls.range();
        self.rounds(task).flat_map(move |round| {
            let from = round.since;
            let to = round.poll.map_or(end, |poll| poll.start).max(from);
            // In the last round nothing polls the task any more, and a wake after the lane's end makes nothing ready.
            let woken = round.wakes.first().copied().filter(|wake| *wake <= to);
            let ready_from = match woken {
                _ if first => from,
                Some(wake) => wake.max(from),
                None => to,
            };
            first = false;
            let ready = Step { span: Span { state: State::Ready, start: ready_from, end: to }, wake: woken };
            let polled_as = positions.next().map_or(State::Running, |position| self.state_of_poll(task, position));
            let polled = round.poll.map(|poll| Span { state: polled_as, start: poll.start, end: poll.end });
            let polled = polled.map(|span| Step { span, wake: None });
            let waits = wait(from, ready_from, holds).map(|span| Step { span, wake: None });
            let waits = waits.filter(|step| step.span.start < step.span.end);
            let ready = Some(ready).filter(|step| step.span.start < step.span.end || woken.is_some());
            waits.chain(ready).chain(polled)
        })
    }
}
