//! Which rows a scene has, before any of them is drawn.
//!
//! Layouts need the names of all rows, and drawing needs the rows themselves. Choosing them among a million tasks takes as
//! long as drawing them, so it is done once.

use super::choice::{Stretch, choose};
use super::entry::{Entry, Sharing, entries};
use super::{Axis, Lanes, Row, Shown, Window, alike, folded, lane};
use crate::trace::{SceneTrace, Task, TaskId};

/// Most lanes that are compared with each other to draw those that look the same as one. A live picture compares them in
/// each frame.
const MOST_COMPARED: usize = 1_000;
/// Most lanes that are drawn below what called them, or by name. Looking for those takes memory and time.
const MOST_ARRANGED: usize = 20_000;

/// A row that is not drawn yet: the tasks that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowPlan {
    /// A task, or several that share a lane.
    Lane(Entry),
    /// Lanes that follow each other and look the same.
    Alike(Vec<Entry>),
    /// Tasks that share a row because there is no room for a lane each.
    Folded(Vec<TaskId>),
}

/// What stands beside a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: String,
    /// In how many lanes it is drawn: see [`Lane::depth`](super::Lane::depth).
    pub(crate) depth: usize,
    /// Whether the lane only helps to show the others.
    pub(crate) helper: bool,
}

impl RowPlan {
    /// Returns what stands beside the row; `None` if it is one of folded tasks, which have no name.
    pub(crate) fn label(&self, scene: &SceneTrace) -> Option<Label> {
        let (first, name) = match self {
            RowPlan::Lane(entry) => (entry, entry.name(scene)),
            RowPlan::Alike(entries) => (entries.first()?, alike::name_of(scene, entries)),
            RowPlan::Folded(_) => return None,
        };
        Some(Label { name, depth: first.depth, helper: first.is_helper(scene) })
    }

    /// Draws the row.
    pub(crate) fn draw(&self, scene: &SceneTrace, axis: Axis) -> Row {
        match self {
            RowPlan::Lane(entry) => Row::Lane(lane(scene, entry, axis)),
            RowPlan::Alike(entries) => Row::Alike(alike::draw(scene, entries, axis)),
            RowPlan::Folded(tasks) => Row::Folded(folded(scene, tasks, axis)),
        }
    }
}

/// Chooses the rows of `scene`: a lane for each task, or one for several that look the same on `axis`. If that makes too
/// many rows, one stands for all tasks of a function, or for those that follow each other. Helpers come last.
pub(crate) fn arrange(scene: &SceneTrace, axis: Axis, shown: &Shown) -> Vec<RowPlan> {
    let tasks = in_order(scene, shown);
    if tasks.len() <= MOST_ARRANGED
        && let Some(rows) = without_folding(scene, &tasks, axis, shown.lanes)
    {
        return rows;
    }
    let plan = |stretch: Stretch<'_>| match stretch {
        Stretch::Lane(task) => RowPlan::Lane(Entry::of(task)),
        Stretch::Folded(tasks) => RowPlan::Folded(tasks.to_vec()),
    };
    choose(scene, &tasks, shown).into_iter().map(plan).collect()
}

/// Chooses a lane for each of `tasks`, each below what called it.
#[cfg(feature = "program")]
pub(crate) fn lanes_of(scene: &SceneTrace, tasks: &[TaskId]) -> Vec<RowPlan> {
    entries(scene, tasks, Sharing::None).into_iter().map(RowPlan::Lane).collect()
}

/// Chooses rows for `tasks` without folding any, each below what called it. They share as few rows as it takes; `None` if
/// there are too many all the same.
fn without_folding(scene: &SceneTrace, tasks: &[TaskId], axis: Axis, lanes: Lanes) -> Option<Vec<RowPlan>> {
    let Lanes { most, merged, by_name, .. } = lanes;
    let sharings: &[Sharing] = if by_name { &[Sharing::None, Sharing::Calls, Sharing::All] } else { &[Sharing::None] };
    for sharing in sharings {
        let entries = entries(scene, tasks, *sharing);
        if merged && tasks.len() <= MOST_COMPARED {
            let rows = alike::rows(scene, &entries, axis);
            if rows.len() <= most {
                return Some(rows);
            }
        }
        if entries.len() <= most {
            return Some(entries.into_iter().map(RowPlan::Lane).collect());
        }
    }
    None
}

/// Returns the tasks with a lane that is shown, in the order in which they are drawn: helpers come last.
pub(super) fn in_order(scene: &SceneTrace, shown: &Shown) -> Vec<TaskId> {
    let is_there = |task: &Task| {
        let Some(Window { from, to }) = shown.window else { return true };
        scene.began(task).is_some_and(|began| began < to && scene.ended(task) >= from)
    };
    let is_shown = |task: &Task| shown.includes(task) && is_there(task);
    let mut tasks = Vec::with_capacity(scene.tasks.len());
    let mut helpers = Vec::new();
    for (id, task) in scene.numbered_lanes().filter(|(_, task)| is_shown(task)) {
        let list = if scene.is_helper(task) { &mut helpers } else { &mut tasks };
        list.push(id);
    }
    tasks.append(&mut helpers);
    tasks
}
