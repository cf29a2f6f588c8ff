//! The same recording by thread: what each thread did, and for whom.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Axis, Cell};
use crate::trace::{SceneTrace, State, TaskKind};

/// One thread's lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadLane {
    /// The thread's name.
    pub name: String,
    /// One for each cell of the axis: held, held for a moment, or free.
    pub cells: Vec<Cell>,
    /// Who held it where: first cell, number of cells, name; in the order of time.
    pub who: Vec<(usize, usize, String)>,
    /// How long it was held in all, in nanoseconds.
    pub busy: u64,
    /// How long by each task, longest first. Where a task is polled inside another's poll, the time is its own.
    pub shares: Vec<(String, u64)>,
}

/// A stretch of time that one task held a thread; where polls are nested, the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    start: u64,
    end: u64,
    task: usize,
}

/// The lanes of `scene`, one for each thread that polled anything.
pub fn thread_lanes(scene: &SceneTrace, axis: Axis) -> Vec<ThreadLane> {
    let mut polls = vec![Vec::new(); scene.threads.len()];
    for (index, task) in scene.tasks.iter().enumerate() {
        for poll in scene.polls(task) {
            if let Some(polls) = polls.get_mut(poll.thread as usize) {
                polls.push(Held { start: poll.start, end: poll.end, task: index });
            }
        }
    }
    let used = scene.threads.iter().zip(polls).filter(|(_, polls)| !polls.is_empty());
    used.map(|(thread, polls)| thread_lane(scene, axis, &thread.name, innermost(polls))).collect()
}

fn thread_lane(scene: &SceneTrace, axis: Axis, name: &str, held: Vec<Held>) -> ThreadLane {
    let mut shares = vec![0; scene.tasks.len()];
    let mut spent = BTreeMap::new();
    for held in &held {
        shares[held.task] += held.end - held.start;
        // A poll of no length, as on the virtual clock, still happened, be it at the very end.
        let (start, end) = match (held.start, held.end) {
            (start, end) if start < end => (start, end),
            (start, _) if start == axis.extent => (start - 1, start),
            (start, _) => (start, start.saturating_add(1)),
        };
        for (cell, time) in axis.split(start, end) {
            *spent.entry((cell, held.task)).or_insert(0) += time;
        }
    }
    // For each cell: how long it was held, how long by one task at most, and by which; of equals by the first.
    let mut held = vec![(0u64, 0u64, None); axis.cells];
    for ((cell, task), time) in spent {
        let (all, most, by) = held[cell];
        held[cell] = if time > most { (all + time, time, Some(task)) } else { (all + time, most, by) };
    }
    let cell = |(cell, (time, ..)): (usize, &(u64, u64, _))| match *time {
        0 => Cell::Empty,
        time if time >= axis.width(cell).saturating_sub(time) => Cell::In(State::Running),
        _ => Cell::Moment,
    };
    let cells: Vec<Cell> = held.iter().enumerate().map(cell).collect();
    let owners: Vec<_> = held.iter().map(|(.., by)| *by).collect();
    let busy = shares.iter().sum();
    let (who, shares) = (name_runs(scene, &owners), name_shares(scene, shares));
    ThreadLane { name: name.to_owned(), cells, who, busy, shares }
}

fn task_name(scene: &SceneTrace, task: usize) -> String {
    let task = &scene.tasks[task];
    if task.kind == TaskKind::Scene { "(scene)".to_owned() } else { task.name.to_string() }
}

fn name_runs(scene: &SceneTrace, owners: &[Option<usize>]) -> Vec<(usize, usize, String)> {
    let mut start = 0;
    let runs = owners.chunk_by(|a, b| a == b).filter_map(|run| {
        let first = start;
        start += run.len();
        run[0].map(|task| (first, run.len(), task_name(scene, task)))
    });
    runs.collect()
}

fn name_shares(scene: &SceneTrace, shares: Vec<u64>) -> Vec<(String, u64)> {
    let mut shares: Vec<_> = shares.into_iter().enumerate().filter(|(_, time)| *time > 0).collect();
    shares.sort_by_key(|(task, time)| (Reverse(*time), *task));
    shares.into_iter().map(|(task, time)| (task_name(scene, task), time)).collect()
}

/// Cuts polls of one thread into stretches that belong to the innermost: of those under way, the last to begin.
fn innermost(mut polls: Vec<Held>) -> Vec<Held> {
    polls.sort_by_key(|held| (held.start, Reverse(held.end), held.task));
    let mut stretches = Vec::with_capacity(polls.len());
    let mut open = Vec::new();
    let mut now = 0;
    for poll in polls {
        hold(&mut open, &mut stretches, &mut now, poll.start);
        open.push(poll);
    }
    hold(&mut open, &mut stretches, &mut now, u64::MAX);
    stretches
}

/// Goes on from `now` to `until`: the stretch of the innermost open poll, and of those around it once that is over.
fn hold(open: &mut Vec<Held>, stretches: &mut Vec<Held>, now: &mut u64, until: u64) {
    while let Some(inner) = open.last().copied() {
        let (start, end) = (inner.start.max(*now), inner.end.min(until));
        if start < end || inner.start == inner.end {
            stretches.push(Held { start, end, ..inner });
            *now = end;
        }
        if inner.end > until {
            return;
        }
        open.pop();
    }
}
