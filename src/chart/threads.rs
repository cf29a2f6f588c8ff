//! The same recording by thread: what each thread did, and for whom.

use std::cmp::Reverse;

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

/// How a thread spent a cell.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    /// How long it was held.
    time: u64,
    /// Longest, and by whom: of equals the task that was there first.
    longest: Option<(u64, Reverse<usize>)>,
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
    let mut spent = vec![Spent::default(); axis.cells];
    for held in &held {
        shares[held.task] += held.end - held.start;
        // A poll of no length, as on the virtual clock, still happened.
        for (cell, time) in axis.split(held.start, held.end.max(held.start + 1)) {
            spent[cell].time += time;
            spent[cell].longest = spent[cell].longest.max(Some((time, Reverse(held.task))));
        }
    }
    let cell = |(cell, spent): (usize, &Spent)| match spent.time {
        0 => Cell::Empty,
        time if time >= axis.width(cell) / 2 => Cell::In(State::Running),
        _ => Cell::Moment,
    };
    let cells: Vec<Cell> = spent.iter().enumerate().map(cell).collect();
    let owners: Vec<_> = spent.iter().map(|spent| spent.longest.map(|(_, Reverse(task))| task)).collect();
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

/// Cuts nested polls of one thread into stretches that belong to the innermost.
fn innermost(mut polls: Vec<Held>) -> Vec<Held> {
    polls.sort_by_key(|held| (held.start, Reverse(held.end), held.task));
    let mut stretches = Vec::with_capacity(polls.len());
    let mut open: Vec<Held> = Vec::new();
    for poll in polls {
        close(&mut open, &mut stretches, poll.start);
        if let Some(outer) = open.last_mut() {
            stretches.push(Held { end: poll.start.max(outer.start), ..*outer });
            outer.start = poll.end.max(outer.start);
        }
        open.push(poll);
    }
    close(&mut open, &mut stretches, u64::MAX);
    stretches.retain(|held| held.start <= held.end);
    stretches.sort_by_key(|held| held.start);
    stretches
}

/// Ends the open polls that are over by `now`.
fn close(open: &mut Vec<Held>, stretches: &mut Vec<Held>, now: u64) {
    while let Some(over) = open.pop_if(|held| held.end <= now) {
        stretches.push(over);
    }
}
