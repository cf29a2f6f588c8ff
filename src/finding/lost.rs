//! Tasks that were still under way when the program's main function ended, and were cancelled with it.

use std::collections::BTreeMap;
use std::iter;

use super::destroyed::was_destroyed;
use super::{Finding, counted, place};
use crate::trace::{Nanos, Outcome, SceneTrace, SiteId, Task, TaskId, TaskKind};

/// Most tasks that wait for each other, of which the last is looked for.
const MOST_NESTED: usize = 100;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let spawned = |task: &Task| task.kind == TaskKind::Future && task.spawned;
    let main = scene.numbered().find(|(_, task)| spawned(task) && task.parent.is_none());
    let Some((_, main)) = main.filter(|(_, main)| main.outcome == Outcome::Done) else { return Vec::new() };
    let mut lost: BTreeMap<(String, Option<SiteId>), Vec<TaskId>> = BTreeMap::new();
    for (id, task) in scene.numbered().filter(|(_, task)| spawned(task) && task.outcome == Outcome::Cancelled) {
        if cancelled_after(scene, id, main.ended) && !was_destroyed(scene, task) {
            lost.entry((task.kind_name(), scene.origin(id).site)).or_default().push(id);
        }
    }
    let from = main.kind_name();
    lost.into_iter().map(|((name, site), ids)| finding(scene, &from, &name, site, &ids)).collect()
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

fn finding(scene: &SceneTrace, main: &str, name: &str, site: Option<SiteId>, ids: &[TaskId]) -> Finding {
    let started = place(scene, site).map_or_else(String::new, |place| format!(", started at {place},"));
    let count = ids.len();
    let tasks = if count == 1 { name.to_owned() } else { format!("{} of {name}", counted(count, "task")) };
    let (were, they) = if count == 1 { ("was", "it") } else { ("were", "they") };
    let statement =
        format!("{tasks}{started} {were} cancelled because {main} ended while {they} {were} still under way.");
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel"), lane: ids.first().copied() }
}
