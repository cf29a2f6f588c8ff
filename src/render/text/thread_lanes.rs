//! The lanes of threads, with the tasks that held them.

use super::lanes::{DURATION, Layout, axis, cells, folded_name, more};
use crate::chart::threads::{ThreadLane, thread_lanes};
use crate::chart::{self, Lanes, Share};
use crate::render::paragraph;
use crate::style::{Role, Style, columns, pad};
use crate::trace::SceneTrace;
use crate::units::{duration, grouped};

/// Draws a lane for each thread, folded if they are many, with the tasks that held it, and the axis.
pub(crate) fn by_thread(scene: &SceneTrace, layout: &Layout, style: &Style) -> String {
    let lanes = thread_lanes(scene, layout.axis);
    let draw = |lanes: &[ThreadLane]| lanes.iter().map(|lane| thread_rows(lane, layout, style)).collect::<String>();
    let rows = match chart::fold(&lanes, Lanes::FOLDED.most) {
        None => draw(&lanes),
        Some((first, folded, last)) => {
            let more = layout.row(folded_name(style), "", &more(folded.len()), style);
            draw(first) + &more + &draw(last)
        }
    };
    rows + &axis(layout, style)
}

fn thread_rows(lane: &ThreadLane, layout: &Layout, style: &Style) -> String {
    let detail = format!("{:>DURATION$}  held", style.line(&duration(lane.held)));
    let mut rows = layout.row(&style.line(&lane.name), &cells(&lane.cells, style), &detail, style);
    let names = names_below(lane, style);
    if !names.is_empty() {
        rows += &format!("{}{}\n", layout.label(""), style.paint(Role::Dim, names));
    }
    rows + &paragraph(style, &layout.label(""), &style.line(&shares(lane)))
}

/// Most tasks whose share of a thread is written out.
const MOST_SHARES: usize = 8;

/// Returns the tasks that held a thread with their times, longest first.
pub(in crate::render) fn shares(lane: &ThreadLane) -> String {
    let share = |share: &Share| format!("{} {}", share.task, duration(share.time));
    let mut shares: Vec<String> = lane.shares.iter().take(MOST_SHARES).map(share).collect();
    let more = lane.shares.len().saturating_sub(MOST_SHARES);
    if more > 0 {
        shares.push(format!("{} more", grouped(more)));
    }
    shares.join(", ")
}

/// Returns the line below a thread's cells: the names of the tasks that held it, where there is room for them.
fn names_below(lane: &ThreadLane, style: &Style) -> String {
    let mut line = String::new();
    for (index, holding) in lane.holdings.iter().enumerate() {
        // A name may run on into the free cells behind its own.
        let next = lane.holdings.get(index + 1).map_or(lane.cells.len(), |next| next.first_cell);
        let room = (next - holding.first_cell).saturating_sub(1).max(holding.cells);
        let name = style.line(&holding.task);
        if columns(&line) <= holding.first_cell && columns(&name) <= room {
            line = pad(&line, holding.first_cell) + &name;
        }
    }
    line
}
