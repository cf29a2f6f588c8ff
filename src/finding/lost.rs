//! Tasks that were still under way when the program's main function ended, and were cancelled with it.

use std::collections::BTreeMap;

use super::destroyed::was_destroyed;
use super::{Finding, counted, place};
use crate::trace::{Nanos, Outcome, SceneTrace, SiteId, Task, TaskId, TaskKind};

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let spawned = |task: &Task| task.kind == TaskKind::Future && task.spawned;
    let main = scene.numbered().find(|(_, task)| spawned(task) && task.parent.is_none());
    let Some((_, main)) = main.filter(|(_, main)| main.outcome == Outcome::Done) else { return Vec::new() };
    let mut lost: BTreeMap<(String, Option<SiteId>), Vec<TaskId>> = BTreeMap::new();
    for (id, task) in scene.numbered().filter(|(_, task)| spawned(task) && task.outcome == Outcome::Cancelled) {
        if task.ended >= main.ended && !was_destroyed(scene, task) {
            lost.entry((task.kind_name(), scene.origin(id).site)).or_default().push(id);
        }
    }
    let from = main.kind_name();
    lost.into_iter().map(|((name, site), ids)| finding(scene, &from, &name, site, &ids)).collect()
}

fn finding(scene: &SceneTrace, main: &str, name: &str, site: Option<SiteId>, ids: &[TaskId]) -> Finding {
    let started = place(scene, site).map_or_else(String::new, |place| format!(", started at {place},"));
    let count = ids.len();
    let tasks = if count == 1 { name.to_owned() } else { format!("{} of {name}", counted(count, "task")) };
    let (were, they) = if count == 1 { ("was", "it") } else { ("were", "they") };
    let statement =
        format!("{tasks}{started} {were} cancelled because {main} ended while {they} {were} still under way.");
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel"), lane: ids.first().copied() }
}
