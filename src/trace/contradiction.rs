//! Why events cannot be parts of one recording.
//!
//! The rules are in one place, for events that a builder applies and for tasks that a JSON document holds.

use super::ids::{Nanos, ProcessId, TaskId, ThreadId};
use super::limits;

/// A statement of a recording that cannot be true, or that is beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// A poll ends before it starts.
    #[error("task {0}: a poll ends before it starts")]
    PollEndsEarly(TaskId),
    /// Two polls of one task overlap.
    #[error("task {0}: two of its polls overlap")]
    PollsOverlap(TaskId),
    /// A poll names a thread that was not announced.
    #[error("task {0}: a poll names a thread that is not there")]
    PollOnUnknownThread(TaskId),
    /// A task's parent is no task of this scene.
    #[error("task {0}: its parent is no task of this scene")]
    UnknownParent(TaskId),
    /// A task ends before it is created.
    #[error("task {0}: it ends before it is created")]
    EndsBeforeCreation(TaskId),
    /// A task has an outcome other than "interrupted", and no end.
    #[error("task {0}: it has an outcome but no end")]
    OutcomeWithoutEnd(TaskId),
    /// A task's wakes are not in the order of time.
    #[error("task {0}: its wakes are not in the order of time")]
    WakesOutOfOrder(TaskId),
    /// A task is created a second time.
    #[error("task {0}: it is created twice")]
    CreatedTwice(TaskId),
    /// Something is said of a task that was never created.
    #[error("task {0}: it was never created")]
    NeverCreated(TaskId),
    /// A task's number is too far ahead of the tasks that were created so far.
    #[error("task {0}: its number is more than {leap} ahead of the tasks created so far", leap = limits::LEAP)]
    TaskAhead(TaskId),
    /// There are more tasks than a scene can hold.
    #[error("more than {most} tasks", most = limits::TASKS)]
    TooManyTasks,
    /// There are more polls or wakes than a scene can hold.
    #[error("more than {most} polls or wakes", most = limits::POLLS)]
    TooManyPolls,
    /// A thread is announced with a number that is not the next one.
    #[error("thread {0}: threads are numbered from 0 in the order in which they are announced")]
    ThreadOutOfOrder(ThreadId),
    /// There are more threads than a scene can hold.
    #[error("more than {most} threads", most = limits::THREADS)]
    TooManyThreads,
    /// A thread belongs to a process that was not announced.
    #[error("thread {0}: it names a process that is not there")]
    UnknownProcess(ThreadId),
    /// A process is announced with a number that is not the next one, or that is beyond the limit.
    #[error("process {0}: processes are numbered from 0 in the order in which they are announced")]
    ProcessOutOfOrder(ProcessId),
    /// A mark names a task or a thread that is not there. Marks are counted from 0.
    #[error("mark {0}: it names a task or thread that is not there")]
    MarkOnUnknown(usize),
    /// The stream was written by a later version.
    #[error("a stream of schema {0}, and this program reads up to {known}", known = super::json::SCHEMA)]
    LaterSchema(u32),
    /// An event about the run came where only events of a scene can stand, or the other way round.
    #[error("{0}")]
    OutOfPlace(&'static str),
}

/// Checks one poll by itself.
pub(super) fn check_poll(
    task: TaskId,
    start: Nanos,
    end: Nanos,
    thread: ThreadId,
    threads: usize,
) -> Result<(), Contradiction> {
    if end < start {
        return Err(Contradiction::PollEndsEarly(task));
    }
    if thread as usize >= threads {
        return Err(Contradiction::PollOnUnknownThread(task));
    }
    Ok(())
}

/// Checks a mark by itself; `index` is its number among the scene's marks.
pub(super) fn check_mark(
    index: usize,
    thread: ThreadId,
    threads: usize,
    task_exists: bool,
) -> Result<(), Contradiction> {
    if thread as usize >= threads || !task_exists {
        return Err(Contradiction::MarkOnUnknown(index));
    }
    Ok(())
}

/// Checks a task's end against its creation.
pub(super) fn check_end(task: TaskId, created: Nanos, ended: Nanos) -> Result<(), Contradiction> {
    if ended < created { Err(Contradiction::EndsBeforeCreation(task)) } else { Ok(()) }
}
