//! A claim as data: two measures of a run, and how they must compare.

use super::{check, check_lanes};
use crate::trace::{Evidence, Quantity, SceneTrace, Task, ThreadId, Trace, Verdict};

/// A comparison of two measures: `measure ≤ factor × other`, or `≥`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Relation {
    /// What is compared.
    pub measure: Measure,
    /// Whether it may be at most or must be at least `factor` × `other`.
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
pub enum Bound {
    /// The measure may be at most that large.
    AtMost,
    /// The measure must be at least that large.
    AtLeast,
}

/// What a [`Measure`] is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    /// Another measure of the same kind: a time with a time, a number with a number.
    Measure(Measure),
    /// The delay that the scenes were given.
    Delay,
    /// That delay, once for each task that was asked for.
    Delays,
}

/// A measure of a scene, or of one of its lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// The scene's name.
    pub scene: &'static str,
    /// The name of the lane; the whole scene if none. Of several lanes with this name, the first.
    pub lane: Option<&'static str>,
    /// What is measured.
    pub metric: Metric,
}

/// What can be measured of a scene or a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metric {
    /// How long the scene took; of a lane, its lifetime.
    Wall,
    /// The longest lifetime of a lane.
    Longest,
    /// The task time: the sum of the lanes' lifetimes.
    Sum,
    /// The task time ÷ the scene's wall: how many lanes there were at once on average.
    Overlap,
    /// The longest time for which a lane could have run but did not: see [`SceneTrace::stall_of`].
    Stall,
    /// For how long threads computed in polls.
    Busy,
    /// The number of polls.
    Polls,
    /// The number of threads that polled.
    Threads,
}

impl Relation {
    /// Returns the relation `measure ≤ factor × other`.
    pub const fn at_most(measure: Measure, factor: f64, other: Operand) -> Self {
        let evidence = "{measure} {value}, {other} {base}; at most {factor} ×";
        Relation { measure, bound: Bound::AtMost, factor, other, evidence }
    }

    /// Returns the relation `measure ≥ factor × other`.
    pub const fn at_least(measure: Measure, factor: f64, other: Operand) -> Self {
        let evidence = "{measure} {value}, {other} {base}; at least {factor} ×";
        Relation { measure, bound: Bound::AtLeast, factor, other, evidence }
    }

    /// Returns the same relation with another template for its evidence: see [`Relation::evidence`].
    pub const fn with_evidence(self, evidence: &'static str) -> Self {
        Relation { evidence, ..self }
    }

    /// Checks the relation against a trace.
    ///
    /// Returns [`Verdict::Skipped`] if one of its scenes did not run to its end, [`Verdict::Failed`] if a lane is
    /// missing or a time is compared with a number.
    pub fn verdict(&self, trace: &Trace) -> Verdict {
        self.measure.check(trace, |value| match self.other {
            Operand::Measure(other) => other.check(trace, |base| self.compare(trace, &value, &base)),
            Operand::Delay => self.compare(trace, &value, &Quantity::Time(trace.inputs.delay)),
            Operand::Delays => {
                let delays = trace.inputs.delay * trace.inputs.tasks as u64;
                self.compare(trace, &value, &Quantity::Time(delays))
            }
        })
    }

    fn compare(&self, trace: &Trace, value: &Quantity, base: &Quantity) -> Verdict {
        let [measure, other] = self.names(trace);
        let evidence = |template| {
            let evidence = Evidence::new(template).with("value", value.clone()).with("base", base.clone());
            let evidence = evidence.with("factor", Quantity::Factor(self.factor));
            evidence.with("measure", measure).with("other", other)
        };
        let comparable = matches!(value, Quantity::Time(_)) == matches!(base, Quantity::Time(_));
        let (Some(value), Some(base), true) = (number(value), number(base), comparable) else {
            return Verdict::Failed(evidence("{value} and {base} cannot be compared"));
        };
        let bound = self.factor * base;
        let held = match self.bound {
            Bound::AtMost => value <= bound,
            Bound::AtLeast => value >= bound,
        };
        Verdict::of(held, evidence(self.evidence))
    }

