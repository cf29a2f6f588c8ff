//! A lane for each thread of a scene: when the thread was held, and by which task.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Axis, Cell};
use crate::trace::{Nanos, SceneTrace, State, TaskKind};

/// The lane of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadLane {
    /// The thread's name.
    pub name: String,
    /// One for each cell of the axis: [`Cell::In`] `Running` if the thread was held for at least half of the cell,
    /// [`Cell::Moment`] if for less, [`Cell::Empty`] if it was free.
    pub cells: Vec<Cell>,
    /// Which task held it where, in the order of time.
    pub holdings: Vec<Holding>,
    /// For how long it was held in all.
    pub held: Nanos,
    /// How long each task held it, longest first.
    pub shares: Vec<Share>,
}

/// Neighbouring cells of a thread's lane that show the same task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Index of the first cell.
    pub first_cell: usize,
    /// Number of cells, at least 1.
    pub cells: usize,
    /// The task's name; `(scene)` for the scene's own function.
    pub task: String,
}

/// The time for which one task held a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The task's name; `(scene)` for the scene's own function.
    pub task: String,
    /// The time. Where a task is polled inside another task's poll, the time counts for the inner one alone.
    pub time: Nanos,
}

/// A stretch of time in which one task held a thread. Where polls are nested, the innermost poll's task holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// Since the start of the scene.
    start: Nanos,
    /// Since the start of the scene; not before `start`.
    end: Nanos,
    /// Index into [`SceneTrace::tasks`].
    task: usize,
}

/// How long a thread was held during one cell of the axis.
#[derive(Clone, Copy, Debug, Default)]
struct HeldCell {
    /// By any task.
    time: Nanos,
    /// By `task`.
    most: Nanos,
    /// The task that held it longest; of equals, the first. `None` if it was not held at all.
    task: Option<usize>,
}

/// Returns the lanes of `scene`, one for each thread that polled anything, in the order of the scene's threads.
pub fn thread_lanes(scene: &SceneTrace, axis: Axis) -> Vec<ThreadLane> {
    let mut polls = vec![Vec::new(); scene.threads.len()];
    for (index, task) in scene.tasks.iter().enumerate() {
        for poll in scene.polls(task) {
            if let Some(polls) = polls.get_mut(poll.thread.index()) {
                polls.push(Stretch { start: poll.start, end: poll.end, task: index });
            }
        }
    }
    let used = scene.threads.iter().zip(polls).filter(|(_, polls)| !polls.is_empty());
    used.map(|(thread, polls)| thread_lane(scene, axis, &thread.name, &innermost(polls))).collect()
}

fn thread_lane(scene: &SceneTrace, axis: Axis, name: &str, stretches: &[Stretch]) -> ThreadLane {
    let mut times = vec![Nanos::ZERO; scene.tasks.len()];
    for stretch in stretches {
        times[stretch.task] += stretch.end - stretch.start;
    }
    let held = held_cells(axis, stretches);
    let cell = |(cell, held): (usize, &HeldCell)| match held.time {
        Nanos::ZERO => Cell::Empty,
        time if time >= axis.width(cell) - time => Cell::In(State::Running),
        _ => Cell::Moment,
    };
    ThreadLane {
        name: name.to_owned(),
        cells: held.iter().enumerate().map(cell).collect(),
        holdings: holdings(scene, &held),
        held: times.iter().copied().sum(),
        shares: shares(scene, times),
    }
}

/// Returns how long the thread was held during each cell of the axis.
fn held_cells(axis: Axis, stretches: &[Stretch]) -> Vec<HeldCell> {
    let mut times = BTreeMap::new();
    for stretch in stretches {
        // A poll of no length, as on the virtual clock, is shown for one nanosecond, even at the end of the axis.
        let (start, end) = match (stretch.start, stretch.end) {
            (start, end) if start < end => (start, end),
            (start, _) if start == axis.end() => (start - Nanos(1), start),
            (start, _) => (start, start + Nanos(1)),
        };
        for (cell, time) in axis.split(start, end) {
            *times.entry((cell, stretch.task)).or_insert(Nanos::ZERO) += time;
        }
    }
    let mut cells = vec![HeldCell::default(); axis.cells];
    for ((cell, task), time) in times {
        let held = &mut cells[cell];
        held.time += time;
        if time > held.most {
            held.most = time;
            held.task = Some(task);
        }
    }
    cells
}

fn task_name(scene: &SceneTrace, task: usize) -> String {
    let task = &scene.tasks[task];
    if task.kind == TaskKind::Scene { "(scene)".to_owned() } else { task.name.to_string() }
}

fn holdings(scene: &SceneTrace, held: &[HeldCell]) -> Vec<Holding> {
    let mut holdings = Vec::new();
    let mut first_cell = 0;
    for cells in held.chunk_by(|a, b| a.task == b.task) {
        if let Some(task) = cells[0].task {
            holdings.push(Holding { first_cell, cells: cells.len(), task: task_name(scene, task) });
        }
        first_cell += cells.len();
    }
    holdings
}

/// Returns the shares of tasks that held the thread at all; `times` has a time for each task of `scene`.
fn shares(scene: &SceneTrace, times: Vec<Nanos>) -> Vec<Share> {
    let mut times: Vec<_> = times.into_iter().enumerate().filter(|(_, time)| *time > Nanos::ZERO).collect();
    times.sort_by_key(|(task, time)| (Reverse(*time), *task));
    times.into_iter().map(|(task, time)| Share { task: task_name(scene, task), time }).collect()
}

/// Cuts the polls of one thread into stretches that do not overlap: of polls that are open at the same time, the last
/// to begin has the time.
fn innermost(mut polls: Vec<Stretch>) -> Vec<Stretch> {
    polls.sort_by_key(|poll| (poll.start, Reverse(poll.end), poll.task));
    let mut stretches = Vec::with_capacity(polls.len());
    let mut open = Vec::new();
    let mut now = Nanos::ZERO;
    for poll in polls {
        hold(&mut open, &mut stretches, &mut now, poll.start);
        open.push(poll);
    }
    hold(&mut open, &mut stretches, &mut now, Nanos::MAX);
    stretches
}

/// Goes on from `now` to `until`: adds the stretch of the innermost open poll, then of those around it once it has
/// ended.
fn hold(open: &mut Vec<Stretch>, stretches: &mut Vec<Stretch>, now: &mut Nanos, until: Nanos) {
    while let Some(inner) = open.last().copied() {
        let start = inner.start.max(*now);
        let end = inner.end.min(until);
        if start < end || inner.start == inner.end {
            stretches.push(Stretch { start, end, ..inner });
            *now = end;
        }
        if inner.end > until {
            return;
        }
        open.pop();
    }
}
