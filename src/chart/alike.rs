//! Lanes that follow each other and look the same, drawn as one row with a count.

use super::{Axis, Cell, Lane, Row};
use crate::trace::{Nanos, Outcome, SceneTrace, Task};

/// Fewest lanes that are drawn as one row. A few lanes are seen at a glance, and show better how they overlap.
const FEWEST: usize = 5;
/// One cell in `TOLERANCE` may differ between lanes that look the same, and one cell in any case: a state that changes in
/// the middle of a cell may fall on either side.
const TOLERANCE: usize = 25;

/// Lanes that follow each other and look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The first lane and the last, as in `ticker 1–20`.
    pub name: String,
    /// How many lanes there are.
    pub count: usize,
    /// The first of the lanes, which stands for all of them.
    pub lane: Lane,
    /// The shortest lifetime of them.
    pub shortest: Nanos,
    /// The longest lifetime of them.
    pub longest: Nanos,
    /// The longest time for which any of them could have run but did not.
    pub stall: Nanos,
}

/// Returns the rows of `tasks`, with each run of lanes that look the same in one row.
pub(super) fn rows(scene: &SceneTrace, tasks: &[&Task], axis: Axis) -> Vec<Row> {
    let lanes: Vec<Lane> = tasks.iter().map(|task| super::lane(scene, task, axis)).collect();
    let mut rows = Vec::new();
    let mut start = 0;
    while start < lanes.len() {
        let first = &lanes[start];
        let after = lanes[start + 1..].iter();
        let same = 1 + after.take_while(|lane| look_the_same(first, lane)).count();
        let end = start + same;
        if same >= FEWEST {
            rows.push(Row::Alike(alike(scene, &tasks[start..end], &lanes[start..end])));
        } else {
            rows.extend(lanes[start..end].iter().cloned().map(Row::Lane));
        }
        start = end;
    }
    rows
}

fn look_the_same(a: &Lane, b: &Lane) -> bool {
    let differing = a.cells.iter().zip(&b.cells).filter(|(a, b)| a != b).count();
    let empty = |lane: &Lane| lane.cells.iter().all(|cell| *cell == Cell::Empty);
    let panicked = |lane: &Lane| matches!(lane.outcome, Outcome::Panicked { .. });
    a.outcome == b.outcome
        && !panicked(a)
        && empty(a) == empty(b)
        && a.helper == b.helper
        && stem(&a.name) == stem(&b.name)
        && differing <= (a.cells.len() / TOLERANCE).max(1)
}

fn alike(scene: &SceneTrace, tasks: &[&Task], lanes: &[Lane]) -> Alike {
    let lifetimes = || lanes.iter().filter_map(|lane| lane.lifetime);
    Alike {
        name: name(&lanes[0].name, &lanes[lanes.len() - 1].name),
        count: lanes.len(),
        lane: lanes[0].clone(),
        shortest: lifetimes().min().unwrap_or_default(),
        longest: lifetimes().max().unwrap_or_default(),
        stall: tasks.iter().map(|task| scene.stall_of(task)).max().unwrap_or_default(),
    }
}

/// Returns what names of one kind have in common: the name without the number at its end. Names that are a few capital
/// letters, as those of tasks that are only counted, are all of one kind.
fn stem(name: &str) -> &str {
    match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        letters if letters.len() == name.len() && letters.bytes().all(|c| c.is_ascii_uppercase()) => "",
        stem => stem,
    }
}

/// Returns the names from `first` to `last` as one: `ticker 1–20`, `A–J`; a name that all of them have, as it is.
fn name(first: &str, last: &str) -> String {
    match last.strip_prefix(stem(last)) {
        Some(number) if !number.is_empty() => format!("{first}–{number}"),
        _ if first == last => first.to_owned(),
        _ => format!("{first}–{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_kind_are_shortened() {
        assert_eq!(name("ticker 1", "ticker 20"), "ticker 1–20");
        assert_eq!(name("A", "J"), "A–J");
        assert_eq!(name("nap", "nap"), "nap");
        assert_eq!((stem("ticker 12"), stem("A"), stem("AB"), stem("work")), ("ticker ", "", "", "work"));
    }
}
