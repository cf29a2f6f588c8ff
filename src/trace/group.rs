//! Puts what a builder has collected in the order of the tasks, so that the polls and the wakes of each are a slice.

use super::ids::{TaskId, ThreadId};
use super::task::Slice;
use super::usage::{Usage, Usages};
use super::{Poll, Task};
use crate::nanos::Nanos;

/// A poll with its task: as large as the [`Poll`] that it becomes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollRecord {
    pub(super) start: Nanos,
    pub(super) end: Nanos,
    pub(super) thread: ThreadId,
    pub(super) task: TaskId,
}

/// A wake with its task and its waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WakeRecord {
    pub(super) task: TaskId,
    pub(super) by: Option<TaskId>,
    pub(super) at: Nanos,
}

/// Returns the polls and how threads spent them, and tells each of `tasks` which polls are its own.
pub(super) fn group_polls(tasks: &mut [Task], mut records: Vec<PollRecord>, usages: Vec<Usage>) -> (Vec<Poll>, Usages) {
    // Stable, because that is fast with records that come as a few sorted runs: most tasks take turns in the same order.
    records.sort_by_key(|poll| (poll.task, poll.start, poll.end, poll.thread));
    let usages = Usages::of(usages, |task, start| {
        let after = records.partition_point(|poll| (poll.task, poll.start) <= (task, start));
        let position = after.checked_sub(1)?;
        ((records[position].task, records[position].start) == (task, start)).then_some(position)
    });
    let mut next = 0;
    for (id, task) in (0..).map(TaskId::new).zip(tasks) {
        task.polls = slice_of(&records, next, |poll| poll.task == id);
        next = task.polls.range().end;
        keep_apart(&mut records[task.polls.range()]);
    }
    let polls = records.into_iter().map(|PollRecord { start, end, thread, .. }| Poll { start, end, thread }).collect();
    (polls, usages)
}

/// Returns the wakes, and for each of them its waker, or nothing if no waker is known.
pub(super) fn group_wakes(tasks: &mut [Task], mut records: Vec<WakeRecord>) -> (Vec<Nanos>, Vec<Option<TaskId>>) {
    records.sort_by_key(|wake| (wake.task, wake.at, wake.by));
    let mut next = 0;
    for (id, task) in (0..).map(TaskId::new).zip(tasks) {
        task.wakes = slice_of(&records, next, |wake| wake.task == id);
        next = task.wakes.range().end;
    }
    let wakers = match records.iter().any(|wake| wake.by.is_some()) {
        true => records.iter().map(|wake| wake.by).collect(),
        false => Vec::new(),
    };
    (records.into_iter().map(|wake| wake.at).collect(), wakers)
}

/// Returns the run of items that begins at `start` and belongs to one task.
fn slice_of<T>(items: &[T], start: usize, belongs: impl Fn(&T) -> bool) -> Slice {
    let len = items[start..].iter().take_while(|item| belongs(item)).count();
    Slice { start: start as u32, len: len as u32 }
}

/// Trims polls of one task that overlap. Counters of two cores may disagree by a few ticks; a task still runs once at a
/// time.
fn keep_apart(polls: &mut [PollRecord]) {
    let mut free = Nanos::ZERO;
    for poll in polls {
        poll.start = poll.start.max(free);
        poll.end = poll.end.max(poll.start);
        free = poll.end;
    }
}
