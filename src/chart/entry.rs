//! The order of lanes: below each task stands what it awaited, and calls of one function share a row.

use std::collections::HashMap;

use crate::trace::{Nanos, SceneTrace, Task, TaskId};

/// The tasks of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// At least one, in the order of their creation.
    pub(super) tasks: Vec<TaskId>,
    /// In how many other rows' tasks these are polled.
    pub(super) depth: usize,
}

impl Entry {
    /// Returns the row of one task alone.
    pub(super) fn of(task: TaskId) -> Self {
        Entry { tasks: vec![task], depth: 0 }
    }

    /// Returns the name of its task, or what the names of several have in common.
    pub(super) fn name(&self, scene: &SceneTrace) -> String {
        let tasks = || self.tasks.iter().map(|id| &scene.tasks[id.index()]);
        let Some(first) = tasks().next() else { return String::new() };
        if tasks().all(|task| task.name == first.name) { first.name.to_string() } else { first.kind_name() }
    }

    /// Returns the sum of its tasks' lifetimes; `None` if none of them ever began.
    pub(super) fn lifetime(&self, scene: &SceneTrace) -> Option<Nanos> {
        let tasks = || self.tasks.iter().map(|id| &scene.tasks[id.index()]);
        tasks().any(|task| scene.began(task).is_some()).then(|| tasks().map(|task| scene.lifetime(task)).sum())
    }

    /// Returns whether one of its tasks only helps to show the others.
    pub(super) fn is_helper(&self, scene: &SceneTrace) -> bool {
        self.tasks.iter().any(|id| scene.is_helper(&scene.tasks[id.index()]))
    }
}

/// Which tasks of one function share a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// None of them.
    None,
    /// Those that one task awaits, one after the other.
    Calls,
    /// All that stand below the same row, or below none.
    All,
}

/// Arranges `tasks`, which are in the order of creation, in rows. A future that a task awaits stands below that task.
pub(super) fn entries(scene: &SceneTrace, tasks: &[TaskId], sharing: Sharing) -> Vec<Entry> {
    let mut rows = Rows::default();
    let mut row_of: HashMap<TaskId, usize> = HashMap::new();
    // The last row of each function in each place.
    let mut last_row: HashMap<(Option<usize>, String, bool), usize> = HashMap::new();
    for &id in tasks {
        let task = &scene.tasks[id.index()];
        let above = scene.outer(task).and_then(|outer| row_of.get(&outer).copied());
        let shares = |row: &usize| match sharing {
            Sharing::None => false,
            Sharing::Calls => above.is_some() && follows(scene, rows.last_task(*row), task),
            Sharing::All => true,
        };
        let place = (above, task.kind_name(), scene.is_helper(task));
        let row = match last_row.get(&place).copied().filter(shares) {
            Some(row) => row,
            None => rows.add(above),
        };
        last_row.insert(place, row);
        rows.entries[row].tasks.push(id);
        row_of.insert(id, row);
    }
    rows.in_order()
}

/// Rows, and which of them stand below which.
#[derive(Default)]
struct Rows {
    entries: Vec<Entry>,
    /// For each row, the rows right below it.
    below: Vec<Vec<usize>>,
    /// The rows that stand below no other.
    top: Vec<usize>,
}

impl Rows {
    /// Adds a row without tasks and returns its number.
    fn add(&mut self, above: Option<usize>) -> usize {
        let row = self.entries.len();
        let depth = above.map_or(0, |above| self.entries[above].depth + 1);
        self.entries.push(Entry { tasks: Vec::new(), depth });
        self.below.push(Vec::new());
        match above {
            Some(above) => self.below[above].push(row),
            None => self.top.push(row),
        }
        row
    }

    /// Returns the last task of a row.
    fn last_task(&self, row: usize) -> Option<TaskId> {
        self.entries[row].tasks.last().copied()
    }

    /// Returns the rows from top to bottom: each row with those below it.
    fn in_order(mut self) -> Vec<Entry> {
        let mut order = Vec::with_capacity(self.entries.len());
        let mut open: Vec<usize> = self.top.into_iter().rev().collect();
        while let Some(row) = open.pop() {
            order.push(Entry { tasks: std::mem::take(&mut self.entries[row].tasks), ..self.entries[row] });
            open.extend(self.below[row].iter().rev());
        }
        order
    }
}

/// Returns whether `task` began after the task `last` had ended.
fn follows(scene: &SceneTrace, last: Option<TaskId>, task: &Task) -> bool {
    let last = last.and_then(|last| scene.task(last)).filter(|last| last.ended.is_some());
    last.is_some_and(|last| scene.began(task).is_some_and(|began| scene.ended(last) <= began))
}
