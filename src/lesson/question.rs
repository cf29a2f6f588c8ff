//! A lesson's question. Each wrong answer names the belief behind it and what refutes that.

use crate::trace::{Evidence, Trace};

/// A question that is asked before the run, and that the run answers.
///
/// Its texts and those of its choices may name what the run was given: `{tasks}` is the number of tasks, `{delay}` the
/// delay of each, and `{total}` all delays one after the other.
#[derive(Debug)]
pub struct Question {
    /// The question.
    pub ask: &'static str,
    /// The answers to choose from, in the order in which they are shown. Exactly one is right.
    pub choices: &'static [Choice],
    /// Returns what the run measured, as a sentence that answers the question.
    pub measured: fn(&Trace) -> Evidence,
}

/// An answer to choose.
#[derive(Debug)]
pub struct Choice {
    /// The answer.
    pub text: &'static str,
    /// Why it is wrong; none if it is the right one.
    pub wrong: Option<Misconception>,
}

/// A belief that leads to a wrong answer, and what shows that it is wrong.
#[derive(Debug)]
pub struct Misconception {
    /// The belief, in the words of a person who holds it.
    pub belief: &'static str,
    /// The place in the lesson's picture or table that refutes the belief.
    pub refuted: &'static str,
}

impl Choice {
    /// Returns the right answer.
    pub const fn right(text: &'static str) -> Self {
        Choice { text, wrong: None }
    }

    /// Returns a wrong answer with the belief behind it and what refutes that.
    pub const fn wrong(text: &'static str, belief: &'static str, refuted: &'static str) -> Self {
        Choice { text, wrong: Some(Misconception { belief, refuted }) }
    }
}
