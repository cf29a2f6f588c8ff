//! Tasks that were still under way when the program's main function ended, and were cancelled with it.

use super::destroyed::was_destroyed;
use super::{Finding, Started, group_by_start};
use crate::trace::{Nanos, Outcome, SceneTrace, Task, TaskId, TaskKind};

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let spawned = |task: &Task| task.kind == TaskKind::Future && task.spawned;
    let main = scene.numbered().find(|(_, task)| spawned(task) && task.parent.is_none());
    let Some((_, main)) = main.filter(|(_, main)| main.outcome == Outcome::Done) else { return Vec::new() };
    let is_lost = |(_, task): &(TaskId, &Task)| {
        let cancelled = spawned(task) && task.outcome == Outcome::Cancelled;
        cancelled && task.ended >= main.ended && !was_destroyed(scene, task)
    };
    let lost = group_by_start(scene, scene.numbered().filter(is_lost));
    let main = main.kind_name();
    lost.iter().map(|group| finding(&main, group)).collect()
}

fn finding(main: &str, group: &Started) -> Finding {
    let Started { subject, were, they, tasks, .. } = group;
    let statement = format!("{subject} {were} cancelled because {main} ended while {they} {were} still under way.");
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel"), lane: tasks.first().copied() }
}
