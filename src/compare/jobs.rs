//! The jobs that `asyncguide compare` runs, and the ways of doing many of them.
//!
//! A job waits, computes or blocks for a given time. A computing job does a fixed number of steps, which is measured
//! beforehand: if it watched the clock instead, two jobs that share a core would each do half of the work in that time.
//! Every job has a lane.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use serde::Serialize;
use tokio::task::{JoinSet, spawn_blocking, unconstrained};

use crate::lesson::task_name;
use crate::machine::compute;
use crate::observe::{Observe as _, observe_thread};
use crate::refusals::{self, NO_THREAD};
use crate::session::{Flavor, Runtime};

/// What a job does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobKind {
    /// The job waits, as for a socket. In the async ways, it gives the thread back meanwhile.
    Wait,
    /// The job computes.
    Compute,
    /// The job calls a function that blocks its thread, in the async ways too.
    Block,
}

impl JobKind {
    /// All kinds, in the order of the columns of `--matrix`.
    pub(crate) const ALL: [JobKind; 3] = [JobKind::Wait, JobKind::Compute, JobKind::Block];

    /// Returns the name as `--kind` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            JobKind::Wait => "wait",
            JobKind::Compute => "compute",
            JobKind::Block => "block",
        }
    }
}

/// A way of doing many jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Awaits one job after the other.
    Sequential,
    /// Joins all jobs into one future.
    Join,
    /// Spawns a task for each job, on a runtime of one thread.
    Spawn,
    /// Spawns a task for each job, on a runtime with one worker for each processor.
    SpawnMulti,
    /// Starts a thread for each job.
    Threads,
    /// Hands each job to a thread of the runtime's blocking pool.
    SpawnBlocking,
    /// Joins the jobs, with at most this many in flight.
    Buffered(NonZeroUsize),
}

/// All ways but [`Way::Buffered`], with the names that are typed.
pub(crate) const WAYS: [(&str, Way); 6] = [
    ("sequential", Way::Sequential),
    ("join", Way::Join),
    ("spawn", Way::Spawn),
    ("spawn-multi", Way::SpawnMulti),
    ("threads", Way::Threads),
    ("spawn-blocking", Way::SpawnBlocking),
];
/// The name of [`Way::Buffered`], before its number.
const BUFFERED: &str = "buffered:";

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, way)) = WAYS.iter().find(|(name, _)| *name == text) {
            return Ok(*way);
        }
        let most = text.strip_prefix(BUFFERED).and_then(|most| most.parse().ok());
        most.map(Way::Buffered).ok_or_else(|| {
            let names: Vec<&str> = WAYS.iter().map(|(name, _)| *name).collect();
            format!("there is no way {text}; there are {} and {BUFFERED}4 with any number", names.join(", "))
        })
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self, WAYS.iter().find(|(_, way)| way == self)) {
            (Way::Buffered(most), _) => write!(f, "{BUFFERED}{most}"),
            (_, known) => f.write_str(known.map_or("", |(name, _)| name)),
        }
    }
}

impl Way {
    /// Returns the runtime that this way runs on, on a machine with this many processors.
    pub(crate) fn runtime(self, processors: usize) -> Runtime {
        match self {
            Way::SpawnMulti => Runtime { flavor: Flavor::MultiThread, workers: processors },
            _ => Runtime { flavor: Flavor::CurrentThread, workers: 1 },
        }
    }

    /// Returns whether each job takes a thread of its own.
    pub(crate) fn takes_threads(self) -> bool {
        matches!(self, Way::Threads | Way::SpawnBlocking)
    }
}

/// A number of equal jobs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jobs {
    pub(crate) kind: JobKind,
    pub(crate) tasks: usize,
    /// How long each job takes by itself.
    pub(crate) each: Duration,
    /// The number of steps that a free core computes in that time.
    pub(crate) steps: u64,
}

impl Jobs {
    /// Does all jobs in this way and returns once the last one has ended.
    pub(crate) async fn run(self, way: Way) {
        let jobs = (0..self.tasks).map(|index| self.job().observe(task_name(index)));
        let calls = (0..self.tasks).map(|index| observe_thread(task_name(index), move || self.call()));
        match way {
            Way::Sequential => {
                for job in jobs {
                    job.await;
                }
            }
            // Without `unconstrained`, tokio's budget for one task makes joining many thousands of futures quadratic.
            Way::Join => drop(unconstrained(join_all(jobs)).await),
            Way::Buffered(most) => {
                unconstrained(stream::iter(jobs).buffer_unordered(most.get()).for_each(|()| async {})).await;
            }
            Way::Spawn | Way::SpawnMulti => {
                jobs.collect::<JoinSet<()>>().join_all().await;
            }
            Way::SpawnBlocking => {
                let handles: Vec<_> = calls.map(spawn_blocking).collect();
                drop(join_all(handles).await);
            }
            Way::Threads => {
                let threads: Vec<_> = calls.map(|call| thread::Builder::new().spawn(call)).collect();
                if threads.iter().any(Result::is_err) {
                    // A wall without some of the jobs would be compared with walls of all of them.
                    refusals::report(NO_THREAD.to_owned());
                }
                for thread in threads.into_iter().flatten() {
                    drop(thread.join());
                }
            }
        }
    }

    /// Returns one job as a future.
    fn job(self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match self.kind {
            JobKind::Wait => Box::pin(tokio::time::sleep(self.each)),
            JobKind::Compute | JobKind::Block => Box::pin(async move { self.call() }),
        }
    }

    /// Does one job on the calling thread and blocks it until the job is done.
    fn call(self) {
        match self.kind {
            JobKind::Compute => compute(self.steps),
            JobKind::Wait | JobKind::Block => thread::sleep(self.each),
        }
    }
}

/// Measures how many steps a free core computes in `time`. The fastest of five tries counts, since whatever else the
/// machine does only slows a try down. Takes some milliseconds.
pub(crate) fn steps_in(time: Duration) -> u64 {
    const STEPS: u64 = 2_000_000;
    let took = |_| {
        let began = Instant::now();
        compute(STEPS);
        began.elapsed()
    };
    let best = (0..5).map(took).min().unwrap_or_default();
    let tries_in_time = time.as_secs_f64() / best.as_secs_f64().max(1e-9);
    (STEPS as f64 * tries_in_time) as u64
}
