//! Wakes: all of them are there, and each goes to the waker that the future was last polled with.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use asyncguide::Observe;
use asyncguide::trace::{Nanos, Outcome, TaskId};
use tokio::sync::oneshot;

use crate::support::{Count, Yields, counting_waker, lane, record, record_on_two_workers, states};

/// A future that keeps the waker of its last poll where others can get it, until it is told to be done.
#[derive(Clone, Debug, Default)]
struct Door {
    waker: Arc<Mutex<Option<Waker>>>,
    open: Arc<AtomicBool>,
}

impl Door {
    fn waker(&self) -> Waker {
        self.waker.lock().expect("nobody panics").clone().expect("it was polled")
    }
}

impl Future for Door {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        *self.waker.lock().expect("nobody panics") = Some(cx.waker().clone());
        if self.open.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[test]
fn every_wake_is_there_whichever_thread_it_comes_from() {
    const THREADS: usize = 4;
    const WAKES: usize = 500;
    let scene = record_on_two_workers(|| async {
        let door = Door::default();
        let waiting = tokio::spawn(door.clone().observe("waiting"));
        while door.waker.lock().expect("nobody panics").is_none() {
            tokio::task::yield_now().await;
        }
        let wake = |waker: Waker| move || (0..WAKES).for_each(|_| waker.wake_by_ref());
        let threads: Vec<_> = (0..THREADS).map(|_| thread::spawn(wake(door.waker()))).collect();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        door.open.store(true, Ordering::SeqCst);
        door.waker().wake();
        waiting.await.expect("it does not panic");
    });
    let wakes = scene.wakes(lane(&scene, "waiting"));
    assert_eq!(wakes.len(), THREADS * WAKES + 1);
    assert!(wakes.is_sorted());
}

#[test]
fn a_wake_during_the_own_poll_is_there_and_lies_in_that_poll() {
    let scene = record(|| Yields::new(5, &Count::default()).observe("yields"));
    let task = lane(&scene, "yields");
    assert_eq!((scene.wakes(task).len(), scene.polls(task).len()), (5, 6));
    for (wake, poll) in scene.wakes(task).iter().zip(scene.polls(task)) {
        assert!(poll.start <= *wake && *wake <= poll.end);
    }
}

#[test]
fn a_wake_that_a_dying_thread_sends_is_there() {
    struct SendsWhenDropped(Cell<Option<oneshot::Sender<()>>>);
    impl Drop for SendsWhenDropped {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                sender.send(()).expect("somebody waits");
            }
        }
    }
    thread_local!(static LAST_WORDS: SendsWhenDropped = const { SendsWhenDropped(Cell::new(None)) });
    // A thread's values are dropped in an order of their own: either this one or the recording's is the first to go.
    for recording_first in [true, false] {
        let scene = record(move || async move {
            let (sender, receiver) = oneshot::channel();
            let waiting = tokio::spawn(receiver.observe("waiting"));
            tokio::task::yield_now().await;
            let record_here = || asyncguide::observe_thread("thread", || ());
            let (first, second) = match recording_first {
                true => (Some(record_here()), None),
                false => (None, Some(record_here())),
            };
            thread::spawn(move || {
                first.into_iter().for_each(|work| work());
                LAST_WORDS.with(|words| words.0.set(Some(sender)));
                second.into_iter().for_each(|work| work());
            });
            waiting.await.expect("it does not panic").expect("somebody sends");
        });
        let task = lane(&scene, "waiting");
        assert_eq!((scene.wakes(task).len(), scene.polls(task).len()), (1, 2));
        assert_eq!(lane(&scene, "thread").outcome, Outcome::Done);
    }
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let scene = record(|| async {
        let door = Door::default();
        let mut observed = pin!(door.clone().observe("polled by hand"));
        let wakers: Vec<(Waker, Count)> = (0..3).map(|_| counting_waker()).collect();
        let woken = || wakers.iter().map(|(_, count)| count.get()).collect::<Vec<_>>();
        let mut kept = Vec::new();
        for (waker, _) in &wakers {
            // Twice each: the second time, nothing has changed.
            for _ in 0..2 {
                assert!(observed.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
            }
            kept.push(door.waker());
        }
        door.waker().wake();
        assert_eq!(woken(), [0, 0, 1]);
        // Who kept an earlier one wakes whom that was meant for.
        kept[0].wake_by_ref();
        assert_eq!(woken(), [1, 0, 1]);
        door.open.store(true, Ordering::SeqCst);
        assert!(observed.as_mut().poll(&mut Context::from_waker(&wakers[1].0)).is_ready());
        kept[2].wake_by_ref();
        assert_eq!(woken(), [1, 0, 2]);
    });
    let task = lane(&scene, "polled by hand");
    assert_eq!((scene.polls(task).len(), scene.wakes(task).len()), (7, 3));
    assert_eq!((&scene.outcome, &task.outcome), (&Outcome::Done, &Outcome::Done));
}

