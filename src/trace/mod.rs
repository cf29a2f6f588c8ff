//! The trace: the recording of one run of a lesson, as data. Every picture, file and claim is made from it alone.
//!
//! Times are `u64` nanoseconds from the scene's start. Knows nothing of how it was recorded or will be drawn.
//! `task` is what has a lane; `build` folds what the recorder read into a [`SceneTrace`], `event` takes it apart again,
//! `states` says what a task was doing when, `measure` holds the figures, `json` the file.

mod build;
mod event;
mod figure;
mod json;
mod measure;
mod snapshot;
mod states;
mod task;

use serde::{Deserialize, Serialize};

use crate::machine::Machine;

pub(crate) use self::build::About;
pub use self::build::Builder;
pub use self::event::Event;
pub use self::figure::{ClaimResult, Evidence, Figure, Quantity, Verdict};
pub(crate) use self::json::write_line;
pub use self::json::{JSON_SCHEMA, ReadError, SCHEMA};
pub(crate) use self::measure::ratio;
pub(crate) use self::snapshot::{Basis, FOREVER, Snapshot};
pub use self::states::{Span, State};
pub use self::task::{Outcome, Poll, Task, TaskKind};

/// A length of time in nanoseconds.
pub type Nanos = u64;

/// The recording of one run of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// Version of this form; raised when an old reader would misunderstand it.
    pub schema: u32,
    /// Name and version of the program that recorded it.
    pub program: String,
    /// The lesson's name.
    pub lesson: String,
    /// The clock that the times were read from.
    pub clock: Clock,
    /// What the scenes were given.
    pub inputs: Given,
    /// The machine it ran on, where the lesson's claims depend on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// The scenes that ran, in their order.
    pub scenes: Vec<SceneTrace>,
    /// The scenes that did not run, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// The lesson's claims and what became of them, in the lesson's order; empty until they are checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimResult>,
}

/// What the scenes were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// How many tasks were asked for.
    pub tasks: usize,
    /// How long each was to wait, in nanoseconds.
    pub delay: u64,
}

/// A scene that did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The scene's name.
    pub scene: String,
    /// Its title.
    pub title: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// Which clock a trace's times come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// Time as it passes.
    #[default]
    Real,
    /// tokio's paused clock: it jumps from timer to timer, instantly and exactly.
    Virtual,
}

/// The recording of one scene.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SceneTrace {
    /// The scene's name: its function's.
    pub name: String,
    /// What it is called in front of a learner.
    pub title: String,
    /// Its source file, from the project's root.
    pub file: String,
    /// The runtime that it ran on.
    pub runtime: Runtime,
    /// How long it took, from its first poll to its end.
    pub wall: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The threads that anything was recorded on.
    pub threads: Vec<Thread>,
    /// Everything with a lane, in the order of creation.
    pub tasks: Vec<Task>,
    /// What was said, in the order of time.
    pub marks: Vec<Mark>,
    /// The figures that only the scenes of this lesson have; empty until they are measured.
    pub figures: Vec<Figure>,
    /// All polls: each task's own are a slice, in the order of time.
    polls: Vec<Poll>,
    /// All wakes, likewise.
    wakes: Vec<u64>,
}

/// A tokio runtime, as far as a picture needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runtime {
    /// Its kind.
    pub flavor: Flavor,
    /// Threads that poll tasks.
    pub workers: usize,
}

/// The kinds of tokio runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavor {
    /// One thread polls everything.
    CurrentThread,
    /// Several workers, who steal tasks from each other.
    MultiThread,
}

/// A thread that something was recorded on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Its name.
    pub name: String,
}

impl Thread {
    /// Whether it belongs to the pool that tokio keeps for blocking calls.
    ///
    /// Such a thread is there because a call needed it, even if that call had no lane: one of `tokio::fs`, say.
    pub fn is_of_the_pool(&self) -> bool {
        self.name.starts_with(POOL)
    }
}

/// What the names of that pool's threads begin with.
pub(crate) const POOL: &str = "blocking ";

/// Something that was said with `info!`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: u64,
    /// The task that ran, as an index into [`SceneTrace::tasks`].
    pub task: Option<u32>,
    /// The thread it ran on, as an index into [`SceneTrace::threads`].
    pub thread: u32,
    /// The source file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What was said.
    pub text: String,
}

impl Trace {
    /// A trace by this program, of no scene yet.
    pub fn new(lesson: impl Into<String>, clock: Clock, inputs: Given) -> Self {
        Trace {
            schema: SCHEMA,
            program: format!("asyncguide {}", env!("CARGO_PKG_VERSION")),
            lesson: lesson.into(),
            clock,
            inputs,
            machine: None,
            scenes: Vec::new(),
            skipped: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// The scene of this name, if it ran.
    pub fn scene(&self, name: &str) -> Option<&SceneTrace> {
        self.scenes.iter().find(|scene| scene.name == name)
    }

    /// The longest wall: what a shared axis has to hold.
    pub fn extent(&self) -> u64 {
        self.scenes.iter().map(|scene| scene.wall).max().unwrap_or(0)
    }
}

impl SceneTrace {
    /// A task's polls, in the order of time.
    pub fn polls(&self, task: &Task) -> &[Poll] {
        task.polls.of(&self.polls)
    }

    /// The moments when a task's waker fired, in the order of time.
    pub fn wakes(&self, task: &Task) -> &[u64] {
        task.wakes.of(&self.wakes)
    }

    /// The tasks that are drawn: all but the scene's own function.
    pub fn lanes(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.kind != TaskKind::Scene)
    }

    /// The first lane of this name.
    pub fn lane(&self, name: &str) -> Option<&Task> {
        self.lanes().find(|task| &*task.name == name)
    }
}

/// `file` as the compiler names it, from the project's root: the lessons are mounted in the binary from beside
/// `src`, and the compiler goes by that detour.
pub(crate) fn source_path(file: &str) -> String {
    file.replace('\\', "/").replace("src/../", "")
}
