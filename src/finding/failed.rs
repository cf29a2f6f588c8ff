//! Tasks that failed, and tasks that were cancelled.

use std::collections::BTreeMap;

use super::{Finding, base_name, counted, is_done, numbered, place};
use crate::trace::{Nanos, Outcome, SceneTrace, Task, TaskId};
use crate::units::duration;

/// Most messages that are told.
const MOST: usize = 3;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut failed: BTreeMap<(String, &str), Vec<(TaskId, &Task)>> = BTreeMap::new();
    let mut cancelled: BTreeMap<String, Vec<(TaskId, &Task)>> = BTreeMap::new();
    for (id, task) in numbered(scene).filter(|(_, task)| !is_done(task)) {
        match &task.outcome {
            Outcome::Panicked { message } => failed.entry((base_name(task), message)).or_default().push((id, task)),
            Outcome::Cancelled if task.spawned => cancelled.entry(base_name(task)).or_default().push((id, task)),
            _ => {}
        }
    }
    let failures = failed.into_iter().take(MOST).map(|((name, message), tasks)| failure(scene, &name, message, &tasks));
    let cancelled = cancelled.into_iter().take(MOST).map(|(name, tasks)| cancellation(scene, &name, &tasks));
    failures.chain(cancelled).collect()
}

fn failure(scene: &SceneTrace, name: &str, message: &str, tasks: &[(TaskId, &Task)]) -> Finding {
    let place = last_place(scene, tasks[0].0).map_or_else(String::new, |place| format!(" after {place}"));
    let statement = match tasks.len() {
        1 => format!("{name} failed{place}: {message}"),
        count => format!("{} of {name} failed{place}: {message}", counted(count, "task")),
    };
    Finding { statement, time: longest(scene, tasks), topic: None }
}

fn cancellation(scene: &SceneTrace, name: &str, tasks: &[(TaskId, &Task)]) -> Finding {
    let place = last_place(scene, tasks[0].0).map_or_else(String::new, |place| format!(", waiting at {place}"));
    let after = duration(longest(scene, tasks));
    let statement = match tasks.len() {
        1 => format!("{name} was cancelled after {after}{place}."),
        count => format!("{} of {name} were cancelled, after {after} at most{place}.", counted(count, "task")),
    };
    Finding { statement, time: Nanos::ZERO, topic: Some("cancel") }
}

fn longest(scene: &SceneTrace, tasks: &[(TaskId, &Task)]) -> Nanos {
    tasks.iter().map(|(_, task)| scene.lifetime(task)).max().unwrap_or_default()
}

/// Returns where the task stood last.
fn last_place(scene: &SceneTrace, id: TaskId) -> Option<String> {
    let stand = scene.stands(id).last().map(|stand| stand.site);
    place(scene, stand.or(scene.origin(id).code))
}
