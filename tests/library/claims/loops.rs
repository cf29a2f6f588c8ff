//! `event-loop`: loops that keep checking, tasks that do, and a thread for each task.

use std::future::poll_fn;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use asyncguide::trace::SceneTrace;
use asyncguide::{Inputs, Observe};
use tokio::runtime::Handle;
use tokio::task::{JoinSet, spawn_blocking, yield_now};
use tokio::time::sleep;
use tracing::{info, info_span};

use super::{DELAY, trial::Trial};
use crate::support::record;

#[test]
fn event_loop() {
    let mut trial = Trial::of("event-loop", Inputs::new(1, DELAY));
    trial.claim("the hand-made loop slept", &["by_hand"]).fails_with(checks_again_and_again);
    trial.claim("the ready-made loop slept", &["ready_made"]).fails_with(tasks_that_check);
    let no_turn_for_nothing = trial.claim("the hand-made loop took no turn", &["by_hand"]);
    no_turn_for_nothing.fails_with(checks_again_and_again).fails_with(naps_between_checks);
    let tokio_took_few_turns = trial.claim("the ready-made loop took only few turns", &["ready_made"]);
    tokio_took_few_turns.fails_with(tasks_that_check).fails_with(looks_up_now_and_then);
    let one_thread = trial.claim("all five tasks", &["ready_made", "by_hand"]);
    one_thread.fails_with(a_thread_each).fails_with(one_after_another);
    trial.claim("all five tasks", &["by_hand", "ready_made"]).fails_with(a_thread_each);
    trial.is_over();
}

/// The loop that people imagine: turn after turn it asks five tasks whether they can go on, and never sleeps.
fn checks_again_and_again() -> SceneTrace {
    record(|| async { ask_until_all_are_done(|| ()) })
}

/// The same with a nap after each turn: it sleeps nearly all the time, and wakes up for nothing.
fn naps_between_checks() -> SceneTrace {
    record(|| async { ask_until_all_are_done(|| thread::sleep(DELAY / 40)) })
}

fn ask_until_all_are_done(between_turns: impl Fn()) {
    let end = Instant::now() + DELAY;
    let wait = move || poll_fn(move |_| if Instant::now() < end { Poll::Pending } else { Poll::Ready(()) });
    let mut tasks: Vec<_> = Inputs::new(5, DELAY).names().map(|name| wait().observe(name)).map(Box::pin).collect();
    let lane = info_span!("awake", lane = "the loop");
    for turn in 1.. {
        let awake = lane.enter();
        info!(turn, "looks what there is to do");
        tasks.retain_mut(|task| task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(awake);
        if tasks.is_empty() {
            break;
        }
        between_turns();
    }
}

/// On tokio's loop, five tasks that ask whether their time has come instead of waiting to be told.
fn tasks_that_check() -> SceneTrace {
    record(|| async {
        five_tasks(|| async {
            let end = Instant::now() + DELAY;
            while Instant::now() < end {
                yield_now().await;
            }
        })
        .await;
        say_how_often_the_loop_slept();
    })
}

/// Five tasks that wait as they should, and tokio's loop gets up every moment for nobody.
fn looks_up_now_and_then() -> SceneTrace {
    record(|| async {
        let every_moment = async {
            loop {
                sleep(DELAY / 60).await;
            }
        };
        tokio::select! {
            () = five_tasks(|| sleep(DELAY)) => say_how_often_the_loop_slept(),
            () = every_moment => {}
        }
    })
}

fn say_how_often_the_loop_slept() {
    info!(times = Handle::current().metrics().worker_park_count(0), "tokio's loop went to sleep");
}

async fn five_tasks<F: Future<Output = ()> + Send + 'static>(work: fn() -> F) {
    let mut tasks = JoinSet::new();
    for name in Inputs::new(5, DELAY).names() {
        tasks.spawn(work().observe(name));
    }
    tasks.join_all().await;
}

/// Five tasks, and a thread of the pool for each that waits with it.
fn a_thread_each() -> SceneTrace {
    record(|| async {
        let names = Inputs::new(5, DELAY).names();
        let threads = names.map(|name| {
            let (runtime, waits) = (Handle::current(), sleep(DELAY).observe(name));
            spawn_blocking(move || runtime.block_on(waits))
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.await.expect("none panics");
        }
    })
}

/// Five tasks on one thread, each of which waits until the one before is through.
fn one_after_another() -> SceneTrace {
    record(|| async {
        for name in Inputs::new(5, DELAY).names() {
            sleep(DELAY / 5).observe(name).await;
        }
    })
}
