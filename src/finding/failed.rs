//! Tasks that failed. One that was cancelled is no fault: programs end their tasks so.

use std::collections::BTreeMap;

use super::{Finding, counted, ended_with_outer, place};
use crate::trace::{Nanos, Outcome, SceneTrace, Task, TaskId};

/// Most messages that are told.
const MOST: usize = 3;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut failed: BTreeMap<(String, &str), Vec<(TaskId, &Task)>> = BTreeMap::new();
    for (id, task) in scene.numbered() {
        if let Outcome::Panicked { message } = &task.outcome
            && !ended_with_outer(scene, task)
        {
            failed.entry((task.kind_name(), message)).or_default().push((id, task));
        }
    }
    failed.into_iter().take(MOST).map(|((name, message), tasks)| failure(scene, &name, message, &tasks)).collect()
}

fn failure(scene: &SceneTrace, name: &str, message: &str, tasks: &[(TaskId, &Task)]) -> Finding {
    let place = last_place(scene, tasks[0].0).map_or_else(String::new, |place| format!(" after {place}"));
    let statement = match tasks.len() {
        1 => format!("{name} failed{place}: {message}"),
        count => format!("{} of {name} failed{place}: {message}", counted(count, "task")),
    };
    Finding { statement, time: longest(scene, tasks), topic: None }
}

fn longest(scene: &SceneTrace, tasks: &[(TaskId, &Task)]) -> Nanos {
    tasks.iter().map(|(_, task)| scene.lifetime(task)).max().unwrap_or_default()
}

/// Returns where the task stood last.
fn last_place(scene: &SceneTrace, id: TaskId) -> Option<String> {
    let stand = scene.stands(id).last().map(|stand| stand.site);
    place(scene, stand.or(scene.origin(id).code))
}
