//! Timelines as text: the lanes of a scene above the axis that all scenes of the run share.

use crate::chart::{self, Alike, Axis, Cell, Folded, Label, Lane, Row, RowPlan, Shown, Window};
use crate::render::paragraph;
use crate::style::{Role, Style, columns, fit, pad};
use crate::trace::{Nanos, Outcome, SceneTrace, State};
use crate::units::{duration, grouped};

/// Columns to the left of names.
pub(super) const INDENT: usize = 3;
/// On a page at least this wide, a lane's duration and outcome stand at its end; otherwise on a line of their own.
const WIDE: usize = 60;
/// Columns for a lane's duration.
pub(super) const DURATION: usize = 9;
/// Columns for a lane's outcome.
const OUTCOME: usize = 11;

/// The columns of a timeline. All scenes of a run have the same layout, so that lengths can be compared by eye.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Columns for names.
    pub(crate) names: usize,
    pub(crate) axis: Axis,
    /// Whether durations and outcomes stand at the end of lanes.
    pub(crate) wide: bool,
    /// Whether they are left out if they do not.
    pub(crate) compact: bool,
}

impl Layout {
    /// Chooses the rows of scenes, and makes a layout with room for the names of all of them, and an axis of `extent`
    /// nanoseconds or the shown part of them.
    pub(crate) fn of_rows<'a>(
        scenes: impl IntoIterator<Item = &'a SceneTrace>,
        extent: Nanos,
        shown: &Shown,
        style: &Style,
    ) -> (Self, Vec<Vec<RowPlan>>) {
        let window = shown.window.unwrap_or(Window { from: Nanos::ZERO, to: extent });
        // The names need columns that the axis then lacks. Which lanes look the same hardly depends on a few cells.
        let axis = Self::with_names(1, window, style).axis;
        let mut names = 1;
        let mut rows_of_all = Vec::new();
        for scene in scenes {
            let rows = chart::arrange(scene, axis, shown);
            let widest = rows.iter().map(|plan| columns(&name(plan.label(scene), style))).max();
            names = names.max(widest.unwrap_or_default());
            rows_of_all.push(rows);
        }
        (Self::with_names(names, window, style), rows_of_all)
    }

    /// Makes a layout with room for the names of all threads, and an axis of `extent` nanoseconds or the shown part of them.
    pub(crate) fn by_thread<'a>(
        scenes: impl IntoIterator<Item = &'a SceneTrace>,
        extent: Nanos,
        shown: &Shown,
        style: &Style,
    ) -> Self {
        let window = shown.window.unwrap_or(Window { from: Nanos::ZERO, to: extent });
        let of_scene = |scene: &SceneTrace| scene.threads.iter().map(|thread| columns(&thread.name)).max();
        Self::with_names(scenes.into_iter().filter_map(of_scene).max().unwrap_or(1), window, style)
    }

    /// Makes a layout with room for names of `names` columns, or for as many as leave enough of the page for the axis.
    pub(crate) fn with_names(names: usize, window: Window, style: &Style) -> Self {
        let names = names.clamp(1, most_columns_for_names(style.width));
        let wide = style.width >= WIDE;
        let beside = if wide { 2 + DURATION + 2 + OUTCOME } else { 1 };
        // The number of cells is even because two cells become one when the live picture doubles its axis.
        let cells = style.width.saturating_sub(INDENT + names + 1 + beside) & !1;
        Layout { names, axis: Axis::within(window, cells), wide, compact: false }
    }

    /// Returns this layout without what stands at the end of lanes, or below them.
    #[cfg(feature = "program")]
    pub(super) fn of_lanes_alone(self) -> Self {
        Layout { wide: false, compact: true, ..self }
    }

    /// Returns what stands to the left of the cells: `name`, cut or padded to the columns for names.
    pub(super) fn label(&self, name: &str) -> String {
        label(&pad(name, self.names))
    }

    /// Returns a row: the label, the cells, and `detail` beside them. On a narrow page `detail` stands below and may take
    /// several lines.
    pub(super) fn row(&self, name: &str, cells: &str, detail: &str, style: &Style) -> String {
        let label = self.label(name);
        if self.wide {
            return format!("{label}{cells}  {detail}\n");
        }
        let lane = format!("{label}{cells}").trim_end().to_owned();
        if self.compact {
            return format!("{lane}\n");
        }
        format!("{lane}\n{}", paragraph(style, &self.label(""), detail))
    }
}

