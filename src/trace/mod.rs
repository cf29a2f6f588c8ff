//! The trace: the recording of one run as data. Every picture, file and claim is made from it alone.
//!
//! Moments and durations are nanoseconds; moments count from the start of their scene. Nothing here knows how a scene
//! was recorded or will be drawn.
//!
//! [`Event`] is one thing that happened. A [`Builder`] folds the events of one scene into a [`SceneTrace`] and refuses
//! those that contradict each other; [`SceneTrace::events`] takes it apart again. `jsonl` writes and reads a run as a
//! stream of events, `json` as one document. `states` says what a task was doing when, `measure` holds the figures.

mod about;
mod apart;
mod build;
mod contradiction;
mod cut;
mod event;
mod figure;
mod group;
mod holds;
mod ids;
mod json;
mod jsonl;
mod limits;
mod mark;
mod measure;
mod name;
mod order;
mod packed;
mod read_error;
mod short;
mod site;
mod snapshot;
mod source;
mod states;
mod tail;
mod task;
mod usage;

use serde::{Deserialize, Serialize};

use self::holds::Holds;
use self::usage::Usages;
use crate::machine::Machine;

pub(crate) use self::about::POOL;
pub use self::about::{Clock, LanguageInfo, Process, ProcessInfo, RunInputs, RuntimeInfo, Skipped, Thread};
pub use self::build::Builder;
pub use self::contradiction::Contradiction;
pub use self::event::{Event, RunStart, SceneStart};
pub use self::figure::{ClaimResult, Evidence, Figure, NamedTime, Quantity, Verdict};
pub use self::ids::{ProcessId, SiteId, TaskId, ThreadId};
#[cfg(feature = "program")]
pub(crate) use self::json::write_line;
pub use self::json::{JSON_SCHEMA, SCHEMA};
#[cfg(feature = "program")]
pub(crate) use self::jsonl::EventReader;
pub use self::jsonl::LINES_SCHEMA;
#[cfg(all(feature = "program", unix))]
pub(crate) use self::jsonl::RunBuilder;
pub(crate) use self::jsonl::write_event;
pub(crate) use self::limits::{NAME as LONGEST_NAME, TEXT as LONGEST_TEXT};
pub use self::mark::{FieldValue, Mark};
pub use self::name::Name;
#[cfg(feature = "program")]
pub(crate) use self::order::Order;
pub use self::packed::Packed;
pub use self::read_error::ReadError;
pub(crate) use self::short::cut;
pub use self::site::{Origin, Site, Stand};
pub(crate) use self::snapshot::Snapshot;
pub use self::source::RunningPoll;
pub(crate) use self::source::{Growing, SceneEnd, Source};
pub use self::states::{Round, Span, State, Step};
pub(crate) use self::tail::Tail;
pub use self::task::{Outcome, Poll, Task, TaskKind};
pub use self::usage::Usage;
pub use crate::nanos::Nanos;

/// The recording of one run of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// Version of this form; raised when an old reader would misunderstand it.
    pub schema: u32,
    /// Name and version of the program that recorded it.
    #[serde(deserialize_with = "short::name")]
    pub program: String,
    /// The lesson's name.
    #[serde(deserialize_with = "short::path")]
    pub lesson: String,
    /// The clock that the times were read from.
    pub clock: Clock,
    /// The inputs of the scenes.
    pub inputs: RunInputs,
    /// The machine it ran on, where the lesson's claims depend on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// The process that was recorded, if it is not a lesson's: then `lesson` is the name of its program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessInfo>,
    /// The language that the recorded program is written in; none for Rust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageInfo>,
    /// The scenes that ran, in order.
    pub scenes: Vec<SceneTrace>,
    /// The scenes that did not run, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// The lesson's claims and what became of them, in the lesson's order; empty until they are checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimResult>,
}

/// The recording of one scene.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SceneTrace {
    /// The scene's name: that of its function.
    pub name: String,
    /// The title that learners see.
    pub title: String,
    /// The source file, from the root of its package; empty if there is none.
    pub file: String,
    /// The name of the language that the scene's code is written in, such as `python`; none if it is the run's own.
    pub language: Option<String>,
    /// The runtime that it ran on.
    pub runtime: RuntimeInfo,
    /// The names of lanes that only help to show the others, such as one that ends when something happens to them. They
    /// are drawn apart and count in no figure.
    pub helpers: Vec<String>,
    /// How long the scene took, from its first poll to its end.
    pub wall: Nanos,
    /// How the scene ended.
    pub outcome: Outcome,
    /// The machine's monotonic clock at the start of the scene; none if it was not recorded.
    pub started: Option<Nanos>,
    /// How many records the recorder had to drop: with any, the scene has gaps.
    pub lost: u64,
    /// The processes that took part; empty if the recording is of one process only.
    pub processes: Vec<Process>,
    /// The threads that anything was recorded on.
    pub threads: Vec<Thread>,
    /// The places in source files that tasks name; empty if none were recorded.
    pub sites: Vec<Site>,
    /// Everything with a lane, in the order of creation.
    pub tasks: Vec<Task>,
    /// What code said, in the order of time.
    pub marks: Vec<Mark>,
    /// The figures that only the scenes of this lesson have; empty until they are measured.
    pub figures: Vec<Figure>,
    /// All polls: those of one task are a slice, in the order of time.
    polls: Vec<Poll>,
    /// All wakes, likewise.
    wakes: Vec<Nanos>,
    /// For each wake the task that caused it; empty if no waker was recorded.
    wakers: Vec<Option<TaskId>>,
    /// Where tasks come from, in the order of the tasks. Those of which nothing is known are left out.
    origins: Vec<(TaskId, Origin)>,
    /// Where tasks began to wait, in the order of the tasks, those of one task in the order of time.
    stands: Vec<Stand>,
    /// How threads spent the longer polls.
    usages: Usages,
    /// When loops were held, found from the polls.
    holds: Holds,
}

