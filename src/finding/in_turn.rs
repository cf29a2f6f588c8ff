//! Awaits in a row: one wait begins only when the one before it has ended.
//!
//! Whether the later ones need what the earlier ones give cannot be seen in a recording, and is not claimed.

use super::{Finding, base_name, numbered, place};
use crate::trace::{Nanos, SceneTrace, State, Task, TaskId};
use crate::units::duration;

/// The least time that such a row takes in all.
const LEAST: Nanos = Nanos::from_millis(20);
/// The most time between two waits of a row.
const GAP: Nanos = Nanos::from_millis(5);

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut children: Vec<Vec<(TaskId, &Task)>> = vec![Vec::new(); scene.tasks.len()];
    for (id, task) in numbered(scene).filter(|(_, task)| !task.spawned) {
        if let Some(own) = task.parent.and_then(|parent| children.get_mut(parent.index())) {
            own.push((id, task));
        }
    }
    let of_parent = |(parent, children): (&Task, Vec<_>)| longest_row(scene, parent, children);
    scene.tasks.iter().zip(children).filter_map(of_parent).collect()
}

/// Finds the row of `children` that took the most time: of one name, each after the other, waiting nearly all the time.
fn longest_row(scene: &SceneTrace, parent: &Task, mut children: Vec<(TaskId, &Task)>) -> Option<Finding> {
    children.retain(|(_, task)| scene.began(task).is_some() && waits(scene, task));
    children.sort_by_key(|(_, task)| scene.began(task));
    let follows = |(_, a): &(TaskId, &Task), (_, b): &(TaskId, &Task)| {
        let (ended, began) = (scene.ended(a), scene.began(b).unwrap_or_default());
        base_name(a) == base_name(b) && ended <= began && began - ended <= GAP
    };
    let lasts = |row: &[(TaskId, &Task)]| row.iter().map(|(_, task)| scene.lifetime(task)).sum::<Nanos>();
    let rows = children.chunk_by(follows).filter(|row| row.len() > 1);
    let row = rows.max_by_key(|row| lasts(row))?;
    let time = lasts(row);
    if time < LEAST {
        return None;
    }
    let (id, first) = row[0];
    let longest = row.iter().map(|(_, task)| scene.lifetime(task)).max()?;
    let origin = scene.origin(id);
    let awaited = place(scene, origin.site).map(|place| format!(" at {place}"));
    let defined = || place(scene, origin.code).map(|place| format!(" ({} is at {place})", base_name(first)));
    let place = awaited.or_else(defined).unwrap_or_default();
    let statement = format!(
        "{} awaited {} {} times, one after the other{place}: {} in all. If none of them needs what the one before gave, \
         together they would take about {}.",
        base_name(parent),
        base_name(first),
        row.len(),
        duration(time),
        duration(longest)
    );
    Some(Finding { statement, time: time - longest, topic: Some("together") })
}

/// Returns whether the task waited for nearly all of its time.
fn waits(scene: &SceneTrace, task: &Task) -> bool {
    let waiting = scene.states(task).filter(|span| span.state == State::Waiting);
    let waiting: Nanos = waiting.map(|span| span.end - span.start).sum();
    5 * waiting >= 4 * scene.lifetime(task)
}
