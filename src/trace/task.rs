//! Anything with a lane, as small as it can be: a recording may hold a million of them.
//!
//! Its polls and wakes lie in the scene's lists. Read `states.rs` next for what they mean.

use std::num::NonZeroU32;
use std::ops::Range;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

/// Anything with a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// What the scene calls it.
    pub name: EcoString,
    /// What it is.
    pub kind: TaskKind,
    pub(super) parent: Option<Index>,
    /// When its future was made.
    pub created: u64,
    /// Whether an executor polls it by itself, so that it was ready from the moment it was created. Otherwise it
    /// is polled from within another task and begins with its first poll.
    pub spawned: bool,
    /// When it ended; none if it was still there when the recording ended.
    pub ended: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    pub(super) polls: Slice,
    pub(super) wakes: Slice,
}

impl Task {
    /// The task inside whose poll it was created, as an index into [`SceneTrace::tasks`](super::SceneTrace::tasks).
    pub fn parent(&self) -> Option<u32> {
        self.parent.map(Index::get)
    }
}

/// What a lane stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum TaskKind {
    /// The scene's own function: not drawn as a lane, but what it does with the thread counts.
    Scene,
    /// A future.
    Future,
    /// An operating system's thread.
    Thread,
    /// A call of a plain function.
    Call,
    /// A `tracing` span with a `lane` field.
    Span,
}

impl TaskKind {
    pub(crate) fn from_number(number: u8) -> Self {
        let all = [TaskKind::Scene, TaskKind::Future, TaskKind::Thread, TaskKind::Call, TaskKind::Span];
        all.into_iter().find(|kind| *kind as u8 == number).unwrap_or(TaskKind::Future)
    }
}

/// How a task, or a scene, ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It finished.
    Done,
    /// It was dropped before it was finished.
    Cancelled,
    /// It panicked.
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// It was still under way when the recording ended.
    Interrupted,
}

/// One poll of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// When the task took the thread.
    pub start: u64,
    /// When it gave it back.
    pub end: u64,
    /// Which one, as an index into [`SceneTrace::threads`](super::SceneTrace::threads).
    pub thread: u32,
}

/// A part of one of the scene's lists: most tasks have two polls and one wake, too few for a list of their own each.
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

/// An index below the largest, so that none and one take four bytes together rather than eight: a recording holds one
/// for each of a million tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index(NonZeroU32);

impl Index {
    pub(super) fn new(index: u32) -> Option<Self> {
        NonZeroU32::new(index.wrapping_add(1)).map(Index)
    }

    fn get(self) -> u32 {
        self.0.get() - 1
    }
}
