//! Places in source files: where a task was created, and where it began to wait.
//!
//! A recording of tokio code knows none, and one of a million tasks must not pay for that, so they lie in lists of the
//! scene that are empty then.

use serde::{Deserialize, Serialize};

use super::ids::{SiteId, TaskId};
use super::short;
use super::{Name, Poll, SceneTrace};
use crate::nanos::Nanos;

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The source file: an absolute path as a rule.
    #[serde(deserialize_with = "short::path")]
    pub file: String,
    /// The line in that file, from 1.
    pub line: u32,
    /// The function that the line is in.
    #[serde(deserialize_with = "short::name")]
    pub function: String,
}

/// Where a task comes from, and where what it failed with does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The statement that created the task; none if that was not recorded.
    pub site: Option<SiteId>,
    /// The place at which the task's function begins; none if that was not recorded.
    pub code: Option<SiteId>,
    /// The place at which the exception was raised that the task failed with; none if it did not fail, or if that was not
    /// recorded.
    pub raised: Option<SiteId>,
}

impl Origin {
    /// Returns whether nothing is known.
    pub(super) fn is_unknown(self) -> bool {
        self == Origin::default()
    }

    /// Sorts `origins` by their tasks, and makes one of those that are of the same task.
    pub(super) fn join(origins: &mut Vec<(TaskId, Origin)>) {
        origins.sort_unstable_by_key(|(task, _)| *task);
        origins.dedup_by(|(task, other), (known, origin)| {
            if task != known {
                return false;
            }
            origin.site = origin.site.max(other.site);
            origin.code = origin.code.max(other.code);
            origin.raised = origin.raised.max(other.raised);
            true
        });
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

impl SceneTrace {
    /// Returns the task that polls `id` from within, through all that await each other; `id` if an executor polls it.
    fn holder(&self, id: TaskId) -> TaskId {
        let mut holder = id;
        // A stranger's recording may have lanes that await each other in a circle.
        while let Some(outer) = self.task(holder).and_then(|task| self.outer(task)).filter(|outer| *outer < holder) {
            holder = outer;
        }
        holder
    }

    /// Returns the places of the awaits around a poll of the task `id`: the one that it went on from, and the one at which it
    /// ended, as far as they are known. Of a future within a task, the task's places are known.
    pub(crate) fn sites_of_poll(&self, id: TaskId, poll: Poll) -> (Option<SiteId>, Option<SiteId>) {
        let Some(task) = self.task(id) else { return (None, None) };
        let holder = self.holder(id);
        let since = if task.spawned { Some(Nanos::ZERO) } else { self.began(task) };
        let stands = self.stands(holder);
        let stands = &stands[stands.partition_point(|stand| since.is_none_or(|since| stand.at < since))..];
        let next = stands.partition_point(|stand| stand.at <= poll.start);
        let before = stands[..next].last();
        let after = stands.get(next).filter(|stand| stand.at <= poll.end);
        (before.map(|stand| stand.site), after.map(|stand| stand.site))
    }
}
