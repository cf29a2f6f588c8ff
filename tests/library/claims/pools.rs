//! `counterparts` and `files`: what blocks the loop, and what has a thread of the pool block instead.

use std::thread;
use std::time::Duration;

use asyncguide::trace::{Clock, SceneTrace, Task};
use asyncguide::{Inputs, Observe, observe_call, observe_thread};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::spawn_blocking;
use tracing::info_span;

use super::{DELAY, lesson, own, trial::Trial};
use crate::support::record;

/// As few as the lesson takes seriously.
const READS: usize = 500;

/// On Unix, since elsewhere `sleep` is no program.
#[test]
#[cfg(unix)]
fn counterparts() {
    let mut trial = Trial::of("counterparts", Inputs::new(1, DELAY));
    for scene in ["sleep", "file", "socket", "lock", "channel", "program"] {
        let calls = |std, tokio| move || with_calls(scene, std, tokio);
        let (statement, scenes) = (format!("{scene}: the blocking call made the ticker late"), [scene]);
        let claim = trial.claim(&statement, &scenes);
        let claim = claim.fails_with(calls("std", "std")).fails_with(calls("tokio", "tokio"));
        claim.fails_with(calls("tokio", "std"));
    }
    trial.is_over();
}

/// The lesson's own scene, with the calls on these lanes passed off as std's and as tokio's.
#[cfg(unix)]
fn with_calls(scene: &str, std: &str, tokio: &str) -> SceneTrace {
    let mut scene = own(lesson("counterparts"), scene, Clock::Real, Inputs::new(1, DELAY));
    let call = |lane: &str| scene.lane(lane).expect("such a call").clone();
    let calls = [("std", call(std)), ("tokio", call(tokio))];
    for task in &mut scene.tasks {
        let call = calls.iter().find(|(name, _)| **name == *task.name);
        *task = call.map_or_else(|| task.clone(), |(name, call)| renamed(call, name));
    }
    scene
}

#[cfg(unix)]
fn renamed(task: &Task, name: &str) -> Task {
    let mut task = task.clone();
    task.name = name.into();
    task
}

#[test]
fn files() {
    let mut trial = Trial::of("files", Inputs::new(READS, DELAY));
    trial.claim("reads on the loop held it", &["in_place"]).fails_as("one_by_one").fails_as("all_in_one");
    trial.claim("single reads were made", &["one_by_one"]).fails_as("in_place").fails_as("all_in_one");
    let trip = "a typical trip to the pool took longer";
    trial.claim(trip, &["one_by_one", "all_in_one"]).fails_as("in_place");
    trial.claim(trip, &["all_in_one", "one_by_one"]).fails_with(reads_as_long_as_trips);
    trial.claim("one trip to the pool was enough", &["all_in_one"]).fails_as("one_by_one").fails_as("in_place");
    let on_time = "reads on the pool did not make the ticker late";
    trial.claim(on_time, &["one_by_one", "all_in_one", "slow_pipe"]).fails_as("in_place");
    trial.claim(on_time, &["all_in_one", "one_by_one", "slow_pipe"]).fails_as("in_place");
    trial.claim(on_time, &["slow_pipe", "one_by_one", "all_in_one"]).fails_with(pipe_on_the_loop);
    let pipe = trial.claim("the slow pipe kept a thread", &["slow_pipe"]);
    pipe.fails_as("in_place").fails_with(pipe_on_the_loop).fails_with(quick_pipe);
    trial.is_over();
}

/// Each takes longer than a trip to another thread and back.
fn reads_as_long_as_trips() -> SceneTrace {
    beside_a_ticker(|| async {
        let pool = info_span!("a thread of the pool", lane = "pool");
        let read = move || pool.in_scope(|| thread::sleep(Duration::from_micros(200)));
        spawn_blocking(move || (0..READS).for_each(|_| read())).await.expect("it does not panic");
    })
}

/// Somebody writes into it late, and it is read in place.
fn pipe_on_the_loop() -> SceneTrace {
    beside_a_ticker(|| async { observe_call("pool", || thread::sleep(DELAY)) })
}

/// What is to be read from it is there at once.
fn quick_pipe() -> SceneTrace {
    beside_a_ticker(|| async {
        spawn_blocking(observe_thread("pool", || ())).await.expect("it does not panic");
    })
}

/// A scene like the lesson's: at each beat the ticker wants the loop for a moment.
fn beside_a_ticker<F: Future<Output = ()> + Send + 'static>(work: fn() -> F) -> SceneTrace {
    record(move || async move {
        let (metronome, mut beats) = unbounded_channel();
        let reads = tokio::spawn(work().observe("reads"));
        thread::spawn(move || {
            while !reads.is_finished() && metronome.send(()).is_ok() {
                thread::sleep(Duration::from_millis(1));
            }
        });
        async { while beats.recv().await.is_some() {} }.observe("ticker").await;
    })
}
