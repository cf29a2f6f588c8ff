//! How lanes end: done, cancelled, panicked with its message, interrupted, or without ever having been polled.

use std::future::pending;
use std::pin::pin;
use std::thread;

use asyncguide::trace::{Nanos, Outcome, SceneTrace, TaskKind};
use asyncguide::{Observe, observe_call, observe_thread};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, yield_now};

use crate::support::{Count, Yields, counting_waker, lane, record};

#[track_caller]
fn outcome<'a>(scene: &'a SceneTrace, name: &str) -> &'a Outcome {
    &lane(scene, name).outcome
}

fn panicked(message: &str) -> Outcome {
    Outcome::Panicked { message: message.to_owned() }
}

#[test]
fn a_waiting_task_that_is_aborted_is_cancelled_and_the_others_are_done() {
    let scene = record(|| async {
        let waiting = tokio::spawn(pending::<()>().observe("aborted"));
        let other = tokio::spawn(yield_now().observe("other"));
        yield_now().await;
        waiting.abort();
        assert!(waiting.await.expect_err("it was aborted").is_cancelled());
        other.await.expect("it does not panic");
    });
    let aborted = lane(&scene, "aborted");
    assert_eq!((outcome(&scene, "aborted"), outcome(&scene, "other")), (&Outcome::Cancelled, &Outcome::Done));
    assert_eq!(scene.polls(aborted).len(), 1);
    assert!(scene.polls(aborted)[0].end <= scene.ended(aborted) && scene.ended(aborted) <= scene.wall);
}

