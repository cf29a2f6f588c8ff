//! Tasks of one function that wait for work at the same place, of which one gets nearly all of it.

use std::collections::BTreeMap;

use super::{Finding, place};
use crate::trace::{Nanos, SceneTrace, SiteId, Task, TaskId, TaskKind};
use crate::units::grouped;

/// Fewest tasks that share work.
const FEWEST: usize = 3;
/// Fewest steps of all of them together.
const STEPS: usize = 20;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut groups: BTreeMap<(String, SiteId), Vec<(TaskId, &Task)>> = BTreeMap::new();
    for (id, task) in scene.numbered().filter(|(_, task)| task.kind == TaskKind::Future && task.spawned) {
        // Where it waited last is where it waits for work.
        if let Some(stand) = scene.stands(id).last() {
            groups.entry((task.kind_name(), stand.site)).or_default().push((id, task));
        }
    }
    groups.into_iter().filter_map(|((name, site), tasks)| finding(scene, &name, site, &tasks)).collect()
}

fn finding(scene: &SceneTrace, name: &str, site: SiteId, tasks: &[(TaskId, &Task)]) -> Option<Finding> {
    let steps = |task: &Task| scene.polls(task).len();
    let all: usize = tasks.iter().map(|(_, task)| steps(task)).sum();
    let (id, busiest) = tasks.iter().max_by_key(|(_, task)| steps(task))?;
    let most = steps(busiest);
    if tasks.len() < FEWEST || all < STEPS || 4 * most < 3 * all || !lived_together(scene, tasks) {
        return None;
    }
    let statement = format!(
        "One of {} {name} ran {} of their {} steps. The others waited at {}.",
        grouped(tasks.len()),
        grouped(most),
        grouped(all),
        place(scene, Some(site))?
    );
    let time: Nanos = scene.busy_of(busiest);
    Some(Finding { statement, time, topic: None, lane: Some(*id) })
}

/// Returns whether each of the tasks was there for at least half as long as the one that lived longest.
fn lived_together(scene: &SceneTrace, tasks: &[(TaskId, &Task)]) -> bool {
    let lifetimes = || tasks.iter().map(|(_, task)| scene.lifetime(task));
    let (shortest, longest) = (lifetimes().min().unwrap_or_default(), lifetimes().max().unwrap_or_default());
    shortest * 2 >= longest
}
