//! Tasks that were still under way when the program's main function ended, and were cancelled with it.

use std::iter;

use super::destroyed::was_destroyed;
use super::{Finding, Started, group_by_start};
use crate::trace::{Nanos, Outcome, SceneTrace, Task, TaskId, TaskKind};

/// Most tasks that wait for each other, of which the last is looked for.
const MOST_NESTED: usize = 100;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let spawned = |task: &Task| task.kind == TaskKind::Future && task.spawned;
    let main = scene.numbered().find(|(_, task)| spawned(task) && task.parent.is_none());
    let Some((_, main)) = main.filter(|(_, main)| main.outcome == Outcome::Done) else { return Vec::new() };
    let is_lost = |(id, task): &(TaskId, &Task)| {
        let cancelled = spawned(task) && task.outcome == Outcome::Cancelled;
        cancelled && cancelled_after(scene, *id, main.ended) && !was_destroyed(scene, task)
    };
    let lost = group_by_start(scene, scene.numbered().filter(is_lost));
    let main = main.kind_name();
    lost.iter().map(|group| finding(&main, group)).collect()
}

/// Returns whether the task was cancelled when `main` had ended: a runner cancels those that are left. One that was cancelled
/// before may end after that, too.
fn cancelled_after(scene: &SceneTrace, id: TaskId, main: Option<Nanos>) -> bool {
    // What is cancelled is the innermost task that it waits for.
    let waits_for = |id: &TaskId| scene.stands(*id).last().and_then(|stand| stand.waits_for);
    let innermost = iter::successors(Some(id), waits_for).take(MOST_NESTED).last();
    let wakes = innermost.and_then(|id| scene.task(id)).map(|task| scene.wakes(task)).unwrap_or_default();
    wakes.last().is_some_and(|wake| Some(*wake) >= main)
}

fn finding(main: &str, group: &Started) -> Finding {
    let Started { subject, were, they, tasks, .. } = group;
    let statement = format!("{subject} {were} cancelled because {main} ended while {they} {were} still under way.");
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel"), lane: tasks.first().copied() }
}
