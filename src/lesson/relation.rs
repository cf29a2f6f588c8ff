//! A claim as data: two measures of a run, and how they must compare.

use super::{Measure, measure};
use crate::trace::{Evidence, Nanos, Outcome, Quantity, Trace, Verdict};

/// A comparison of two measures: `measure ≤ factor × other`, or another [`Bound`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Relation {
    /// What is compared.
    pub measure: Measure,
    /// How it must compare with `factor` × `other`.
    pub bound: Bound,
    /// The number that `other` is multiplied by.
    pub factor: f64,
    /// What it is compared with.
    pub other: Operand,
    /// The template of the verdict's evidence, with the figures `value`, `factor` and `base`, and with the texts `measure`
    /// and `other`: what is compared.
    pub evidence: &'static str,
}

/// The direction of a [`Relation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// The measure may be at most that large.
    AtMost,
    /// The measure must be at least that large.
    AtLeast,
    /// The measure must be smaller.
    Below,
    /// The measure must be larger.
    Above,
    /// The measure must be just that.
    Equal,
}

/// What a [`Measure`] is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// Another measure of the same kind: a time with a time, a number with a number.
    Measure(Measure),
    /// The delay that the scenes were given.
    Delay,
    /// That delay, once for each task that was asked for.
    Delays,
    /// The number of tasks that was asked for.
    Tasks,
    /// A length of time.
    Time(Nanos),
    /// A number.
    Number(f64),
    /// How a scene or a lane ended, for [`Metric::Outcome`](super::Metric::Outcome).
    Outcome(Ending),
    /// Names of lanes with commas between them, for [`Metric::Ends`](super::Metric::Ends).
    Names(&'static str),
}

/// How a scene or a lane ended, without what it failed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It finished.
    Done,
    /// It was cancelled.
    Cancelled,
    /// It failed with an exception or a panic.
    Failed,
    /// It was still under way when the recording ended.
    Interrupted,
}

impl Ending {
    /// All of them.
    pub(crate) const ALL: [Ending; 4] = [Ending::Done, Ending::Cancelled, Ending::Failed, Ending::Interrupted];

    /// Returns the word for it, as claims and evidence have it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Ending::Done => "done",
            Ending::Cancelled => "cancelled",
            Ending::Failed => "failed",
            Ending::Interrupted => "interrupted",
        }
    }
}

impl From<&Outcome> for Ending {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done => Ending::Done,
            Outcome::Cancelled => Ending::Cancelled,
            Outcome::Panicked { .. } => Ending::Failed,
            Outcome::Interrupted => Ending::Interrupted,
        }
    }
}

impl Relation {
    /// Returns the relation `measure ≤ factor × other`.
    pub const fn at_most(measure: Measure, factor: f64, other: Operand) -> Self {
        Relation::new(measure, Bound::AtMost, factor, other)
    }

    /// Returns the relation `measure ≥ factor × other`.
    pub const fn at_least(measure: Measure, factor: f64, other: Operand) -> Self {
        Relation::new(measure, Bound::AtLeast, factor, other)
    }

    /// Returns the relation of `measure` and `factor` × `other` that `bound` says. The factor means nothing for names
    /// and outcomes.
    pub const fn new(measure: Measure, bound: Bound, factor: f64, other: Operand) -> Self {
        let is_given = matches!(other, Operand::Time(_) | Operand::Number(_) | Operand::Outcome(_) | Operand::Names(_));
        let evidence = match (bound, is_given) {
            (Bound::AtMost, false) => "{measure} {value}, {other} {base}; at most {factor} ×",
            (Bound::AtLeast, false) => "{measure} {value}, {other} {base}; at least {factor} ×",
            (Bound::Below, false) => "{measure} {value}, {other} {base}; less than {factor} ×",
            (Bound::Above, false) => "{measure} {value}, {other} {base}; more than {factor} ×",
            (Bound::Equal, false) => "{measure} {value}, {other} {base}; equal to {factor} ×",
            (Bound::AtMost, true) => "{measure} {value}; at most {base}",
            (Bound::AtLeast, true) => "{measure} {value}; at least {base}",
            (Bound::Below, true) => "{measure} {value}; less than {base}",
            (Bound::Above, true) => "{measure} {value}; more than {base}",
            (Bound::Equal, true) => "{measure} {value}; must be {base}",
        };
        Relation { measure, bound, factor, other, evidence }
    }

