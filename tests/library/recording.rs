//! `.observe()` wherever a future can be: each gets a lane, under the right parent, with exactly its own polls.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use asyncguide::session::{self, Flavor, Runtime};
use asyncguide::trace::{Clock, Outcome, SceneTrace, Task, TaskId, TaskKind};
use asyncguide::{Observe, observe_call, observe_thread};
use tokio::task::{JoinSet, yield_now};

use crate::support::{Count, Yields, lane, parent, record, record_on_two_workers};

const ONE_WORKER: Runtime = Runtime { flavor: Flavor::MultiThread, workers: 1 };

/// The names of the threads that `task` was polled on, poll by poll.
fn polled_on(scene: &SceneTrace, task: &Task) -> Vec<String> {
    scene.polls(task).iter().map(|poll| scene.threads[poll.thread.index()].name.clone()).collect()
}

#[test]
fn awaited_in_turn_one_lane_begins_when_the_other_has_ended() {
    let polls = [Count::default(), Count::default()];
    let counted = polls.clone();
    let scene = record(|| async move {
        Yields::new(3, &counted[0]).observe("A").await;
        Yields::new(0, &counted[1]).observe("B").await;
    });
    let (a, b) = (lane(&scene, "A"), lane(&scene, "B"));
    assert_eq!(scene.lanes().count(), 2);
    assert!(scene.ended(a) <= scene.began(b).expect("B was polled"));
    for (task, polls) in [(a, &polls[0]), (b, &polls[1])] {
        assert_eq!((task.kind, &task.outcome), (TaskKind::Future, &Outcome::Done));
        assert_eq!(parent(&scene, task).expect("the scene").kind, TaskKind::Scene);
        assert!(!task.spawned, "it is polled from within the scene");
        assert_eq!(scene.polls(task).len(), polls.get());
    }
    assert_eq!((polls[0].get(), polls[1].get()), (4, 1));
    assert_eq!(scene.outcome, Outcome::Done);
    assert!(scene.ended(b) <= scene.wall);
}

#[test]
fn joined_futures_are_polled_again_with_each_other_and_every_poll_counts() {
    let polls = [Count::default(), Count::default(), Count::default()];
    let counted = polls.clone();
    let scene = record(|| async move {
        let [a, b, c] = &counted;
        tokio::join!(
            Yields::new(2, a).observe("A"),
            async {
                Yields::new(7, b).await;
                Yields::new(1, b).await;
            }
            .observe("B"),
            Yields::new(0, c).observe("C"),
        );
    });
    let counts: Vec<usize> = scene.lanes().map(|task| scene.polls(task).len()).collect();
    // Two futures within B, and the poll in which the first is done goes on with the second.
    assert_eq!(counts, [polls[0].get(), polls[1].get() - 1, polls[2].get()]);
    assert_eq!(counts, [3, 9, 1]);
    let (a, b) = (lane(&scene, "A"), lane(&scene, "B"));
    assert!(scene.began(b).expect("B was polled") < scene.ended(a), "they are there at the same time");
    assert!(scene.lanes().all(|task| !task.spawned && task.outcome == Outcome::Done));
}

#[test]
fn spawned_futures_and_those_of_a_join_set_are_on_from_their_creation() {
    let scene = record(|| async {
        let spawned = tokio::spawn(yield_now().observe("spawned"));
        let mut set = JoinSet::new();
        for name in ["A", "B", "C"] {
            set.spawn(yield_now().observe(name));
        }
        set.join_all().await;
        spawned.await.expect("it does not panic");
    });
    assert_eq!(scene.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["spawned", "A", "B", "C"]);
    for task in scene.lanes() {
        assert!(task.spawned);
        assert_eq!(scene.began(task), Some(task.created));
        assert_eq!(parent(&scene, task).expect("the scene").kind, TaskKind::Scene);
        assert_eq!((scene.polls(task).len(), &task.outcome), (2, &Outcome::Done));
        assert!(scene.polls(task)[0].start >= task.created);
    }
}

