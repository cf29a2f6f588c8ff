//! Tests of what the picture shows, with scenes that are built event by event.

use proptest::prelude::*;

use super::*;
use crate::chart::Cell;
use crate::trace::{Builder, Event, TaskId, TaskKind, ThreadId};

const SECOND: Nanos = Nanos::from_secs(1);
/// Beyond every axis here.
const FOREVER: Nanos = Nanos(u64::MAX >> 1);
/// The only thread of every scene here.
const THREAD: ThreadId = ThreadId(0);
/// The only task of a scene that has one.
const TASK: TaskId = TaskId::new(0);
const STYLE: Style = Style { width: 80, color: false, unicode: true };

fn picture(style: Style) -> Picture {
    Picture::new("1  In turn  2.000 s\n2  Together", Duration::from_secs(2), &chart::Shown::FOLDED, style)
}

/// Returns a scene at `now` whose tasks have slept from the start on.
fn asleep<'a>(names: impl IntoIterator<Item = &'a str>, now: Nanos) -> Snapshot {
    let mut builder = Builder::new();
    apply(&mut builder, thread(THREAD, "main"));
    for (number, name) in (0..).zip(names) {
        let task = TaskId::new(number);
        apply(&mut builder, created(task, Nanos::ZERO, None, TaskKind::Future, name));
        apply(&mut builder, polled(task, THREAD, Nanos::ZERO, Nanos(1_000)));
    }
    Snapshot::at(builder.trace(FOREVER, &[]), now)
}

fn shown(picture: &mut Picture, snapshot: &Snapshot, columns: usize, rows: usize) -> Vec<String> {
    let lines = picture.lines(snapshot, columns, rows);
    lines.into_iter().map(|line| (line.name + &line.lane).trim_end().to_owned()).collect()
}

#[test]
fn lanes_are_drawn_as_far_as_they_have_come() {
    let snapshot = asleep(["A", "B"], SECOND);
    assert_eq!(
        shown(&mut picture(STYLE), &snapshot, 80, 23),
        [
            "1  In turn  2.000 s",
            "2  Together  1.0 s",
            "   A ━━━━━━━━━━━━━━━━━━━━━━━━━                                 1 s",
            "   B ━━━━━━━━━━━━━━━━━━━━━━━━━                                 1 s",
            "     ├───────────┼────────────┼───────────┼───────────┤",
            "     0          0.5          1.0         1.5       2.0 s",
        ]
    );
}

#[test]
fn the_axis_doubles_once_its_time_is_well_over() {
    let mut picture = picture(STYLE);
    let axis = |picture: &mut Picture, now| {
        picture.lines(&asleep(["A"], now), 80, 23);
        picture.charted.map(|(axis, _)| (axis.extent, axis.cells))
    };
    assert_eq!(axis(&mut picture, Nanos(2_100_000_000)), Some((2 * SECOND, 50)));
    assert_eq!(axis(&mut picture, Nanos(2_100_000_001)), Some((4 * SECOND, 50)));
    assert_eq!(axis(&mut picture, 30 * SECOND), Some((32 * SECOND, 50)));
}

#[test]
fn it_keeps_to_the_screen_whatever_there_is_to_show() {
    let many: Vec<String> = (0..10_000).map(|n| format!("task {n}")).collect();
    let snapshot = asleep(many.iter().map(String::as_str), SECOND);
    for rows in 0..40 {
        let lines = shown(&mut picture(STYLE), &snapshot, 80, rows);
        assert!(lines.len() <= rows, "{} lines in {rows} rows", lines.len());
        assert_eq!(lines.is_empty(), rows < FEWEST_ROWS);
    }
    let lines = shown(&mut picture(STYLE), &snapshot, 80, 23);
    assert!(
        lines.contains(&"   ⋮         ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇                       + 9,988 more".to_owned()),
        "{lines:?}"
    );
    assert!(shown(&mut picture(STYLE), &snapshot, 19, 23).is_empty());
}

#[test]
fn no_name_breaks_a_row_or_shifts_the_others() {
    let names = [
        "日本語の名前",
        "e\u{301}",
        "👩\u{200d}💻",
        "👍🏽",
        "لا",
        "❤\u{fe0f}",
        "\u{1b}[2J\u{202e}",
        "a\nb\tc",
        &"x".repeat(300),
    ];
    for (columns, unicode) in [20, 40, 80, 200].into_iter().flat_map(|columns| [(columns, true), (columns, false)]) {
        let style = Style { unicode, ..STYLE };
        let lines = shown(&mut picture(style), &asleep(names, SECOND), columns, 23);
        let starts = |line: &String| line.find(style.glyphs().waiting).map(|start| width(&line[..start]));
        let lanes: Vec<_> = lines[2..2 + names.len()].iter().map(starts).collect();
        assert!(lanes[0].is_some() && lanes.iter().all(|start| *start == lanes[0]), "{lines:?}");
        assert!(lines.iter().all(|line| width(line) <= columns && !line.contains(char::is_control)), "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().all(|c| c.width() != Some(0))), "{lines:?}");
        assert!(unicode || lines.iter().all(|line| line.is_ascii()), "{lines:?}");
    }
}

#[test]
fn colour_carries_nothing_alone() {
    let snapshot = asleep(["A", "B"], SECOND);
    let coloured = shown(&mut picture(Style { color: true, ..STYLE }), &snapshot, 80, 23).join("\n");
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, shown(&mut picture(STYLE), &snapshot, 80, 23).join("\n"));
}

