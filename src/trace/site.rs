//! Places in source files: where a task was created, and where it began to wait.
//!
//! A recording of tokio code knows none, and one of a million tasks must not pay for that, so they lie in lists of the
//! scene that are empty then.

use serde::{Deserialize, Serialize};

use super::Name;
use super::ids::{SiteId, TaskId};
use crate::nanos::Nanos;

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The source file: an absolute path as a rule.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u32,
    /// The function that the line is in.
    pub function: String,
}

/// Where a task comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The statement that created the task; none if that was not recorded.
    pub site: Option<SiteId>,
    /// The place at which the task's function begins; none if that was not recorded.
    pub code: Option<SiteId>,
}

impl Origin {
    /// Returns whether nothing is known.
    pub(super) fn is_unknown(self) -> bool {
        self == Origin::default()
    }
}

/// The beginning of a wait: at the end of a poll, the task stood at a place in its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The task that waits.
    pub task: TaskId,
    /// The moment from which it waits.
    pub at: Nanos,
    /// The place of its innermost `await`.
    pub site: SiteId,
    /// What it waits for, in a word, such as `sleep`; none if that is not known.
    pub awaits: Option<Name>,
    /// The task that it waits for; none if it waits for something else.
    pub waits_for: Option<TaskId>,
}

impl Stand {
    /// Returns what a scene's list is sorted by.
    pub(super) fn order(&self) -> impl Ord + use<> {
        (self.task, self.at, self.site, self.waits_for)
    }
}
