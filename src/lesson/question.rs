//! A lesson's question. Each wrong answer names the belief behind it and what refutes that.

use super::Measure;
use crate::trace::{Evidence, Quantity, Trace, Verdict};

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
    /// What the run measured, as a sentence that answers the question.
    pub measured: Reply,
}

/// What makes the sentence that answers a question.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// A function of the trace.
    Function(fn(&Trace) -> Evidence),
    /// A sentence with measures in it, which a lesson that is made at run time can have as well.
    Sentence(Sentence),
}

/// A sentence in which `{name}` stands for a measure of the run. Beside its own measures, it can name what the run was
/// given: `{tasks}`, `{delay}` and `{total}`.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    /// The sentence.
    pub text: &'static str,
    /// The names in it, each with the measure that it stands for.
    pub measures: &'static [(&'static str, Measure)],
}

impl Reply {
    /// Returns the sentence about this run.
    pub fn evidence(&self, trace: &Trace) -> Evidence {
        match self {
            Reply::Function(measured) => measured(trace),
            Reply::Sentence(sentence) => sentence.evidence(trace),
        }
    }
}

impl Sentence {
    /// Returns the sentence with its figures. If one of them was not measured, says why instead.
    fn evidence(&self, trace: &Trace) -> Evidence {
        let inputs = trace.inputs;
        let mut evidence = Evidence::new(self.text)
            .with("tasks", inputs.tasks)
            .with("delay", Quantity::Time(inputs.delay))
            .with("total", Quantity::Time(inputs.delay * inputs.tasks as u64));
        for (name, measure) in self.measures {
            let mut value = None;
            let verdict = measure.check(trace, |measured| {
                value = Some(measured);
                Verdict::Held(Evidence::new(""))
            });
            match value {
                Some(value) => evidence = evidence.with(*name, value),
                None => return verdict.evidence().clone().prepend("This run does not answer it: "),
            }
        }
        evidence
    }
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
