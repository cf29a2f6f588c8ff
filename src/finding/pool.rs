//! Calls that waited for a thread of a pool, because all its threads were taken.

use super::{Finding, counted};
use crate::trace::{Nanos, SceneTrace, TaskKind};
use crate::units::duration;

/// The shortest wait that is told of.
const LEAST: Nanos = Nanos::from_millis(20);

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    let calls = scene.numbered().filter(|(_, task)| task.kind == TaskKind::Call);
    let waited = calls.filter_map(|(_, call)| Some(scene.polls(call).first()?.start - call.created));
    let waits: Vec<Nanos> = waited.filter(|wait| *wait >= LEAST).collect();
    let Some(longest) = waits.iter().copied().max() else { return Vec::new() };
    let total: Nanos = waits.iter().copied().sum();
    let statement = format!(
        "{} waited for a free thread of a pool, for {} at most and {} in all.",
        counted(waits.len(), "call"),
        duration(longest),
        duration(total)
    );
    vec![Finding { statement, time: longest, topic: Some("to_thread") }]
}
