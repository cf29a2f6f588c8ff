//! The end of a recording, told event by event.

use super::*;
use crate::trace::{State, TaskKind};

/// More than any test needs.
const MOST: usize = 1_000_000;

const MS: u64 = 1_000_000;

fn at(millis: u64) -> Nanos {
    Nanos(millis * MS)
}

fn task(number: u64) -> TaskId {
    TaskId::new(number as u32)
}

fn created(number: u64, millis: u64, parent: Option<u64>) -> Event {
    Event::Created {
        task: task(number),
        at: at(millis),
        parent: parent.map(task),
        kind: TaskKind::Future,
        name: number.to_string().into(),
        site: None,
        code: None,
    }
}

fn poll(number: u64, millis: u64) -> Event {
    Event::Poll { task: task(number), thread: ThreadId(0), start: at(millis), end: Nanos(millis * MS + MS / 2) }
}

fn thread() -> Event {
    Event::Thread { thread: ThreadId(0), name: "main".to_owned(), process: None }
}

/// Fills a tail of ten milliseconds with a task a millisecond, each of which is polled once and done.
fn filled(tasks: u64) -> Tail {
    let mut tail = Tail::new(at(10), MOST);
    tail.take([thread(), created(0, 0, None), poll(0, 0)], at(0));
    for number in 1..=tasks {
        let end = Event::End { task: task(number), at: at(number), outcome: Outcome::Done, site: None };
        tail.take([created(number, number, Some(number - 1)), poll(number, number), end], at(number + 1));
    }
    tail
}

#[test]
fn ten_times_as_many_events_take_no_more_room() {
    assert_eq!(filled(100).held(), filled(1_000).held());
    assert!(filled(5).held() < filled(100).held(), "of a short run, all is held");
}

#[test]
fn of_too_many_events_a_shorter_time_is_kept() {
    let mut tail = Tail::new(at(10_000), 100);
    tail.take([thread(), created(0, 0, None)], at(0));
    for number in 1..=1_000 {
        tail.take([poll(0, number)], at(number + 1));
    }
    let (scene, from) = tail.scene(SceneStart::default(), at(1_001), Outcome::Done, &[]);
    let mut at_once = Tail::new(at(10_000), 100);
    at_once.take([thread(), created(0, 0, None)].into_iter().chain((1..=1_000).map(|at| poll(0, at))), at(1_001));
    assert_eq!(at_once.scene(SceneStart::default(), at(1_001), Outcome::Done, &[]), (scene.clone(), from));
    assert!(tail.held() == (1, 100) && from > at(890) && from < at(910), "{:?}, cut at {from}", tail.held());
    assert_eq!(scene.wall, at(1_001) - from);
}

#[test]
fn the_end_is_kept_with_what_still_waits_since_the_beginning() {
    let (scene, from) = filled(100).scene(SceneStart::default(), at(101), Outcome::Done, &[]);
    assert_eq!((from, scene.wall), (at(91), at(10)));
    let names: Vec<&str> = scene.lanes().map(|task| &*task.name).collect();
    assert_eq!(names, ["0", "91", "92", "93", "94", "95", "96", "97", "98", "99", "100"]);
    let waits: Vec<_> = scene.states(&scene.tasks[0]).map(|span| (span.state, span.start, span.end)).collect();
    assert_eq!(waits, [(State::Waiting, at(0), at(10))]);
    assert_eq!((scene.tasks[1].created, scene.tasks[1].parent), (at(0), None), "its parent is gone");
    assert_eq!(scene.tasks[2].parent, Some(task(1)));
    assert_eq!(scene.polls(&scene.tasks[10])[0].start, at(9));
}

#[test]
fn a_short_run_is_kept_whole() {
    let (scene, from) = filled(5).scene(SceneStart::default(), at(6), Outcome::Done, &[]);
    assert_eq!((from, scene.wall, scene.lanes().count()), (at(0), at(6), 6));
}

#[test]
fn a_task_that_was_woken_before_the_cut_is_ready_there() {
    let mut tail = filled(100);
    let running = RunningPoll { task: task(0), thread: ThreadId(0), since: at(200), blocked: false };
    tail.take([Event::Wake { task: task(0), at: at(101), by: None }], at(101));
    tail.take([], at(300));
    let (scene, _) = tail.scene(SceneStart::default(), at(300), Outcome::Done, &[running]);
    assert_eq!(scene.lanes().count(), 1);
    let states: Vec<_> = scene.states(&scene.tasks[0]).map(|span| span.state).collect();
    assert_eq!(states, [State::Running], "its poll began before the cut");
}