/// Returns what stands to the left of the cells. `name` must be as wide as the columns for names.
pub(crate) fn label(name: &str) -> String {
    format!("{:INDENT$}{name} ", "")
}

/// Draws the rows of a scene and the axis.
pub(crate) fn with_axis(scene: &SceneTrace, rows: &[RowPlan], layout: &Layout, style: &Style) -> String {
    without_axis(scene, rows, layout, style) + &axis(layout, style)
}

/// Draws the rows of a scene without an axis.
pub(crate) fn without_axis(scene: &SceneTrace, rows: &[RowPlan], layout: &Layout, style: &Style) -> String {
    let draw = |plan: &RowPlan| {
        let name = name(plan.label(scene), style);
        match plan.draw(scene, layout.axis) {
            Row::Lane(lane) => task_row(&name, &lane, outcome(scene, &lane.outcome), layout, style),
            Row::Alike(alike) => alike_rows(&name, &alike, outcome(scene, &alike.lane.outcome).1, layout, style),
            Row::Folded(folded) => folded_row(&folded, layout, style),
        }
    };
    rows.iter().map(draw).collect()
}

/// Returns how many columns of a page names may take: a fifth, or what is left of a wide page.
pub(crate) fn most_columns_for_names(width: usize) -> usize {
    (width / 5).max(width.saturating_sub(WIDE_AXIS)).max(1)
}

/// Columns of a wide page that names leave for the axis and what stands beside it.
const WIDE_AXIS: usize = 90;

/// Returns what stands to the left of a row: below what it was called by, one column to the right. The names of helpers are
/// in parentheses. `label` is `None` for folded tasks.
pub(crate) fn name(label: Option<Label>, style: &Style) -> String {
    let Some(Label { name, depth, helper }) = label else { return folded_name(style).to_owned() };
    let name = format!("{:depth$}{}", "", style.line(&name));
    if helper { format!("({name})") } else { name }
}

/// Draws lanes that look the same: the first of them, and below it how many they are and what they have in common.
fn alike_rows(name: &str, alike: &Alike, outcome: &str, layout: &Layout, style: &Style) -> String {
    let detail = detail(&format!("×{}", grouped(alike.count)), outcome);
    let row = layout.row(name, &cells(&alike.lane.cells, style), &style.line(&detail), style);
    if layout.compact {
        return row;
    }
    let summary = paragraph(style, &layout.label(""), &style.line(&in_common(alike)));
    row + &style.paint(Role::Dim, summary.trim_end_matches('\n')) + "\n"
}

/// Returns how many lanes look the same, how long they lived and how long one of them stood ready at most.
fn in_common(alike: &Alike) -> String {
    let (shortest, longest) = (duration(alike.shortest), duration(alike.longest));
    let lifetimes = if shortest == longest { shortest } else { format!("{shortest} to {longest}") };
    let mut text = format!("{} lanes alike, {lifetimes} each", grouped(alike.count));
    if alike.stall > alike.longest / 100 {
        text += &format!(", ready for {} at most", duration(alike.stall));
    }
    text
}

fn task_row(name: &str, lane: &Lane, (role, outcome): (Role, &str), layout: &Layout, style: &Style) -> String {
    let lifetime = match lane.lifetime {
        _ if lane.count > 1 => format!("×{}", grouped(lane.count)),
        Some(lifetime) => duration(lifetime),
        None => "never ran".to_owned(),
    };
    let detail = detail(&style.line(&lifetime), outcome);
    let row = layout.row(name, &cells(&lane.cells, style), &detail, style);
    // The outcome is painted after wrapping, which would count colours as text.
    let mut row = match row.trim_end().strip_suffix(outcome) {
        Some(before) => format!("{before}{}\n", style.paint(role, outcome)),
        None => row,
    };
    if let Outcome::Panicked { message } = &lane.outcome {
        let room = style.width.saturating_sub(columns(&layout.label("")));
        row += &format!("{}{}\n", layout.label(""), style.paint(Role::Bad, fit(&style.line(message), room)));
    }
    row
}

/// Returns what stands at the end of a lane on a wide page.
pub(crate) fn detail(lifetime: &str, outcome: &str) -> String {
    let missing = " ".repeat(DURATION.saturating_sub(columns(lifetime)));
    format!("{missing}{lifetime}  {outcome}")
}

