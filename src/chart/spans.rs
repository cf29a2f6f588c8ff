//! Rows for pictures that can be enlarged: spans of time rather than cells.
//!
//! The times of spans are exact, except where a span is too short to be seen. Such spans are joined until they can be
//! seen, so that a lane never has more spans than the axis has cells, however often its task was polled.

use super::{Axis, Folded, Shown, StateTimes, Stretch, choose, folded, in_order, longest_state};
use crate::trace::{Nanos, SceneTrace, Span, State, Task, TaskId};

/// A row of a scene's chart, made of spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanRow {
    /// One task, and its states from its beginning to its end; no spans if it never began.
    Lane(TaskId, Vec<Span>),
    /// Several tasks in one row.
    Folded(Folded),
}

/// Returns the rows of `scene`, folded like those of [`rows`](super::rows). Spans shorter than a cell of the axis are
/// joined, and show the state in which most of their time was spent.
pub fn span_rows(scene: &SceneTrace, axis: Axis, shown: &Shown) -> Vec<SpanRow> {
    let row = |stretch: Stretch<'_>| match stretch {
        Stretch::Lane(id) => SpanRow::Lane(id, spans(scene, &scene.tasks[id.index()], axis)),
        Stretch::Folded(tasks) => SpanRow::Folded(folded(scene, tasks, axis)),
    };
    choose(scene, &in_order(scene, shown), shown).into_iter().map(row).collect()
}

/// Returns the lanes that have a row of their own among those of [`span_rows`], from top to bottom.
pub fn lanes_with_rows(scene: &SceneTrace, shown: &Shown) -> Vec<TaskId> {
    let single = |stretch| match stretch {
        Stretch::Lane(id) => Some(id),
        Stretch::Folded(_) => None,
    };
    choose(scene, &in_order(scene, shown), shown).into_iter().filter_map(single).collect()
}

fn spans(scene: &SceneTrace, task: &Task, axis: Axis) -> Vec<Span> {
    let shown = joined_spans(scene.states(task), axis.extent / axis.cells as u64);
    match scene.began(task) {
        // A task that lived for no time at all is shown, too.
        Some(began) if shown.is_empty() => vec![Span { state: State::Running, start: began, end: began }],
        _ => shown,
    }
}

/// Joins those of `spans`, which follow each other without a gap, that are shorter than `least`, until they are that long.
/// Joined ones have the state in which most of their time was spent.
pub fn joined_spans(spans: impl Iterator<Item = Span>, least: Nanos) -> Vec<Span> {
    let least = least.max(Nanos(1));
    let mut shown = Vec::new();
    let mut short = Vec::new();
    for span in spans {
        if span.end - span.start >= least {
            coalesce(&mut short, &mut shown, least);
            extend(&mut shown, span);
        } else {
            short.push(span);
            if length(&short) >= least {
                coalesce(&mut short, &mut shown, least);
            }
        }
    }
    coalesce(&mut short, &mut shown, least);
    if let [first, second, ..] = &mut shown[..]
        && length(&[*first]) < least
    {
        second.start = first.start;
        shown.remove(0);
    }
    shown
}

/// Returns the length of spans that follow each other without a gap.
fn length(spans: &[Span]) -> Nanos {
    match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => last.end - first.start,
        _ => Nanos::ZERO,
    }
}

/// Joins all `short` spans into one and adds it to `shown`. If the joined span is still shorter than `least`, it takes the
/// state of the span before it, if there is one, and so becomes part of that.
fn coalesce(short: &mut Vec<Span>, shown: &mut Vec<Span>, least: Nanos) {
    let (Some(first), Some(last)) = (short.first(), short.last()) else { return };
    let start = first.start;
    let end = last.end;
    let mut times = StateTimes::default();
    for span in &*short {
        times[span.state as usize] += span.end - span.start;
    }
    let state = match shown.last() {
        Some(before) if end - start < least => before.state,
        _ => longest_state(&times),
    };
    extend(shown, Span { state, start, end });
    short.clear();
}

/// Adds `span`, which begins where the last span of `shown` ends, and joins the two if they have the same state.
fn extend(shown: &mut Vec<Span>, span: Span) {
    match shown.last_mut() {
        Some(last) if last.state == span.state => last.end = span.end,
        _ => shown.push(span),
    }
}
