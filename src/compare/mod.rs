//! The workbench behind `asyncguide compare`: the same work done in several ways, run in turn, measured and compared.
//!
//! It concludes nothing that the spread of the runs does not support. Knows how scenes are run and measured, and
//! nothing of how a comparison is drawn. Read [`jobs`] for the ways, [`rounds`] for the order of runs, [`stats`] for
//! what is concluded from them, then [`crate::render::comparison`].

pub(crate) mod jobs;
pub(crate) mod memory;
pub(crate) mod rounds;
pub(crate) mod stats;

use std::io;
use std::time::Duration;

use serde::Serialize;

use self::jobs::{JobKind, Jobs, Way};
use crate::lesson::{Inputs, Scene, SceneRun};
use crate::machine::Machine;
use crate::session::Session;
use crate::trace::{Clock, Nanos, SceneStart, SceneTrace};

/// The schema version of a comparison's JSON document. It rises with every breaking change.
pub(crate) const SCHEMA: u32 = 1;
/// With more tasks than this, only the recording of the first run is kept, which bounds the memory.
const MAX_TASKS_TO_KEEP_ALL: usize = 10_000;

/// One of the things that a comparison runs and measures.
#[derive(Clone, Debug)]
pub(crate) enum Candidate {
    /// Jobs, done in this way.
    Way(Way, Jobs),
    /// A lesson's scene and what it is given.
    Scene(&'static Scene, Inputs),
}

/// All runs of one candidate.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measurements {
    /// The name of the way or scene as it is typed.
    pub(crate) name: String,
    /// The title for people; that of a way is its name.
    pub(crate) title: String,
    /// The figures of every run that counts, in the order of the rounds.
    pub(crate) runs: Vec<RunFigures>,
    /// The recordings of the runs, in the same order; of candidates with very many tasks, that of the first run alone.
    #[serde(skip)]
    pub(crate) traces: Vec<SceneTrace>,
}

/// The figures of one run. All times are in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct RunFigures {
    /// The time from the start of the run to its end.
    pub(crate) wall: Nanos,
    /// The sum of the lifetimes of all tasks.
    pub(crate) task_time: Nanos,
    /// The longest time that a task was ready but not running.
    pub(crate) stall: Nanos,
    /// The number of threads that ran a task.
    pub(crate) threads: usize,
    /// How many bytes the process grew at its peak; none if the system does not report memory.
    pub(crate) memory: Option<u64>,
}

/// The result of a comparison: what was run, on what machine, and the measurements.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// The kind of the jobs; none for a lesson's scenes.
    pub(crate) kind: Option<JobKind>,
    /// The number of jobs, or of a scene's tasks.
    pub(crate) tasks: usize,
    /// How long each job takes by itself, in nanoseconds.
    pub(crate) each: Nanos,
    /// The shortest wall that this machine allows, in nanoseconds; none for a lesson's scenes, where it is not known.
    pub(crate) ideal: Option<Nanos>,
    pub(crate) machine: Machine,
    /// The measurements of each candidate, in the order in which they were given.
    #[serde(rename = "measured")]
    pub(crate) measurements: Vec<Measurements>,
}

impl Comparison {
    /// Returns a comparison without kind, ideal and measurements. An `each` of more than 584 years is cut to that.
    pub(crate) fn new(tasks: usize, each: Duration, machine: Machine) -> Self {
        let each = Nanos::from(each);
        Comparison { kind: None, tasks, each, ideal: None, machine, measurements: Vec::new() }
    }
}

impl Candidate {
    /// Returns the name of the way or scene as it is typed.
    pub(crate) fn name(&self) -> String {
        match self {
            Candidate::Way(way, _) => way.to_string(),
            Candidate::Scene(scene, _) => scene.name.to_owned(),
        }
    }

    /// Starts a recorded run. `on_end` is called once the run has ended, on another thread.
    ///
    /// # Errors
    /// Returns an error if the run's thread or runtime cannot be created.
    pub(crate) fn start(&self, machine: &Machine, on_end: impl FnOnce() + Send + 'static) -> io::Result<SceneRun> {
        match self.clone() {
            Candidate::Scene(scene, inputs) => scene.start(inputs, Clock::Real, on_end),
            Candidate::Way(way, jobs) => {
                let name = way.to_string();
                let runtime = way.runtime(machine.processors);
                let start = SceneStart { title: name.clone(), scene: name, ..SceneStart::default() };
                let session = Session::start(start, runtime, Clock::Real, move || jobs.run(way), on_end)?;
                Ok(SceneRun::Native(session))
            }
        }
    }
}

impl Measurements {
    /// Returns the measurements of `candidate` before its first run.
    pub(crate) fn of(candidate: &Candidate) -> Self {
        let title = match candidate {
            Candidate::Way(way, _) => way.to_string(),
            Candidate::Scene(scene, _) => scene.title.to_owned(),
        };
        Measurements { name: candidate.name(), title, ..Measurements::default() }
    }

    /// Adds a run: its recording, and its peak memory in bytes if that is known.
    pub(crate) fn add(&mut self, trace: SceneTrace, memory: Option<u64>) {
        self.runs.push(RunFigures {
            wall: trace.wall,
            task_time: trace.task_time(),
            stall: trace.stall(),
            threads: trace.threads_used(),
            memory,
        });
        if self.traces.is_empty() || trace.tasks.len() <= MAX_TASKS_TO_KEEP_ALL {
            self.traces.push(trace);
        }
    }

    /// Returns the most memory that a run took, in bytes; none if it is not known of any run.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.memory).max()
    }

    /// Returns the longest stall of all runs; 0 if there are no runs.
    pub(crate) fn worst_stall(&self) -> Nanos {
        self.runs.iter().map(|run| run.stall).max().unwrap_or_default()
    }

    /// Returns the walls of all runs, in nanoseconds, in the order of the rounds.
    pub(crate) fn walls(&self) -> Vec<u64> {
        self.runs.iter().map(|run| run.wall.0).collect()
    }

    /// Returns the run whose wall is nearest the median, with its recording or, if that was not kept, the first one.
    ///
    /// Returns none if there are no runs.
    pub(crate) fn typical(&self) -> Option<(&RunFigures, &SceneTrace)> {
        let index = stats::typical(&self.walls())?;
        let trace = self.traces.get(index).or(self.traces.first())?;
        Some((&self.runs[index], trace))
    }
}

/// Returns the shortest wall that `jobs` can have on `machine`, in nanoseconds.
///
/// That is the time of one job, or for computing jobs the time of all of them spread over all cores if that is longer.
pub(crate) fn ideal(jobs: &Jobs, machine: &Machine) -> Nanos {
    let each = jobs.each.as_nanos() as f64;
    let needed = match jobs.kind {
        JobKind::Compute => each * jobs.tasks as f64 / cores(machine),
        JobKind::Wait | JobKind::Block => 0.0,
    };
    Nanos(each.max(needed) as u64)
}

/// Estimates how many cores' worth of work `machine` does at once.
///
/// Assumes that each further processor adds as much as a second thread was measured to add.
pub(crate) fn cores(machine: &Machine) -> f64 {
    let gain_of_each = (machine.two_threads - 1.0).max(0.0);
    let further = machine.processors.saturating_sub(1);
    1.0 + gain_of_each * further as f64
}
