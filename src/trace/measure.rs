//! The figures: what a table shows and what claims are checked against.
//!
//! All are over the drawn lanes unless said otherwise, in nanoseconds, and linear in the number of events but for a
//! sort. Sums saturate: a file may hold any times.

use super::{SceneTrace, State, TaskKind, Thread};
use crate::nanos::Nanos;

impl SceneTrace {
    /// Sum of the lanes' lifetimes.
    pub fn task_time(&self) -> Nanos {
        self.lanes().map(|task| self.lifetime(task)).sum()
    }

    /// Task time ÷ wall: how many tasks were there at once, on average.
    pub fn overlap(&self) -> f64 {
        self.task_time().ratio(self.wall)
    }

    /// The longest lifetime.
    pub fn longest_task(&self) -> Nanos {
        self.lanes().map(|task| self.lifetime(task)).max().unwrap_or_default()
    }

    /// The largest number of lanes that were there at the same moment.
    pub fn peak_tasks(&self) -> usize {
        let lives = self.lanes().filter(|task| self.lifetime(task) > Nanos::ZERO);
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

    /// For how long threads were held by a poll, the scene's own included: summed over the threads, each moment
    /// of a thread counted once.
    pub fn busy(&self) -> Nanos {
        self.busy_by_thread().into_iter().sum()
    }

    /// [`SceneTrace::busy`] for each thread.
    pub fn busy_by_thread(&self) -> Vec<Nanos> {
        let mut counts = vec![0; self.threads.len()];
        for poll in &self.polls {
            if let Some(count) = counts.get_mut(poll.thread.index()) {
                *count += 1;
            }
        }
        // Of millions of polls, a list that grows as they come would be copied when it is largest.
        let mut held: Vec<Vec<(Nanos, Nanos)>> = counts.into_iter().map(Vec::with_capacity).collect();
        for poll in &self.polls {
            if let Some(held) = held.get_mut(poll.thread.index()) {
                held.push((poll.start, poll.end));
            }
        }
        held.into_iter().map(union).collect()
    }

    /// Threads that polled anything, and those of tokio's pool.
    pub fn threads_used(&self) -> usize {
        let mut used: Vec<bool> = self.threads.iter().map(Thread::is_of_the_pool).collect();
        for poll in &self.polls {
            if let Some(used) = used.get_mut(poll.thread.index()) {
                *used = true;
            }
        }
        used.into_iter().filter(|used| *used).count()
    }

    /// The longest time that any lane was ready but not running.
    pub fn stall(&self) -> Nanos {
        let ready = |task| self.states(task).filter(|span| span.state == State::Ready);
        self.lanes().flat_map(ready).map(|span| span.end - span.start).max().unwrap_or_default()
    }

    /// The longest time that any lane, or the scene itself, held a thread without giving it back.
    ///
    /// Where one lane is polled inside another's poll, the outer one holds the thread too.
    pub fn longest_poll(&self) -> Nanos {
        self.polls.iter().map(|poll| poll.end - poll.start).max().unwrap_or_default()
    }

    /// Polls of all lanes together.
    pub fn poll_count(&self) -> usize {
        self.lanes().map(|task| self.polls(task).len()).sum()
    }

    /// Polls per lane, on average.
    pub fn polls_per_task(&self) -> f64 {
        self.poll_count() as f64 / (self.lane_count() as f64).max(1.0)
    }

    /// How many lanes there are.
    pub fn lane_count(&self) -> usize {
        self.tasks.iter().filter(|task| task.kind != TaskKind::Scene).count()
    }
}

/// The length of the union of `intervals`.
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
