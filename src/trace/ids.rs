//! Numbers with a meaning: tasks, threads and processes.
//!
//! In files they are plain numbers.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A task's number in its scene, from 0 in the order of creation: its index in
/// [`SceneTrace::tasks`](super::SceneTrace::tasks).
///
/// An `Option` of it takes four bytes too: a recording may hold one for each of a million tasks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(NonZeroU32);

impl TaskId {
    /// Returns the id of the task with this number. The two largest numbers share an id; no scene has that many tasks.
    pub const fn new(number: u32) -> Self {
        TaskId(NonZeroU32::MIN.saturating_add(number))
    }

    /// Returns the task's number.
    pub const fn number(self) -> u32 {
        self.0.get() - 1
    }

    /// Returns the task's index in the list of its scene.
    pub const fn index(self) -> usize {
        self.number() as usize
    }
}

impl From<u32> for TaskId {
    fn from(number: u32) -> Self {
        TaskId::new(number)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number(), f)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number(), f)
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number())
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(TaskId::new)
    }
}

/// A thread's number in its scene, from 0 in the order of its first event: its index in
/// [`SceneTrace::threads`](super::SceneTrace::threads).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(pub u32);

impl ThreadId {
    /// Returns the thread's index in the list of its scene.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A source place's number in its scene, from 0 in the order in which sites are told: its index in
/// [`SceneTrace::sites`](super::SceneTrace::sites).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(pub u32);

impl SiteId {
    /// Returns the site's index in the list of its scene.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A process's number in its scene, from 0: its index in [`SceneTrace::processes`](super::SceneTrace::processes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProcessId(pub u32);

impl ProcessId {
    /// Returns the process's index in the list of its scene.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
