//! Tasks of Python that were destroyed while they waited, because nothing referred to them any more.

use super::{Finding, Started, group_by_start};
use crate::trace::{Outcome, SceneTrace, Task, TaskKind};

/// The runtimes whose loops do not keep their tasks alive. Elsewhere a task that is dropped was aborted.
const RUNTIMES: [&str; 2] = ["asyncio", "uvloop"];

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    if !RUNTIMES.contains(&scene.runtime.name.as_str()) {
        return Vec::new();
    }
    let destroyed = scene.numbered().filter(|(_, task)| was_destroyed(scene, task));
    group_by_start(scene, destroyed).iter().map(|group| finding(scene, group)).collect()
}

/// Returns whether the task ended outside of its polls. One that is cancelled ends in a poll, which raises that in it.
pub(super) fn was_destroyed(scene: &SceneTrace, task: &Task) -> bool {
    let spawned = task.kind == TaskKind::Future && task.spawned && task.outcome == Outcome::Cancelled;
    let last = scene.polls(task).last().map_or(task.created, |poll| poll.end);
    spawned && task.ended.is_some_and(|ended| ended > last)
}

fn finding(scene: &SceneTrace, group: &Started) -> Finding {
    let Started { subject, were, they, them, tasks } = group;
    let statement = format!(
        "{subject} {were} destroyed while {they} waited, because nothing referred to {them} any more. Keep what \
         create_task() returns until the task is done."
    );
    let lifetimes = tasks.iter().filter_map(|id| scene.task(*id)).map(|task| scene.lifetime(task));
    let time = lifetimes.max().unwrap_or_default();
    Finding { statement, time, topic: Some("cancel"), lane: tasks.first().copied() }
}
