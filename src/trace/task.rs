//! Anything with a lane, as small as it can be: a recording may hold a million of them.
//!
//! Its polls and wakes lie in the scene's lists. Read `states.rs` next for what they mean.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Name;
use super::ids::{TaskId, ThreadId};
use super::short;
use crate::nanos::Nanos;

/// Anything with a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// What the code calls it.
    pub name: Name,
    /// What the lane stands for.
    pub kind: TaskKind,
    /// The task inside whose poll it was created; none if it was created outside of every lane.
    pub parent: Option<TaskId>,
    /// Moment of creation: when its future was made.
    pub created: Nanos,
    /// Whether an executor polls it by itself. Otherwise another task polls it from within.
    pub spawned: bool,
    /// Moment of the end; none if the task outlived the recording.
    pub ended: Option<Nanos>,
    /// How it ended; interrupted if it outlived the recording.
    pub outcome: Outcome,
    /// Whether its creation was reported. Only a snapshot of a running scene can hold a task of which it was not yet.
    pub(super) announced: bool,
    pub(super) polls: Slice,
    pub(super) wakes: Slice,
}

impl Task {
    /// Returns what the names of tasks of one kind have in common: the name without arguments, `fetch()` for `fetch('a', 3)`,
    /// and without a number at its end, `ticker` for `ticker 12`.
    pub(crate) fn kind_name(&self) -> String {
        if let Some((function, _)) = self.name.split_once('(')
            && !function.is_empty()
        {
            return format!("{function}()");
        }
        let stem = self.name.trim_end_matches(|c: char| c.is_ascii_digit());
        let separated = stem.len() < self.name.len() && stem.ends_with([' ', '-', '_', '#', '.', ':']);
        let kind = stem.trim_end_matches([' ', '-', '_', '#', '.', ':']);
        if separated && !kind.is_empty() { kind.to_owned() } else { self.name.to_string() }
    }

    /// Returns a task that events name before its creation is reported.
    pub(super) fn unannounced() -> Self {
        Task {
            name: Name::from("?"),
            kind: TaskKind::Future,
            parent: None,
            created: Nanos::ZERO,
            spawned: false,
            ended: None,
            outcome: Outcome::Interrupted,
            announced: false,
            polls: Slice::default(),
            wakes: Slice::default(),
        }
    }
}

/// What a lane stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[repr(u8)]
pub enum TaskKind {
    /// The scene's own function. It is not drawn, but the time for which it holds the thread counts.
    Scene,
    /// A future.
    Future,
    /// A thread of the operating system.
    Thread,
    /// A call of a plain function.
    Call,
    /// A `tracing` span with a `lane` field.
    Span,
}

impl TaskKind {
    /// Returns the kind with this number in a recorder's log.
    pub(crate) fn from_number(number: u8) -> Self {
        let all = [TaskKind::Scene, TaskKind::Future, TaskKind::Thread, TaskKind::Call, TaskKind::Span];
        all.into_iter().find(|kind| *kind as u8 == number).unwrap_or(TaskKind::Future)
    }
}

/// How a task, or a scene, ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// It finished.
    Done,
    /// It was dropped before it was finished.
    Cancelled,
    /// It panicked.
    Panicked {
        /// What the panic said.
        #[serde(deserialize_with = "short::text")]
        message: String,
    },
    /// It was still under way when the recording ended.
    Interrupted,
}

/// One poll of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// The moment when the task took the thread.
    pub start: Nanos,
    /// The moment when it gave the thread back.
    pub end: Nanos,
    /// The thread that it held.
    pub thread: ThreadId,
}

/// A part of one of the scene's lists. Most tasks have two polls and one wake, too few for a list of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Slice {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }

    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.range()).unwrap_or_default()
    }
}
