//! The tables of a report: a row for each scene, or one figure below the other where the page is too narrow.
//!
//! `data/csv.rs` writes the same figures for programs.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::lesson::TWIN_MARK;
use crate::render::paragraph;
use crate::render::report::Numbers;
use crate::style::{Role, Style, columns, fit};
use crate::trace::{Figure, Nanos, Quantity, SceneTrace, Trace};
use crate::units::{self, duration, percent, times};

/// A column: its heading, and the function that writes its figure for a scene. The first scene is there to compare with.
struct Column {
    heading: &'static str,
    of: fn(&SceneTrace, first: &SceneTrace) -> String,
}

const WALL: Column = Column { heading: "wall", of: |scene, _| duration(scene.wall) };
const TASK_TIME: Column = Column { heading: "task time", of: |scene, _| duration(scene.task_time()) };
const OVERLAP: Column = Column { heading: "overlap", of: |scene, _| times(scene.overlap()) };
const BUSY: Column = Column { heading: "busy", of: |scene, _| percent(scene.busy(), scene.wall) };
const HELD: Column = Column { heading: "held", of: |scene, _| percent(scene.held(), scene.wall) };
const STALL: Column = Column { heading: "stall", of: |scene, _| duration(scene.stall()) };
const THREADS: Column = Column { heading: "threads", of: |scene, _| scene.threads_used().to_string() };
/// How many times as fast a scene was as the first one. The heading is empty here, since it names the number of the
/// first scene, after [`AGAINST`].
const AGAINST_FIRST: Column = Column { heading: "", of: |scene, first| times(first.wall.ratio(scene.wall)) };

const AGAINST: &str = "against ";

/// Returns the columns that say something about `trace`.
fn shown_columns(trace: &Trace) -> Vec<Column> {
    // A stall of less than a hundredth of the wall cannot be seen in the picture.
    let stalls = trace.scenes.iter().any(|scene| scene.stall() >= scene.wall / 100 && scene.stall() > Nanos::ZERO);
    let first = trace.scenes.first().map_or(Nanos::ZERO, |scene| scene.wall);
    let differ = trace.scenes.iter().any(|scene| scene.wall.abs_diff(first) > first / 10);
    let compares = differ || (!stalls && trace.scenes.len() > 1);
    // Without tasks that sleep in calls, threads are held by those that compute.
    let slept = |scene: &SceneTrace| scene.held() - scene.busy() > scene.wall / 20;
    let held = trace.scenes.iter().any(slept);
    [(WALL, true), (TASK_TIME, true), (OVERLAP, true), (BUSY, true), (HELD, held), (STALL, stalls), (THREADS, true)]
        .into_iter()
        .chain([(AGAINST_FIRST, compares)])
        .filter_map(|(figure, says_something)| says_something.then_some(figure))
        .collect()
}

/// A table as text: headings, and rows of a title and a figure for each heading.
pub(in crate::render) struct Cells {
    pub(in crate::render) headings: Vec<String>,
    pub(in crate::render) rows: Vec<Vec<String>>,
}

/// Returns the figures that all lessons have; none if no scene ran.
pub(in crate::render) fn cells(trace: &Trace, mut numbers: Numbers) -> Option<Cells> {
    let first = trace.scenes.first()?;
    let figures = shown_columns(trace);
    let scenes: Vec<_> = trace.scenes.iter().map(|scene| (numbers.of(scene), scene)).collect();
    let against = format!("{AGAINST}{}", scenes[0].0);
    let heading = |figure: &Column| if figure.heading.is_empty() { against.clone() } else { figure.heading.to_owned() };
    let headings = figures.iter().map(heading).collect();
    let row = |(number, scene): &(usize, &SceneTrace)| {
        let title = format!("{number} {}", scene.title);
        [title].into_iter().chain(figures.iter().map(|figure| (figure.of)(scene, first))).collect()
    };
    Some(Cells { headings, rows: scenes.iter().map(row).collect() })
}

/// Returns [`notes`] on the table of [`cells`], as they fit below it on a page.
pub(in crate::render) fn notes_below(trace: &Trace, numbers: Numbers, style: &Style) -> String {
    let headings = cells(trace, numbers).map(|cells| cells.headings).unwrap_or_default();
    notes(trace, &headings).map(|note| note_below(note, style)).collect()
}

/// Returns a note as it stands below its table.
pub(in crate::render) fn note_below(note: &str, style: &Style) -> String {
    style.paint(Role::Dim, paragraph(style, "  ", note).trim_end()) + "\n"
}

