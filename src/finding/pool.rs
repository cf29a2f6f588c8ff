//! Calls that waited for a thread of a pool, because all its threads were taken.

use super::{Finding, counted};
use crate::trace::{Nanos, Poll, SceneTrace, Task, TaskId, TaskKind, ThreadId};
use crate::units::duration;

/// The shortest wait that is told of.
const LEAST: Nanos = Nanos::from_millis(20);

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let calls: Vec<(TaskId, &Task)> = scene.numbered().filter(|(_, task)| task.kind == TaskKind::Call).collect();
    let polls = calls.iter().flat_map(|(_, call)| scene.polls(call));
    let mut ends: Vec<(ThreadId, Nanos)> = polls.map(|poll| (poll.thread, poll.end)).collect();
    ends.sort_unstable();
    let waited = calls.iter().filter_map(|(id, call)| Some((waited(scene, call, &ends)?, *id)));
    let waits: Vec<(Nanos, TaskId)> = waited.filter(|(wait, _)| *wait >= LEAST).collect();
    let Some((longest, lane)) = waits.iter().copied().max() else { return Vec::new() };
    let total: Nanos = waits.iter().map(|(wait, _)| *wait).sum();
    let statement = format!(
        "{} waited for a free thread of a pool, for {} at most and {} in all.",
        counted(waits.len(), "call"),
        duration(longest),
        duration(total)
    );
    vec![Finding { statement, time: longest, topic: Some("to_thread"), lane: Some(lane) }]
}

/// Returns how long a call waited for the thread that ran it, while that ran other calls, whose `ends` are in order. None if
/// it did not run any: such a thread is new, and had to start.
fn waited(scene: &SceneTrace, call: &Task, ends: &[(ThreadId, Nanos)]) -> Option<Nanos> {
    let Poll { thread, start, .. } = *scene.polls(call).first()?;
    let (last_thread, last_end) = *ends[..ends.partition_point(|end| *end <= (thread, start))].last()?;
    (last_thread == thread && last_end > call.created).then_some(start - call.created)
}
