//! Lanes in stretches of time: exact where they can be seen, and never more than the axis has cells.

use asyncguide::chart::{Axis, SpanRow, span_rows};
use asyncguide::trace::{Builder, Nanos, Outcome, SceneTrace, Span, State, TaskKind};
use proptest::prelude::*;

use crate::support::{apply, created, ended, lane, polled, single, spawned, thread, woken};

/// A task that is polled once and then, again and again, waits, is ready, and runs for as long as each of `rounds` says.
fn one_task(rounds: &[(u64, u64, u64)]) -> SceneTrace {
    let mut builder = Builder::new();
    apply(&mut builder, thread(0, "main"));
    apply(&mut builder, created(0, 0, None, TaskKind::Future, "A"));
    apply(&mut builder, spawned(0));
    apply(&mut builder, polled(0, 0, 0, 1));
    let mut now = 1;
    for (waits, ready, runs) in rounds {
        apply(&mut builder, woken(0, now + waits));
        apply(&mut builder, polled(0, 0, now + waits + ready, now + waits + ready + runs));
        now += waits + ready + runs;
    }
    apply(&mut builder, ended(0, now, Outcome::Done));
    builder.trace(Nanos(now), &[])
}

fn stretches(scene: &SceneTrace, axis: Axis) -> Vec<Span> {
    match span_rows(scene, axis, &single(1)).remove(0) {
        SpanRow::Lane(_, spans) => spans,
        SpanRow::Folded(_) => panic!("one lane is not folded"),
    }
}

proptest! {
    #[test]
    fn what_can_be_seen_is_exact_and_the_rest_is_taken_together(
        rounds in prop::collection::vec((0..9u64, 0..9u64, 0..9u64), 0..60),
        cells in 1..200usize,
    ) {
        let scene = one_task(&rounds);
        let axis = Axis::new(scene.wall, cells);
        let shown = stretches(&scene, axis);
        let (first, last) = (shown[0], shown[shown.len() - 1]);
        prop_assert_eq!((first.start, last.end), (Nanos::ZERO, scene.wall));
        prop_assert!(shown.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].state != pair[1].state));
        let least = (axis.extent / cells as u64).max(Nanos(1));
        // So there are no more of them than cells.
        prop_assert!(shown.len() == 1 || shown.iter().all(|span| span.end - span.start >= least), "{:?}", shown);
        for seen in scene.states(lane(&scene, "A")).filter(|span| span.end - span.start >= least) {
            let holds = |shown: &&Span| shown.start <= seen.start && seen.end <= shown.end;
            prop_assert_eq!(shown.iter().find(holds).map(|shown| shown.state), Some(seen.state));
        }
    }
}

#[test]
fn short_stretches_show_what_most_of_them_was() {
    let scene = one_task(&[(900, 0, 0), (1, 6, 2), (1, 6, 2), (1, 6, 2), (900, 0, 0)]);
    let states: Vec<State> = stretches(&scene, Axis::new(scene.wall, 100)).iter().map(|span| span.state).collect();
    assert_eq!(states, [State::Waiting, State::Ready, State::Waiting]);
    // With cells as short as a nanosecond, each is a stretch of its own.
    assert_eq!(stretches(&scene, Axis::new(scene.wall, 1827)).len(), 1 + 2 + 3 * 3 - 1);
}

#[test]
fn what_was_there_for_no_time_is_there_once() {
    let mut builder = Builder::new();
    apply(&mut builder, thread(0, "main"));
    apply(&mut builder, created(0, 5, None, TaskKind::Future, "A"));
    apply(&mut builder, polled(0, 0, 5, 5));
    apply(&mut builder, ended(0, 5, Outcome::Done));
    let scene = builder.trace(Nanos(10), &[]);
    assert_eq!(
        stretches(&scene, Axis::new(Nanos(10), 10)),
        [Span { state: State::Running, start: Nanos(5), end: Nanos(5) }]
    );
}