#[test]
fn a_future_that_is_dropped_on_its_way_is_cancelled_there() {
    let scene = record(|| async {
        let mut dropped = Box::pin(pending::<()>().observe("dropped"));
        let (waker, _) = counting_waker();
        assert!(dropped.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        drop(dropped);
        yield_now().observe("afterwards").await;
    });
    assert_eq!(outcome(&scene, "dropped"), &Outcome::Cancelled);
    assert!(scene.ended(lane(&scene, "dropped")) <= scene.began(lane(&scene, "afterwards")).expect("it ran"));
}

#[test]
fn who_loses_a_select_is_cancelled() {
    let scene = record(|| async {
        tokio::select! {
            () = yield_now().observe("winner") => {}
            () = pending::<()>().observe("loser") => {}
        }
    });
    assert_eq!((outcome(&scene, "winner"), outcome(&scene, "loser")), (&Outcome::Done, &Outcome::Cancelled));
}

#[test]
fn tasks_left_behind_are_cancelled_when_the_scene_has_ended() {
    let scene = record(|| async {
        let mut set = JoinSet::new();
        set.spawn(pending::<()>().observe("in a set"));
        drop(tokio::spawn(pending::<()>().observe("detached")));
        yield_now().await;
    });
    for name in ["in a set", "detached"] {
        assert_eq!(outcome(&scene, name), &Outcome::Cancelled);
        assert!(lane(&scene, name).ended.expect("it was dropped") >= scene.wall, "{name}");
    }
}

#[test]
fn what_is_never_dropped_is_interrupted_and_its_lane_ends_with_the_recording() {
    let scene = record(|| async {
        let mut forgotten = Box::pin(pending::<()>().observe("forgotten"));
        tokio::select! {
            biased;
            () = &mut forgotten => {}
            () = yield_now() => {}
        }
        std::mem::forget(forgotten);
    });
    let forgotten = lane(&scene, "forgotten");
    assert_eq!((&forgotten.outcome, forgotten.ended), (&Outcome::Interrupted, None));
    assert_eq!(scene.ended(forgotten), scene.wall);
}

#[test]
fn what_is_never_polled_has_no_lifetime() {
    let scene = record(|| async {
        drop(yield_now().observe("dropped"));
        let aborted = tokio::spawn(yield_now().observe("aborted"));
        aborted.abort();
        assert!(aborted.await.expect_err("it was aborted").is_cancelled());
    });
    for name in ["dropped", "aborted"] {
        let task = lane(&scene, name);
        assert_eq!((&task.outcome, scene.polls(task), scene.began(task)), (&Outcome::Cancelled, &[][..], None));
        assert_eq!((scene.lifetime(task), scene.states(task).count()), (Nanos::ZERO, 0));
    }
    assert_eq!((scene.task_time(), scene.peak_tasks(), scene.lane_count()), (Nanos::ZERO, 0, 2));
}

#[test]
fn a_task_that_panics_says_so_and_the_others_finish() {
    let polls = Count::default();
    let counted = polls.clone();
    let scene = record(|| async move {
        let (tell, told) = oneshot::channel::<()>();
        let fails = async {
            yield_now().await;
            drop(tell);
            panic!("the answer was {}", 43);
        };
        let fails = tokio::spawn(fails.observe("fails"));
        let told = tokio::spawn(told.observe("told"));
        let other = tokio::spawn(Yields::new(9, &counted).observe("other"));
        assert!(fails.await.expect_err("it panics").is_panic());
        assert!(told.await.expect("it does not panic").is_err());
        other.await.expect("it does not panic");
    });
    assert_eq!(outcome(&scene, "fails"), &panicked("the answer was 43"));
    assert_eq!((outcome(&scene, "told"), outcome(&scene, "other")), (&Outcome::Done, &Outcome::Done));
    let fails = lane(&scene, "fails");
    assert_eq!(scene.polls(fails).len(), 2);
    assert_eq!(scene.polls(fails)[1].end, scene.ended(fails));
    assert_eq!((scene.polls(lane(&scene, "other")).len(), polls.get()), (10, 10));
    assert_eq!(scene.outcome, Outcome::Done);
}

#[test]
fn threads_calls_and_futures_within_each_other_all_tell_of_a_panic() {
    let scene = record(|| async {
        let thread = thread::spawn(observe_thread("thread", || panic!("in a thread")));
        thread.join().expect_err("it panics");
        let call = async { observe_call("call", || std::panic::panic_any(7)) };
        let spawned = tokio::spawn(async { call.observe("inner").await }.observe("outer"));
        spawned.await.expect_err("it panics");
        // Nobody is taken for running still: the next lane is the scene's own child.
        yield_now().observe("next").await;
    });
    assert_eq!(outcome(&scene, "thread"), &panicked("in a thread"));
    for name in ["call", "inner", "outer"] {
        assert_eq!(outcome(&scene, name), &panicked("a panic without a message"));
    }
    let next = lane(&scene, "next").parent.expect("a parent").index();
    assert_eq!(scene.tasks[next].kind, TaskKind::Scene);
}

#[test]
fn a_future_that_panicked_and_is_dropped_by_another_thread_has_panicked() {
    for _ in 0..20 {
        let scene = record(|| async {
            let mut fails = Box::pin(async { panic!("long ago") }.observe("fails"));
            let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let (waker, _) = counting_waker();
                let _: std::task::Poll<()> = fails.as_mut().poll(&mut std::task::Context::from_waker(&waker));
            }));
            polled.expect_err("it panics");
            thread::spawn(move || drop(fails)).join().expect("dropping does not panic");
        });
        assert_eq!(outcome(&scene, "fails"), &panicked("long ago"));
    }
}

#[test]
fn a_scene_that_panics_keeps_what_it_did() {
    let scene = record(|| async {
        yield_now().observe("before").await;
        let mut waiting = pin!(pending::<()>().observe("waiting"));
        tokio::select! {
            biased;
            () = &mut waiting => {}
            () = yield_now() => {}
        }
        assert!(std::hint::black_box(false), "this scene is broken");
    });
    assert_eq!(scene.outcome, panicked("this scene is broken"));
    assert_eq!(scene.tasks[0].outcome, panicked("this scene is broken"));
    assert_eq!((outcome(&scene, "before"), outcome(&scene, "waiting")), (&Outcome::Done, &Outcome::Cancelled));
}
