//! The live picture at one moment, as lines of text: headings, lanes up to this moment, and the axis.
//!
//! The lanes look as they will in the report. The axis has the expected length of the scene from the start. If the scene
//! takes longer, the axis doubles: two cells become one, and all lanes stay where they were in time. Knows nothing of how
//! the lines get onto the terminal: read `screen.rs` for that, and `chart/mod.rs` for the cells.

#[cfg(test)]
mod tests;

use std::time::Duration;

use unicode_width::UnicodeWidthChar;

use crate::chart::{self, Alike, Axis, Folded, Lane, Lanes, Row, RowPlan, Shown, Window};
use crate::render::text::lanes::{self, Layout};
use crate::style::{Role, Style, fit};
use crate::term::WIDTHS;
use crate::trace::{Nanos, Outcome, SceneTrace, Snapshot};
use crate::units::{duration, grouped};

/// Fewest rows for a picture: a heading, a lane and the axis.
const FEWEST_ROWS: usize = 4;
/// What the heading says while the picture stands still.
const PAUSED: &str = "  paused here; Space goes on";
/// Rows of the axis with its labels.
const AXIS_ROWS: usize = 2;

/// A row of the picture, at most as wide as the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) lane: String,
}

/// The picture of one scene.
pub(super) struct Picture {
    style: Style,
    heading: Vec<String>,
    shown: Shown,
    /// Length of the axis in nanoseconds.
    extent: Nanos,
    /// Columns of the longest name so far. It never shrinks, so that lanes which come and go do not shift the others.
    names: usize,
    /// The axis and the number of rows that the chart was made for.
    charted: Option<(Axis, usize)>,
    chart: Vec<(String, Row)>,
    /// Whether the picture stands still, which its heading says.
    pub(super) paused: bool,
}

impl Picture {
    pub(super) fn new(heading: &str, expected: Duration, shown: &Shown, style: Style) -> Self {
        let heading = heading.lines().map(|line| style.line(line)).collect();
        let expected = expected.max(Duration::from_millis(1));
        let extent = Nanos::from(expected);
        // Lanes that stand out would be others in each frame.
        let lanes = Lanes { notable: false, ..shown.lanes };
        let shown = Shown { lanes, window: None, ..shown.clone() };
        Picture { style, heading, shown, extent, names: 1, charted: None, chart: Vec::new(), paused: false }
    }

    /// Returns what `snapshot` returns, with an axis that holds it. It gets the snapshot `before`, to reuse it.
    pub(super) fn look(
        &mut self,
        before: Option<Snapshot>,
        snapshot: &mut impl FnMut(Option<Snapshot>, Nanos) -> Snapshot,
    ) -> Snapshot {
        let seen = snapshot(before, self.horizon());
        if self.hold(seen.now) { snapshot(Some(seen), self.horizon()) } else { seen }
    }

    /// Returns the picture at the moment of `snapshot`, for this many columns and rows; no lines if there is no room for a
    /// picture.
    pub(super) fn lines(&mut self, snapshot: &Snapshot, columns: usize, rows: usize) -> Vec<Line> {
        if columns < *WIDTHS.start() || rows < FEWEST_ROWS {
            return Vec::new();
        }
        self.style.width = columns;
        self.hold(snapshot.now);
        let mut lines = self.headings((rows / 3).max(1), snapshot.now);
        let layout = self.chart(snapshot, rows - AXIS_ROWS - lines.len());
        // Cells after this moment show how the scene would go on if nothing happened any more.
        let reached = layout.axis.middles().partition_point(|middle| *middle < snapshot.now);
        lines.extend(self.chart.iter().map(|(name, row)| self.row(name, row, reached, &layout, snapshot)));
        lines.extend(lanes::axis_lines(layout.axis, &self.style).map(|line| Line {
            name: lanes::label(&padded("", layout.names)),
            lane: self.style.paint(Role::Dim, line),
        }));
        lines
    }

    /// Returns until when a snapshot has to go on, so that the picture can draw it whatever the moment is.
    pub(super) fn horizon(&self) -> Nanos {
        self.extent * 2
    }

    /// Doubles the axis until it holds `now`, and returns whether it had to. A scene may take a twentieth longer than
    /// expected before half of its picture is given away for that.
    pub(super) fn hold(&mut self, now: Nanos) -> bool {
        let before = self.extent;
        while now > self.extent + self.extent / 20 {
            self.extent = self.extent * 2;
        }
        self.extent != before
    }

