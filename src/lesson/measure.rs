//! What can be measured of a recorded scene or of one of its lanes, and compared by a claim.

use super::relation::Ending;
use super::{check, check_lanes};
use crate::trace::{
    Evidence, FieldValue, Mark, Nanos, Outcome, Quantity, SceneTrace, Task, TaskId, TaskKind, ThreadId, Trace, Verdict,
};

/// Most names of lanes that their order is told of. A claim has room for fewer.
const MOST_NAMES: usize = 256;

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
    /// The longest time for which one step held the event loop.
    Held,
    /// For how long threads computed in polls.
    Busy,
    /// The number of polls.
    Polls,
    /// The number of threads that polled.
    Threads,
    /// The number of lanes; of a lane, 1.
    Lanes,
    /// The largest number of lanes at the same moment; of a lane, 1.
    Peak,
    /// How the scene or the lane ended.
    Outcome,
    /// The names of the lanes in the order in which they ended.
    Ends,
    /// The figure of this name that the scene told of itself, or else the last mark with a field of this name.
    Figure(&'static str),
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
    pub(super) fn name(&self) -> String {
        let metric = match self.metric {
            Metric::Wall => "wall",
            Metric::Longest => "longest lane",
            Metric::Sum => "task time",
            Metric::Overlap => "overlap",
            Metric::Stall => "stall",
            Metric::Held => "loop held for",
            Metric::Busy => "busy",
            Metric::Polls => "polls",
            Metric::Threads => "threads",
            Metric::Lanes => "lanes",
            Metric::Peak => "most lanes at once",
            Metric::Outcome => "outcome",
            Metric::Ends => "order of ends",
            Metric::Figure(name) => name,
        };
        match self.lane {
            Some(lane) => format!("{metric} of {lane}"),
            None => metric.to_owned(),
        }
    }

    /// Returns the same with the scene's title.
    pub(super) fn name_in(&self, trace: &Trace) -> String {
        let title = trace.scene(self.scene).map(|scene| scene.title.as_str()).filter(|title| !title.is_empty());
        let title = title.unwrap_or(self.scene);
        format!("{} of “{title}”", self.name())
    }

    /// Checks something about the measured value, if the scene ran to its end and has the lane. A scene that failed has
    /// an outcome and an order of ends, and nothing else that could be compared.
    pub(crate) fn check(&self, trace: &Trace, check_it: impl FnOnce(Quantity) -> Verdict) -> Verdict {
        let failed = match self.metric {
            Metric::Outcome | Metric::Ends => trace.scene(self.scene).filter(|scene| failed(scene)),
            _ => None,
        };
        match failed {
            Some(scene) => self.check_in(scene, check_it),
            None => check(trace, [self.scene], |[scene]| self.check_in(scene, check_it)),
        }
    }

    /// Checks something about the measured value in `scene`, if it has the lane and the figure.
    fn check_in(&self, scene: &SceneTrace, check_it: impl FnOnce(Quantity) -> Verdict) -> Verdict {
        let check_value = |value: Option<Quantity>| match value {
            Some(value) => check_it(value),
            None => {
                let evidence = Evidence::new("“{scene}” tells no figure “{figure}”");
                Verdict::Failed(evidence.with("scene", scene.title.clone()).with("figure", self.name()))
            }
        };
        match self.lane {
            Some(lane) => check_lanes(scene, [lane], |[task]| check_value(self.of_lane(scene, task))),
            None => check_value(self.of_scene(scene)),
        }
    }

    /// Returns the value of the whole scene; none if the scene does not tell the figure.
    fn of_scene(&self, scene: &SceneTrace) -> Option<Quantity> {
        Some(match self.metric {
            Metric::Wall => Quantity::Time(scene.wall),
            Metric::Longest => Quantity::Time(scene.longest_task()),
            Metric::Sum => Quantity::Time(scene.task_time()),
            Metric::Overlap => Quantity::Factor(scene.overlap()),
            Metric::Stall => Quantity::Time(scene.stall()),
            Metric::Held => {
                Quantity::Time(scene.tasks.iter().map(|task| held_by(scene, task)).max().unwrap_or_default())
            }
            Metric::Busy => Quantity::Time(scene.busy()),
            Metric::Polls => Quantity::from(scene.poll_count()),
            Metric::Threads => Quantity::from(scene.threads_used()),
            Metric::Lanes => Quantity::from(scene.lane_count()),
            Metric::Peak => Quantity::from(scene.peak_tasks()),
            Metric::Outcome => Quantity::from(Ending::from(&scene.outcome).word()),
            Metric::Ends => Quantity::from(ends(scene)),
            Metric::Figure(name) => return figure(scene, name),
        })
    }

    /// Returns the value of one lane; none if it does not tell the figure.
    fn of_lane(&self, scene: &SceneTrace, task: &Task) -> Option<Quantity> {
        let polls = scene.polls(task);
        Some(match self.metric {
            Metric::Wall | Metric::Longest | Metric::Sum => Quantity::Time(scene.lifetime(task)),
            Metric::Overlap => Quantity::Factor(scene.lifetime(task).ratio(scene.wall)),
            Metric::Stall => Quantity::Time(scene.stall_of(task)),
            Metric::Held => Quantity::Time(held_by(scene, task)),
            Metric::Busy => Quantity::Time(scene.busy_of(task)),
            Metric::Polls => Quantity::from(polls.len()),
            Metric::Threads => {
                let mut threads: Vec<ThreadId> = polls.iter().map(|poll| poll.thread).collect();
                threads.sort_unstable();
                threads.dedup();
                Quantity::from(threads.len())
            }
            Metric::Lanes | Metric::Peak => Quantity::Count(1),
            Metric::Outcome => Quantity::from(Ending::from(&task.outcome).word()),
            Metric::Ends => Quantity::from(task.name.to_string()),
            Metric::Figure(name) => {
                let is_it = |id: TaskId| scene.task(id).is_some_and(|other| std::ptr::eq(other, task));
                return field(scene.marks.iter().filter(|mark| mark.task.is_some_and(is_it)), name);
            }
        })
    }
}

