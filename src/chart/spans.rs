//! The same rows for pictures that can be enlarged: stretches of time rather than cells.
//!
//! Their times are exact, but for what is too short to be seen: such stretches are taken together until they can be
//! seen, so that a lane never has more of them than the axis has cells, however often its task was polled.

use super::{Axis, Folded, fold_rows};
use crate::trace::{SceneTrace, Span, State, Task};

/// A row of a scene's chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanRow<'a> {
    /// One task, and its states from its beginning to its end; none if it never began.
    Lane(&'a Task, Vec<Span>),
    /// Tasks folded into one row.
    Folded(Folded),
}

/// The rows of `scene`, one for each task, folded where they are more than `most`. What is shorter than a cell of the
/// axis shows the state that most of it was spent in.
pub fn span_rows(scene: &SceneTrace, axis: Axis, most: usize) -> Vec<SpanRow<'_>> {
    fold_rows(scene, axis, most, |task| SpanRow::Lane(task, spans(scene, task, axis)), SpanRow::Folded)
}

fn spans(scene: &SceneTrace, task: &Task, axis: Axis) -> Vec<Span> {
    let least = (axis.extent / axis.cells as u64).max(1);
    let (mut shown, mut short) = (Vec::new(), Vec::new());
    for span in scene.states(task) {
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
    match scene.began(task) {
        // It was there all the same, for no time at all.
        Some(began) if shown.is_empty() => vec![Span { state: State::Running, start: began, end: began }],
        _ => shown,
    }
}

/// How long stretches are that follow each other without a gap.
fn length(spans: &[Span]) -> u64 {
    spans.first().zip(spans.last()).map_or(0, |(first, last)| last.end.saturating_sub(first.start))
}

/// Makes one stretch of all `short` ones: one of its own if it can be seen or is the first, otherwise the end of the one
/// before it.
fn coalesce(short: &mut Vec<Span>, shown: &mut Vec<Span>, least: u64) {
    let spent = |state: State| -> u64 {
        short.iter().filter(|span| span.state == state).map(|span| span.end - span.start).sum()
    };
    // Of equals the later one, as in a cell.
    let states = [State::Waiting, State::Ready, State::Running];
    let mostly = states.into_iter().max_by_key(|state| spent(*state));
    let whole = short.first().zip(short.last()).map(|(first, last)| (first.start, last.end));
    if let (Some(state), Some((start, end))) = (mostly, whole) {
        let before = shown.last().map(|before| before.state).filter(|_| end.saturating_sub(start) < least);
        extend(shown, Span { state: before.unwrap_or(state), start, end });
    }
    short.clear();
}

/// Adds `span`, which begins where the last one ends, to that one if it has the same state.
fn extend(shown: &mut Vec<Span>, span: Span) {
    match shown.last_mut() {
        Some(last) if last.state == span.state => last.end = span.end,
        _ => shown.push(span),
    }
}
