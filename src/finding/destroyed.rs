//! Tasks of Python that were destroyed while they waited, because nothing referred to them any more.

use std::collections::BTreeMap;

use super::{Finding, counted, place};
use crate::trace::{Outcome, SceneTrace, SiteId, Task, TaskId, TaskKind};

/// The runtimes whose loops do not keep their tasks alive. Elsewhere a task that is dropped was aborted.
const RUNTIMES: [&str; 2] = ["asyncio", "uvloop"];

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    if !RUNTIMES.contains(&scene.runtime.name.as_str()) {
        return Vec::new();
    }
    let mut destroyed: BTreeMap<(String, Option<SiteId>), Vec<TaskId>> = BTreeMap::new();
    for (id, task) in scene.numbered().filter(|(_, task)| was_destroyed(scene, task)) {
        destroyed.entry((task.kind_name(), scene.origin(id).site)).or_default().push(id);
    }
    destroyed.into_iter().map(|((name, site), ids)| finding(scene, &name, site, &ids)).collect()
}

/// Returns whether the task ended outside of its polls. One that is cancelled ends in a poll, which raises that in it.
pub(super) fn was_destroyed(scene: &SceneTrace, task: &Task) -> bool {
    let spawned = task.kind == TaskKind::Future && task.spawned && task.outcome == Outcome::Cancelled;
    let last = scene.polls(task).last().map_or(task.created, |poll| poll.end);
    spawned && task.ended.is_some_and(|ended| ended > last)
}

fn finding(scene: &SceneTrace, name: &str, site: Option<SiteId>, ids: &[TaskId]) -> Finding {
    let started = place(scene, site).map_or_else(String::new, |place| format!(", started at {place},"));
    let (tasks, were, they, them) = match ids.len() {
        1 => (name.to_owned(), "was", "it", "it"),
        count => (format!("{} of {name}", counted(count, "task")), "were", "they", "them"),
    };
    let statement = format!(
        "{tasks}{started} {were} destroyed while {they} waited, because nothing referred to {them} any more. Keep what \
         create_task() returns until the task is done."
    );
    let time = ids.iter().filter_map(|id| scene.task(*id)).map(|task| scene.lifetime(task)).max().unwrap_or_default();
    Finding { statement, time, topic: Some("cancel"), lane: ids.first().copied() }
}