/// Returns what headings mean, a sentence for each of those that need one and are among `headings`. What a lesson explains
/// itself needs one only for a program of the user's own.
pub(in crate::render) fn notes(trace: &Trace, headings: &[String]) -> impl Iterator<Item = &'static str> {
    let own = trace.process.is_some();
    let notes = [
        (TASK_TIME, own, "“task time”: how long all tasks were there, added up; “overlap”: task time ÷ wall."),
        (BUSY, true, "“busy”: CPU time ÷ wall; two busy cores make 200 %."),
        (HELD, true, "“held”: the time for which tasks kept threads, computing or asleep, ÷ wall."),
        (STALL, own, "“stall”: the longest time for which a task could have run, but did not get the thread."),
    ];
    notes
        .into_iter()
        .filter(|(column, is_needed, _)| *is_needed && headings.iter().any(|heading| heading == column.heading))
        .map(|(_, _, note)| note)
}

/// Returns what the headings of a table by name mean; none if it has none of them.
pub(in crate::render) fn note_on_names(headings: &[String]) -> Option<&'static str> {
    headings.iter().any(|heading| heading == "steps").then_some(
        "A step lasts from one wait of a task to the next. “longest”: the longest step; “ready”: how long tasks could have run \
         before a step, but did not get the thread: in half of the cases (p50), and in 99 of 100 (p99), at most that long.",
    )
}

/// Returns the figures that only the scenes of this lesson have; none if they have none.
pub(in crate::render) fn own_cells(trace: &Trace, mut numbers: Numbers) -> Option<Cells> {
    let headings = own_headings(trace);
    let mut rows = Vec::new();
    for scene in &trace.scenes {
        let number = numbers.of(scene);
        if scene.figures.is_empty() {
            continue;
        }
        let mut row = vec![format!("{number} {}", scene.title)];
        for column in 0..headings.len() {
            row.push(own_figure(scene, column, headings).map_or_else(String::new, units::quantity));
        }
        rows.push(row);
    }
    let headings: Vec<String> = headings.iter().map(|figure| figure.name.clone().into_owned()).collect();
    (!rows.is_empty()).then_some(Cells { headings, rows })
}

/// Returns the figures of the first scene that has any: their names are the headings of the lesson's own columns.
pub(in crate::render) fn own_headings(trace: &Trace) -> &[Figure] {
    let with_figures = trace.scenes.iter().find(|scene| !scene.figures.is_empty());
    with_figures.map_or(&[], |scene| &scene.figures)
}

/// Returns the figure of `scene` in one of the lesson's own columns; none if the scene has another figure there.
///
/// Two columns may have the same name, so that a name alone does not find a figure.
pub(in crate::render) fn own_figure<'a>(
    scene: &'a SceneTrace,
    column: usize,
    headings: &[Figure],
) -> Option<&'a Quantity> {
    let figure = scene.figures.get(column)?;
    let heading = headings.get(column)?;
    (figure.name == heading.name).then_some(&figure.quantity)
}

/// Returns the table of [`cells`] as it fits on a page; empty if no scene ran.
pub(in crate::render) fn table(trace: &Trace, numbers: Numbers, style: &Style) -> String {
    let Some(cells) = cells(trace, numbers) else { return String::new() };
    let Cells { mut headings, mut rows } = cells.on(style);
    // A stall and held threads matter more than how the walls compare, which can be read from the walls.
    let too_wide = style.width < GAP + titles(&rows) + columns_of_figures(&headings, &rows);
    if too_wide && headings.iter().any(|heading| [STALL.heading, HELD.heading].contains(&heading.as_str())) {
        let columns = headings.iter().take_while(|heading| !heading.starts_with(AGAINST)).count();
        headings.truncate(columns);
        rows.iter_mut().for_each(|row| row.truncate(columns + 1));
    }
    laid_out(&headings, rows, style)
}

/// Returns a table of the figures that only the scenes of this lesson have; nothing if they have none.
pub(in crate::render) fn own_table(trace: &Trace, numbers: Numbers, style: &Style) -> String {
    let table = own_cells(trace, numbers).map(|cells| cells.on(style));
    table.map_or_else(String::new, |Cells { headings, rows }| format!("\n{}", laid_out(&headings, rows, style)))
}

/// Returns the columns whose headings are `wanted`, of the figures that all lessons have and of the lesson's own, as one
/// table. It needs the scenes' numbers twice.
pub(in crate::render) fn columns_of(
    trace: &Trace,
    [numbers, own_numbers]: [Numbers; 2],
    wanted: impl Fn(&str) -> bool,
    style: &Style,
) -> String {
    let tables = [cells(trace, numbers), own_cells(trace, own_numbers)];
    let tables = tables.into_iter().flatten().map(|cells| cells.on(style).only(&wanted));
    let tables = tables.filter(|cells| !cells.headings.is_empty());
    tables.map(|Cells { headings, rows }| laid_out(&headings, rows, style)).collect()
}

