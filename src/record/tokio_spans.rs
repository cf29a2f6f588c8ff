//! The spans that tokio itself makes of its tasks, if a program is built with `--cfg tokio_unstable` and tokio's feature
//! `tracing`. They are for tokio-console and may change with any version, so what is not as expected is left out.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata};

use super::span::SpanLane;
use crate::trace::TaskKind;

/// Where the closures come from that tokio runs on its pool for itself: workers, among others.
const OWN: &str = "tokio::runtime::";

/// Returns whether this is the span of a task, of blocking work or of the future of `block_on`.
pub(super) fn is_spawn(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.name() == "runtime.spawn" && metadata.target().starts_with("tokio::task")
}

/// Returns whether this event tells of a task's waker.
pub(super) fn is_wake(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && metadata.target() == "tokio::task::waker"
}

/// Returns the lane of a task that is spawned. None if it is a part of the runtime.
pub(super) fn lane(attributes: &Attributes<'_>) -> Option<SpanLane> {
    let mut task = SpawnVisitor::default();
    attributes.record(&mut task);
    if task.function.starts_with(OWN) {
        return None;
    }
    let kind = if task.kind == "blocking" { TaskKind::Call } else { TaskKind::Future };
    Some(SpanLane::new(kind, Some(&task.name()), true))
}

/// Returns the span of the task whose waker fires; none if the event tells that a waker is cloned or dropped.
pub(super) fn woken(event: &Event<'_>) -> Option<Id> {
    let mut wake = WakeVisitor::default();
    event.record(&mut wake);
    let fires = wake.operation == "waker.wake" || wake.operation == "waker.wake_by_ref";
    // A span has no number 0.
    wake.task.filter(|task| fires && *task != 0).map(Id::from_u64)
}

/// Reads what is known of a task.
#[derive(Debug, Default)]
struct SpawnVisitor {
    kind: String,
    name: String,
    function: String,
    file: String,
    line: u64,
}

impl SpawnVisitor {
    /// Returns the name that the program gave the task, or the place where it was spawned: `server.rs:12`, `net/mod.rs:7`.
    fn name(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let file = crate::trace::source_path(&self.file);
        // The beginning of a long name is all that a lane has room for, and all files of a program begin alike.
        let parts = if file.ends_with("/mod.rs") { 2 } else { 1 };
        let parts: Vec<&str> = file.rsplitn(parts + 1, '/').take(parts).collect();
        let shown = parts.into_iter().rev().collect::<Vec<_>>().join("/");
        format!("{shown}:{}", self.line)
    }
}

impl Visit for SpawnVisitor {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "loc.line" {
            self.line = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let place = match field.name() {
            "kind" => &mut self.kind,
            "task.name" => &mut self.name,
            "fn" => &mut self.function,
            "loc.file" => &mut self.file,
            _ => return,
        };
        value.clone_into(place);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Reads what a waker does, and to which task.
#[derive(Debug, Default)]
struct WakeVisitor {
    operation: String,
    task: Option<u64>,
}

impl Visit for WakeVisitor {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "task.id" {
            self.task = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "op" {
            value.clone_into(&mut self.operation);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
