//! The figures of comparisons as tables.

use std::ops::Range;

use crate::compare::stats::spread;
use crate::compare::{Comparison, Measurements};
use crate::render::paragraph;
use crate::render::text::table::{self, Cells, laid_out};
use crate::style::Style;
use crate::trace::Nanos;
use crate::units::{duration, megabytes, percent, times};

/// Renders the figures as one table, or as two if one is too wide for the page and two fit.
pub(super) fn figures(comparison: &Comparison, style: &Style) -> String {
    let rows = &rows(comparison);
    let all = cells(rows, 0..HEADINGS.len(), style);
    let of_walls = cells(rows, 0..WALL_HEADINGS, style);
    let others = cells(rows, WALL_HEADINGS..HEADINGS.len(), style);
    let splits = !table::fits(&all, style) && table::fits(&of_walls, style) && table::fits(&others, style);
    let tables = if splits { vec![of_walls, others] } else { vec![all] };
    let tables: Vec<String> =
        tables.into_iter().map(|Cells { headings, rows }| laid_out(&headings, rows, style)).collect();
    tables.join("\n")
}

/// Returns all columns, for tables that may be of any width.
pub(super) fn all_cells(comparison: &Comparison) -> Cells {
    let rows = rows(comparison).into_iter().map(|row| [vec![row.title], row.figures.into()].concat()).collect();
    Cells { headings: HEADINGS.map(str::to_owned).into(), rows }
}

/// Returns the columns of this range, without those that are empty in every row.
fn cells(rows: &[Row], columns: Range<usize>, style: &Style) -> Cells {
    let is_empty = |column: usize| rows.iter().all(|row| row.figures[column].is_empty());
    let columns: Vec<usize> = columns.filter(|column| !is_empty(*column)).collect();
    let headings = columns.iter().map(|column| HEADINGS[*column].to_owned()).collect();
    let mut filled = Vec::new();
    for row in rows {
        let mut cells = vec![style.line(&row.title)];
        cells.extend(columns.iter().map(|column| row.figures[*column].clone()));
        filled.push(cells);
    }
    Cells { headings, rows: filled }
}

const HEADINGS: [&str; 9] =
    ["wall", "least", "most", "against 1", "of the ideal", "overlap", "threads", "worst stall", "memory"];
/// The first this many of [`HEADINGS`] are about walls: they stay together if the table is split.
const WALL_HEADINGS: usize = 5;

/// A row of the table: a candidate's title and its figures, in the order of [`HEADINGS`]. Unknown figures are empty.
struct Row {
    title: String,
    figures: [String; HEADINGS.len()],
}

/// Returns a row for every candidate that was run.
fn rows(comparison: &Comparison) -> Vec<Row> {
    let Some(first) = comparison.measurements.first() else { return Vec::new() };
    let Some(first) = spread(&first.walls()) else { return Vec::new() };
    comparison.measurements.iter().filter_map(|measurements| row(comparison, measurements, first.median)).collect()
}

/// Returns the row of one candidate; none if it was not run. `first` is the median wall of the first one.
fn row(comparison: &Comparison, measurements: &Measurements, first: f64) -> Option<Row> {
    let walls = spread(&measurements.walls())?;
    let (typical, _) = measurements.typical()?;
    let wall = Nanos(walls.median as u64);
    let most_threads = measurements.runs.iter().map(|run| run.threads).max().unwrap_or_default();
    let figures = [
        duration(wall),
        duration(Nanos(walls.min)),
        duration(Nanos(walls.max)),
        times(first / walls.median.max(1.0)),
        comparison.ideal.map_or_else(String::new, |ideal| percent(ideal, wall)),
        times(typical.task_time.ratio(typical.wall)),
        most_threads.to_string(),
        duration(measurements.worst_stall()),
        measurements.memory().map_or_else(String::new, megabytes),
    ];
    Some(Row { title: measurements.title.clone(), figures })
}

/// Renders several comparisons as one table: a row for each way, a column for each kind of jobs.
pub(super) fn matrix(comparisons: &[Comparison], style: &Style) -> String {
    let Some(first) = comparisons.first() else { return String::new() };
    let kinds: Vec<String> = comparisons.iter().filter_map(|one| one.kind).map(|kind| kind.name().to_owned()).collect();
    let mut rows = Vec::new();
    for (index, way) in first.measurements.iter().enumerate() {
        let mut row = vec![way.title.clone()];
        for comparison in comparisons {
            row.push(matrix_cell(comparison, index).unwrap_or_else(|| "-".to_owned()));
        }
        rows.push(row);
    }
    let jobs = format!(
        "{} jobs of {}: the median wall, and how that compares with the first way.",
        first.tasks,
        duration(first.each)
    );
    let text = format!("{}\n{}", paragraph(style, "  ", &jobs), laid_out(&kinds, rows, style));
    let not_shown = |one: &Comparison| one.measurements.iter().find_map(|way| one.not_shown(&way.name));
    match comparisons.iter().find_map(not_shown) {
        Some(reason) => format!("{text}\n{}", paragraph(style, "  ", &format!("* {reason}."))),
        None => text,
    }
}

/// Returns the median wall of the way at `index` and how it compares with the first way; none if one of the two was not
/// run. An asterisk marks what this machine cannot show.
fn matrix_cell(comparison: &Comparison, index: usize) -> Option<String> {
    let way = comparison.measurements.get(index)?;
    let wall = spread(&way.walls())?.median;
    let first = spread(&comparison.measurements.first()?.walls())?.median;
    let mark = if comparison.not_shown(&way.name).is_some() { "*" } else { "" };
    Some(format!("{} {:>5}{mark}", duration(Nanos(wall as u64)), times(first / wall.max(1.0))))
}
