//! The lanes that stand below the code of a step: what the tasks did before and after it, and a pointer to its moment.

use super::lanes::{Layout, axis, cells, lane_name};
use super::steps::{self, Step};
use crate::chart::{self, Lane, Window};
use crate::style::{Role, Style, columns};
use crate::trace::{Nanos, SceneTrace};

/// Rows below the lanes: the pointer, the axis and its labels.
const BELOW: usize = 3;
/// Most lanes that are drawn. More would be a picture of the scene, which the report has.
const MOST: usize = 8;

/// Draws the lanes of the tasks that the last of the steps `done` were about, in at most `rows` rows; nothing if there is no
/// room for one.
pub(crate) fn step_lanes(scene: &SceneTrace, done: &[Step<'_>], rows: usize, style: &Style) -> String {
    let Some(step) = done.last() else { return String::new() };
    let most = rows.saturating_sub(BELOW).min(MOST);
    if most == 0 {
        return String::new();
    }
    let tasks = steps::latest_tasks(scene, done, most);
    let window = Window { from: Nanos::ZERO, to: scene.wall };
    let name = |lane: &Lane| lane_name(&lane.name, lane, style);
    let widest = |layout: Layout| {
        chart::lanes_of(scene, &tasks, layout.axis).iter().map(|lane| columns(&name(lane))).max().unwrap_or(1)
    };
    // The names need columns that the axis then lacks.
    let layout = Layout::with_names(widest(Layout::with_names(1, window, style)), window, style).of_lanes_alone();
    let draw = |lane: &Lane| layout.row(&name(lane), &cells(&lane.cells, style), "", style);
    let lanes: String = chart::lanes_of(scene, &tasks, layout.axis).iter().map(draw).collect();
    let pointer = format!("{:1$}{2}", "", layout.axis.cell_at(step.at), style.glyphs().pointer);
    let pointer = layout.row("", &style.paint(Role::Code, pointer), "", style);
    format!("{lanes}{pointer}{}", axis(&layout, style))
}
