//! `threads`, `blocking` and `parallel`: who holds a thread, and for how long. The lesson's own scenes fail most claims
//! in each other's place.

use std::time::Duration;

use asyncguide::trace::SceneTrace;
use asyncguide::{Inputs, Observe};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::{DELAY, trial::Trial};
use crate::support::record;

/// A hog has to hold its thread for longer than a busy machine would, or its claims are skipped.
const HOG: Duration = Duration::from_millis(120);

#[test]
fn threads() {
    let mut trial = Trial::of("threads", Inputs::new(1, HOG));
    trial.claim("the ticker's thread went on", &["os_threads"]).fails_as("tasks");
    trial.claim("the ticker's task made no tick", &["tasks"]).fails_as("yielding").fails_as("os_threads");
    trial.claim("the ticker's task was ready", &["tasks"]).fails_as("yielding").fails_as("os_threads");
    trial.claim("beside a hog that yields", &["yielding"]).fails_as("tasks");
    trial.is_over();
}

#[test]
fn blocking() {
    let mut trial = Trial::of("blocking", Inputs::new(5, HOG));
    trial.claim("a call that blocked the loop", &["on_the_loop"]).fails_as("set_aside").fails_with(nobody_blocks);
    trial.claim("a call that was set aside", &["set_aside"]).fails_as("on_the_loop").fails_with(nobody_blocks);
    trial.claim("one blocked worker", &["one_blocker"]).fails_as("four_blockers");
    trial.claim("two blocked workers", &["two_blockers"]).fails_as("four_blockers");
    trial.claim("four blocked workers", &["four_blockers"]).fails_as("two_blockers").fails_as("one_blocker");
    trial.is_over();
}

/// A blocker that waits as it should.
fn nobody_blocks() -> SceneTrace {
    record(|| async {
        tokio::join!(sleep(HOG).observe("A"), sleep(HOG).observe("blocker"));
    })
}

#[test]
fn parallel() {
    let mut trial = Trial::of("parallel", Inputs::new(1, DELAY));
    trial.claim("on one thread, joined computations", &["joined"]).fails_as("spawned");
    trial.claim("on two workers, joined computations", &["joined_on_workers"]).fails_as("spawned");
    trial.claim("on two workers, spawned computations", &["spawned", "joined_on_workers"]).fails_as("joined");
    let waiting = trial.claim("on one thread, joined waits", &["waiting"]);
    waiting.fails_as("joined").fails_with(waits_in_turn).fails_with(one_wait).fails_with(waits_on_threads);
    trial.is_over();
}

fn waits_in_turn() -> SceneTrace {
    record(|| async {
        sleep(DELAY).observe("A").await;
        sleep(DELAY).observe("B").await;
    })
}

fn one_wait() -> SceneTrace {
    record(|| sleep(DELAY).observe("A"))
}

/// Each on a thread that waits for it.
fn waits_on_threads() -> SceneTrace {
    record(|| async {
        let on_a_thread = |name: &'static str| {
            let runtime = Handle::current();
            spawn_blocking(move || runtime.block_on(sleep(DELAY).observe(name)))
        };
        let (a, b) = tokio::join!(on_a_thread("A"), on_a_thread("B"));
        a.and(b).expect("none panics");
    })
}
