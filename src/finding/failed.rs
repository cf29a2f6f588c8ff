//! Tasks that failed. One that was cancelled is no fault: programs end their tasks so.

use std::collections::BTreeMap;

use super::{Finding, counted, ended_with_outer, place};
use crate::trace::{Nanos, Outcome, SceneTrace, Task, TaskId};

/// Most messages that are told.
const MOST: usize = 3;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut failed: BTreeMap<Failure<'_>, Vec<(TaskId, &Task)>> = BTreeMap::new();
    for (id, task) in scene.numbered() {
        if let Outcome::Panicked { message } = &task.outcome
            && !ended_with_outer(scene, task)
        {
            let caught_by = scene.caught_by(task).and_then(|outer| scene.task(outer));
            let failure = Failure { name: task.kind_name(), message, caught_by: caught_by.map(Task::kind_name) };
            failed.entry(failure).or_default().push((id, task));
        }
    }
    failed.into_iter().take(MOST).map(|(failure, tasks)| finding(scene, &failure, &tasks)).collect()
}

/// How tasks failed.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Failure<'a> {
    /// The name of their function.
    name: String,
    message: &'a str,
    /// The name of the function that awaited them and caught the exception; none if nothing did.
    caught_by: Option<String>,
}

fn finding(scene: &SceneTrace, failure: &Failure<'_>, tasks: &[(TaskId, &Task)]) -> Finding {
    let Failure { name, message, caught_by } = failure;
    let place = place_of_failure(scene, tasks[0].0);
    let caught = caught_by.as_ref().map_or_else(String::new, |outer| format!(", and {outer} caught it"));
    let statement = match tasks.len() {
        1 => format!("{name} failed{place}{caught}: {message}"),
        count => format!("{} of {name} failed{place}{caught}: {message}", counted(count, "task")),
    };
    Finding { statement, time: longest(scene, tasks), topic: None, lane: Some(tasks[0].0) }
}

fn longest(scene: &SceneTrace, tasks: &[(TaskId, &Task)]) -> Nanos {
    tasks.iter().map(|(_, task)| scene.lifetime(task)).max().unwrap_or_default()
}

/// Returns where the exception was raised, or else after which place: where the task stood last, or where its function
/// begins. Empty if neither is known.
fn place_of_failure(scene: &SceneTrace, id: TaskId) -> String {
    let origin = scene.origin(id);
    if let Some(raised) = place(scene, origin.raised) {
        return format!(" at {raised}");
    }
    let stand = scene.stands(id).last().map(|stand| stand.site);
    place(scene, stand.or(origin.code)).map_or_else(String::new, |place| format!(" after {place}"))
}