#[test]
fn a_lane_is_the_child_of_the_lane_that_runs_where_it_is_made() {
    let scene = record(|| async {
        let outer = async {
            let first = yield_now().observe("first");
            let second = async { yield_now().observe("innermost").await }.observe("second");
            let spawned = tokio::spawn(yield_now().observe("spawned"));
            tokio::join!(second, first).0;
            spawned.await.expect("it does not panic");
        };
        outer.observe("outer").await;
        yield_now().observe("beside").await;
    });
    let parent = |name| &*parent(&scene, lane(&scene, name)).expect("a parent").name;
    assert_eq!(["first", "second", "spawned"].map(parent), ["outer"; 3]);
    assert_eq!(parent("innermost"), "second");
    assert_eq!(parent("beside"), &*scene.tasks[0].name);
    // Every poll of a future that is awaited lies within one of whoever awaits it.
    for (inner, outer) in [("innermost", "second"), ("second", "outer"), ("first", "outer")] {
        let outer = scene.polls(lane(&scene, outer));
        for poll in scene.polls(lane(&scene, inner)) {
            assert!(outer.iter().any(|outer| outer.start <= poll.start && poll.end <= outer.end));
        }
    }
}

#[test]
fn parents_are_right_however_deep_the_nesting_goes() {
    fn nested(depth: usize) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            if depth < 100 {
                nested(depth + 1).observe((depth + 1).to_string()).await;
            }
            yield_now().observe(format!("within {depth}")).await;
        })
    }
    let scene = record(|| nested(0).observe("0"));
    for depth in 1..=100 {
        let parent = |name: &str| &*parent(&scene, lane(&scene, name)).expect("a parent").name;
        assert_eq!(parent(&depth.to_string()), (depth - 1).to_string());
        assert_eq!(parent(&format!("within {depth}")), depth.to_string());
    }
}

#[test]
fn a_thread_that_takes_over_from_a_worker_that_blocks_is_a_worker() {
    let scene = session::record(ONE_WORKER, Clock::Real, || async {
        // Until it runs a task, it is open which thread is the worker.
        tokio::spawn(async {}).await.expect("it does not panic");
        let (tell, told) = mpsc::channel();
        let blocks = async move { tokio::task::block_in_place(|| told.recv()) };
        let blocks = tokio::spawn(blocks.observe("blocks"));
        tokio::task::spawn_blocking(observe_thread("on the pool", || ())).await.expect("it does not panic");
        let frees = async move { tell.send(()) };
        tokio::spawn(frees.observe("frees")).await.expect("it does not panic").expect("it waits for it");
        blocks.await.expect("it does not panic").expect("it was told");
    });
    let scene = scene.expect("threads and a runtime can be had").trace;
    assert_eq!(polled_on(&scene, lane(&scene, "blocks")), ["worker 1"]);
    assert_eq!(polled_on(&scene, lane(&scene, "frees")), ["worker 1 (took over)"]);
    let pool = polled_on(&scene, lane(&scene, "on the pool"));
    assert!(pool.iter().all(|name| name.starts_with("blocking ")), "{pool:?}");
}

/// Notes the thread that this is called on; whether it is another one than the first time.
fn has_moved(seen: &Mutex<Vec<String>>) -> bool {
    let mut seen = seen.lock().expect("nobody panics");
    seen.push(thread::current().name().unwrap_or_default().to_owned());
    seen.iter().any(|thread| *thread != seen[0])
}

#[test]
fn a_task_that_moves_between_threads_has_each_poll_on_the_thread_that_it_was_on() {
    let threads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&threads);
    let scene = record_on_two_workers(move || async move {
        let polled = Arc::new(AtomicUsize::new(0));
        let restless = async move {
            while !has_moved(&seen) {
                // Holds whatever worker gets it until this task is polled again: if that is this one, on the other.
                let (polls, polled_again) = (polled.fetch_add(1, Ordering::SeqCst) + 1, Arc::clone(&polled));
                tokio::spawn(async move {
                    while polled_again.load(Ordering::SeqCst) == polls {
                        thread::yield_now();
                    }
                });
                // Not tokio's `yield_now`: its wake waits until the worker has nothing else to do.
                Yields::new(1, &Count::default()).await;
            }
            polled.fetch_add(1, Ordering::SeqCst);
        };
        tokio::spawn(restless.observe("restless")).await.expect("it does not panic");
    });
    let seen = threads.lock().expect("nobody panics").clone();
    assert!(seen.contains(&"worker 1".to_owned()) && seen.contains(&"worker 2".to_owned()));
    assert_eq!(polled_on(&scene, lane(&scene, "restless")), seen);
}