impl Cells {
    /// Returns the columns whose headings are `wanted`.
    fn only(self, wanted: impl Fn(&str) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.headings.len()).filter(|column| wanted(&self.headings[*column])).collect();
        let row = |row: &Vec<String>| {
            let figures = kept.iter().map(|column| row[column + 1].clone());
            [row[0].clone()].into_iter().chain(figures).collect()
        };
        let rows = self.rows.iter().map(row).collect();
        Cells { headings: kept.iter().map(|column| self.headings[*column].clone()).collect(), rows }
    }

    /// Returns the same table in the characters that the page can show.
    fn on(self, style: &Style) -> Self {
        let line = |cells: Vec<String>| cells.iter().map(|cell| style.line(cell)).collect::<Vec<_>>();
        Cells { headings: line(self.headings), rows: self.rows.into_iter().map(line).collect() }
    }
}

/// Returns a table with its columns side by side if the page is wide enough, otherwise one figure a line. Each row is a
/// title and its figures.
pub(in crate::render) fn laid_out(headings: &[String], rows: Vec<Vec<String>>, style: &Style) -> String {
    let Cells { headings, rows } = Cells { headings: headings.to_vec(), rows }.on(style);
    match room_for_titles(&headings, &rows, style) {
        Some(room) => side_by_side(&headings, rows, room, style),
        None => one_below_the_other(&headings, &rows, style),
    }
}

/// Returns whether [`laid_out`] puts the columns side by side.
pub(in crate::render) fn fits(cells: &Cells, style: &Style) -> bool {
    room_for_titles(&cells.headings, &cells.rows, style).is_some()
}

/// Returns how many columns of the page are left for titles beside the figures; none if they are too few.
fn room_for_titles(headings: &[String], rows: &[Vec<String>], style: &Style) -> Option<usize> {
    let room = style.width.checked_sub(GAP + columns_of_figures(headings, rows))?;
    (room >= titles(rows).min(SHORTEST_TITLE)).then_some(room)
}

/// Returns the width of the longest title.
fn titles(rows: &[Vec<String>]) -> usize {
    rows.iter().map(|row| columns(&row[0])).max().unwrap_or(0)
}

/// Returns the width of all figures, side by side.
fn columns_of_figures(headings: &[String], rows: &[Vec<String>]) -> usize {
    let width = |(index, heading): (usize, &String)| {
        let cells = rows.iter().map(|row| columns(&row[index + 1]));
        cells.chain([columns(heading)]).max().unwrap_or(0) + GAP
    };
    headings.iter().enumerate().map(width).sum()
}

/// Returns a title cut to `room` columns. What marks it as that of a twin is kept.
fn fit_title(title: &str, room: usize) -> String {
    match title.strip_suffix(TWIN_MARK) {
        Some(rest) if columns(title) > room && room > columns(SHORT_MARK) => {
            fit(rest, room - columns(SHORT_MARK)) + SHORT_MARK
        }
        _ => fit(title, room),
    }
}

/// What marks the title of a twin where there is little room.
const SHORT_MARK: &str = " py";
/// The blanks before each column.
const GAP: usize = 2;
/// The width that titles are cut down to before the columns go below each other.
const SHORTEST_TITLE: usize = 10;

fn side_by_side(headings: &[String], mut rows: Vec<Vec<String>>, room: usize, style: &Style) -> String {
    for row in &mut rows {
        row[0] = fit_title(&row[0], room);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([""].into_iter().chain(headings.iter().map(String::as_str))).add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((GAP as u16, 0));
        column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    let mut lines = table.lines();
    let heading = style.paint(Role::Dim, lines.next().unwrap_or_default().trim_end());
    let rows: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{heading}\n{rows}")
}

fn one_below_the_other(headings: &[String], rows: &[Vec<String>], style: &Style) -> String {
    let names = headings.iter().map(|heading| columns(heading)).max().unwrap_or(0);
    let figure = |(heading, figure): (&String, &String)| {
        let line = format!("  {heading:names$} {figure:>8}");
        fit(&line, style.width) + "\n"
    };
    let scene = |row: &Vec<String>| {
        let title = fit_title(&format!("  {}", row[0]), style.width);
        format!("{title}\n{}", headings.iter().zip(&row[1..]).map(figure).collect::<String>())
    };
    rows.iter().map(scene).collect()
}
