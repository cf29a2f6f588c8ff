//! The lanes that stand below the code of a step: what the tasks did before and after it, and a pointer to its moment.

use super::lanes::{Layout, axis, name, without_axis};
use super::steps::{self, Step};
use crate::chart::{self, Window};
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
    let rows = chart::lanes_of(scene, &tasks);
    let names = rows.iter().map(|row| columns(&name(row.label(scene), style))).max().unwrap_or(1);
    let window = Window { from: Nanos::ZERO, to: scene.wall };
    let layout = Layout::with_names(names, window, style).of_lanes_alone();
    let lanes = without_axis(scene, &rows, &layout, style);
    let pointer = format!("{:1$}{2}", "", layout.axis.cell_at(step.at), style.glyphs().pointer);
    let pointer = layout.row("", &style.paint(Role::Code, pointer), "", style);
    format!("{lanes}{pointer}{}", axis(&layout, style))
}
