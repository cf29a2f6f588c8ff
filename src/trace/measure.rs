//! The figures of a scene: what a table shows and what claims are checked against.
//!
//! They are over the lanes of [`SceneTrace::work`] unless they say otherwise, and times are in nanoseconds. The work is linear in the number
//! of events, except for a sort. Sums saturate, because a file may hold any times.

use std::cmp::Reverse;

use super::{Poll, SceneTrace, Span, State, Task, TaskId, TaskKind, Thread, ThreadId};
use crate::nanos::Nanos;

/// The longest time from the end of a hold to the wake of what fell due meanwhile. tokio's timers count whole milliseconds.
const LATE: Nanos = Nanos::from_millis(2);

impl SceneTrace {
    /// Returns the sum of the lanes' lifetimes. Where a task awaits futures that have lanes of their own, those count, and
    /// the task counts for the rest of its lifetime.
    pub fn task_time(&self) -> Nanos {
        let nested = self.nested_times();
        let alone = |(id, task): (TaskId, &Task)| {
            let within = nested.binary_search_by_key(&id, |(outer, _)| *outer).map_or(Nanos::ZERO, |at| nested[at].1);
            self.lifetime(task) - within
        };
        self.numbered_lanes().filter(|(_, task)| !self.is_helper(task)).map(alone).sum()
    }

    /// Returns for how long lanes were there while others within them were, in the order of the outer ones.
    fn nested_times(&self) -> Vec<(TaskId, Nanos)> {
        let nested = |task: &Task| {
            let id = self.outer(task)?;
            let outer = self.task(id).filter(|outer| !self.is_helper(outer))?;
            let start = self.began(task)?.max(self.began(outer)?);
            let end = self.ended(task).min(self.ended(outer));
            (start < end).then_some((id, (start, end)))
        };
        let mut nested: Vec<(TaskId, (Nanos, Nanos))> = self.work().filter_map(nested).collect();
        nested.sort_unstable();
        let of_one = nested.chunk_by(|(a, _), (b, _)| a == b);
        of_one.map(|lanes| (lanes[0].0, union(lanes.iter().map(|(_, life)| *life).collect()))).collect()
    }

    /// Returns task time ÷ wall: how many lanes there were at the same moment, on average. 0 if the wall is 0.
    pub fn overlap(&self) -> f64 {
        self.task_time().ratio(self.wall)
    }

    /// Returns the longest lifetime of a lane, or 0 if there is none.
    pub fn longest_task(&self) -> Nanos {
        self.work().map(|task| self.lifetime(task)).max().unwrap_or_default()
    }

    /// Returns the largest number of lanes that there were at the same moment.
    pub fn peak_tasks(&self) -> usize {
        let lives = self.work().filter(|task| self.lifetime(task) > Nanos::ZERO);
        let (mut starts, mut ends): (Vec<Nanos>, Vec<Nanos>) =
            lives.map(|task| (self.began(task).unwrap_or_default(), self.ended(task))).unzip();
        starts.sort_unstable();
        ends.sort_unstable();
        let (mut ended, mut peak) = (0, 0);
        for (started, start) in starts.iter().enumerate() {
            while ends[ended] <= *start {
                ended += 1;
            }
            peak = peak.max(started + 1 - ended);
        }
        peak
    }

    /// Returns the time for which threads computed in polls, those of the scene's own function included, summed over the
    /// threads. A poll of which no [`Usage`](super::Usage) is known counts whole.
    pub fn busy(&self) -> Nanos {
        self.busy_by_thread().into_iter().sum()
    }

    /// Returns [`SceneTrace::busy`] for each thread, in the order of [`SceneTrace::threads`].
    pub fn busy_by_thread(&self) -> Vec<Nanos> {
        let unused = self.unused_by_thread(|_| true);
        self.occupied_by_thread().into_iter().zip(unused).map(|(occupied, unused)| occupied - unused).collect()
    }

    /// Returns the time for which tasks kept threads from others, computing or asleep in a call, summed over the threads:
    /// [`SceneTrace::occupied`] without the time for which threads that are lanes themselves did not compute.
    pub fn held(&self) -> Nanos {
        let of_threads = |task: &Task| task.kind == TaskKind::Thread;
        self.occupied() - self.unused_by_thread(of_threads).into_iter().sum()
    }

    /// Returns the time for which polls occupied threads, computing or not, summed over the threads. Each moment of a
    /// thread counts once, however many polls are nested in it.
    pub fn occupied(&self) -> Nanos {
        self.occupied_by_thread().into_iter().sum()
    }

    /// Returns [`SceneTrace::occupied`] for each thread, in the order of [`SceneTrace::threads`].
    fn occupied_by_thread(&self) -> Vec<Nanos> {
        let mut counts = vec![0; self.threads.len()];
        for poll in &self.polls {
            if let Some(count) = counts.get_mut(poll.thread.index()) {
                *count += 1;
            }
        }
        // Of millions of polls, a list that grows as they come would be copied when it is largest.
        let mut taken: Vec<Vec<(Nanos, Nanos)>> = counts.into_iter().map(Vec::with_capacity).collect();
        for poll in &self.polls {
            if let Some(taken) = taken.get_mut(poll.thread.index()) {
                taken.push((poll.start, poll.end));
            }
        }
        taken.into_iter().map(union).collect()
    }

