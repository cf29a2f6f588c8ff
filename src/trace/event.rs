//! The event stream: a recording as what happened, one event after the other.
//!
//! Recorders produce events, [`Builder::apply`](super::Builder::apply) folds those of one scene, `jsonl.rs` writes and
//! reads them, one JSON object a line, and [`SceneTrace::events`](super::SceneTrace::events) takes a recording apart
//! again. `docs/events.md` specifies the stream. To add a kind of event, add a variant here; `CONTRIBUTING.md` lists
//! the places that must know it, of which the compiler names those that every kind needs.

use serde::{Deserialize, Serialize};

use super::ids::{ProcessId, SiteId, TaskId, ThreadId};
use super::short;
use super::{
    ClaimResult, Clock, Figure, LanguageInfo, Mark, Name, Outcome, Packed, ProcessInfo, RunInputs, RuntimeInfo,
    Skipped, TaskKind, Usage,
};
use crate::machine::Machine;
use crate::nanos::Nanos;

/// One event of a recording. Moments are nanoseconds since the start of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run begins. The first event of every stream.
    Run(Box<RunStart>),
    /// A scene begins: the events up to its `SceneEnd` are about it.
    Scene(Box<SceneStart>),
    /// A process takes part in the scene. Processes are numbered from 0 in the order of these events.
    Process {
        /// The process's number.
        process: ProcessId,
        /// What it is called, such as its command.
        #[serde(deserialize_with = "short::name")]
        name: String,
    },
    /// A thread takes part in the scene. Threads are numbered from 0 in the order of these events.
    Thread {
        /// The thread's number.
        thread: ThreadId,
        /// The thread's name.
        #[serde(deserialize_with = "short::name")]
        name: String,
        /// The process that it belongs to; none if the recording is of one process only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessId>,
    },
    /// A place in a source file, which later events name. Sites are numbered from 0 in the order of these events.
    Site {
        /// The site's number.
        site: SiteId,
        /// The source file.
        #[serde(deserialize_with = "short::path")]
        file: String,
        /// The line in that file, from 1.
        line: u32,
        /// The function that the line is in.
        #[serde(deserialize_with = "short::name")]
        function: String,
    },
    /// A task was created.
    Created {
        /// The task's number.
        task: TaskId,
        /// The moment of creation.
        at: Nanos,
        /// The task inside whose poll it was created; none if it was created outside of every lane.
        #[serde(default)]
        parent: Option<TaskId>,
        /// What the lane stands for.
        kind: TaskKind,
        /// What the code calls it.
        name: Name,
        /// The statement that created it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<SiteId>,
        /// The place at which its function begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<SiteId>,
    },
    /// A task has a new name. Comes after its creation.
    Renamed {
        /// The task's number.
        task: TaskId,
        /// What it is called from now on, and in the recording.
        name: Name,
    },
    /// An executor polls the task by itself: it was ready from its creation on. Comes before the task's first poll.
    Spawned {
        /// The task's number.
        task: TaskId,
        /// The moment when this became known: not before the creation, and not after the first poll begins.
        at: Nanos,
    },
    /// A task was polled; told when the poll is over.
    Poll {
        /// The task's number.
        task: TaskId,
        /// The thread that the poll held.
        thread: ThreadId,
        /// The moment when the task took the thread.
        start: Nanos,
        /// The moment when it gave the thread back.
        end: Nanos,
    },
    /// How the thread spent a poll: computing, waiting for a core, or blocked in a call.
    Usage(Usage),
    /// A task's waker fired: the task is ready.
    Wake {
        /// The task's number.
        task: TaskId,
        /// The moment of the wake.
        at: Nanos,
        /// The task inside whose poll the waker fired; none if it fired elsewhere, or if that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<TaskId>,
    },
    /// A task began to wait at a place in its code, at the end of a poll.
    Stands {
        /// The task's number.
        task: TaskId,
        /// The moment from which it waits.
        at: Nanos,
        /// The place of its innermost `await`.
        site: SiteId,
        /// What it waits for, in a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        awaits: Option<Name>,
        /// The task that it waits for.
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        waits_for: Option<TaskId>,
    },
    /// Code said something.
    Mark(Mark),
    /// A task ended. Of several ends of one task, the earliest counts.
    End {
        /// The task's number.
        task: TaskId,
        /// The moment of the end.
        at: Nanos,
        /// How the task ended.
        outcome: Outcome,
        /// The place at which the exception was raised that it failed with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<SiteId>,
    },
    /// The recorder had to drop records: the recording has gaps.
    Lost {
        /// How many were dropped since the last such event.
        records: u64,
    },
    /// Many events of one thread in one line. Readers expand it.
    Packed(Packed),
    /// What was measured of the scene, beside what every recording can tell.
    Figure(Figure),
    /// The scene is over.
    SceneEnd {
        /// The scene's name, as in its `Scene` event.
        #[serde(deserialize_with = "short::name")]
        scene: String,
        /// How long the scene took.
        wall: Nanos,
        /// How the scene ended.
        outcome: Outcome,
    },
    /// A scene did not run.
    Skipped(Skipped),
    /// A claim about the run, and what became of it.
    Claim(ClaimResult),
    /// An event of a later version. Readers skip it.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// What is known when a run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// Version of the stream's form; raised when an old reader would misunderstand it.
    pub schema: u32,
    /// Name and version of the program that recorded it.
    #[serde(deserialize_with = "short::name")]
    pub program: String,
    /// The lesson's name.
    #[serde(deserialize_with = "short::path")]
    pub lesson: String,
    /// The clock that the moments were read from.
    pub clock: Clock,
    /// The inputs of the scenes.
    pub inputs: RunInputs,
    /// The machine it ran on, where the lesson's claims depend on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// The process that was recorded, if it is not a lesson's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessInfo>,
    /// The language that the recorded program is written in; none for Rust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageInfo>,
}