#[test]
fn two_workers_and_thousands_of_tasks_lose_no_poll_and_no_wake() {
    let counts: Vec<Count> = (0..3_000).map(|_| Count::default()).collect();
    let counted = counts.clone();
    let scene = record_on_two_workers(move || async move {
        let mut set = JoinSet::new();
        for (index, polls) in counted.iter().enumerate() {
            set.spawn(Yields::new(index % 7, polls).observe(index.to_string()));
        }
        set.join_all().await;
    });
    assert_eq!(scene.lane_count(), counts.len());
    let mut lanes: Vec<&Task> = scene.lanes().collect();
    lanes.sort_by_key(|task| task.name.parse::<usize>().expect("a number"));
    for ((index, task), count) in lanes.into_iter().enumerate().zip(&counts) {
        assert_eq!((scene.polls(task).len(), scene.wakes(task).len()), (count.get(), index % 7), "task {index}");
        assert_eq!(task.outcome, Outcome::Done);
    }
}

#[test]
fn a_thread_has_a_lane_and_holds_it_from_its_first_moment_to_its_last() {
    let scene = record(|| async {
        let (tell, told) = mpsc::channel();
        let work = observe_thread("T", move || {
            tell.send(thread::current().name().map(str::to_owned)).expect("somebody listens");
            7
        });
        let thread = thread::Builder::new().name("a thread of its own".to_owned()).spawn(work);
        assert_eq!(thread.expect("a thread can be had").join().expect("it does not panic"), 7);
        assert_eq!(told.recv().expect("it said so").as_deref(), Some("a thread of its own"));
    });
    let task = lane(&scene, "T");
    assert_eq!((task.kind, task.spawned, &task.outcome), (TaskKind::Thread, true, &Outcome::Done));
    assert_eq!(parent(&scene, task).expect("the scene").kind, TaskKind::Scene);
    assert_eq!(polled_on(&scene, task), ["a thread of its own"]);
    assert_eq!(scene.polls(task)[0].end, scene.ended(task));
    assert!(task.created <= scene.polls(task)[0].start);
}

#[test]
fn a_call_has_a_lane_and_its_time_is_the_callers_too() {
    let scene = record(|| async {
        let text = "borrowed".to_owned();
        assert_eq!(observe_call("C", || text.as_str()), "borrowed");
    });
    let (call, whole) = (lane(&scene, "C"), &scene.tasks[0]);
    assert_eq!((call.kind, &call.outcome, call.parent), (TaskKind::Call, &Outcome::Done, Some(TaskId::new(0))));
    let (inner, outer) = (scene.polls(call)[0], scene.polls(whole)[0]);
    assert!(outer.start <= inner.start && inner.end <= outer.end);
    assert_eq!((scene.polls(call).len(), scene.busy()), (1, outer.end - outer.start));
}

#[test]
fn nothing_is_lost_when_threads_end_right_after_recording() {
    const THREADS: usize = 200;
    let scene = record(|| async {
        let threads: Vec<_> = (0..THREADS)
            .map(|index| {
                thread::spawn(observe_thread(index.to_string(), move || {
                    observe_call(format!("in {index}"), || tracing::info!("said by {index}"));
                }))
            })
            .collect();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
    });
    for index in 0..THREADS {
        let (thread, call) = (lane(&scene, &index.to_string()), lane(&scene, &format!("in {index}")));
        assert_eq!((scene.polls(thread).len(), scene.polls(call).len()), (1, 1));
        assert_eq!((&thread.outcome, &call.outcome), (&Outcome::Done, &Outcome::Done));
        assert_eq!(parent(&scene, call), Some(thread));
    }
    assert_eq!(scene.marks.len(), THREADS);
    assert_eq!(scene.threads.len(), 1 + THREADS);
}

#[test]
fn a_name_is_kept_whole_up_to_two_hundred_bytes_and_cut_between_characters_beyond() {
    let long = "ü".repeat(150);
    let scene = record(|| async move {
        yield_now().observe("naïve 日本 \u{1b}[31m").await;
        yield_now().observe(&long).await;
    });
    assert!(scene.lane("naïve 日本 \u{1b}[31m").is_some());
    assert!(scene.lane(&format!("{}…", "ü".repeat(100))).is_some());
}