/// Returns an outcome of something in `scene` as one word, and its colour.
pub(crate) fn outcome(scene: &SceneTrace, outcome: &Outcome) -> (Role, &'static str) {
    match outcome {
        Outcome::Done => (Role::Dim, "done"),
        Outcome::Cancelled => (Role::Warn, "cancelled"),
        Outcome::Panicked { .. } => (Role::Bad, failed(scene)),
        Outcome::Interrupted => (Role::Warn, "interrupted"),
    }
}

/// Returns what it is called in the language of `scene` that code fails: Rust panics, others raise.
pub(crate) fn failed(scene: &SceneTrace) -> &'static str {
    if scene.runtime.name == "tokio" { "panicked" } else { "failed" }
}

fn folded_row(folded: &Folded, layout: &Layout, style: &Style) -> String {
    let density = style.paint(Role::Waiting, density(folded, style));
    layout.row(folded_name(style), &density, &more(folded.count), style)
}

/// Returns what stands in place of the names of folded lanes.
pub(crate) fn folded_name(style: &Style) -> &'static str {
    if style.unicode { "⋮" } else { ":" }
}

/// Returns what stands in place of the durations and outcomes of `count` folded lanes.
pub(crate) fn more(count: usize) -> String {
    format!("+ {} more", grouped(count))
}

/// Draws how many of the folded tasks are in flight, as a strip of bars: empty for none, full for all.
pub(crate) fn density(folded: &Folded, style: &Style) -> String {
    let bars = &style.glyphs().density;
    let bar = |in_flight: &usize| bars[(in_flight * (bars.len() - 1)).div_ceil(folded.count.max(1))];
    folded.in_flight.iter().map(bar).collect()
}

/// Draws cells as characters, each run of equal cells in its colour.
pub(crate) fn cells(cells: &[Cell], style: &Style) -> String {
    let draw = |run: &[Cell]| {
        let (glyph, role) = match run[0] {
            Cell::Empty => return " ".repeat(run.len()),
            Cell::Moment => (style.glyphs().moment, Role::Running),
            Cell::In(state) => glyph_and_role(state, style),
        };
        style.paint(role, String::from(glyph).repeat(run.len()))
    };
    cells.chunk_by(|a, b| a == b).map(draw).collect()
}

/// Returns the character that a state is drawn with, and its colour.
pub(super) fn glyph_and_role(state: State, style: &Style) -> (char, Role) {
    let glyphs = style.glyphs();
    match state {
        State::Waiting => (glyphs.waiting, Role::Waiting),
        State::Held => (glyphs.kept, Role::Held),
        State::Ready => (glyphs.ready, Role::Ready),
        State::Blocked => (glyphs.blocked, Role::Blocked),
        State::Running => (glyphs.running, Role::Running),
    }
}

/// Draws the axis and the labels of its ticks.
pub(crate) fn axis(layout: &Layout, style: &Style) -> String {
    let label = layout.label("");
    axis_lines(layout.axis, style).map(|line| format!("{label}{}\n", style.paint(Role::Dim, line))).concat()
}

/// Returns the axis and the labels of its ticks as two lines, without the columns to the left of the cells.
pub(crate) fn axis_lines(axis: Axis, style: &Style) -> [String; 2] {
    let (ticks, unit) = axis.ticks(8);
    let glyphs = style.glyphs();
    let cells = axis.cells;
    let mut line = vec![glyphs.axis; cells];
    for tick in &ticks {
        line[tick.cell.min(cells - 1)] = glyphs.axis_tick;
    }
    line[cells - 1] = glyphs.axis_end;
    line[0] = glyphs.axis_start;
    let mut labels = String::new();
    for (index, tick) in ticks.iter().enumerate() {
        let last = index + 1 == ticks.len();
        let label = if last { format!("{} {}", tick.label, style.line(unit)) } else { tick.label.clone() };
        let centred = tick.cell.saturating_sub(columns(&tick.label) / 2);
        let at = centred.min((cells + 1).saturating_sub(columns(&label)));
        if index == 0 || at > columns(&labels) {
            labels = pad(&labels, at) + &label;
        }
    }
    [line.into_iter().collect(), labels.trim_end().to_owned()]
}
