//! The same jobs, done in each way: what `asyncguide compare` runs.
//!
//! A job waits, computes or blocks for a given time; computing is so many steps, counted beforehand, so that two jobs
//! that share a core do not finish early. Every job has a lane.

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
use crate::session::{Flavor, Runtime};

/// What a job does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// It waits, as for a socket: without holding its thread, where the way knows how.
    Wait,
    /// It computes.
    Compute,
    /// It calls what blocks, in an async function as elsewhere.
    Block,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Wait, Kind::Compute, Kind::Block];

    /// Its name as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Wait => "wait",
            Kind::Compute => "compute",
            Kind::Block => "block",
        }
    }
}

/// A way of doing many jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Awaited one after the other.
    Sequential,
    /// Joined into one future.
    Join,
    /// Spawned on a runtime of one thread.
    Spawn,
    /// Spawned on a runtime of a worker for each processor.
    SpawnMulti,
    /// A thread each.
    Threads,
    /// Each on a thread of the runtime's pool.
    SpawnBlocking,
    /// Joined, but so many at once at most.
    Buffered(NonZeroUsize),
}

/// All ways, by the names that are typed.
pub(crate) const WAYS: [(&str, Way); 6] = [
    ("sequential", Way::Sequential),
    ("join", Way::Join),
    ("spawn", Way::Spawn),
    ("spawn-multi", Way::SpawnMulti),
    ("threads", Way::Threads),
    ("spawn-blocking", Way::SpawnBlocking),
];
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
    /// What it runs on, on a machine of so many processors.
    pub(crate) fn runtime(self, processors: usize) -> Runtime {
        match self {
            Way::SpawnMulti => Runtime { flavor: Flavor::MultiThread, workers: processors },
            _ => Runtime { flavor: Flavor::CurrentThread, workers: 1 },
        }
    }

    /// Whether each job takes a thread of its own.
    pub(crate) fn takes_threads(self) -> bool {
        matches!(self, Way::Threads | Way::SpawnBlocking)
    }
}

/// The jobs to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jobs {
    pub(crate) kind: Kind,
    pub(crate) tasks: usize,
    pub(crate) each: Duration,
    /// How many steps a core that is free computes in that time.
    pub(crate) steps: u64,
}

impl Jobs {
    /// Does them, in this way.
    pub(crate) async fn run(self, way: Way) {
        let jobs = (0..self.tasks).map(|index| self.job().observe(task_name(index)));
        let calls = (0..self.tasks).map(|index| observe_thread(task_name(index), move || self.call()));
        match way {
            Way::Sequential => {
                for job in jobs {
                    job.await;
                }
            }
            // Otherwise tokio's budget for one task makes joining ten thousands of futures quadratic.
            Way::Join => drop(unconstrained(join_all(jobs)).await),
            Way::Buffered(most) => {
                unconstrained(stream::iter(jobs).buffer_unordered(most.get()).for_each(|()| async {})).await;
            }
            Way::Spawn | Way::SpawnMulti => {
                jobs.collect::<JoinSet<()>>().join_all().await;
            }
            Way::SpawnBlocking => drop(join_all(calls.map(spawn_blocking).collect::<Vec<_>>()).await),
            Way::Threads => {
                let threads: Vec<_> = calls.map(|call| thread::Builder::new().spawn(call)).collect();
                threads.into_iter().flatten().for_each(|thread| drop(thread.join()));
            }
        }
    }

    /// One job, for a runtime.
    fn job(self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match self.kind {
            Kind::Wait => Box::pin(tokio::time::sleep(self.each)),
            Kind::Compute | Kind::Block => Box::pin(async move { self.call() }),
        }
    }

    /// One job, for a thread that has nothing else to do.
    fn call(self) {
        match self.kind {
            Kind::Compute => compute(self.steps),
            Kind::Wait | Kind::Block => thread::sleep(self.each),
        }
    }
}

/// How many steps a core computes in `time`, if it does nothing else: the best of some tries.
pub(crate) fn steps_in(time: Duration) -> u64 {
    const STEPS: u64 = 2_000_000;
    let took = |_| {
        let began = Instant::now();
        compute(STEPS);
        began.elapsed()
    };
    let best = (0..5).map(took).min().unwrap_or_default();
    (STEPS as f64 * time.as_secs_f64() / best.as_secs_f64().max(1e-9)) as u64
}
