//! Patterns of names, by which lanes are chosen.

use std::fmt;

use wildmatch::WildMatch;

use crate::trace::Task;

/// A pattern of names, in which `*` stands for any text and `?` for any character.
#[derive(Clone, Debug)]
pub struct NamePattern(WildMatch);

impl NamePattern {
    /// Returns the pattern that `text` is.
    pub fn new(text: &str) -> Self {
        NamePattern(WildMatch::new(text))
    }

    /// Returns whether the pattern stands for the task's name, or for that of its function.
    pub fn includes(&self, task: &Task) -> bool {
        self.0.matches(&task.name) || self.0.matches(&task.kind_name())
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
