//! On the virtual clock every figure is exact, and the same at every run.

use std::thread;
use std::time::Duration;

use asyncguide::Observe;
use asyncguide::trace::{Nanos, SceneTrace, State};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::info;

use crate::support::{SECOND, lane, record_virtually, states};

async fn nap(seconds: u64) {
    info!("falls asleep");
    sleep(Duration::from_secs(seconds)).await;
    info!("wakes up");
}

fn times(scene: &SceneTrace, name: &str) -> (Nanos, Nanos) {
    let task = lane(scene, name);
    (scene.began(task).expect("it was polled"), scene.ended(task))
}

#[test]
fn one_second_is_one_second() {
    let scene = record_virtually(|| nap(1).observe("A"));
    assert_eq!((scene.wall, scene.task_time(), scene.longest_task()), (SECOND, SECOND, SECOND));
    assert_eq!(states(&scene, lane(&scene, "A")), [(State::Waiting, Nanos::ZERO, SECOND)]);
    assert_eq!((scene.busy(), scene.stall(), scene.longest_poll()), (Nanos::ZERO, Nanos::ZERO, Nanos::ZERO));
    assert_eq!((scene.overlap(), scene.peak_tasks(), scene.polls_per_task()), (1.0, 1, 2.0));
    assert_eq!(scene.marks.iter().map(|mark| mark.at).collect::<Vec<_>>(), [Nanos::ZERO, SECOND]);
}

#[test]
fn naps_in_turn_take_their_sum() {
    let scene = record_virtually(|| async {
        nap(1).observe("A").await;
        nap(1).observe("B").await;
    });
    assert_eq!((scene.wall, scene.overlap(), scene.peak_tasks()), (2 * SECOND, 1.0, 1));
    assert_eq!((times(&scene, "A"), times(&scene, "B")), ((Nanos::ZERO, SECOND), (SECOND, 2 * SECOND)));
}

#[test]
fn naps_together_take_the_longest() {
    let scene = record_virtually(|| async {
        let mut naps = JoinSet::new();
        for index in 0..1_000 {
            naps.spawn(nap(if index == 999 { 3 } else { 1 }).observe(index.to_string()));
        }
        naps.join_all().await;
    });
    assert_eq!((scene.wall, scene.peak_tasks(), scene.task_time()), (3 * SECOND, 1_000, 1_002 * SECOND));
    assert_eq!((times(&scene, "0"), times(&scene, "999")), ((Nanos::ZERO, SECOND), (Nanos::ZERO, 3 * SECOND)));

    let two = record_virtually(|| async {
        tokio::join!(nap(1).observe("A"), nap(1).observe("B"));
    });
    assert_eq!((two.wall, two.overlap()), (SECOND, 2.0));
}

#[test]
fn a_task_that_was_woken_and_sleeps_again_waits_again() {
    let scene = record_virtually(|| async {
        let naps = async {
            nap(1).await;
            // Both timers wake it at the same moment.
            tokio::join!(nap(1), nap(1));
            nap(2).await;
        };
        tokio::spawn(naps.observe("A")).await.expect("it does not panic");
    });
    let whole = |state| {
        let spans = scene.states(lane(&scene, "A")).filter(|span| span.state == state);
        spans.map(|span| span.end - span.start).sum::<Nanos>()
    };
    assert_eq!((whole(State::Waiting), whole(State::Ready), scene.stall()), (4 * SECOND, Nanos::ZERO, Nanos::ZERO));
}

#[test]
fn a_timeout_cancels_at_its_moment() {
    let scene = record_virtually(|| async {
        timeout(Duration::from_millis(1_500), nap(9).observe("A")).await.expect_err("it is too slow");
    });
    assert_eq!((scene.wall, times(&scene, "A")), (3 * SECOND / 2, (Nanos::ZERO, 3 * SECOND / 2)));
}

#[test]
fn a_wake_from_a_thread_outside_comes_at_the_moment_that_the_runtime_is_at() {
    let scene = record_virtually(|| async {
        nap(1).await;
        let (sender, receiver) = oneshot::channel();
        let waiter = tokio::spawn(receiver.observe("waiter"));
        // The clock stands still while a blocking call is under way.
        tokio::task::spawn_blocking(|| thread::spawn(|| sender.send(())).join())
            .await
            .expect("it does not panic")
            .expect("nor does the thread")
            .expect("somebody waits");
        waiter.await.expect("it does not panic").expect("it was sent");
    });
    assert_eq!(scene.wakes(lane(&scene, "waiter")), [SECOND]);
    assert_eq!((times(&scene, "waiter"), scene.wall), ((SECOND, SECOND), SECOND));
}

#[test]
fn two_runs_give_the_same_trace() {
    let run = || {
        record_virtually(|| async {
            let mut naps = JoinSet::new();
            for seconds in [3, 1, 2, 1] {
                let naps_within = async move {
                    nap(seconds).observe(format!("within {seconds}")).await;
                    tokio::select! {
                        biased;
                        () = nap(seconds).observe("short") => {}
                        () = nap(9).observe("long") => {}
                    }
                };
                naps.spawn(naps_within.observe(seconds.to_string()));
            }
            naps.join_all().await;
        })
    };
    let first = run();
    assert_eq!(first.lane_count(), 16);
    for _ in 0..5 {
        assert_eq!(run(), first);
    }
}
