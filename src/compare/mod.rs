//! The workbench: the same work done in several ways, run in turn, measured and compared.
//!
//! For those who want timings rather than a lesson, so it claims nothing that the spread of the runs does not bear
//! out. Knows how scenes are run and measured; nothing of how anything is drawn. Read `jobs.rs` for the ways,
//! `rounds.rs` for the order of runs, `stats.rs` for what is said of them, then `render/comparison.rs`.

pub(crate) mod jobs;
pub(crate) mod memory;
pub(crate) mod rounds;
pub(crate) mod stats;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use self::jobs::{Jobs, Kind, Way};
use crate::lesson::{Inputs, Scene};
use crate::machine::Machine;
use crate::session::Session;
use crate::trace::{Clock, SceneStart, SceneTrace};

/// The version of the form of a comparison's JSON document.
pub(crate) const SCHEMA: u32 = 1;
/// With more tasks than this, only the recording of the first run is kept.
const MANY: usize = 10_000;

/// Something to run.
#[derive(Clone, Debug)]
pub(crate) enum Contender {
    Way(Way, Jobs),
    Scene(&'static Scene, Inputs),
}

/// What became of a contender.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) runs: Vec<Run>,
    /// The recordings of those runs, as far as they were kept.
    #[serde(skip)]
    pub(crate) traces: Vec<SceneTrace>,
}

/// The figures of one run; times in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) wall: u64,
    pub(crate) task_time: u64,
    pub(crate) stall: u64,
    pub(crate) threads: usize,
    /// By how many bytes the process was larger at its peak; none where the system does not tell.
    pub(crate) memory: Option<u64>,
}

/// All that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// What the jobs do; none for a lesson's scenes.
    pub(crate) kind: Option<Kind>,
    pub(crate) tasks: usize,
    /// How long each job takes by itself, in nanoseconds.
    pub(crate) each: u64,
    /// As short as the work can take here, in nanoseconds; none where nobody knows.
    pub(crate) ideal: Option<u64>,
    pub(crate) machine: Machine,
    pub(crate) measured: Vec<Measured>,
}

impl Comparison {
    /// Nothing measured yet, and nothing known of the work.
    pub(crate) fn new(tasks: usize, each: Duration, machine: Machine) -> Self {
        let each = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
        Comparison { kind: None, tasks, each, ideal: None, machine, measured: Vec::new() }
    }
}

impl Contender {
    pub(crate) fn name(&self) -> String {
        match self {
            Contender::Way(way, _) => way.to_string(),
            Contender::Scene(scene, _) => scene.name.to_owned(),
        }
    }

    /// Starts it; `on_end` is called once it has ended.
    ///
    /// # Errors
    /// If its thread or its runtime cannot be built.
    pub(crate) fn start(&self, machine: &Machine, on_end: impl FnOnce() + Send + 'static) -> io::Result<Arc<Session>> {
        match self.clone() {
            Contender::Scene(scene, inputs) => scene.start(inputs, Clock::Real, on_end),
            Contender::Way(way, jobs) => {
                let name = way.to_string();
                let runtime = way.runtime(machine.processors);
                let start = SceneStart { title: name.clone(), scene: name, ..SceneStart::default() };
                Session::start(start, runtime, Clock::Real, move || jobs.run(way), on_end)
            }
        }
    }
}

impl Measured {
    /// Nothing of `contender` yet.
    pub(crate) fn of(contender: &Contender) -> Self {
        let title = match contender {
            Contender::Way(way, _) => way.to_string(),
            Contender::Scene(scene, _) => scene.title.to_owned(),
        };
        Measured { name: contender.name(), title, ..Measured::default() }
    }

    /// Adds a run.
    pub(crate) fn add(&mut self, trace: SceneTrace, memory: Option<u64>) {
        let (wall, task_time, stall, threads) = (trace.wall, trace.task_time(), trace.stall(), trace.threads_used());
        self.runs.push(Run { wall, task_time, stall, threads, memory });
        if self.traces.is_empty() || trace.tasks.len() <= MANY {
            self.traces.push(trace);
        }
    }

    /// The most memory that a run took.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.memory).max()
    }

    /// The longest that any job was held up in any run.
    pub(crate) fn worst_stall(&self) -> u64 {
        self.runs.iter().map(|run| run.stall).max().unwrap_or(0)
    }

    pub(crate) fn walls(&self) -> Vec<u64> {
        self.runs.iter().map(|run| run.wall).collect()
    }

    /// The run that stands for all of them, and its recording or the first one.
    pub(crate) fn typical(&self) -> Option<(&Run, &SceneTrace)> {
        let index = stats::typical(&self.walls())?;
        Some((&self.runs[index], self.traces.get(index).or(self.traces.first())?))
    }
}

/// As short as all of `jobs` can take on `machine`, in nanoseconds: as long as one, and as long as the cores need.
pub(crate) fn ideal(jobs: &Jobs, machine: &Machine) -> u64 {
    let each = jobs.each.as_nanos() as f64;
    let needed = match jobs.kind {
        Kind::Compute => each * jobs.tasks as f64 / cores(machine),
        Kind::Wait | Kind::Block => 0.0,
    };
    each.max(needed) as u64
}

/// How many cores' worth of work this machine does at once: what a second thread adds, it is taken to add for each.
pub(crate) fn cores(machine: &Machine) -> f64 {
    1.0 + (machine.two_threads - 1.0).max(0.0) * machine.processors.saturating_sub(1) as f64
}
