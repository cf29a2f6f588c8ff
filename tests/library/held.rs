//! A task is held while it waits and polls keep every thread of its loop: exact times by hand, relations on real loops.

use std::thread;
use std::time::Duration;

use asyncguide::Observe;
use asyncguide::trace::{Nanos, SceneTrace, State, Task, Trace};
use tokio::time::sleep;

use crate::support::{record, record_on_two_workers};

const RUN: &str =
    r#"{"event":"run","schema":1,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":1,"delay":0}}"#;

/// A scene on `workers` workers, with a task 1 that is polled until 1 ms on thread 0 and woken at `wake`, and polls of
/// other tasks, each on a thread, from one millisecond to another.
fn scene(workers: usize, wake: u64, polls: &[(usize, u64, u64)]) -> SceneTrace {
    let mut lines = vec![
        RUN.to_owned(),
        format!(
            r#"{{"event":"scene","scene":"s","title":"","file":"","runtime":{{"flavor":"f","workers":{workers}}}}}"#
        ),
    ];
    lines.extend((0..3).map(|thread| format!(r#"{{"event":"thread","thread":{thread},"name":"t{thread}"}}"#)));
    let created = |task: usize| {
        let created = format!(r#"{{"event":"created","task":{task},"at":0,"kind":"future","name":"{task}"}}"#);
        [created, format!(r#"{{"event":"spawned","task":{task},"at":0}}"#)]
    };
    let poll = |task: usize, thread: usize, start: u64, end: u64| {
        let (start, end) = (start * 1_000_000, end * 1_000_000);
        format!(r#"{{"event":"poll","task":{task},"thread":{thread},"start":{start},"end":{end}}}"#)
    };
    lines.extend((0..=polls.len()).flat_map(created));
    lines.push(poll(0, 0, 0, 1));
    lines.push(format!(r#"{{"event":"wake","task":0,"at":{}}}"#, wake * 1_000_000));
    lines.push(poll(0, 0, wake + 1, wake + 2));
    lines.extend(polls.iter().zip(1..).map(|((thread, start, end), task)| poll(task, *thread, *start, *end)));
    lines.push(r#"{"event":"scene_end","scene":"s","wall":300000000,"outcome":"done"}"#.to_owned());
    let mut trace = Trace::from_jsonl(lines.join("\n").as_bytes()).expect("it is a stream");
    trace.scenes.remove(0)
}

/// The states of task 0 up to its second poll, in milliseconds.
fn states(scene: &SceneTrace) -> Vec<(State, u64, u64)> {
    let spans =
        scene.states(&scene.tasks[0]).map(|span| (span.state, span.start.0 / 1_000_000, span.end.0 / 1_000_000));
    spans
        .skip_while(|(state, ..)| *state == State::Running)
        .take_while(|(state, ..)| *state != State::Running)
        .collect()
}

/// A loop that one task holds `holds` times for 6 ms, while `waiting` others wait all the time.
fn held_often(holds: u64, waiting: usize) -> SceneTrace {
    let head = r#"{"event":"scene","scene":"s","title":"","file":"","runtime":{"flavor":"f","workers":1}}"#;
    let mut lines = vec![RUN.to_owned(), head.to_owned(), r#"{"event":"thread","thread":0,"name":"t"}"#.to_owned()];
    for task in 0..=waiting {
        lines.push(format!(r#"{{"event":"created","task":{task},"at":0,"kind":"future","name":"{task}"}}"#));
        lines.push(format!(r#"{{"event":"poll","task":{task},"thread":0,"start":0,"end":0}}"#));
    }
    for start in (1..=holds).map(|hold| hold * 10_000_000) {
        let end = start + 6_000_000;
        lines.push(format!(r#"{{"event":"poll","task":0,"thread":0,"start":{start},"end":{end}}}"#));
    }
    let wall = (holds + 2) * 10_000_000;
    lines.push(format!(r#"{{"event":"scene_end","scene":"s","wall":{wall},"outcome":"interrupted"}}"#));
    let mut trace = Trace::from_jsonl(lines.join("\n").as_bytes()).expect("it is a stream");
    trace.scenes.remove(0)
}

#[test]
fn s15_what_cutting_waits_costs_is_bounded_by_the_size_of_the_recording() {
    let spans = |scene: &SceneTrace| scene.tasks.iter().map(|task| scene.states(task).count()).sum::<usize>();
    let usual = held_often(500, 50);
    assert!(spans(&usual) > 50 * 2 * 500, "each wait is cut by each hold: {}", spans(&usual));
    let many = held_often(1_000, 1_000);
    assert!(spans(&many) < 150_000, "{} spans of 3,001 events", spans(&many));
    assert!(many.stall_of(&many.tasks[5]) == Nanos::ZERO && many.has_holds());
}

#[test]
fn a_wait_is_cut_by_the_polls_that_hold_its_loop() {
    // Due at 5 ms, while the loop was kept from 2 to 102 ms; woken and polled after that.
    let blocked = scene(1, 102, &[(0, 2, 102)]);
    let expected = [(State::Waiting, 1, 2), (State::Held, 2, 102), (State::Ready, 102, 103)];
    assert_eq!(states(&blocked), expected);
    assert_eq!(blocked.stall_of(&blocked.tasks[0]), Nanos::from_millis(101));

    let (task, poll) = blocked.stalled_by().expect("one poll caused it");
    let name = &*blocked.task(task).expect("it is there").name;
    assert_eq!((name, poll.start, poll.end), ("1", Nanos::from_millis(2), Nanos::from_millis(102)));

    // Woken 98 ms after the poll that kept the loop: it was not due before.
    let patient = scene(1, 200, &[(0, 2, 102)]);
    let expected =
        [(State::Waiting, 1, 2), (State::Held, 2, 102), (State::Waiting, 102, 200), (State::Ready, 200, 201)];
    assert_eq!(states(&patient), expected);
    assert_eq!(patient.stall_of(&patient.tasks[0]), Nanos::from_millis(1));

    assert!(patient.stalled_by().is_none(), "no poll took half of that millisecond");

    // Another thread may keep itself as long as it likes.
    let other = scene(1, 200, &[(1, 2, 102)]);
    assert_eq!(states(&other), [(State::Waiting, 1, 200), (State::Ready, 200, 201)]);
}

#[test]
fn workers_hold_their_loop_only_together() {
    let both = scene(2, 150, &[(0, 10, 60), (1, 20, 100)]);
    let expected =
        [(State::Waiting, 1, 20), (State::Held, 20, 60), (State::Waiting, 60, 150), (State::Ready, 150, 151)];
    assert_eq!(states(&both), expected);
    for one_is_free in [scene(2, 150, &[(0, 10, 60)]), scene(3, 150, &[(0, 10, 60), (1, 20, 100)])] {
        assert_eq!(states(&one_is_free), [(State::Waiting, 1, 150), (State::Ready, 150, 151)]);
    }
}

#[test]
fn threads_and_calls_wait_for_no_loop() {
    let scene = record(|| async {
        let sleeps = asyncguide::observe_thread("sleeps", || thread::sleep(Duration::from_millis(30)));
        let thread = thread::spawn(sleeps);
        async { thread::sleep(Duration::from_millis(40)) }.observe("blocks").await;
        thread.join().expect("it ends");
    });
    let sleeps = scene.lane("sleeps").expect("a lane");
    assert!(scene.states(sleeps).all(|span| span.state != State::Held));
}

fn time_in(scene: &SceneTrace, task: &Task, state: State) -> Nanos {
    scene.states(task).filter(|span| span.state == state).map(|span| span.end - span.start).sum()
}

/// A timer of 20 ms beside `hogs` tasks that block for 200 ms each.
async fn timer_beside(hogs: usize) {
    let timer = tokio::spawn(sleep(Duration::from_millis(20)).observe("timer"));
    tokio::task::yield_now().await;
    for _ in 0..hogs {
        tokio::spawn(async { thread::sleep(Duration::from_millis(200)) }.observe("hog"));
    }
    timer.await.expect("it ends");
}

#[test]
fn a_timer_is_held_on_a_real_loop_of_one_thread() {
    let scene = record(|| timer_beside(1));
    let (timer, hog) = (scene.lane("timer").expect("a lane"), scene.lane("hog").expect("a lane"));
    let kept = scene.polls(hog).iter().map(|poll| poll.end - poll.start).sum::<Nanos>();
    let held = time_in(&scene, timer, State::Held);
    assert!(held >= kept - kept / 10 && held <= scene.lifetime(timer), "held for {held} of {kept}");
    assert!(scene.stall() >= held, "a timer that was due counts as a stall");
}

#[test]
fn a_timer_is_held_on_real_workers_only_if_all_are_kept() {
    let scene = record_on_two_workers(|| timer_beside(1));
    let timer = scene.lane("timer").expect("a lane");
    assert_eq!(time_in(&scene, timer, State::Held), Nanos::ZERO, "a worker is free");
    let scene = record_on_two_workers(|| timer_beside(2));
    let hogs: Vec<&Task> = scene.lanes().filter(|task| &*task.name == "hog").collect();
    let poll = |task: &Task| scene.polls(task).first().copied();
    let polls: Vec<_> = hogs.iter().filter_map(|task| poll(task)).collect();
    let [a, b] = polls[..] else { panic!("{polls:?}") };
    let both = a.end.min(b.end) - a.start.max(b.start).min(a.end.min(b.end));
    let timer = scene.lane("timer").expect("a lane");
    // The timer may have ended before the second hog began, on a busy machine.
    let waited = scene.ended(timer) - a.start.max(b.start).min(scene.ended(timer));
    let held = time_in(&scene, timer, State::Held);
    assert!(held + Nanos::from_millis(2) >= both.min(waited) / 2, "held for {held} of {both}, waited {waited}");
}
