//! Which lanes have a row of their own where there is no room for all.

use std::cmp::Reverse;

use super::Shown;
use crate::trace::{Nanos, Outcome, Poll, SceneTrace, Task, TaskId};

/// Lanes above those in the middle.
const FIRST: usize = 8;
/// Lanes below those in the middle.
const LAST: usize = 4;
/// Most lanes that are shown among those in the middle, because they stand out.
const NOTABLE: usize = 5;
/// Most tasks of which those that stand out are looked for. It takes as long as measuring them.
const MOST_RANKED: usize = 100_000;
/// A poll or a stall stands out from this part of the scene's wall on, if it is also `TIMES` as long as those of the lanes that
/// have a row anyway.
const LONG: u64 = 20;
const TIMES: u64 = 2;

/// A part of a list of tasks.
pub(super) enum Stretch<'a> {
    /// One of them.
    Lane(TaskId),
    /// Several that share a row.
    Folded(&'a [TaskId]),
}

/// Splits `tasks` into those with a row of their own and those that share one, so that there are at most as many rows as
/// `shown` has: the first and the last have one, and in the middle those that stand out.
pub(super) fn choose<'a>(scene: &SceneTrace, tasks: &'a [TaskId], shown: &Shown) -> Vec<Stretch<'a>> {
    let most = shown.lanes.most;
    let single = |tasks: &[TaskId]| tasks.iter().copied().map(Stretch::Lane).collect::<Vec<_>>();
    let mut notable = notable(scene, tasks, shown);
    // A lane in the middle takes a row, and so do the lanes between it and the next one.
    let Some((first, middle, last)) = fold(tasks, most - 2 * notable.len()) else { return single(tasks) };
    notable.retain(|id| middle.contains(id));
    let mut stretches = single(first);
    let mut rest = middle;
    for id in notable {
        let (before, after) = rest.split_at(rest.iter().position(|task| *task == id).unwrap_or_default());
        stretches.extend(folded(before));
        stretches.push(Stretch::Lane(id));
        rest = &after[1..];
    }
    stretches.extend(folded(rest));
    stretches.extend(single(last));
    stretches
}

fn folded(tasks: &[TaskId]) -> Option<Stretch<'_>> {
    (!tasks.is_empty()).then_some(Stretch::Folded(tasks))
}

/// Splits `items` into those shown first, those folded, and those shown last, so that they take `most` rows with one row
/// for all folded ones. Returns `None` if all items fit without folding.
pub(crate) fn fold<T>(items: &[T], most: usize) -> Option<(&[T], &[T], &[T])> {
    if items.len() <= most {
        return None;
    }
    let last = LAST.min(most.saturating_sub(1) / 2);
    let first = FIRST.min(most.saturating_sub(1 + last));
    let (shown, last) = items.split_at(items.len() - last);
    let (first, folded) = shown.split_at(first);
    Some((first, folded, last))
}

/// Returns those of `tasks` that stand out, in their order, if they are too many for a row each: those that are spoken of, that
/// failed or were cancelled, that held a thread for longest, and that stood ready for longest, compared with those that have
/// a row anyway. So many that they take half of the rows at most.
fn notable(scene: &SceneTrace, tasks: &[TaskId], shown: &Shown) -> Vec<TaskId> {
    let most = NOTABLE.min(shown.lanes.most / 4);
    let Some((first, middle, last)) = fold(tasks, shown.lanes.most - 2 * most) else { return Vec::new() };
    if !shown.lanes.notable || middle.len() > MOST_RANKED || tasks.len() <= shown.lanes.most {
        return Vec::new();
    }
    let spoken_of = shown.spoken_of.iter().filter(|lane| lane.is_in(scene));
    let (tasks, shown) = (middle, [first, last]);
    let task = |id: &TaskId| &scene.tasks[id.index()];
    let spoken_of = spoken_of.filter_map(|lane| tasks.iter().find(|id| **id == lane.lane));
    let failed = tasks.iter().filter(|id| matches!(task(id).outcome, Outcome::Panicked { .. })).take(2);
    let cancelled = tasks.iter().filter(|id| task(id).outcome == Outcome::Cancelled).take(1);
    let longest = |measure: &dyn Fn(&Task) -> Nanos| {
        // Of equals, the first.
        let id = tasks.iter().max_by_key(|id| (measure(task(id)), Reverse(**id)))?;
        let usual = shown.iter().copied().flatten().map(|id| measure(task(id))).max().unwrap_or_default();
        let time = measure(task(id));
        (time * LONG >= scene.wall.max(Nanos(1)) && time >= usual * TIMES).then_some(id)
    };
    let length = |poll: &Poll| poll.end - poll.start;
    let longest_poll = longest(&|task| scene.polls(task).iter().map(length).max().unwrap_or_default());
    let longest_stall = longest(&|task| scene.stall_of(task));
    let mut notable = Vec::new();
    for id in spoken_of.chain(failed).chain(longest_poll).chain(longest_stall).chain(cancelled) {
        if notable.len() < most && !notable.contains(id) {
            notable.push(*id);
        }
    }
    notable.sort_by_key(|id| tasks.iter().position(|task| task == id));
    notable
}
