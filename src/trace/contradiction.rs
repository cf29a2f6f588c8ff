//! Why events cannot be parts of one recording.
//!
//! The rules are in one place, for events that a builder applies and for tasks that a JSON document holds.

use std::fmt;

use super::ids::{ProcessId, SiteId, TaskId, ThreadId};
use super::limits;
use crate::nanos::Nanos;

/// A statement of a recording that cannot be true, or that is beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contradiction {
    /// A poll ends before it starts.
    PollEndsEarly(TaskId),
    /// Two polls of one task overlap.
    PollsOverlap(TaskId),
    /// A poll names a thread that was not announced.
    PollOnUnknownThread(TaskId),
    /// A task's parent is no task of this scene.
    UnknownParent(TaskId),
    /// A task ends before it is created.
    EndsBeforeCreation(TaskId),
    /// A task has an outcome other than "interrupted", and no end.
    OutcomeWithoutEnd(TaskId),
    /// A task's wakes are not in the order of time.
    WakesOutOfOrder(TaskId),
    /// A task is created a second time.
    CreatedTwice(TaskId),
    /// Something is said of a task that was never created.
    NeverCreated(TaskId),
    /// A task's number is too far ahead of the tasks that were created so far.
    TaskAhead(TaskId),
    /// There are more tasks than a scene can hold.
    TooManyTasks,
    /// There are more polls or wakes than a scene can hold.
    TooManyPolls,
    /// It is told of more polls how the thread spent them than a scene can hold.
    TooManyUsages,
    /// There are more names of helpers than a scene can hold.
    TooManyHelpers,
    /// There is more of something than a run or a scene can hold.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there can be.
        most: usize,
    },
    /// A thread is announced with a number that is not the next one.
    ThreadOutOfOrder(ThreadId),
    /// There are more threads than a scene can hold.
    TooManyThreads,
    /// A thread belongs to a process that was not announced.
    UnknownProcess(ThreadId),
    /// A process is announced with a number that is not the next one, or that is beyond the limit.
    ProcessOutOfOrder(ProcessId),
    /// A site is announced with a number that is not the next one.
    SiteOutOfOrder(SiteId),
    /// There are more sites than a scene can hold.
    TooManySites,
    /// A task's creation or wait names a site that was not announced.
    UnknownSite(TaskId),
    /// A task is woken by, or waits for, a task that is no task of this scene.
    UnknownPeer(TaskId),
    /// A task has another number of wakers than of wakes.
    WakersDiffer(TaskId),
    /// A packed line cannot be unpacked.
    Packed(&'static str),
    /// A mark names a task or a thread that is not there. Marks are counted from 0.
    MarkOnUnknown(usize),
    /// The stream was written by a later version.
    LaterSchema(u32),
    /// An event about the run came where only events of a scene can stand, or the other way round.
    OutOfPlace(&'static str),
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contradiction::PollEndsEarly(what) => write!(f, "task {what}: a poll ends before it starts"),
            Contradiction::PollsOverlap(what) => write!(f, "task {what}: two of its polls overlap"),
            Contradiction::PollOnUnknownThread(what) => {
                write!(f, "task {what}: a poll names a thread that is not there")
            }
            Contradiction::UnknownParent(what) => write!(f, "task {what}: its parent is no task of this scene"),
            Contradiction::EndsBeforeCreation(what) => write!(f, "task {what}: it ends before it is created"),
            Contradiction::OutcomeWithoutEnd(what) => write!(f, "task {what}: it has an outcome but no end"),
            Contradiction::WakesOutOfOrder(what) => write!(f, "task {what}: its wakes are not in the order of time"),
            Contradiction::CreatedTwice(what) => write!(f, "task {what}: it is created twice"),
            Contradiction::NeverCreated(what) => write!(f, "task {what}: it was never created"),
            Contradiction::TaskAhead(number) => {
                write!(f, "task {number}: its number is more than {} ahead of the tasks created so far", limits::LEAP)
            }
            Contradiction::TooManyTasks => write!(f, "more than {} tasks", limits::TASKS),
            Contradiction::TooManyPolls => write!(f, "more than {} polls or wakes", limits::POLLS),
            Contradiction::TooManyUsages => write!(f, "more than {} usages of polls", limits::USAGES),
            Contradiction::TooManyHelpers => write!(f, "more than {} helpers", limits::HELPERS),
            Contradiction::TooMany { what, most } => write!(f, "more than {most} {what}"),
            Contradiction::ThreadOutOfOrder(what) => {
                write!(f, "thread {what}: threads are numbered from 0 in the order in which they are announced")
            }
            Contradiction::TooManyThreads => write!(f, "more than {} threads", limits::THREADS),
            Contradiction::UnknownProcess(what) => write!(f, "thread {what}: it names a process that is not there"),
            Contradiction::ProcessOutOfOrder(what) => {
                write!(f, "process {what}: processes are numbered from 0 in the order in which they are announced")
            }
            Contradiction::SiteOutOfOrder(what) => {
                write!(f, "site {what}: sites are numbered from 0 in the order in which they are announced")
            }
            Contradiction::TooManySites => write!(f, "more than {} sites", limits::SITES),
            Contradiction::UnknownSite(what) => write!(f, "task {what}: it names a site that is not there"),
            Contradiction::UnknownPeer(what) => {
                write!(f, "task {what}: it is woken by a task, or waits for one, that is not there")
            }
            Contradiction::WakersDiffer(what) => write!(f, "task {what}: it has not as many wakers as wakes"),
            Contradiction::Packed(what) => write!(f, "a packed line cannot be unpacked: {what}"),
            Contradiction::MarkOnUnknown(what) => write!(f, "mark {what}: it names a task or thread that is not there"),
            Contradiction::LaterSchema(number) => {
                write!(f, "a stream of schema {number}, and this program reads up to {}", super::json::SCHEMA)
            }
            Contradiction::OutOfPlace(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for Contradiction {}

/// Checks the names of a scene's helpers.
pub(super) fn check_helpers(helpers: &[String]) -> Result<(), Contradiction> {
    match helpers.len() {
        0..=limits::HELPERS => Ok(()),
        _ => Err(Contradiction::TooManyHelpers),
    }
}

/// Checks how many scenes of a run there are, that ran and that did not, and how many claims.
pub(super) fn check_run(scenes: usize, skipped: usize, claims: usize) -> Result<(), Contradiction> {
    check_count("scenes", scenes, limits::SCENES)?;
    check_count("skipped scenes", skipped, limits::SCENES)?;
    check_count("claims", claims, limits::CLAIMS)
}

/// Checks how many figures of a scene there are.
pub(super) fn check_figures(figures: usize) -> Result<(), Contradiction> {
    check_count("figures of a scene", figures, limits::FIGURES)
}

fn check_count(what: &'static str, count: usize, most: usize) -> Result<(), Contradiction> {
    if count > most { Err(Contradiction::TooMany { what, most }) } else { Ok(()) }
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
    if thread.index() >= threads {
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
    if thread.index() >= threads || !task_exists {
        return Err(Contradiction::MarkOnUnknown(index));
    }
    Ok(())
}

/// Checks that a scene can hold this many sites.
pub(super) fn check_sites(sites: usize) -> Result<(), Contradiction> {
    if sites > limits::SITES { Err(Contradiction::TooManySites) } else { Ok(()) }
}

/// Checks the sites that a task names.
pub(super) fn check_known(
    task: TaskId,
    named: impl IntoIterator<Item = SiteId>,
    sites: usize,
) -> Result<(), Contradiction> {
    match named.into_iter().all(|site| site.index() < sites) {
        true => Ok(()),
        false => Err(Contradiction::UnknownSite(task)),
    }
}

/// Checks a task's end against its creation.
pub(super) fn check_end(task: TaskId, created: Nanos, ended: Nanos) -> Result<(), Contradiction> {
    if ended < created { Err(Contradiction::EndsBeforeCreation(task)) } else { Ok(()) }
}
