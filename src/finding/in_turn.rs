//! Awaits in a row: one wait begins only when the one before it has ended.
//!
//! Whether the later ones need what the earlier ones give cannot be seen in a recording, and is not claimed.

use std::collections::BTreeMap;

use super::{Finding, function, place};
use crate::trace::{Nanos, SceneTrace, Task, TaskId};
use crate::units::duration;

/// The least time that such a row takes in all.
const LEAST: Nanos = Nanos::from_millis(20);
/// The most time between two waits of a row.
const GAP: Nanos = Nanos::from_millis(5);

/// Rows of one function's awaits in tasks of one name.
struct Rows {
    /// How many rows there were, and in how many tasks.
    count: usize,
    tasks: usize,
    /// How many awaits the row with the most had.
    awaits: usize,
    /// How long all rows took, and the longest await of each together.
    time: Nanos,
    together: Nanos,
    /// An await of a row.
    example: TaskId,
}

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let mut children: Vec<Vec<(TaskId, &Task)>> = vec![Vec::new(); scene.tasks.len()];
    for (id, task) in scene.numbered().filter(|(_, task)| !task.spawned) {
        if let Some(own) = task.parent.and_then(|parent| children.get_mut(parent.index())) {
            own.push((id, task));
        }
    }
    let mut by_names: BTreeMap<(String, String), Rows> = BTreeMap::new();
    for (parent, children) in scene.tasks.iter().zip(children) {
        let mut seen: Vec<(String, String)> = Vec::new();
        for row in rows(scene, parent, children) {
            let names = (parent.kind_name(), row[0].1.kind_name());
            let is_first = !seen.contains(&names);
            seen.extend(is_first.then(|| names.clone()));
            let rows = by_names.entry(names).or_insert(Rows {
                count: 0,
                tasks: 0,
                awaits: 0,
                time: Nanos::ZERO,
                together: Nanos::ZERO,
                example: row[0].0,
            });
            rows.count += 1;
            rows.tasks += usize::from(is_first);
            rows.awaits = rows.awaits.max(row.len());
            rows.time += row.iter().map(|(_, task)| scene.lifetime(task)).sum();
            rows.together += row.iter().map(|(_, task)| scene.lifetime(task)).max().unwrap_or_default();
        }
    }
    by_names.into_iter().map(|(names, rows)| finding(scene, &names, &rows)).collect()
}

/// Returns the rows of `children`: of one name, each right after the other, waiting nearly all the time. `parent` awaits
/// nothing else in between: then it is not in its hands when the next one can begin.
fn rows<'a>(scene: &SceneTrace, parent: &Task, mut children: Vec<(TaskId, &'a Task)>) -> Vec<Vec<(TaskId, &'a Task)>> {
    children.retain(|(_, task)| scene.began(task).is_some() && waits(scene, task));
    children.sort_by_key(|(_, task)| scene.began(task));
    let follows = |(_, a): &(TaskId, &Task), (_, b): &(TaskId, &Task)| {
        let (ended, began) = (scene.ended(a), scene.began(b).unwrap_or_default());
        // Polls of one task end in the order of time.
        let polls = scene.polls(parent);
        let next = polls.get(polls.partition_point(|poll| poll.end < ended));
        let gave_back = next.is_some_and(|poll| poll.end < began);
        a.kind_name() == b.kind_name() && ended <= began && began - ended <= GAP && !gave_back
    };
    let lasts = |row: &[(TaskId, &Task)]| row.iter().map(|(_, task)| scene.lifetime(task)).sum::<Nanos>();
    let rows = children.chunk_by(follows).filter(|row| row.len() > 1 && lasts(row) >= LEAST);
    rows.map(<[_]>::to_vec).collect()
}

fn finding(scene: &SceneTrace, (parent, child): &(String, String), rows: &Rows) -> Finding {
    let Rows { count, tasks, awaits, time, together, example } = *rows;
    let origin = scene.origin(example);
    let awaited = place(scene, origin.site).map(|place| format!(" at {place}"));
    let defined = || place(scene, origin.code).map(|place| format!(" ({child} is at {place})"));
    let place = awaited.or_else(defined).unwrap_or_default();
    let parent = function(scene, origin.site).unwrap_or_else(|| parent.clone());
    let [each, at_once] = [time, together].map(|time| duration(time / count.max(1) as u64));
    let (often, each_time) = match count {
        1 => (String::new(), "in all"),
        _ => (format!("{count} times "), "each time"),
    };
    let statement = format!(
        "{parent} awaited {often}{awaits} of {child} one after the other{place}: {each} {each_time}. If none of them needs \
         what the one before gave, together they would take about {at_once}."
    );
    // Tasks wait for their rows at the same time.
    let time = (time - together) / tasks.max(1) as u64;
    Finding { statement, time, topic: Some("together"), lane: Some(example) }
}

/// Returns whether the task had no thread for nearly all of its time.
fn waits(scene: &SceneTrace, task: &Task) -> bool {
    let polled: Nanos = scene.polls(task).iter().map(|poll| poll.end - poll.start).sum();
    5 * polled <= scene.lifetime(task)
}
