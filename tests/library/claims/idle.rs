//! `idle`: what waits takes of the memory and of the time. The system tells what a process takes as a whole, so it is
//! the program that runs the lesson, and nothing else runs in that process.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use asyncguide::lesson::{Claim, Verdict};
use asyncguide::trace::{SceneTrace, Trace};
use asyncguide::{Observe, observe_thread};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::info;

use super::{claim, comes_up, failed, held, lesson, note};
use crate::support::record;

/// As few as the lesson takes seriously.
const FEWEST: usize = 1_000;
/// Half of it is mostly enough for that many threads to start.
const NAP: Duration = Duration::from_millis(300);
/// Half of it is enough on any machine. Runs in vain are repeated with longer naps up to this.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// A claim, a scene that it is about, and what fails it in that scene's place.
type Case = (&'static str, &'static str, fn(&Trace) -> SceneTrace);

const CLAIMS: [Case; 6] = [
    (LIGHTER, "tasks", |run| own(run, "threads")),
    (LIGHTER, "threads", |run| own(run, "tasks")),
    ("a waiting task took some memory: at least that of its timer", "tasks", |_| tasks_that_take_nothing()),
    ("a waiting thread took at most a tenth of the memory that it reserved", "threads", |run| own(run, "tasks")),
    ("a waiting thread also took memory in the kernel: at least a quarter of its own", "threads", |run| {
        own(run, "tasks")
    }),
    (FASTER, "both", |_| one_of_each_in_turn()),
];

const LIGHTER: &str = "a waiting task took at most a tenth of the memory of a waiting thread";
/// The only claim that can be checked where a system does not tell what a process takes.
const FASTER: &str = "a task was started at least twice as fast as a thread";

/// One test, not two: what the kernel's stacks take is told only of all processes together.
#[test]
fn idle() {
    let nap = Cell::new(NAP);
    let next_run = || run_by_the_program(nap.replace(LONGEST_NAP.min(nap.get() * 2)));
    let by_itself = |run: &Trace, (statement, scene, _): &Case| verdict(run, statement, scene, own(run, scene));
    comes_up(held, || of_all(&next_run(), held, by_itself));
    nap.set(NAP);
    let by_another = |run: &Trace, (statement, scene, by): &Case| verdict(run, statement, scene, by(run));
    comes_up(failed, || of_all(&next_run(), failed, by_another));
    let is_tried = |own: &Claim| CLAIMS.iter().any(|(statement, ..)| *statement == own.statement);
    assert!(lesson("idle").claims.iter().all(is_tried));
}

/// A verdict on each claim about one run of the program; of these, the first that is not as `wanted`.
fn of_all(run: &Trace, wanted: fn(&Verdict) -> bool, verdict: impl Fn(&Trace, &Case) -> Verdict) -> Verdict {
    let told = Path::new("/proc/self/smaps_rollup").exists();
    if !told {
        note("idle: most claims are skipped, since this system does not tell what a process takes");
    }
    let cases = CLAIMS.iter().filter(|(statement, ..)| told || *statement == FASTER);
    let verdicts = cases.map(|case| verdict(run, case));
    verdicts.reduce(|first, next| if wanted(&first) { next } else { first }).expect("there are claims")
}

/// What the claim says of this run with `by` in the place of `scene`.
fn verdict(run: &Trace, statement: &str, scene: &str, mut by: SceneTrace) -> Verdict {
    let mut run = run.clone();
    by.name = scene.to_owned();
    run.scenes.retain(|other| other.name != scene);
    run.scenes.push(by);
    claim(lesson("idle"), statement).verdict(&run)
}

fn own(run: &Trace, scene: &str) -> SceneTrace {
    run.scene(scene).expect("it ran").clone()
}

fn run_by_the_program(nap: Duration) -> Trace {
    let (tasks, delay) = (FEWEST.to_string(), format!("{}ms", nap.as_millis()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_asyncguide"));
    let program = program.args(["lesson", "idle", "--tasks", &tasks, "--delay", &delay, "--format", "json"]);
    Trace::from_json(&program.output().expect("it starts").stdout).expect("a trace")
}

/// From one task to the next it takes as long as from one thread to the next.
fn one_of_each_in_turn() -> SceneTrace {
    record(|| async {
        let (mut tasks, mut threads) = (JoinSet::new(), Vec::new());
        for _ in 0..FEWEST {
            tasks.spawn(sleep(NAP).observe("task"));
            threads.push(thread::spawn(observe_thread("thread", || ())));
        }
        tasks.join_all().await;
        threads.into_iter().for_each(|thread| thread.join().expect("none panics"));
    })
}

/// With them there, the figures are what they were before.
fn tasks_that_take_nothing() -> SceneTrace {
    let say = |when| {
        info!(resident_kb = 4000, page_tables_kb = 100, reserved_kb = 90000, kernel_stacks_kb = 2000, "{when}");
    };
    record(move || async move {
        say("before");
        let mut tasks = JoinSet::new();
        for _ in 0..FEWEST {
            tasks.spawn(sleep(NAP).observe("task"));
        }
        sleep(NAP / 2).await;
        say("all there");
        tasks.join_all().await;
    })
}
