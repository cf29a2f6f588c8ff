//! A lesson's question: each wrong answer is tied to the belief behind it.

use crate::trace::{Evidence, Trace};

/// What is asked before the run, to be answered by it.
#[derive(Debug)]
pub struct Question {
    /// The question.
    pub ask: &'static str,
    /// The answers to choose from; exactly one is right.
    pub choices: &'static [Choice],
    /// Returns what the run measured, as a sentence that answers the question.
    pub measured: fn(&Trace) -> Evidence,
}

/// One answer to choose.
#[derive(Debug)]
pub struct Choice {
    /// The answer.
    pub text: &'static str,
    /// What is wrong with it; none if it is the right one.
    pub wrong: Option<Misconception>,
}

/// Why people choose a wrong answer, and what shows that it is wrong.
#[derive(Debug)]
pub struct Misconception {
    /// The belief behind it, as who holds it would say it.
    pub belief: &'static str,
    /// What in this lesson's picture refutes it.
    pub refuted: &'static str,
}

impl Choice {
    /// The right answer.
    pub const fn right(text: &'static str) -> Self {
        Choice { text, wrong: None }
    }

    /// A wrong one, the belief behind it, and what refutes that.
    pub const fn wrong(text: &'static str, belief: &'static str, refuted: &'static str) -> Self {
        Choice { text, wrong: Some(Misconception { belief, refuted }) }
    }
}
