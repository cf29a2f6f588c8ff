//! A limit that a program must keep, such as `held > 100ms`: for machines that build and test it.

use std::fmt;
use std::str::FromStr;

use super::{ended_with_outer, on_a_loop};
use crate::trace::{Nanos, Outcome, SceneTrace, Task};
use crate::units::{duration, grouped};

/// What a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// The longest poll of a task on a loop.
    Held,
    /// The longest time for which a task could have run but did not.
    Ready,
    /// How long the scene took.
    Wall,
    /// How many tasks failed.
    Failed,
    /// How many tasks were cancelled.
    Cancelled,
}

const NAMES: [(&str, Measure); 5] = [
    ("held", Measure::Held),
    ("ready", Measure::Ready),
    ("wall", Measure::Wall),
    ("failed", Measure::Failed),
    ("cancelled", Measure::Cancelled),
];

/// A value of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Value {
    Time(Nanos),
    Count(usize),
}

/// A statement about a scene that must not be true: a measure is larger than a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    name: &'static str,
    measure: Measure,
    most: Value,
}

impl Limit {
    /// Returns what exceeds the limit, a sentence for each scene that does.
    pub fn exceeded_in<'a>(&'a self, scenes: &'a [SceneTrace]) -> impl Iterator<Item = String> + 'a {
        scenes.iter().filter_map(|scene| {
            let value = self.measure.of(scene);
            let exceeds = value > self.most;
            exceeds.then(|| format!("{}: {} is {value}, and at most {} is allowed", scene.title, self.name, self.most))
        })
    }
}

impl Measure {
    fn of(self, scene: &SceneTrace) -> Value {
        let count = |ended: fn(&Outcome) -> bool| {
            // A program that catches an exception is one that expects it.
            let handled = |task: &Task| ended_with_outer(scene, task) || scene.caught_by(task).is_some();
            let counts = |task: &&Task| ended(&task.outcome) && !handled(task);
            Value::Count(scene.work().filter(counts).count())
        };
        match self {
            Measure::Held => {
                let longest = |task: &Task| scene.polls(task).iter().map(|poll| poll.end - poll.start).max();
                Value::Time(
                    scene.tasks.iter().filter(|task| on_a_loop(task)).filter_map(longest).max().unwrap_or_default(),
                )
            }
            Measure::Ready => Value::Time(scene.stall()),
            Measure::Wall => Value::Time(scene.wall),
            Measure::Failed => count(|outcome| matches!(outcome, Outcome::Panicked { .. })),
            Measure::Cancelled => count(|outcome| *outcome == Outcome::Cancelled),
        }
    }

    fn is_a_time(self) -> bool {
        !matches!(self, Measure::Failed | Measure::Cancelled)
    }
}

impl FromStr for Limit {
    type Err = String;

    /// Reads `held > 100ms` or `failed > 0`.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "a limit has the form 'held > 100ms'";
        let (name, most) = text.split_once('>').ok_or_else(|| FORM.to_owned())?;
        let (name, most) = (name.trim(), most.trim());
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let Some(&(name, measure)) = known else {
            let names = NAMES.map(|(name, _)| name).join(", ");
            return Err(format!("{name:?} cannot be limited, only {names}; {FORM}"));
        };
        let most = match measure.is_a_time() {
            true => {
                let time = humantime::parse_duration(most).map_err(|error| format!("{error}; {FORM}"))?;
                Value::Time(time.into())
            }
            false => Value::Count(most.parse().map_err(|_| format!("{name} is a whole number: '{name} > 0'"))?),
        };
        Ok(Limit { name, measure, most })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Time(time) => f.write_str(&duration(*time)),
            Value::Count(count) => f.write_str(&grouped(*count)),
        }
    }
}
