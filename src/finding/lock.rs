//! Places at which tasks stand in line: for a lock, a semaphore or a condition.

use std::collections::BTreeMap;

use super::{Finding, function, place};
use crate::trace::{Nanos, SceneTrace, SiteId, Stand, TaskId};
use crate::units::{duration, grouped};

/// The least time that tasks stand there in all.
const LEAST: Nanos = Nanos::from_millis(50);
/// What recorders call the awaits of such things. A `with` block of Python's asyncio awaits the third one.
const WORDS: [&str; 5] =
    ["Lock.acquire", "Semaphore.acquire", "_ContextManagerMixin.__aenter__", "Condition.wait", "Barrier.wait"];

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let is_a_line = |stand: &&Stand| stand.awaits.as_deref().is_some_and(|awaits| WORDS.contains(&awaits));
    // Only the first wait at a place says what is awaited there.
    let mut lines: BTreeMap<SiteId, Vec<Wait>> =
        scene.all_stands().iter().filter(is_a_line).map(|stand| (stand.site, Vec::new())).collect();
    for stand in scene.all_stands() {
        if let Some(waits) = lines.get_mut(&stand.site) {
            waits.push(Wait { task: stand.task, from: stand.at, to: until(scene, stand) });
        }
    }
    lines.into_iter().filter_map(|(site, waits)| finding(scene, site, waits)).collect()
}

/// The wait of a task for a lock.
struct Wait {
    task: TaskId,
    from: Nanos,
    to: Nanos,
}

/// Returns how often tasks waited.
fn times(count: usize) -> String {
    if count == 1 { "waited".to_owned() } else { format!("waited {} times", grouped(count)) }
}

/// Returns when the task went on from there.
fn until(scene: &SceneTrace, stand: &Stand) -> Nanos {
    let Some(task) = scene.task(stand.task) else { return stand.at };
    let polls = scene.polls(task);
    let next = polls.partition_point(|poll| poll.start < stand.at);
    polls.get(next).map_or_else(|| scene.ended(task).max(stand.at), |poll| poll.start)
}

fn finding(scene: &SceneTrace, site: SiteId, waits: Vec<Wait>) -> Option<Finding> {
    let time: Nanos = waits.iter().map(|wait| wait.to - wait.from).sum();
    let at_once = most_at_once(&waits);
    if time < LEAST || at_once < 2 {
        return None;
    }
    let longest = waits.iter().max_by_key(|wait| wait.to - wait.from);
    let statement = format!(
        "{} {} for a lock at {}: {} in all, up to {at_once} tasks at once.",
        function(scene, Some(site)).unwrap_or_else(|| "A task".to_owned()),
        times(waits.len()),
        place(scene, Some(site))?,
        duration(time)
    );
    Some(Finding { statement, time, topic: None, lane: longest.map(|wait| wait.task) })
}

/// Returns how many of `waits` overlap at most.
fn most_at_once(waits: &[Wait]) -> usize {
    let mut changes: Vec<(Nanos, i32)> = waits.iter().flat_map(|wait| [(wait.from, 1), (wait.to, -1)]).collect();
    // Of changes at the same moment, ends come first.
    changes.sort_unstable();
    let counts = changes.iter().scan(0, |count, (_, change)| {
        *count += change;
        Some(*count)
    });
    counts.max().map_or(0, |most| most.unsigned_abs() as usize)
}