    /// Returns what the two sides are called. Scenes are named only if they differ.
    fn names(&self, trace: &Trace) -> [String; 2] {
        let other = match self.other {
            Operand::Delay => "the delay".to_owned(),
            Operand::Delays => "all delays".to_owned(),
            Operand::Measure(other) if other.scene == self.measure.scene => other.name(),
            Operand::Measure(other) => return [self.measure, other].map(|measure| measure.name_in(trace)),
        };
        [self.measure.name(), other]
    }
}

/// Returns a quantity as a plain number, times in nanoseconds; none of what a [`Measure`] never is.
fn number(quantity: &Quantity) -> Option<f64> {
    match quantity {
        Quantity::Time(nanos) => Some(nanos.as_f64()),
        Quantity::Count(count) => Some(*count as f64),
        Quantity::Factor(factor) => Some(*factor),
        _ => None,
    }
}

impl Measure {
    /// Returns a measure of a whole scene.
    pub const fn of(scene: &'static str, metric: Metric) -> Self {
        Measure { scene, lane: None, metric }
    }

    /// Returns the same measure of one of the scene's lanes.
    pub const fn lane(self, lane: &'static str) -> Self {
        Measure { lane: Some(lane), ..self }
    }

    /// Returns what is measured, and of which lane.
    fn name(&self) -> String {
        let metric = match self.metric {
            Metric::Wall => "wall",
            Metric::Longest => "longest lane",
            Metric::Sum => "task time",
            Metric::Overlap => "overlap",
            Metric::Stall => "stall",
            Metric::Busy => "busy",
            Metric::Polls => "polls",
            Metric::Threads => "threads",
        };
        match self.lane {
            Some(lane) => format!("{metric} of {lane}"),
            None => metric.to_owned(),
        }
    }

    /// Returns the same with the scene's title.
    fn name_in(&self, trace: &Trace) -> String {
        let title = trace.scene(self.scene).map(|scene| scene.title.as_str()).filter(|title| !title.is_empty());
        let title = title.unwrap_or(self.scene);
        format!("{} of “{title}”", self.name())
    }

    /// Checks something about the measured value, if the scene ran to its end and has the lane.
    fn check(&self, trace: &Trace, check_it: impl FnOnce(Quantity) -> Verdict) -> Verdict {
        check(trace, [self.scene], |[scene]| match self.lane {
            Some(lane) => check_lanes(scene, [lane], |[task]| check_it(self.of_lane(scene, task))),
            None => check_it(self.of_scene(scene)),
        })
    }

    fn of_scene(&self, scene: &SceneTrace) -> Quantity {
        match self.metric {
            Metric::Wall => Quantity::Time(scene.wall),
            Metric::Longest => Quantity::Time(scene.longest_task()),
            Metric::Sum => Quantity::Time(scene.task_time()),
            Metric::Overlap => Quantity::Factor(scene.overlap()),
            Metric::Stall => Quantity::Time(scene.stall()),
            Metric::Busy => Quantity::Time(scene.busy()),
            Metric::Polls => Quantity::from(scene.poll_count()),
            Metric::Threads => Quantity::from(scene.threads_used()),
        }
    }

    fn of_lane(&self, scene: &SceneTrace, task: &Task) -> Quantity {
        let polls = scene.polls(task);
        match self.metric {
            Metric::Wall | Metric::Longest | Metric::Sum => Quantity::Time(scene.lifetime(task)),
            Metric::Overlap => Quantity::Factor(scene.lifetime(task).ratio(scene.wall)),
            Metric::Stall => Quantity::Time(scene.stall_of(task)),
            Metric::Busy => Quantity::Time(scene.busy_of(task)),
            Metric::Polls => Quantity::from(polls.len()),
            Metric::Threads => {
                let mut threads: Vec<ThreadId> = polls.iter().map(|poll| poll.thread).collect();
                threads.sort_unstable();
                threads.dedup();
                Quantity::from(threads.len())
            }
        }
    }
}