    /// Returns the same relation with another template for its evidence: see [`Relation::evidence`].
    pub const fn with_evidence(self, evidence: &'static str) -> Self {
        Relation { evidence, ..self }
    }

    /// Checks the relation against a trace.
    ///
    /// Returns [`Verdict::Skipped`] if one of its scenes did not run to its end, [`Verdict::Failed`] if a lane or a figure
    /// is missing or a time is compared with a number.
    pub fn verdict(&self, trace: &Trace) -> Verdict {
        let inputs = trace.inputs;
        self.measure.check(trace, |value| {
            let base = match self.other {
                Operand::Measure(other) => return other.check(trace, |base| self.compare(trace, &value, &base)),
                Operand::Delay => Quantity::Time(inputs.delay),
                Operand::Delays => Quantity::Time(inputs.delay * inputs.tasks as u64),
                Operand::Tasks => Quantity::from(inputs.tasks),
                Operand::Time(time) => Quantity::Time(time),
                Operand::Number(number) => Quantity::Factor(number),
                Operand::Outcome(ending) => Quantity::from(ending.word()),
                Operand::Names(names) => Quantity::from(measure::listed(names)),
            };
            self.compare(trace, &value, &base)
        })
    }

    fn compare(&self, trace: &Trace, value: &Quantity, base: &Quantity) -> Verdict {
        let [measure, other] = self.names(trace);
        let evidence = |template| {
            let evidence = Evidence::new(template).with("value", value.clone()).with("base", base.clone());
            let evidence = evidence.with("factor", Quantity::Factor(self.factor));
            evidence.with("measure", measure).with("other", other)
        };
        if let (Quantity::Text(value), Quantity::Text(base)) = (value, base) {
            return Verdict::of(value == base, evidence(self.evidence));
        }
        let comparable = matches!(value, Quantity::Time(_)) == matches!(base, Quantity::Time(_));
        let (Some(value), Some(base), true) = (number(value), number(base), comparable) else {
            return Verdict::Failed(evidence("{value} and {base} cannot be compared"));
        };
        Verdict::of(self.bound.holds(value, self.factor * base), evidence(self.evidence))
    }

    /// Returns what the two sides are called. Scenes are named only if they differ.
    fn names(&self, trace: &Trace) -> [String; 2] {
        let other = match self.other {
            Operand::Delay => "the delay".to_owned(),
            Operand::Delays => "all delays".to_owned(),
            Operand::Tasks => "tasks asked for".to_owned(),
            Operand::Time(_) | Operand::Number(_) | Operand::Outcome(_) | Operand::Names(_) => String::new(),
            Operand::Measure(other) if other.scene == self.measure.scene => other.name(),
            Operand::Measure(other) => return [self.measure, other].map(|measure| measure.name_in(trace)),
        };
        [self.measure.name(), other]
    }
}

impl Bound {
    /// Returns whether `value` compares with `bound` as it must. Numbers that differ by rounding alone are equal.
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Bound::AtMost => value <= bound,
            Bound::AtLeast => value >= bound,
            Bound::Below => value < bound,
            Bound::Above => value > bound,
            Bound::Equal => (value - bound).abs() <= ROUNDING * value.abs().max(bound.abs()),
        }
    }
}

/// By how much of itself a number can be off because it was multiplied and divided.
const ROUNDING: f64 = 1e-12;

/// Returns a quantity as a plain number, times in nanoseconds; none of what is no number.
fn number(quantity: &Quantity) -> Option<f64> {
    match quantity {
        Quantity::Time(nanos) => Some(nanos.as_f64()),
        Quantity::Count(count) => Some(*count as f64),
        Quantity::Factor(number) | Quantity::Share(number) | Quantity::Bytes(number) => Some(*number),
        _ => None,
    }
}
