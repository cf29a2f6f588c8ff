//! Steps that held a loop: nothing else on it could run, and no timer or socket was looked at.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Finding, MOST, counted, on_a_loop, place_of_poll};
use crate::trace::{Nanos, Poll, SceneTrace, Span, State, Task, TaskId};
use crate::units::duration;

/// The shortest step that is told of. Shorter ones hardly make anything late.
const LEAST: Nanos = Nanos::from_millis(20);

/// What tasks of one name did to the loop.
#[derive(Default)]
struct Holds {
    count: usize,
    total: Nanos,
    longest: Option<(TaskId, Poll)>,
}

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut by_name: BTreeMap<String, Holds> = BTreeMap::new();
    for LongPoll { id, poll, within } in long_polls(scene) {
        let length = poll.end - poll.start;
        // What is polled within it holds the loop, then; or the machine does, which runs other programs.
        let own = length - scene.preempted_in(id, poll);
        if own < LEAST || 2 * within >= length {
            continue;
        }
        let Some(task) = scene.task(id) else { continue };
        let holds = by_name.entry(task.kind_name()).or_default();
        holds.count += 1;
        holds.total += length;
        if holds.longest.is_none_or(|(_, longest)| length > longest.end - longest.start) {
            holds.longest = Some((id, poll));
        }
    }
    let mut by_name: Vec<(String, Holds)> = by_name.into_iter().collect();
    // What is made late takes long to find, so it is found only of those that are told.
    by_name.sort_by_key(|(_, holds)| Reverse(holds.total));
    by_name.truncate(MOST);
    by_name.into_iter().filter_map(|(name, holds)| finding(scene, &name, &holds)).collect()
}

/// A poll of some length, and the time of the long polls that it directly contains.
struct LongPoll {
    id: TaskId,
    poll: Poll,
    within: Nanos,
}

/// Returns the long polls of tasks on loops.
fn long_polls(scene: &SceneTrace) -> Vec<LongPoll> {
    let tasks = scene.numbered().filter(|(_, task)| on_a_loop(task));
    let polls = tasks.flat_map(|(id, task)| scene.polls(task).iter().map(move |poll| (id, *poll)));
    let long = polls.filter(|(_, poll)| poll.end - poll.start >= LEAST / 4);
    let mut long: Vec<LongPoll> = long.map(|(id, poll)| LongPoll { id, poll, within: Nanos::ZERO }).collect();
    // Of two that begin together, the longer one contains the other; of two as long, the earlier task's.
    long.sort_by_key(|long| (long.poll.thread, long.poll.start, Reverse(long.poll.end), long.id));
    let mut open: Vec<usize> = Vec::new();
    for index in 0..long.len() {
        let Poll { start, end, thread } = long[index].poll;
        while open.last().is_some_and(|outer| long[*outer].poll.thread != thread || long[*outer].poll.end <= start) {
            open.pop();
        }
        if let Some(outer) = open.last() {
            long[*outer].within += end - start;
        }
        open.push(index);
    }
    long
}

fn finding(scene: &SceneTrace, name: &str, holds: &Holds) -> Option<Finding> {
    let (id, poll) = holds.longest?;
    let length = poll.end - poll.start;
    let how = match scene.states(scene.task(id)?).find(|span| span.start == poll.start)?.state {
        State::Blocked => ", while its thread slept",
        _ => "",
    };
    let place = place_of_poll(scene, id, poll).map_or_else(String::new, |place| format!(", {place}"));
    let mut statement = match holds.count {
        1 => format!("{name} held the loop for {}{how}{place}.", duration(length)),
        count => format!(
            "{name} held the loop {count} times, for {} in all and {} at most{how}{place}.",
            duration(holds.total),
            duration(length)
        ),
    };
    let (late, by) = made_late(scene, id, poll);
    if late > 0 {
        let tasks = counted(late, "other task");
        statement += &format!(" Meanwhile {tasks} could not run, for up to {}.", duration(by));
    }
    Some(Finding { statement, time: holds.total, topic: Some("block"), lane: Some(id) })
}

/// Returns how many other tasks wanted to run or could not be woken during `poll`, and for how long at most.
fn made_late(scene: &SceneTrace, by: TaskId, poll: Poll) -> (usize, Nanos) {
    let late = |task: &Task| -> Nanos {
        let kept = |span: &Span| matches!(span.state, State::Ready) && span.start < poll.end && poll.start < span.end;
        let within = |span: Span| span.end.min(poll.end) - span.start.max(poll.start);
        scene.states(task).filter(kept).map(within).max().unwrap_or_default()
    };
    // A future within a task is late with it.
    let others = scene.numbered().filter(|(id, task)| *id != by && task.spawned && on_a_loop(task));
    let times = others.map(|(_, task)| late(task)).filter(|time| *time >= LEAST / 4);
    times.fold((0, Nanos::ZERO), |(count, most), time| (count + 1, most.max(time)))
}