#[test]
fn where_nobody_records_the_future_gets_the_very_waker_and_gives_its_output() {
    let alone = || {
        let (waker, count) = counting_waker();
        let door = Door::default();
        let mut observed = pin!(async { (door.clone().await, "output").1 }.observe("A"));
        assert!(observed.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert!(door.waker().will_wake(&waker));
        door.waker().wake();
        assert_eq!(count.get(), 1);
        door.open.store(true, Ordering::SeqCst);
        assert_eq!(observed.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready("output"));
        assert_eq!(asyncguide::observe_call("B", || 1) + asyncguide::observe_thread("C", || 2)(), 3);
    };
    // A thread of its own: whichever thread a test runs on, some other one may have recorded there.
    thread::spawn(alone).join().expect("it does not panic");
}

#[test]
fn where_nobody_records_spawned_tasks_and_channels_work() {
    let alone = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
        runtime.block_on(async {
            let (sender, receiver) = oneshot::channel();
            let receiver = tokio::spawn(async { receiver.await.expect("somebody sends") }.observe("receiver"));
            tokio::spawn(async { sender.send(7).expect("somebody waits") }.observe("sender")).await?;
            receiver.await
        })
    };
    assert_eq!(thread::spawn(alone).join().expect("it does not panic").expect("nor do its tasks"), 7);
}

#[test]
fn two_recordings_at_the_same_time_do_not_mix() {
    let together = Arc::new(Barrier::new(2));
    let one = |name: &'static str| {
        let together = Arc::clone(&together);
        let scene = move || {
            record_on_two_workers(move || async move {
                together.wait();
                let mut set = tokio::task::JoinSet::new();
                for index in 0..200 {
                    set.spawn(Yields::new(3, &Count::default()).observe(format!("{name} {index}")));
                }
                set.join_all().await;
                together.wait();
            })
        };
        thread::spawn(scene)
    };
    for (name, recording) in ["left", "right"].map(|name| (name, one(name))) {
        let scene = recording.join().expect("it does not panic");
        assert_eq!(scene.lane_count(), 200);
        assert!(scene.lanes().all(|task| task.name.starts_with(name) && scene.polls(task).len() == 4));
    }
}

#[test]
fn two_recordings_whose_tasks_wake_each_other_do_not_mix() {
    let (to_left, from_right) = oneshot::channel();
    let (to_right, from_left) = oneshot::channel();
    let left = thread::spawn(|| {
        record(|| async {
            let turn = async {
                from_right.await.expect("the right one sends");
                to_right.send(()).expect("the right one waits");
                // Here, this thread has just spoken for the other recording.
                tokio::task::yield_now().observe("left, afterwards").await;
            };
            turn.observe("left").await;
        })
    });
    let right = record(|| async {
        let turn = async {
            to_left.send(()).expect("the left one waits");
            tokio::task::yield_now().observe("right, meanwhile").await;
            from_left.await.expect("the left one sends");
        };
        turn.observe("right").await;
    });
    let left = left.join().expect("it does not panic");
    let names = |scene: &asyncguide::trace::SceneTrace| -> Vec<String> {
        scene.lanes().map(|task| task.name.to_string()).collect()
    };
    assert_eq!(names(&left), ["left", "left, afterwards"]);
    assert_eq!(names(&right), ["right", "right, meanwhile"]);
    for scene in [&left, &right] {
        assert!(scene.lanes().all(|task| task.outcome == Outcome::Done));
        let outer = scene.tasks.iter().position(|task| task.name.ends_with("t")).expect("left or right");
        assert_eq!(
            scene.tasks[2].parent,
            Some(TaskId::new(outer as u32)),
            "the inner one's parent is known after the wake, too"
        );
        let lived: Nanos = states(scene, &scene.tasks[outer]).iter().map(|(_, start, end)| *end - *start).sum();
        assert_eq!(lived, scene.lifetime(&scene.tasks[outer]));
    }
}