    /// Returns for how long polls of the tasks that `counts` chooses occupied each thread without computing there. Of polls
    /// within each other the outermost one counts.
    fn unused_by_thread(&self, counts: impl Fn(&Task) -> bool) -> Vec<Nanos> {
        let mut known: Vec<(ThreadId, Nanos, Reverse<Nanos>, Nanos)> = self.unused_polls(counts).collect();
        known.sort_unstable();
        let mut unused = vec![Nanos::ZERO; self.threads.len()];
        let mut covered = vec![Nanos::ZERO; self.threads.len()];
        for (thread, start, Reverse(end), time) in known {
            let thread = thread.index();
            if thread < unused.len() && start >= covered[thread] {
                unused[thread] += time;
                covered[thread] = end;
            }
        }
        unused
    }

    /// Returns the number of threads that polled anything, plus those of tokio's pool for blocking calls.
    pub fn threads_used(&self) -> usize {
        let mut used: Vec<bool> = self.threads.iter().map(Thread::is_of_the_pool).collect();
        for poll in &self.polls {
            if let Some(used) = used.get_mut(poll.thread.index()) {
                *used = true;
            }
        }
        used.into_iter().filter(|used| *used).count()
    }

    /// Returns the longest [`SceneTrace::stall_of`] any lane.
    pub fn stall(&self) -> Nanos {
        self.work().map(|task| self.stall_of(task)).max().unwrap_or_default()
    }

    /// Returns the longest time for which `task` could have run but did not: it was ready, or what it waited for came while
    /// its loop was held. The latter is known from the wake, which follows the end of the hold.
    pub fn stall_of(&self, task: &Task) -> Nanos {
        self.longest_stall(task).map_or(Nanos::ZERO, |(start, end)| end - start)
    }

    /// Returns the start and the end of the longest [`SceneTrace::stall_of`] `task`; `None` if it never stalled.
    fn longest_stall(&self, task: &Task) -> Option<(Nanos, Nanos)> {
        let mut longest = None;
        // The start of the last hold, as long as what followed it may have woken the task.
        let mut held: Option<Nanos> = None;
        let mut keep = |start: Nanos, end: Nanos| {
            if longest.is_none_or(|(from, to)| end - start > to - from) {
                longest = Some((start, end));
            }
        };
        for Span { state, start, end } in self.states(task) {
            match (state, held) {
                (State::Held, _) => held = Some(start),
                // The loop wakes what was due right after a hold.
                (State::Waiting, Some(_)) if end - start <= LATE => {}
                (State::Waiting, _) => held = None,
                (State::Ready, _) => {
                    keep(held.unwrap_or(start), end);
                    held = None;
                }
                (State::Running | State::Blocked, Some(since)) => {
                    keep(since, start);
                    held = None;
                }
                (State::Running | State::Blocked, None) => {}
            }
        }
        longest
    }

    /// Returns what kept the lane with the longest stall from running: the task whose poll took most of that time, and that
    /// poll. `None` if no single poll took half of it.
    pub fn stalled_by(&self) -> Option<(TaskId, Poll)> {
        let stalls = self.work().filter_map(|task| self.longest_stall(task));
        let (start, end) = stalls.max_by_key(|(start, end)| *end - *start)?;
        let overlap = |poll: &Poll| poll.end.min(end) - poll.start.max(start).min(poll.end.min(end));
        let polls = self.numbered_lanes().flat_map(|(id, task)| self.polls(task).iter().map(move |poll| (id, *poll)));
        let (id, poll) = polls.max_by_key(|(_, poll)| overlap(poll))?;
        (2 * overlap(&poll) >= end - start).then_some((id, poll))
    }

    /// Returns whether any poll held a loop, so that a lane may be [`State::Held`].
    pub fn has_holds(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Returns whether `poll` kept a loop from looking at its timers and sockets, alone or with polls on other workers.
    pub fn holds_its_loop(&self, poll: Poll) -> bool {
        let holds = self.holds.on_thread(poll.thread);
        let first = holds.partition_point(|(_, end)| *end <= poll.start);
        holds.get(first).is_some_and(|(start, _)| *start < poll.end)
    }

    /// Returns the length of the longest poll of any lane or of the scene's own function.
    ///
    /// Where one lane is polled inside another's poll, the outer one holds the thread too.
    pub fn longest_poll(&self) -> Nanos {
        self.polls.iter().map(|poll| poll.end - poll.start).max().unwrap_or_default()
    }

    /// Returns the number of polls of all lanes together.
    pub fn poll_count(&self) -> usize {
        self.work().map(|task| self.polls(task).len()).sum()
    }

    /// Returns the number of polls per lane, on average.
    pub fn polls_per_task(&self) -> f64 {
        self.poll_count() as f64 / (self.lane_count() as f64).max(1.0)
    }

    /// Returns the number of lanes that figures count.
    pub fn lane_count(&self) -> usize {
        self.work().count()
    }
}

/// Returns the length of the union of `intervals`, in nanoseconds.
fn union(mut intervals: Vec<(Nanos, Nanos)>) -> Nanos {
    intervals.sort_unstable();
    let mut total = Nanos::ZERO;
    let mut covered = Nanos::ZERO;
    for (start, end) in intervals {
        let start = start.max(covered);
        if end > start {
            total += end - start;
            covered = end;
        }
    }
    total
}
