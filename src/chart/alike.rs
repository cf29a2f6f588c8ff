//! Lanes that follow each other and look the same, drawn as one row with a count.

use super::{Axis, Cell, Entry, Lane, RowPlan};
use crate::trace::{Nanos, Outcome, SceneTrace};

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

/// Returns the rows of `entries`. Where tasks that follow each other look the same on `axis`, with what stands below them, the
/// first stands for all.
pub(super) fn rows(scene: &SceneTrace, entries: &[Entry], axis: Axis) -> Vec<RowPlan> {
    let mut blocks: Vec<Vec<(&Entry, Lane)>> = Vec::new();
    for entry in entries {
        let row = (entry, super::lane(scene, entry, axis));
        match blocks.last_mut().filter(|_| entry.depth > 0) {
            Some(block) => block.push(row),
            None => blocks.push(vec![row]),
        }
    }
    let mut rows = Vec::new();
    let mut start = 0;
    while start < blocks.len() {
        let first = &blocks[start];
        let same = 1 + blocks[start + 1..].iter().take_while(|block| blocks_look_the_same(first, block)).count();
        let run = &blocks[start..start + same];
        if same >= FEWEST {
            let of_row = |row: usize| run.iter().map(|block| block[row].0.clone()).collect();
            rows.extend((0..first.len()).map(|row| RowPlan::Alike(of_row(row))));
        } else {
            rows.extend(run.iter().flatten().map(|(entry, _)| RowPlan::Lane((*entry).clone())));
        }
        start += same;
    }
    rows
}

fn blocks_look_the_same(a: &[(&Entry, Lane)], b: &[(&Entry, Lane)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| look_the_same(a, b))
}

fn look_the_same(a: &Lane, b: &Lane) -> bool {
    let differing = a.cells.iter().zip(&b.cells).filter(|(a, b)| a != b).count();
    let empty = |lane: &Lane| lane.cells.iter().all(|cell| *cell == Cell::Empty);
    let panicked = |lane: &Lane| matches!(lane.outcome, Outcome::Panicked { .. });
    a.outcome == b.outcome
        && !panicked(a)
        && empty(a) == empty(b)
        && a.helper == b.helper
        && (a.depth, a.count) == (b.depth, b.count)
        && stem(&a.name) == stem(&b.name)
        && differing <= (a.cells.len() / TOLERANCE).max(1)
}

/// Draws lanes that look the same as one row. There must be at least one.
pub(super) fn draw(scene: &SceneTrace, entries: &[Entry], axis: Axis) -> Alike {
    let tasks = || entries.iter().flat_map(|entry| &entry.tasks).map(|id| &scene.tasks[id.index()]);
    let lifetimes = || entries.iter().filter_map(|entry| entry.lifetime(scene));
    Alike {
        name: name_of(scene, entries),
        count: entries.len(),
        lane: super::lane(scene, &entries[0], axis),
        shortest: lifetimes().min().unwrap_or_default(),
        longest: lifetimes().max().unwrap_or_default(),
        stall: tasks().map(|task| scene.stall_of(task)).max().unwrap_or_default(),
    }
}

/// Returns the names of lanes that look the same as one. There must be at least one.
pub(super) fn name_of(scene: &SceneTrace, entries: &[Entry]) -> String {
    name(&entries[0].name(scene), &entries[entries.len() - 1].name(scene))
}

/// Returns what names of one kind have in common: the name without arguments or a number at its end. Names that are a few capital
/// letters, as those of tasks that are only counted, are all of one kind.
fn stem(name: &str) -> &str {
    if let Some((function, _)) = name.split_once('(').filter(|(function, _)| !function.is_empty()) {
        return function;
    }
    match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        letters if letters.len() == name.len() && letters.bytes().all(|c| c.is_ascii_uppercase()) => "",
        stem => stem,
    }
}

/// Returns the names from `first` to `last` as one: `ticker 1–20`, `A–J`; a name that all of them have, as it is.
fn name(first: &str, last: &str) -> String {
    match last.strip_prefix(stem(last)) {
        Some(number) if number.bytes().all(|c| c.is_ascii_digit()) && !number.is_empty() => format!("{first}–{number}"),
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
        assert_eq!(name("nap(1)", "nap(9)"), "nap(1)–nap(9)");
        assert_eq!((stem("ticker 12"), stem("A"), stem("AB"), stem("work")), ("ticker ", "", "", "work"));
    }
}
