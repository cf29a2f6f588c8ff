//! Which lanes have a row, and where: below what called them, by name, or because they stand out.

use asyncguide::chart::{Axis, Cell, Lane, Lanes, NamePattern, Row, Shown, SpokenOf, Window, rows};
use asyncguide::trace::{Nanos, Outcome, SceneTrace, State, TaskId};

use crate::support::{asyncio_scene, single};

/// The rows of a scene as text: depth, name, how many tasks.
fn drawn(scene: &SceneTrace, shown: &Shown) -> Vec<(usize, String, usize)> {
    let row = |row: Row| match row {
        Row::Lane(Lane { depth, name, count, .. }) => (depth, name, count),
        Row::Alike(alike) => (alike.lane.depth, alike.name, alike.count),
        Row::Folded(folded) => (0, "folded".to_owned(), folded.count),
    };
    rows(scene, Axis::new(scene.wall, 50), shown).into_iter().map(row).collect()
}

fn named(rows: &[(usize, &str, usize)]) -> Vec<(usize, String, usize)> {
    rows.iter().map(|(depth, name, count)| (*depth, (*name).to_owned(), *count)).collect()
}

/// Workers of 900 ms, of which each awaits three calls of `fetch`, one after the other, and at the same time `log`.
fn workers(count: usize) -> SceneTrace {
    let mut lines = Vec::new();
    let mut task = 0;
    let mut add = |name: &str, parent: Option<usize>, from: u64, to: u64| {
        let parent_field = parent.map_or(String::new(), |parent| format!(r#","parent":{parent}"#));
        let begin = format!(
            r#"{{"event":"created","task":{task},"at":{from}ms,"kind":"future","name":"{name}"{parent_field}}}"#
        );
        lines.push(begin);
        if parent.is_none() {
            lines.push(format!(r#"{{"event":"spawned","task":{task},"at":{from}ms}}"#));
        }
        lines.push(format!(r#"{{"event":"poll","task":{task},"thread":0,"start":{from}ms,"end":{from}ms}}"#));
        lines.push(format!(r#"{{"event":"end","task":{task},"at":{to}ms,"outcome":"done"}}"#));
        task += 1;
        task - 1
    };
    for worker in 0..count {
        let outer = add(&format!("worker({worker})"), None, 1, 901);
        add("log()", Some(outer), 1, 800);
        for call in 0..3 {
            add(&format!("fetch('{call}')"), Some(outer), 1 + 300 * call, 300 + 300 * call);
        }
    }
    asyncio_scene(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn calls_stand_below_their_task() {
    let rows = drawn(&workers(2), &single(24));
    let one = |worker: usize| {
        let calls = (0..3).map(|call| (1, format!("fetch('{call}')"), 1));
        [(0, format!("worker({worker})"), 1), (1, "log()".to_owned(), 1)].into_iter().chain(calls).collect::<Vec<_>>()
    };
    assert_eq!(rows, [one(0), one(1)].concat());
}

#[test]
fn tasks_that_look_the_same_with_their_calls_are_drawn_once() {
    let rows = drawn(&workers(6), &Shown::FOLDED);
    let calls = [(1, "log()", 6), (1, "fetch('0')", 6), (1, "fetch('1')", 6), (1, "fetch('2')", 6)];
    assert_eq!(rows, named(&[&[(0, "worker(0)–worker(5)", 6)][..], &calls].concat()));
}

#[test]
fn calls_share_a_row_where_there_is_none_for_each_and_then_tasks_of_one_function_do() {
    let lanes = |most| Lanes { most, merged: false, by_name: true, ..Lanes::FOLDED };
    let shown = |most| Shown { lanes: lanes(most), ..Shown::FOLDED };
    let one =
        |worker: usize| [(0, format!("worker({worker})"), 1), (1, "log()".to_owned(), 1), (1, "fetch()".to_owned(), 3)];
    assert_eq!(drawn(&workers(3), &shown(9)), [one(0), one(1), one(2)].concat());
    let scene = workers(20);
    assert_eq!(drawn(&scene, &shown(24)), named(&[(0, "worker()", 20), (1, "log()", 20), (1, "fetch()", 60)]));
    let lanes = Lanes { by_name: false, ..lanes(24) };
    let rows = drawn(&scene, &Shown { lanes, ..Shown::FOLDED });
    assert_eq!(rows.iter().filter(|(_, name, _)| name == "folded").count(), 1, "{rows:?}");
}

#[test]
fn only_lanes_whose_names_match_are_drawn() {
    let only = |pattern| drawn(&workers(2), &Shown { only: Some(NamePattern::new(pattern)), ..single(24) });
    assert_eq!(only("fetch*"), named(&[(0, "fetch('0')", 1), (0, "fetch('1')", 1), (0, "fetch('2')", 1)].repeat(2)));
    assert_eq!(only("fetch()").len(), 6, "the name of the function is one, too");
    assert_eq!(only("log"), []);
}

#[test]
fn a_part_of_the_time_has_the_lanes_of_that_time() {
    let scene = workers(1);
    let window = Window { from: Nanos::from_millis(850), to: Nanos::from_millis(950) };
    let shown = Shown { window: Some(window), ..single(24) };
    assert_eq!(drawn(&scene, &shown), named(&[(0, "worker(0)", 1), (1, "fetch('2')", 1)]));
    let Row::Lane(lane) = rows(&scene, Axis::within(window, 10), &shown).remove(0) else { panic!("it is one task") };
    let cells: Vec<bool> = lane.cells.iter().map(|cell| *cell != Cell::Empty).collect();
    assert_eq!(cells, [[true; 5], [false; 5]].concat(), "the worker ends after 901 ms");
    let (ticks, unit) = Axis::within(window, 50).ticks(10);
    let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
    assert_eq!((labels, unit), (vec!["860", "880", "900", "920", "940"], "ms"));
}

#[test]
fn calls_within_a_task_do_not_count_twice() {
    let scene = workers(3);
    // Of each worker's 900 ms, its calls cover all but 1 ms; where two calls overlap, both count.
    let calls = 799 + 3 * 299;
    let alone = 900 - 899;
    assert_eq!(scene.task_time(), Nanos::from_millis(3 * (calls + alone)));
}

/// Forty tasks, of which the one in the middle is another.
fn one_of_forty(odd: &[&str]) -> SceneTrace {
    let mut lines = Vec::new();
    for task in 0..40 {
        lines.push(format!(r#"{{"event":"created","task":{task},"at":0,"kind":"future","name":"task {task}"}}"#));
        lines.push(format!(r#"{{"event":"spawned","task":{task},"at":0}}"#));
        if task != 20 {
            lines.push(format!(r#"{{"event":"end","task":{task},"at":900ms,"outcome":"done"}}"#));
        }
    }
    lines.extend(odd.iter().map(|line| (*line).to_owned()));
    asyncio_scene(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_lane_that_stands_out_is_never_folded() {
    let failed = r#"{"event":"end","task":20,"at":900ms,"outcome":{"panicked":{"message":"no"}}}"#;
    let cancelled = r#"{"event":"end","task":20,"at":900ms,"outcome":"cancelled"}"#;
    let held = r#"{"event":"poll","task":20,"thread":0,"start":100ms,"end":300ms}"#;
    let done = r#"{"event":"end","task":20,"at":900ms,"outcome":"done"}"#;
    for odd in [&[failed][..], &[cancelled], &[held, done]] {
        let scene = one_of_forty(odd);
        let lanes = Lanes { merged: false, ..Lanes::FOLDED };
        let rows = drawn(&scene, &Shown { lanes, ..Shown::FOLDED });
        assert!(rows.contains(&(0, "task 20".to_owned(), 1)), "{odd:?}: {rows:?}");
        assert!(rows.len() <= 24, "{rows:?}");
        let live = drawn(&scene, &Shown { lanes: Lanes { notable: false, ..lanes }, ..Shown::FOLDED });
        assert!(!live.contains(&(0, "task 20".to_owned(), 1)), "{odd:?}: {live:?}");
    }
}

#[test]
fn a_lane_that_something_is_said_of_is_not_folded_however_few_the_rows() {
    let scene = one_of_forty(&[]);
    for most in [8, 10, 24] {
        let lanes = Lanes { most, merged: false, ..Lanes::FOLDED };
        let rows = |tasks: &[u32]| {
            let spoken_of = tasks.iter().map(|task| spoken_of(&scene, *task)).collect();
            drawn(&scene, &Shown { lanes, spoken_of, ..Shown::FOLDED })
        };
        for task in [3, 20, 30] {
            let rows = rows(&[task]);
            assert!(rows.contains(&(0, format!("task {task}"), 1)), "{most}: {rows:?}");
            assert!(rows.len() <= most, "{most}: {rows:?}");
        }
        assert!(rows(&[9, 20, 30, 33]).len() <= most);
        assert!(!rows(&[]).contains(&(0, "task 20".to_owned(), 1)));
    }
}

fn spoken_of(scene: &SceneTrace, task: u32) -> SpokenOf {
    SpokenOf { scene: scene.name.clone(), started: scene.started, lane: TaskId::new(task) }
}

#[test]
fn of_lanes_with_one_name_that_one_is_shown_which_something_is_said_of() {
    let mut scene = one_of_forty(&[]);
    for task in &mut scene.tasks {
        task.name = "fetch()".into();
    }
    let lanes = Lanes { merged: false, ..Lanes::FOLDED };
    let rows = |lane: SpokenOf| drawn(&scene, &Shown { lanes, spoken_of: vec![lane], ..Shown::FOLDED });
    for task in [12, 20, 30] {
        let rows = rows(spoken_of(&scene, task));
        let folded = rows.iter().position(|(_, name, _)| name == "folded").expect("not all have a row");
        let above: usize = rows[..=folded].iter().map(|(.., count)| count).sum();
        assert_eq!((above, &rows[folded + 1].1), (task as usize, &"fetch()".to_owned()), "{rows:?}");
    }
    let other = SpokenOf { started: Some(Nanos(1)), ..spoken_of(&scene, 20) };
    assert_eq!(rows(other).iter().filter(|(_, name, _)| name == "folded").count(), 1, "it is one of another scene");
}

#[test]
fn a_wait_that_held_the_thread_for_a_part_is_told_from_others() {
    let poll = |length: u64| {
        let poll = format!(r#"{{"event":"poll","task":0,"thread":0,"start":0ms,"end":{length}ms}}"#);
        let lines = [
            r#"{"event":"created","task":0,"at":0,"kind":"future","name":"task()"}"#,
            r#"{"event":"spawned","task":0,"at":0}"#,
            &poll,
            r#"{"event":"end","task":0,"at":1000ms,"outcome":"done"}"#,
        ];
        let scene = asyncio_scene(&lines);
        match rows(&scene, Axis::new(scene.wall, 1), &single(1)).remove(0) {
            Row::Lane(lane) => (lane.cells[0], lane.outcome),
            row => panic!("{row:?}"),
        }
    };
    assert_eq!(poll(199), (Cell::In(State::Waiting), Outcome::Done));
    assert_eq!(poll(200), (Cell::Moment, Outcome::Done));
    assert_eq!(poll(500), (Cell::In(State::Running), Outcome::Done));
}
