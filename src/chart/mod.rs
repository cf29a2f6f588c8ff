//! A trace as lanes and cells on one axis: what every picture has in common.
//!
//! No colour and no unit of any screen: a cell is a slice of time, and whoever draws decides how large it is. All
//! scenes of a lesson share one [`Axis`]. A cell shows what the lane did for most of it, so a poll of some
//! microseconds does not turn a second of waiting into a busy one. Read [`threads`] for the view by thread, [`spans`]
//! for pictures without cells, and `render/lanes.rs` for what becomes of a chart.

pub mod axis;
pub mod spans;
pub mod threads;
mod view;

pub use self::axis::{Axis, Tick};
pub use self::spans::{SpanRow, span_rows};
pub use self::threads::{Holding, Share, ThreadLane};
pub use self::view::View;

use crate::trace::{Outcome, SceneTrace, Span, State, Task};

/// Lanes of which a picture shows all; of more than this it folds some.
pub const MOST_LANES: usize = 24;
/// Of folded lanes, how many are shown at the top,
const FIRST: usize = 8;
/// and how many at the bottom.
const LAST: usize = 4;

/// What a slice of time shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing was there.
    #[default]
    Empty,
    /// A lane, mostly in this state.
    In(State),
    /// A thread that somebody held, but for less than half of the cell.
    Moment,
}

/// A row of a scene's chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// One task.
    Lane(Lane),
    /// Tasks folded into one row.
    Folded(Folded),
}

/// One task's lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The task's name, as the scene gave it.
    pub name: String,
    /// One for each cell of the axis.
    pub cells: Vec<Cell>,
    /// From its beginning to its end; none if it never began.
    pub lifetime: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Tasks that there was no room for, one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// How many.
    pub count: usize,
    /// How many of them were in flight in the middle of each cell.
    pub in_flight: Vec<usize>,
}

/// The rows of `scene`, one for each task, folded where they are more than `most`.
pub fn rows(scene: &SceneTrace, axis: Axis, most: usize) -> Vec<Row> {
    fold_rows(scene, axis, most, |task| Row::Lane(lane(scene, task, axis)), Row::Folded)
}

/// A row by `lane` for each task of `scene`; where they are more than `most`, one by `folded` for those in the middle.
fn fold_rows<'a, R>(
    scene: &'a SceneTrace,
    axis: Axis,
    most: usize,
    lane: impl Fn(&'a Task) -> R,
    folded: impl Fn(Folded) -> R,
) -> Vec<R> {
    let tasks: Vec<&Task> = scene.lanes().collect();
    let Some((first, middle, last)) = fold(&tasks, most) else {
        return tasks.into_iter().map(lane).collect();
    };
    let middle = folded(Folded { count: middle.len(), in_flight: in_flight(scene, middle, axis) });
    first.iter().copied().map(&lane).chain([middle]).chain(last.iter().copied().map(&lane)).collect()
}

/// The tasks of which [`rows`] makes a lane each.
pub(crate) fn shown(scene: &SceneTrace, most: usize) -> Vec<&Task> {
    let tasks: Vec<&Task> = scene.lanes().collect();
    match fold(&tasks, most) {
        Some((first, _, last)) => [first, last].concat(),
        None => tasks,
    }
}

/// First ones, folded ones, last ones; none if all fit. One row of `most` is the folded ones'.
pub(crate) fn fold<T>(items: &[T], most: usize) -> Option<(&[T], &[T], &[T])> {
    if items.len() <= most {
        return None;
    }
    let last = LAST.min(most.saturating_sub(1) / 3);
    let first = FIRST.min(most.saturating_sub(1 + last));
    let (shown, last) = items.split_at(items.len() - last);
    let (first, folded) = shown.split_at(first);
    Some((first, folded, last))
}

fn lane(scene: &SceneTrace, task: &Task, axis: Axis) -> Lane {
    let began = scene.began(task);
    let cells = cells(scene.states(task), began, axis);
    let lifetime = began.map(|_| scene.lifetime(task));
    Lane { name: task.name.to_string(), cells, lifetime, outcome: task.outcome.clone() }
}

/// What most of each cell was spent in. A lane that is shorter than half a cell is there all the same, once.
fn cells(spans: impl Iterator<Item = Span>, began: Option<u64>, axis: Axis) -> Vec<Cell> {
    let mut spent = vec![Spent::default(); axis.cells];
    for span in spans {
        for (cell, time) in axis.split(span.start, span.end) {
            spent[cell][span.state as usize] += time;
        }
    }
    let shown =
        |(cell, spent): (usize, &Spent)| if fills(spent, axis.width(cell)) { mostly(spent) } else { Cell::Empty };
    let mut cells: Vec<Cell> = spent.iter().enumerate().map(shown).collect();
    if let Some(began) = began
        && cells.iter().all(|cell| *cell == Cell::Empty)
    {
        let longest = (0..axis.cells).rev().max_by_key(|cell| spent[*cell].iter().sum::<u64>());
        let at = longest.filter(|cell| spent[*cell] != Spent::default()).unwrap_or_else(|| axis.cell_at(began));
        cells[at] = mostly(&spent[at]);
    }
    cells
}

/// Time in each state, by its number.
type Spent = [u64; 3];

fn fills(spent: &Spent, width: u64) -> bool {
    let total: u64 = spent.iter().sum();
    total > 0 && total >= width - total.min(width)
}

fn mostly(spent: &Spent) -> Cell {
    // Of equals the later one: holding the thread is the news.
    let states = [State::Waiting, State::Ready, State::Running];
    Cell::In(states.into_iter().max_by_key(|state| spent[*state as usize]).unwrap_or(State::Running))
}

fn in_flight(scene: &SceneTrace, tasks: &[&Task], axis: Axis) -> Vec<usize> {
    // One up where a life begins and one down where it ends, then the running sum.
    let mut steps = vec![0isize; axis.cells + 1];
    for task in tasks {
        if let Some(began) = scene.began(task) {
            let (from, to) = (axis.first_middle_from(began), axis.first_middle_from(scene.ended(task)));
            steps[from] += 1;
            steps[to] -= 1;
        }
    }
    let running_sum = steps[..axis.cells].iter().scan(0isize, |sum, step| {
        *sum += step;
        Some(sum.unsigned_abs())
    });
    running_sum.collect()
}
