//! A poll that computes is told from one that sleeps in a call: exact times by hand, relations on real threads.

use std::thread;
use std::time::{Duration, Instant};

use asyncguide::trace::{Builder, Event, Nanos, SceneTrace, State, TaskId, TaskKind, Usage};
use asyncguide::{Observe, observe_call, observe_thread};

use crate::support::{self, apply, created, lane, polled, record, record_on_two_workers, record_virtually, spawned};

const MS: u64 = 1_000_000;

/// How the thread spent the poll of `task` that starts at `start`; all in milliseconds.
fn used(task: u32, start: u64, computed: u64, preempted: u64) -> Event {
    let [start, computed, preempted] = [start, computed, preempted].map(Nanos::from_millis);
    Event::Usage(Usage { task: TaskId::new(task), start, computed, preempted })
}

/// A scene of 100 ms with one task of this kind, polled from 10 to 60 ms, and what `usage` says of that poll.
fn scene(kind: TaskKind, usage: Option<Event>) -> SceneTrace {
    let mut builder = Builder::new();
    let events = [support::thread(0, "t"), created(0, 0, None, kind, "task"), spawned(0)];
    let poll = polled(0, 0, 10 * MS, 60 * MS);
    events.into_iter().chain(usage).chain([poll]).for_each(|event| apply(&mut builder, event));
    builder.trace(Nanos::from_millis(100), &[])
}

fn state_of_poll(scene: &SceneTrace) -> State {
    let at = Nanos::from_millis(30);
    let task = lane(scene, "task");
    scene.states(task).find(|span| span.start <= at && at < span.end).expect("it was polled then").state
}

#[test]
fn the_state_of_a_poll_is_what_the_thread_did_for_most_of_it() {
    let state = |kind, usage| state_of_poll(&scene(kind, usage));
    for kind in [TaskKind::Future, TaskKind::Call, TaskKind::Span] {
        assert_eq!(state(kind, None), State::Running, "nothing is known");
        assert_eq!(state(kind, Some(used(0, 10, 26, 0))), State::Running);
        assert_eq!(state(kind, Some(used(0, 10, 1, 25))), State::Running, "others had the cores");
        assert_eq!(state(kind, Some(used(0, 10, 1, 20))), State::Blocked);
        assert_eq!(state(kind, Some(used(0, 11, 0, 0))), State::Running, "no poll starts then");
    }
    assert_eq!(state(TaskKind::Thread, Some(used(0, 10, 30, 0))), State::Running);
    assert_eq!(state(TaskKind::Thread, Some(used(0, 10, 1, 0))), State::Waiting, "it holds up nobody");
}

#[test]
fn busy_is_what_the_outermost_polls_computed() {
    let mut builder = Builder::new();
    let task = |number| [created(number, 0, None, TaskKind::Future, "task"), spawned(number)];
    let polls = [polled(0, 0, 10 * MS, 60 * MS), polled(1, 0, 10 * MS, 30 * MS), polled(2, 0, 70 * MS, 71 * MS)];
    // Task 1 is polled within the poll of task 0. Of the poll of task 2 nothing is known.
    let usages = [used(0, 10, 15, 0), used(1, 10, 14, 0)];
    let tasks = (0..3).flat_map(task);
    let events = [support::thread(0, "t")].into_iter().chain(tasks).chain(polls).chain(usages);
    events.for_each(|event| apply(&mut builder, event));
    let scene = builder.trace(Nanos::from_millis(100), &[]);
    assert_eq!((scene.occupied(), scene.busy()), (Nanos::from_millis(51), Nanos::from_millis(16)));
}

/// Computes for as much CPU time as a quiet machine has in this time.
fn compute(time: Duration) {
    let since = Instant::now();
    while since.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// For how long a lane was in `state`, and for how long it was polled.
fn time_in(scene: &SceneTrace, name: &str, state: State) -> (Nanos, Nanos) {
    let task = lane(scene, name);
    let spans = scene.states(task).filter(|span| span.state == state);
    let polled = scene.polls(task).iter().map(|poll| poll.end - poll.start).sum();
    (spans.map(|span| span.end - span.start).sum(), polled)
}

async fn sleeps_and_computes() {
    let time = Duration::from_millis(60);
    async move { thread::sleep(time) }.observe("sleeps").await;
    async move { compute(time) }.observe("computes").await;
    observe_call("call", || thread::sleep(time));
    let (send, receive) = std::sync::mpsc::channel();
    let thread = thread::spawn(observe_thread("thread", move || receive.recv()));
    tokio::time::sleep(time).await;
    send.send(()).expect("it waits for that");
    let _ = thread.join();
}

#[test]
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn real_polls_are_told_apart_on_both_kinds_of_runtime() {
    for scene in [record(sleeps_and_computes), record_on_two_workers(sleeps_and_computes)] {
        for (name, state) in [("sleeps", State::Blocked), ("call", State::Blocked), ("thread", State::Waiting)] {
            let (time, polled) = time_in(&scene, name, state);
            assert!(
                time >= polled - Nanos::from_millis(2) && polled > Nanos::from_millis(50),
                "{name}: {time} of {polled}"
            );
        }
        // On a busy machine it has a core for a part of the time only, and wants one for the rest.
        let (time, polled) = time_in(&scene, "computes", State::Running);
        assert_eq!(time, polled);
        let slept = scene.occupied() - scene.busy();
        assert!(slept >= Nanos::from_millis(150), "threads slept in calls for {slept}");
    }
}

#[test]
fn a_snapshot_sees_that_a_thread_is_asleep() {
    let recorder = asyncguide::record::Recorder::new(asyncguide::trace::Clock::Real);
    recorder.attach();
    recorder.start();
    let running = observe_call("call", || {
        thread::sleep(Duration::from_millis(30));
        let mut reader = recorder.reader();
        reader.read_into(&mut Builder::new());
        reader.running()
    });
    assert_eq!(running.iter().map(|poll| poll.blocked).collect::<Vec<_>>(), [cfg!(target_os = "linux")]);
}

#[test]
fn on_the_virtual_clock_nothing_is_told_of_polls() {
    let scene = record_virtually(|| async { thread::sleep(Duration::from_millis(10)) }.observe("task"));
    assert_eq!(scene.usages().len(), 0);
}
