//! What a task was doing at each moment: running, ready or waiting, derived from its polls and wakes.
//!
//! The states are the operating-systems textbook's; tokio-console says busy, scheduled and idle. A lane is on from
//! the moment its task could first be polled: for a spawned task its creation, for a future polled from within
//! another task its first poll (before that nobody had been told of it).

use super::{Poll, SceneTrace, Task};

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It gave the thread back and nobody has woken it.
    Waiting,
    /// It was woken, or woke itself, and is not polled yet: it wants the thread.
    Ready,
    /// It holds the thread.
    Running,
}

impl State {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Ready => "ready",
            State::Running => "running",
        }
    }
}

/// A stretch of time in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The state.
    pub state: State,
    /// From here.
    pub start: u64,
    /// Up to here.
    pub end: u64,
}

impl SceneTrace {
    /// When `task`'s lane begins; none if it was never spawned nor polled.
    pub fn began(&self, task: &Task) -> Option<u64> {
        let first_poll = self.polls(task).first().map(|poll| poll.start);
        // Two cores' clocks may disagree by a few ticks: its first poll may seem to come before its creation.
        let created = first_poll.map_or(task.created, |poll| poll.min(task.created));
        if task.spawned { Some(created) } else { first_poll }
    }

    /// When `task`'s lane ends: with the recording if the task outlived it, and never before its last poll does.
    pub fn ended(&self, task: &Task) -> u64 {
        let last_poll = self.polls(task).last().map(|poll| poll.end);
        task.ended.unwrap_or(self.wall).max(last_poll.or(self.began(task)).unwrap_or(0))
    }

    /// How long `task`'s lane is.
    pub fn lifetime(&self, task: &Task) -> u64 {
        self.began(task).map_or(0, |began| self.ended(task) - began)
    }

    /// What `task` was doing, from its beginning to its end without a gap; empty spans are left out.
    pub fn states(&self, task: &Task) -> impl Iterator<Item = Span> {
        let polls = self.polls(task);
        let end = self.ended(task);
        let began = self.began(task).unwrap_or(end);
        let mut wakes = self.wakes(task).iter().copied().peekable();
        // From the end of poll `i - 1` to the end of poll `i`; the last round goes from the last poll to the end.
        let rounds = (0..=polls.len()).flat_map(move |i| {
            let from = if i == 0 { began } else { polls[i - 1].end };
            let poll = polls.get(i).copied();
            let to = poll.map_or(end, |poll| poll.start).max(from);
            // A wake at the very moment that a poll begins is what it was polled for, as always on the virtual clock.
            let answered = |wake: &u64| i > 0 && *wake <= polls[i - 1].start;
            while wakes.next_if(answered).is_some() {}
            let woken = wakes.peek().copied().filter(|wake| *wake <= to);
            let ready_from = if i == 0 { from } else { woken.map_or(to, |wake| wake.max(from)) };
            [
                Span { state: State::Waiting, start: from, end: ready_from },
                Span { state: State::Ready, start: ready_from, end: to },
                running(poll, to),
            ]
        });
        rounds.filter(|span| span.start < span.end)
    }
}

fn running(poll: Option<Poll>, at: u64) -> Span {
    let (start, end) = poll.map_or((at, at), |poll| (poll.start, poll.end));
    Span { state: State::Running, start, end }
}
