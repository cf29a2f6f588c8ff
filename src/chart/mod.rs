//! A trace as lanes and cells on one axis: what every picture has in common.
//!
//! A chart has no colours and no sizes: a cell is a slice of time, and the renderer decides how large it is drawn. All
//! scenes of a lesson share one [`Axis`]. A cell shows what the lane did for most of its time, so that a poll of some
//! microseconds does not turn a second of waiting into a busy one. Depends on the trace alone. Read [`threads`] for the
//! view by thread, [`spans`] for pictures without cells, and `render/text/lanes.rs` for how a chart is drawn as text.

mod alike;
mod arrangement;
pub mod axis;
mod choice;
mod entry;
#[cfg(feature = "program")]
mod pattern;
pub mod spans;
pub mod threads;
mod view;

pub use self::alike::Alike;
pub use self::axis::{Axis, Tick};
#[cfg(feature = "program")]
pub use self::pattern::NamePattern;
pub use self::spans::{SpanRow, joined_spans, lanes_with_rows, span_rows};
pub use self::threads::{Holding, Share, ThreadLane};
pub use self::view::{Lanes, Shown, SpokenOf, View, Window};

use self::arrangement::in_order;
#[cfg(feature = "program")]
pub(crate) use self::arrangement::lanes_of;
pub(crate) use self::arrangement::{Label, RowPlan, arrange};
pub(crate) use self::choice::fold;
use self::choice::{Stretch, choose};
use self::entry::Entry;
use crate::trace::{Nanos, Outcome, SceneTrace, State, Task, TaskId};

/// What one cell of a lane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// The task did not exist, or the thread was free.
    #[default]
    Empty,
    /// The task was in this state for most of the cell.
    In(State),
    /// The thread was held, but for less than half of the cell. In a task's lane: by the task, which waited for longer.
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

/// The lane of one task, or of several that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The task's name, as the scene gave it; what the names of several have in common.
    pub name: String,
    /// In how many lanes it is drawn: 0 for a task, 1 for a future that the task awaits, and so on.
    pub depth: usize,
    /// How many tasks there are.
    pub count: usize,
    /// One for each cell of the axis.
    pub cells: Vec<Cell>,
    /// Time from the task's beginning to its end; the sum for several; `None` if none of them ever began.
    pub lifetime: Option<Nanos>,
    /// How the task ended; of several, the worst.
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

/// Returns the rows of `scene`: a lane for each task, or one for several that look the same. If that makes too many rows,
/// one stands for all tasks of a function, or for those that follow each other. Helpers come last.
pub fn rows(scene: &SceneTrace, axis: Axis, shown: &Shown) -> Vec<Row> {
    arrange(scene, axis, shown).iter().map(|plan| plan.draw(scene, axis)).collect()
}

/// Draws the tasks of `entry` as one lane.
fn lane(scene: &SceneTrace, entry: &Entry, axis: Axis) -> Lane {
    let tasks: Vec<&Task> = entry.tasks.iter().map(|id| &scene.tasks[id.index()]).collect();
    let began = tasks.iter().filter_map(|task| scene.began(task)).min();
    let worst = tasks.iter().map(|task| &task.outcome).max_by_key(|outcome| severity(outcome));
    Lane {
        name: entry.name(scene),
        depth: entry.depth,
        count: tasks.len(),
        cells: cells(scene, &tasks, began, axis),
        lifetime: entry.lifetime(scene),
        outcome: worst.cloned().unwrap_or(Outcome::Done),
        helper: entry.is_helper(scene),
    }
}

/// Returns how bad an outcome is, from 0.
fn severity(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Done => 0,
        Outcome::Interrupted => 1,
        Outcome::Cancelled => 2,
        Outcome::Panicked { .. } => 3,
    }
}

/// Returns for each cell the state in which most of it was spent, or most of it by most of the tasks. A lane that fills not
/// even half of any cell is shown in one cell all the same.
fn cells(scene: &SceneTrace, tasks: &[&Task], began: Option<Nanos>, axis: Axis) -> Vec<Cell> {
    let mut times = vec![StateTimes::default(); axis.cells];
    for span in tasks.iter().flat_map(|task| scene.states(task)) {
        for (cell, time) in axis.split(span.start, span.end) {
            times[cell][span.state as usize] += time;
        }
    }
    let mut cells: Vec<Cell> = (0..axis.cells).map(|cell| cell_of(&times[cell], axis.width(cell))).collect();
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

/// Returns what a cell of this width shows. One in which tasks held a thread for a good part, but waited for longer, is told
/// from one in which they only waited.
fn cell_of(times: &StateTimes, width: Nanos) -> Cell {
    if !fill_half(times, width) {
        return Cell::Empty;
    }
    let held = times[State::Running as usize] + times[State::Blocked as usize];
    match longest_state(times) {
        _ if held >= width - held && times[State::Running as usize] >= times[State::Blocked as usize] => {
            Cell::In(State::Running)
        }
        _ if held >= width - held => Cell::In(State::Blocked),
        State::Waiting | State::Held if held * PART >= width => Cell::Moment,
        state => Cell::In(state),
    }
}

/// A cell is told from one that only waits if a thread was held for one part in so many of it.
const PART: u64 = 5;

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

/// Draws `tasks` as one row.
fn folded(scene: &SceneTrace, tasks: &[TaskId], axis: Axis) -> Folded {
    Folded { count: tasks.len(), in_flight: in_flight(scene, tasks, axis) }
}

/// Returns for each cell how many of `tasks` were in flight in its middle.
fn in_flight(scene: &SceneTrace, tasks: &[TaskId], axis: Axis) -> Vec<usize> {
    // Looked up rather than computed: a million tasks make two million divisions several times over.
    let middles = axis.middles();
    let first_middle_from = |at: Nanos| middles.partition_point(|middle| *middle < at);
    // One up at the cell where a task begins and one down where it ends; the counts are the running sum.
    let mut changes = vec![0isize; axis.cells + 1];
    for task in tasks.iter().map(|id| &scene.tasks[id.index()]) {
        if let Some(began) = scene.began(task) {
            changes[first_middle_from(began)] += 1;
            changes[first_middle_from(scene.ended(task))] -= 1;
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
