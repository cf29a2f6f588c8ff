//! A learner's progress on the tour, which is kept from one time to the next: see `store.rs`. `tour.rs` writes it, and
//! `list.rs` shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::store::Kept;

/// The version of the file's form.
const SCHEMA: u32 = 1;

/// The lessons that a learner has done, and the next one.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Progress {
    schema: u32,
    /// The name of the lesson that the tour continues with; none before the first lesson and after the last.
    pub(crate) next: Option<String>,
    /// The lessons that were done, by name, with how their question was answered.
    pub(crate) done: BTreeMap<String, Guess>,
    /// The exercises that were passed, by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) passed: BTreeSet<String>,
}

/// A learner's guess at a lesson's question.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Guess {
    Right,
    Wrong,
    /// The question was skipped or not asked.
    #[serde(rename = "none")]
    Skipped,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { schema: SCHEMA, next: None, done: BTreeMap::new(), passed: BTreeSet::new() }
    }
}

impl Kept for Progress {
    const NAME: &'static str = "tour";
    const WHAT: &'static str = "the progress of the tour";
    const SCHEMA: u32 = SCHEMA;

    fn schema(&self) -> u32 {
        self.schema
    }
}