/// Generates the polls of one task as `(pause, length, woken)`, in nanoseconds, and whether the task has ended. `woken`
/// says whether there is a wake in the pause before the poll.
fn task() -> impl Strategy<Value = (Vec<(u64, u64, bool)>, bool)> {
    (prop::collection::vec((0..400u64, 0..400u64, any::<bool>()), 1..12), any::<bool>())
}

/// Returns a scene of one task twice: as the live picture gets it at `now`, and as the trace of a scene that ends then.
fn scene(polls: &[(u64, u64, bool)], done: bool) -> (Snapshot, crate::trace::SceneTrace) {
    let (mut builder, mut at) = (Builder::new(), Nanos::ZERO);
    apply(&mut builder, thread(THREAD, "main"));
    apply(&mut builder, created(TASK, Nanos::ZERO, None, TaskKind::Future, "A"));
    for (pause, length, is_woken) in polls {
        let (pause, length) = (Nanos(*pause), Nanos(*length));
        if *is_woken {
            apply(&mut builder, woken(TASK, at + pause / 2));
        }
        apply(&mut builder, polled(TASK, THREAD, at + pause, at + pause + length));
        at += pause + length;
    }
    if done {
        apply(&mut builder, ended(TASK, at, Outcome::Done));
    }
    let now = at + Nanos(300);
    (Snapshot::at(builder.trace(FOREVER, &[]), now), builder.trace(now, &[]))
}

fn cells(trace: &crate::trace::SceneTrace, axis: Axis) -> Vec<Cell> {
    match chart::rows(trace, axis, &chart::Shown::FOLDED.at_most(1)).pop() {
        Some(Row::Lane(lane)) => lane.cells,
        other => panic!("one task makes one lane, not {other:?}"),
    }
}

proptest! {
    #[test]
    fn where_the_axis_doubles_two_cells_that_agree_stay_what_they_are((polls, done) in task(), cells_of in 1..40usize) {
        let (_, trace) = scene(&polls, done);
        let axis = Axis::new(trace.wall, 2 * cells_of);
        let (old, new) = (cells(&trace, axis), cells(&trace, Axis::new(2 * axis.extent, axis.cells)));
        for (pair, new) in old.chunks(2).zip(&new) {
            prop_assert!(pair[0] != pair[1] || *new == pair[0], "{pair:?} became {new:?}");
        }
        prop_assert!(new[cells_of..].iter().all(|cell| *cell == Cell::Empty));
    }

    #[test]
    fn at_every_moment_of_a_replay_what_is_over_snapshots_as_it_did((polls, done) in task(), now in 0..9_000u64) {
        let (_, trace) = scene(&polls, done);
        let (axis, now) = (Axis::new(trace.wall, 50), Nanos(now).min(trace.wall));
        let seen = trace.until(now, FOREVER);
        prop_assert_eq!(seen.tasks.len(), 1);
        let over = axis.cell_at(now);
        prop_assert_eq!(&cells(&seen, axis)[..over], &cells(&trace, axis)[..over]);
        let later = seen.polls(&seen.tasks[0]).iter().filter(|poll| poll.start > now).count();
        prop_assert_eq!(later, 0);
        let open = trace.tasks[0].ended.is_none_or(|ended| ended > now);
        prop_assert_eq!(open, seen.tasks[0].outcome == Outcome::Interrupted && seen.tasks[0].ended.is_none());
    }

    #[test]
    fn what_is_over_snapshots_as_it_will_in_the_end((polls, done) in task(), extent in 500..9_000u64) {
        let (snapshot, trace) = scene(&polls, done);
        let axis = Axis::new(Nanos(extent), 50);
        let over = axis.cell_at(snapshot.now);
        prop_assert_eq!(&cells(&snapshot.trace, axis)[..over], &cells(&trace, axis)[..over]);
    }
}

/// Applies an event that contradicts nothing.
#[track_caller]
fn apply(builder: &mut Builder, event: Event) {
    builder.apply(event).expect("it contradicts nothing");
}

/// The next thread.
fn thread(thread: ThreadId, name: &str) -> Event {
    Event::Thread { thread, name: name.to_owned(), process: None }
}

/// The creation of a task.
fn created(task: TaskId, at: Nanos, parent: Option<TaskId>, kind: TaskKind, name: &str) -> Event {
    Event::Created { task, at, parent, kind, name: name.into(), site: None, code: None }
}

/// A poll.
fn polled(task: TaskId, thread: ThreadId, start: Nanos, end: Nanos) -> Event {
    Event::Poll { task, thread, start, end }
}

/// A wake.
fn woken(task: TaskId, at: Nanos) -> Event {
    Event::Wake { task, at, by: None }
}

/// The end of a task.
fn ended(task: TaskId, at: Nanos, outcome: Outcome) -> Event {
    Event::End { task, at, outcome, site: None }
}