    /// Returns the last lines of the heading, at most `most`. The last one says which scene runs now, and for how long.
    fn headings(&self, most: usize, now: Nanos) -> Vec<Line> {
        let Some((running, over)) = self.heading.split_last() else { return Vec::new() };
        let over = &over[(over.len() + 1).saturating_sub(most)..];
        let line =
            |role, text: &str| Line { lane: self.style.paint(role, fit(text, self.style.width)), name: String::new() };
        let mut lines: Vec<Line> = over.iter().map(|text| line(Role::Dim, text)).collect();
        let still = if self.paused { PAUSED } else { "" };
        let running = format!("{running}  {}.{} s{still}", now.0 / 1_000_000_000, now.0 / 100_000_000 % 10);
        lines.push(line(Role::Heading, &running));
        lines
    }

    /// Makes the chart anew unless nothing but the moment has changed. Returns its layout.
    fn chart(&mut self, snapshot: &Snapshot, most: usize) -> Layout {
        loop {
            let layout = Layout::with_names(self.names, Window { from: Nanos::ZERO, to: self.extent }, &self.style);
            if snapshot.changed || self.charted != Some((layout.axis, most)) {
                self.charted = Some((layout.axis, most));
                let scene = &snapshot.trace;
                let rows = chart::arrange(scene, layout.axis, &self.shown.at_most(most));
                let draw = |plan: &RowPlan| (self.name(plan, scene, layout.wide), plan.draw(scene, layout.axis));
                self.chart = rows.iter().map(draw).collect();
            }
            let longest = self.chart.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
            if longest.min(lanes::most_columns_for_names(self.style.width)) <= self.names {
                return layout;
            }
            self.names = longest;
        }
    }

    /// Returns the name of a row. Characters that join others are left out: terminals do not agree on the width of joined
    /// characters, and the place of every cell behind the name depends on it.
    fn name(&self, plan: &RowPlan, scene: &SceneTrace, wide: bool) -> String {
        match plan {
            RowPlan::Folded(tasks) if !wide => format!("+{}", grouped(tasks.len())),
            plan => lanes::name(plan.label(scene), &self.style).chars().filter(|c| c.width() != Some(0)).collect(),
        }
    }

    fn row(&self, name: &str, row: &Row, reached: usize, layout: &Layout, snapshot: &Snapshot) -> Line {
        let style = &self.style;
        let cells = match row {
            Row::Lane(lane) | Row::Alike(Alike { lane, .. }) => lanes::cells(&lane.cells[..reached], style),
            Row::Folded(Folded { count, in_flight }) => {
                let been = Folded { count: *count, in_flight: in_flight[..reached].to_vec() };
                style.paint(Role::Waiting, lanes::density(&been, style))
            }
        };
        let ahead = " ".repeat(layout.axis.cells - reached);
        let detail = match row {
            _ if !layout.wide => String::new(),
            Row::Lane(lane) => format!("  {}", self.detail(lane, snapshot)),
            Row::Alike(alike) => format!("  {} alike", grouped(alike.count)),
            Row::Folded(folded) => format!("  {}", lanes::more(folded.count)),
        };
        Line { name: lanes::label(&padded(name, layout.names)), lane: cells + &ahead + &detail }
    }

    /// Returns the duration of a lane so far, and its outcome once it has ended.
    fn detail(&self, lane: &Lane, snapshot: &Snapshot) -> String {
        if lane.count > 1 {
            return lanes::detail(&self.style.line(&format!("×{}", grouped(lane.count))), "");
        }
        let lifetime = lane.lifetime.unwrap_or_default();
        if lane.outcome == Outcome::Interrupted {
            let ahead = snapshot.trace.wall - snapshot.now;
            return lanes::detail(&seconds(lifetime - ahead), "");
        }
        let (role, outcome) = lanes::outcome(&snapshot.trace, &lane.outcome);
        lanes::detail(&self.style.line(&duration(lifetime)), &self.style.paint(role, outcome))
    }
}

/// Returns the columns of `name`, counting each character by itself.
fn width(name: &str) -> usize {
    name.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Returns `name` cut or padded to this many columns, as [`width`] counts them.
fn padded(name: &str, columns: usize) -> String {
    let mut name = name.to_owned();
    if width(&name) > columns {
        while width(&name) + 1 > columns && name.pop().is_some() {}
        name.push('~');
    }
    let missing = columns.saturating_sub(width(&name));
    name + &" ".repeat(missing)
}

/// Returns the duration of a lane that still grows, in whole seconds. Finer figures that change in every lane would be most
/// of what is written to the terminal, and the heading has one already.
fn seconds(nanos: Nanos) -> String {
    if nanos < Nanos::from_secs(1) { String::new() } else { format!("{} s", nanos.0 / 1_000_000_000) }
}
