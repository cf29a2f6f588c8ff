//! A trace as lanes and cells on one axis: what every picture has in common.
//!
//! A chart has no colours and no sizes: a cell is a slice of time, and the renderer decides how large it is drawn. All
//! scenes of a lesson share one [`Axis`]. A cell shows what the lane did for most of its time, so that a poll of some
//! microseconds does not turn a second of waiting into a busy one. Depends on the trace alone. Read [`threads`] for the
//! view by thread, [`spans`] for pictures without cells, and `render/text/lanes.rs` for how a chart is drawn as text.

mod alike;
pub mod axis;
pub mod spans;
pub mod threads;
mod view;

pub use self::alike::Alike;
pub use self::axis::{Axis, Tick};
pub use self::spans::{SpanRow, span_rows};
pub use self::threads::{Holding, Share, ThreadLane};
pub use self::view::{Lanes, View};

use crate::trace::{Nanos, Outcome, SceneTrace, Span, State, Task};

/// Most lanes that a picture shows one by one. If there are more, those in the middle are folded into one row.
pub const MOST_LANES: usize = 24;
/// Most lanes that are compared with each other to draw those that look the same as one. A live picture compares them in
/// each frame.
const MOST_COMPARED: usize = 1_000;
/// Lanes above the folded ones.
const FIRST: usize = 8;
/// Lanes below the folded ones.
const LAST: usize = 4;

/// What one cell of a lane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// The task did not exist, or the thread was free.
    #[default]
    Empty,
    /// The task was in this state for most of the cell.
    In(State),
    /// The thread was held, but for less than half of the cell.
    Moment,
}

/// A row of a scene's chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// One task.
    Lane(Lane),
    /// Several tasks that look the same.
    Alike(Alike),
    /// Several tasks in one row.
    Folded(Folded),
}

/// The lane of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The task's name, as the scene gave it.
    pub name: String,
    /// One for each cell of the axis.
    pub cells: Vec<Cell>,
    /// Time from the task's beginning to its end; `None` if it never began.
    pub lifetime: Option<Nanos>,
    /// How the task ended.
    pub outcome: Outcome,
    /// Whether the lane only helps to show the others: see [`SceneTrace::helpers`].
    pub helper: bool,
}

/// Tasks that share one row because there is no room for a lane each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The number of tasks.
    pub count: usize,
    /// For each cell of the axis, how many of the tasks were in flight in the middle of the cell.
    pub in_flight: Vec<usize>,
}

/// Returns the rows of `scene`, at most `most`: a lane for each task, or one for several that look the same. If that makes
/// more rows, one stands for all tasks in the middle. Helpers come last.
pub fn rows(scene: &SceneTrace, axis: Axis, most: usize, lanes: Lanes) -> Vec<Row> {
    let tasks = in_order(scene);
    if lanes == Lanes::Folded && tasks.len() <= MOST_COMPARED {
        let rows = alike::rows(scene, &tasks, axis);
        if rows.len() <= most {
            return rows;
        }
    }
    fold_rows(scene, axis, most, |task| Row::Lane(lane(scene, task, axis)), Row::Folded)
}

/// Returns the tasks with a lane in the order in which they are drawn: helpers come last.
fn in_order(scene: &SceneTrace) -> Vec<&Task> {
    let helpers = scene.lanes().filter(|task| scene.is_helper(task));
    scene.work().chain(helpers).collect()
}

/// Makes a row with `lane` for each task of `scene`. If there are more than `most` tasks, those in the middle get a single
/// row, made with `folded`.
fn fold_rows<'a, R>(
    scene: &'a SceneTrace,
    axis: Axis,
    most: usize,
    lane: impl Fn(&'a Task) -> R,
    folded: impl Fn(Folded) -> R,
) -> Vec<R> {
    let tasks = in_order(scene);
    let Some((first, middle, last)) = fold(&tasks, most) else {
        return tasks.into_iter().map(lane).collect();
    };
    let middle = folded(Folded { count: middle.len(), in_flight: in_flight(scene, middle, axis) });
    first.iter().copied().map(&lane).chain([middle]).chain(last.iter().copied().map(&lane)).collect()
}

/// Splits `items` into those shown first, those folded, and those shown last, so that they take `most` rows with one row
/// for all folded ones. Returns `None` if all items fit without folding.
pub(crate) fn fold<T>(items: &[T], most: usize) -> Option<(&[T], &[T], &[T])> {
    if items.len() <= most {
        return None;
    }
    let last = LAST.min(most.saturating_sub(1) / 2);
    let first = FIRST.min(most.saturating_sub(1 + last));
    let (shown, last) = items.split_at(items.len() - last);
    let (first, folded) = shown.split_at(first);
    Some((first, folded, last))
}

fn lane(scene: &SceneTrace, task: &Task, axis: Axis) -> Lane {
    let began = scene.began(task);
    let cells = cells(scene.states(task), began, axis);
    let lifetime = began.map(|_| scene.lifetime(task));
    Lane { name: task.name.to_string(), cells, lifetime, outcome: task.outcome.clone(), helper: scene.is_helper(task) }
}

/// Returns for each cell the state in which most of it was spent. A lane that fills not even half of any cell is shown in
/// one cell all the same.
fn cells(spans: impl Iterator<Item = Span>, began: Option<Nanos>, axis: Axis) -> Vec<Cell> {
    let mut times = vec![StateTimes::default(); axis.cells];
    for span in spans {
        for (cell, time) in axis.split(span.start, span.end) {
            times[cell][span.state as usize] += time;
        }
    }
    let mut cells = Vec::with_capacity(axis.cells);
    for (cell, times) in times.iter().enumerate() {
        let filled = fill_half(times, axis.width(cell));
        cells.push(if filled { Cell::In(longest_state(times)) } else { Cell::Empty });
    }
    if let Some(began) = began
        && cells.iter().all(|cell| *cell == Cell::Empty)
    {
        // Of cells that are filled equally, the first is taken.
        let fullest = (0..axis.cells).rev().max_by_key(|cell| times[*cell].iter().copied().sum::<Nanos>());
        let cell = match fullest {
            Some(cell) if times[cell] != StateTimes::default() => cell,
            _ => axis.cell_at(began),
        };
        cells[cell] = Cell::In(longest_state(&times[cell]));
    }
    cells
}

/// The time in each state, in the order of [`State`].
type StateTimes = [Nanos; 5];

/// Returns whether `times` fill at least half of a cell of this width.
fn fill_half(times: &StateTimes, width: Nanos) -> bool {
    let total: Nanos = times.iter().copied().sum();
    total > Nanos::ZERO && total >= width - total
}

/// Returns the state with the longest time. Of equals it is the later one, since holding the thread matters most.
fn longest_state(times: &StateTimes) -> State {
    let states = [State::Waiting, State::Held, State::Ready, State::Blocked, State::Running];
    states.into_iter().max_by_key(|state| times[*state as usize]).unwrap_or(State::Running)
}

fn in_flight(scene: &SceneTrace, tasks: &[&Task], axis: Axis) -> Vec<usize> {
    // One up at the cell where a task begins and one down where it ends; the counts are the running sum.
    let mut changes = vec![0isize; axis.cells + 1];
    for task in tasks {
        if let Some(began) = scene.began(task) {
            changes[axis.first_middle_from(began)] += 1;
            changes[axis.first_middle_from(scene.ended(task))] -= 1;
        }
    }
    let mut count = 0isize;
    let mut counts = Vec::with_capacity(axis.cells);
    for change in &changes[..axis.cells] {
        count += change;
        counts.push(count.unsigned_abs());
    }
    counts
}
