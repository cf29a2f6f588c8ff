//! What is known of a run and of its scenes beside what happened: the clock, the inputs, the program, the runtime, threads.

use serde::{Deserialize, Serialize};

use super::ids::ProcessId;
use super::short;
use crate::nanos::Nanos;

/// The inputs of a run's scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInputs {
    /// How many tasks were asked for.
    pub tasks: usize,
    /// How long each task was to wait.
    pub delay: Nanos,
}

/// A process that was recorded: a program of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessInfo {
    /// The process's number in its operating system.
    pub pid: u32,
    /// The number of the process that started it; none if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// The words that it was started with, the program first.
    #[serde(default)]
    pub command: Vec<String>,
    /// The folder that it was started in; empty if that is not known.
    #[serde(default)]
    pub folder: String,
}

/// The language that a program is written in, and what runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageInfo {
    /// The language's name, such as `python`.
    #[serde(deserialize_with = "short::name")]
    pub name: String,
    /// Which implementation of it, such as `cpython`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_name")]
    pub implementation: Option<String>,
    /// The version of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_name")]
    pub version: Option<String>,
}

/// A scene that did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The scene's name.
    #[serde(deserialize_with = "short::name")]
    pub scene: String,
    /// Its title.
    #[serde(deserialize_with = "short::text")]
    pub title: String,
    /// The name of the language that its code is written in, such as `python`; none if it is the run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_name")]
    pub language: Option<String>,
    /// The reason, as the end of the sentence "skipped: …".
    #[serde(deserialize_with = "short::text")]
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

/// A description of the runtime that ran a scene. It may be any project's and of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeInfo {
    /// The project that the runtime is of: `tokio`, `asyncio`, `uvloop`.
    #[serde(default = "tokio", skip_serializing_if = "is_tokio")]
    #[serde(deserialize_with = "short::name")]
    pub name: String,
    /// The kind of runtime: `current_thread` if one thread polls everything, `multi_thread` if several workers do.
    #[serde(deserialize_with = "short::name")]
    pub flavor: String,
    /// How many threads poll tasks.
    pub workers: usize,
    /// For how long the scene was held up from outside: the process was stopped, or others had the processors. Zero if it
    /// was not, or if nothing noticed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub held_up: Nanos,
}

impl Default for RuntimeInfo {
    /// Describes a tokio runtime of one thread.
    fn default() -> Self {
        RuntimeInfo { name: tokio(), flavor: "current_thread".to_owned(), workers: 1, held_up: Nanos::ZERO }
    }
}

fn tokio() -> String {
    "tokio".to_owned()
}

fn is_zero(time: &Nanos) -> bool {
    *time == Nanos::ZERO
}

fn is_tokio(name: &str) -> bool {
    name == "tokio"
}

/// A process that took part in a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// What it is called, such as its command.
    #[serde(deserialize_with = "short::name")]
    pub name: String,
}

/// A thread that something was recorded on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The thread's name.
    #[serde(deserialize_with = "short::name")]
    pub name: String,
    /// The process that it belongs to; none if the recording is of one process only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessId>,
}

impl Thread {
    /// Returns whether the thread belongs to the pool that tokio keeps for blocking calls, or to the one that asyncio keeps.
    ///
    /// Such a thread exists because a call needed it, even if that call had no lane, as those of `tokio::fs` have none.
    pub fn is_of_the_pool(&self) -> bool {
        self.name.starts_with(POOL) || self.name.starts_with(ASYNCIO_POOL)
    }
}

/// What the names of the threads of asyncio's pool begin with.
const ASYNCIO_POOL: &str = "asyncio_";
/// What the names of the threads of tokio's pool begin with.
pub(crate) const POOL: &str = "blocking ";