impl Trace {
    /// Returns a trace that this program records, without scenes yet.
    pub fn new(lesson: impl Into<String>, clock: Clock, inputs: RunInputs) -> Self {
        Trace {
            schema: SCHEMA,
            program: format!("asyncguide {}", env!("CARGO_PKG_VERSION")),
            lesson: lesson.into(),
            clock,
            inputs,
            machine: None,
            process: None,
            language: None,
            scenes: Vec::new(),
            skipped: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// Returns the first scene of this name; none if it did not run. A scene in the run's own language is preferred to
    /// its twin in another one.
    pub fn scene(&self, name: &str) -> Option<&SceneTrace> {
        let named = |scene: &&SceneTrace| scene.name == name;
        self.scenes.iter().filter(named).min_by_key(|scene| scene.language.is_some())
    }

    /// Returns the longest wall of all scenes: what a shared axis has to hold.
    pub fn extent(&self) -> Nanos {
        self.scenes.iter().map(|scene| scene.wall).max().unwrap_or_default()
    }
}

impl SceneTrace {
    /// Returns the task of this number; none if the scene has none.
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(id.index())
    }

    /// Returns the same scene with its holds found. To be called once all polls are known.
    fn with_holds(self) -> Self {
        SceneTrace { holds: Holds::of(&self), ..self }
    }

    /// Returns a task's polls, in the order of time.
    pub fn polls(&self, task: &Task) -> &[Poll] {
        task.polls.of(&self.polls)
    }

    /// Returns the moments at which a task's waker fired, in order.
    pub fn wakes(&self, task: &Task) -> &[Nanos] {
        task.wakes.of(&self.wakes)
    }

    /// Returns for each of a task's wakes the task that caused it; empty if no waker was recorded in this scene.
    pub fn wakers(&self, task: &Task) -> &[Option<TaskId>] {
        task.wakes.of(&self.wakers)
    }

    /// Returns the task that caused the wake of `task` at this moment; none if that is not known.
    pub(crate) fn waker(&self, task: &Task, wake: Nanos) -> Option<TaskId> {
        let index = self.wakes(task).partition_point(|at| *at < wake);
        self.wakers(task).get(index).copied().flatten()
    }

    /// Returns where a task comes from.
    pub fn origin(&self, task: TaskId) -> Origin {
        match self.origins.binary_search_by_key(&task, |(known, _)| *known) {
            Ok(index) => self.origins[index].1,
            Err(_) => Origin::default(),
        }
    }

    /// Returns where a task began to wait, in the order of time.
    pub fn stands(&self, task: TaskId) -> &[Stand] {
        let start = self.stands.partition_point(|stand| stand.task < task);
        let count = self.stands[start..].partition_point(|stand| stand.task == task);
        &self.stands[start..start + count]
    }

    /// Returns where all tasks began to wait, in the order of the tasks, those of one task in the order of time.
    pub fn all_stands(&self) -> &[Stand] {
        &self.stands
    }

    /// Returns the site of this number; none if the scene has none.
    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(id.index())
    }

    /// Returns the tasks that are drawn: all but the scene's own function.
    pub fn lanes(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.kind != TaskKind::Scene)
    }

    /// Returns all tasks, the scene's own function too, with their numbers.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        (0..).map(TaskId::new).zip(&self.tasks)
    }

    /// Returns the tasks that are drawn, with their numbers.
    pub(crate) fn numbered_lanes(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.numbered().filter(|(_, task)| task.kind != TaskKind::Scene)
    }

    /// Returns the lane whose task polls the future `task` from within; none if an executor polls it, or the scene's own
    /// function.
    pub(crate) fn outer(&self, task: &Task) -> Option<TaskId> {
        let outer = task.parent.filter(|_| task.kind == TaskKind::Future && !task.spawned)?;
        (self.task(outer)?.kind != TaskKind::Scene).then_some(outer)
    }

    /// Returns the lane that caught what the future `task` failed with: the first of those that await each other around it
    /// which ended otherwise. None if `task` did not fail, or if none of them caught it.
    pub(crate) fn caught_by(&self, task: &Task) -> Option<TaskId> {
        let Outcome::Panicked { .. } = task.outcome else { return None };
        let mut outer = self.outer(task)?;
        while self.task(outer)?.outcome == task.outcome {
            // A stranger's recording may have lanes that await each other in a circle.
            outer = self.outer(self.task(outer)?).filter(|next| *next < outer)?;
        }
        Some(outer)
    }

    /// Returns the lanes that figures count: all but the [`helpers`](field@SceneTrace::helpers).
    pub fn work(&self) -> impl Iterator<Item = &Task> {
        self.lanes().filter(|task| !self.is_helper(task))
    }

    /// Returns whether `task` only helps to show the others.
    pub fn is_helper(&self, task: &Task) -> bool {
        self.helpers.iter().any(|name| **name == *task.name)
    }

    /// Returns the first lane of this name.
    pub fn lane(&self, name: &str) -> Option<&Task> {
        self.lanes().find(|task| &*task.name == name)
    }
}

/// Returns the path of a source file, from the root of its package. The lessons are mounted in the binary from beside
/// `src`, so the compiler's path for them makes a detour.
pub(crate) fn source_path(file: &str) -> String {
    file.replace('\\', "/").replace("src/../", "")
}
