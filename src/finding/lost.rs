//! Tasks that were still under way when the program's main function ended, and were cancelled with it.

use std::collections::BTreeMap;

use super::{Finding, counted, place};
use crate::trace::{Nanos, Outcome, SceneTrace, SiteId, Task, TaskKind};

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let spawned = |task: &Task| task.kind == TaskKind::Future && task.spawned;
    let main = scene.numbered().find(|(_, task)| spawned(task) && task.parent.is_none());
    let Some((_, main)) = main.filter(|(_, main)| main.outcome == Outcome::Done) else { return Vec::new() };
    let mut lost: BTreeMap<(String, Option<SiteId>), usize> = BTreeMap::new();
    for (id, task) in scene.numbered().filter(|(_, task)| spawned(task) && task.outcome == Outcome::Cancelled) {
        if task.ended >= main.ended {
            *lost.entry((task.kind_name(), scene.origin(id).site)).or_default() += 1;
        }
    }
    let from = main.kind_name();
    lost.into_iter().map(|((name, site), count)| finding(scene, &from, &name, site, count)).collect()
}

fn finding(scene: &SceneTrace, main: &str, name: &str, site: Option<SiteId>, count: usize) -> Finding {
    let started = place(scene, site).map_or_else(String::new, |place| format!(", started at {place},"));
    let tasks = if count == 1 { name.to_owned() } else { format!("{} of {name}", counted(count, "task")) };
    let (were, their) = if count == 1 { ("was", "its") } else { ("were", "their") };
    let statement = format!(
        "{tasks}{started} {were} still under way when {main} ended, and {were} cancelled with it: nobody had awaited \
         {their} end."
    );
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel") }
}
