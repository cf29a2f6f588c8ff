//! The two views of one recording, by task and by thread, and which of its lanes are shown.

#[cfg(feature = "program")]
use super::NamePattern;
use crate::trace::{Nanos, SceneTrace, Task, TaskId};

/// What each lane of a chart stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A lane for each task.
    #[default]
    Task,
    /// A lane for each thread, with the tasks that ran on it.
    Thread,
}

/// How lanes share rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes {
    /// Most rows. If there are more, lanes that follow each other share one.
    pub most: usize,
    /// Whether lanes that follow each other and look the same are drawn as one, with their number.
    pub merged: bool,
    /// Whether calls of one function, and then all its lanes, are drawn as one if there would be more than `most` rows.
    pub by_name: bool,
    /// Whether lanes that stand out have a row each, even where lanes are folded. In a live picture, they would be others
    /// in each frame.
    pub notable: bool,
}

impl Lanes {
    /// Lanes that look the same share a row, and so do those in the middle if they are many.
    pub const FOLDED: Lanes = Lanes { most: 24, merged: true, by_name: false, notable: true };
    /// Each lane has a row of its own, up to a number that no page needs.
    pub const ALL: Lanes = Lanes { most: 1_000, merged: false, ..Self::FOLDED };

    /// Returns these lanes in at most `most` rows.
    pub fn at_most(self, most: usize) -> Self {
        Lanes { most: self.most.min(most), ..self }
    }
}

/// Which lanes of a scene a picture shows, and how they share rows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// How lanes share rows.
    pub lanes: Lanes,
    /// Lanes whose names do not match are left out.
    #[cfg(feature = "program")]
    pub only: Option<NamePattern>,
    /// Lanes that have a row of their own where lanes are folded, because something is said about them.
    pub spoken_of: Vec<SpokenOf>,
    /// The part of time that is drawn; lanes that were not there then are left out. `None` is all of it.
    pub window: Option<Window>,
}

/// A lane that something is said about. Several lanes may have its name, and several scenes the name of its scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenOf {
    /// The name of the scene.
    pub scene: String,
    /// The moment when the scene started, as it was recorded.
    pub started: Option<Nanos>,
    /// The lane's number in that scene.
    pub lane: TaskId,
}

impl SpokenOf {
    /// Returns whether the lane is one of `scene`.
    pub(super) fn is_in(&self, scene: &SceneTrace) -> bool {
        self.scene == scene.name && self.started == scene.started
    }
}

/// A part of the time of scenes, from their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The moment when it begins.
    pub from: Nanos,
    /// The moment when it ends, after that.
    pub to: Nanos,
}

impl Shown {
    /// All lanes, folded.
    pub const FOLDED: Shown = Shown {
        lanes: Lanes::FOLDED,
        #[cfg(feature = "program")]
        only: None,
        spoken_of: Vec::new(),
        window: None,
    };

    /// Returns the same lanes in at most `most` rows.
    pub fn at_most(&self, most: usize) -> Self {
        Shown { lanes: self.lanes.at_most(most), ..self.clone() }
    }

    /// Returns whether the lane of this task is shown.
    #[cfg(feature = "program")]
    pub(super) fn includes(&self, task: &Task) -> bool {
        self.only.as_ref().is_none_or(|only| only.includes(task))
    }

    /// Returns whether the lane of this task is shown: each is, since the library alone has no patterns.
    #[cfg(not(feature = "program"))]
    pub(super) fn includes(&self, _: &Task) -> bool {
        true
    }
}