/// What is known when a scene begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneStart {
    /// The scene's name: that of its function.
    #[serde(deserialize_with = "short::name")]
    pub scene: String,
    /// The title that learners see.
    #[serde(deserialize_with = "short::text")]
    pub title: String,
    /// The source file, from the root of its package; empty if there is none.
    #[serde(deserialize_with = "short::path")]
    pub file: String,
    /// The name of the language that the scene's code is written in, such as `python`; none if it is the run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_name")]
    pub language: Option<String>,
    /// The runtime that it runs on.
    pub runtime: RuntimeInfo,
    /// The names of lanes that only help to show the others: they are drawn apart and count in no figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "short::names")]
    pub helpers: Vec<String>,
    /// The machine's monotonic clock at the start of the scene, so that scenes of several processes can share one axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Nanos>,
}

impl Event {
    /// Returns the moment at which the event was over. Events that are about no moment are at 0.
    pub fn at(&self) -> Nanos {
        match self {
            Event::Poll { end, .. } => *end,
            Event::Created { at, .. }
            | Event::Spawned { at, .. }
            | Event::Wake { at, .. }
            | Event::Stands { at, .. }
            | Event::End { at, .. } => *at,
            Event::Mark(mark) => mark.at,
            Event::Usage(usage) => usage.start,
            Event::SceneEnd { wall, .. } => *wall,
            Event::Run(_)
            | Event::Scene(_)
            | Event::Process { .. }
            | Event::Thread { .. }
            | Event::Site { .. }
            | Event::Renamed { .. }
            | Event::Lost { .. }
            | Event::Packed(_)
            | Event::Figure(_)
            | Event::Skipped(_)
            | Event::Claim(_)
            | Event::Unknown => Nanos::ZERO,
        }
    }

    /// Returns the order of events at the same moment: a task is created before it is polled, and does nothing after
    /// its end. A task that ended and was dropped later has both ends; the drop comes last.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Event::Run(_) | Event::Scene(_) => 0,
            Event::Process { .. } => 1,
            Event::Thread { .. } => 2,
            Event::Site { .. } => 3,
            Event::Created { .. } => 4,
            Event::Spawned { .. } | Event::Renamed { .. } => 5,
            Event::Mark(_) => 6,
            Event::Poll { .. } | Event::Usage(_) => 7,
            Event::Wake { .. } => 8,
            Event::Stands { .. } => 9,
            Event::End { outcome: Outcome::Cancelled, .. } => 11,
            Event::End { .. } => 10,
            Event::Lost { .. }
            | Event::Packed(_)
            | Event::Figure(_)
            | Event::SceneEnd { .. }
            | Event::Skipped(_)
            | Event::Claim(_)
            | Event::Unknown => 12,
        }
    }
}
