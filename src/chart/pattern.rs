//! Patterns of names, by which lanes are chosen.

use std::fmt;

use wildmatch::WildMatch;

/// A pattern of names, in which `*` stands for any text and `?` for any character.
#[derive(Clone, Debug)]
pub struct NamePattern(WildMatch);

impl NamePattern {
    /// Returns the pattern that `text` is.
    pub fn new(text: &str) -> Self {
        NamePattern(WildMatch::new(text))
    }

    /// Returns whether the pattern stands for `name`.
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