/// Returns whether a scene came to an end of its own that was no good one.
fn failed(scene: &SceneTrace) -> bool {
    matches!(scene.outcome, Outcome::Panicked { .. } | Outcome::Cancelled)
}

/// Returns the longest poll of `task`; zero if no loop polls it.
fn held_by(scene: &SceneTrace, task: &Task) -> Nanos {
    match task.kind {
        TaskKind::Thread | TaskKind::Call => Nanos::ZERO,
        _ => scene.polls(task).iter().map(|poll| poll.end - poll.start).max().unwrap_or_default(),
    }
}

/// Returns the names of the lanes that ended, in the order in which they did. Of many, the last ones are only counted.
fn ends(scene: &SceneTrace) -> String {
    let mut ended: Vec<(Nanos, &str)> = scene.work().filter_map(|task| Some((task.ended?, &*task.name))).collect();
    // Stable: lanes that ended at the same moment stay in the order of their creation.
    ended.sort_by_key(|(at, _)| *at);
    let names: Vec<&str> = ended.iter().map(|(_, name)| *name).collect();
    match names.split_at_checked(MOST_NAMES) {
        Some((first, rest)) if !rest.is_empty() => format!("{}, and {} more", first.join(", "), rest.len()),
        _ => names.join(", "),
    }
}

/// Returns names that are listed with commas, written as [`Metric::Ends`] writes them.
pub(super) fn listed(names: &str) -> String {
    names.split(',').map(str::trim).collect::<Vec<_>>().join(", ")
}

/// Returns the figure that a scene told of itself, or else the last that a mark carries as a field.
fn figure(scene: &SceneTrace, name: &str) -> Option<Quantity> {
    let told = scene.figures.iter().find(|figure| figure.name == name);
    told.map(|figure| figure.quantity.clone()).or_else(|| field(scene.marks.iter(), name))
}

/// Returns the value of the field of this name in the last of `marks` that has it.
fn field<'a>(marks: impl DoubleEndedIterator<Item = &'a Mark>, name: &str) -> Option<Quantity> {
    let value = marks.rev().find_map(|mark| mark.fields.get(name))?;
    Some(match value {
        FieldValue::Bool(value) => Quantity::Count((*value).into()),
        FieldValue::Unsigned(value) => Quantity::Count(*value),
        FieldValue::Signed(value) => Quantity::Factor(*value as f64),
        FieldValue::Float(value) => Quantity::Factor(*value),
        FieldValue::Text(text) => Quantity::from(text.clone()),
    })
}
