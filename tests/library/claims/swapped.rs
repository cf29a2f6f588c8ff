//! `ways`, `handles` and `coroutine`: a scene of the lesson that goes about it another way takes the place of the one
//! that a claim is about.

use std::time::Duration;

use asyncguide::trace::SceneTrace;
use asyncguide::{Inputs, Observe};
use tokio::time::sleep;

use super::{inputs, trial::Trial};
use crate::support::record;

/// A hog has to hold the thread for much longer than a busy machine would, or its claims are skipped.
const HOG: Duration = Duration::from_millis(300);

#[test]
fn ways() {
    let mut trial = Trial::of("ways", inputs(2));
    trial.claim("block_on held its thread", &["awaited", "joined"]).fails_as("joined");
    trial.claim("with one await after another", &["awaited"]).fails_as("spawned");
    trial.claim("joined jobs began together", &["joined"]).fails_as("spawned");
    trial.claim("spawned jobs began", &["spawned", "join_set"]).fails_as("joined");
    trial.claim("awaited handles gave", &["join_set", "spawned"]).fails_as("spawned");
    trial.is_over();
}

#[test]
fn handles() {
    let mut trial = Trial::of("handles", Inputs::new(2, HOG / 3));
    trial.claim("awaiting the handle", &["joined"]).fails_as("drop_handle");
    trial.claim("a task that was aborted while it waited", &["abort_waiting"]).fails_as("joined");
    trial.claim("a task that was aborted while it computed", &["abort_computing"]).fails_as("abort_waiting");
    trial.claim("a task whose handle was dropped", &["drop_handle"]).fails_as("drop_future");
    trial.claim("a future that was dropped", &["drop_future"]).fails_as("drop_handle");
    trial.claim("a timeout ended the future", &["timed_out"]).fails_as("joined");
    trial.is_over();
}

#[test]
fn coroutine() {
    let mut trial = Trial::of("coroutine", Inputs::new(2, HOG));
    trial.claim("a future ran only once it was awaited", &["made"]).fails_with(spawned_before_the_tea);
    trial.claim("awaiting what was ready", &["ready"]).fails_as("yields");
    trial.claim("the ticker was ready", &["ready"]).fails_as("yields");
    trial.claim("beside a hog that yields", &["yields"]).fails_as("ready");
    trial.is_over();
}

fn spawned_before_the_tea() -> SceneTrace {
    record(|| async {
        let (a, b) = (tokio::spawn(sleep(HOG).observe("A")), sleep(HOG).observe("B"));
        sleep(HOG).observe("tea").await;
        a.await.expect("it does not panic");
        drop(b);
    })
}
