//! Timelines: a scene's lanes on the axis that all scenes of the run share.

use crate::chart::threads::{ThreadLane, thread_lanes};
use crate::chart::{self, Axis, Cell, Folded, Lane, Row, Share};
use crate::page::{Page, Role, columns, fit, pad};
use crate::render::paragraph;
use crate::trace::{Outcome, SceneTrace, State, Task};
use crate::units::{duration, grouped};

const INDENT: usize = 3;
/// On a page at least this wide, a lane's duration and outcome stand at its end; else on a line of their own.
const WIDE: usize = 60;
const DURATION: usize = 9;
const OUTCOME: usize = 11;

/// Where everything stands: the same for all scenes of a run, so that lengths compare by eye.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) names: usize,
    pub(crate) axis: Axis,
    pub(crate) wide: bool,
}

impl Layout {
    /// A layout with room for the names of all lanes that are shown, and an axis of `extent` nanoseconds.
    pub(crate) fn new<'a>(scenes: impl IntoIterator<Item = &'a SceneTrace>, extent: u64, page: &Page) -> Self {
        let name = |task: &Task| columns(&page.line(&task.name));
        let of_scene = |scene| chart::shown(scene, chart::MOST_LANES).into_iter().map(name).max();
        Self::with_names(scenes.into_iter().filter_map(of_scene).max().unwrap_or(1), extent, page)
    }

    /// Likewise, for lanes of threads.
    pub(crate) fn by_thread<'a>(scenes: impl IntoIterator<Item = &'a SceneTrace>, extent: u64, page: &Page) -> Self {
        let of_scene = |scene: &SceneTrace| scene.threads.iter().map(|thread| columns(&thread.name)).max();
        Self::with_names(scenes.into_iter().filter_map(of_scene).max().unwrap_or(1), extent, page)
    }

    /// A layout with room for names of so many columns.
    pub(crate) fn with_names(names: usize, extent: u64, page: &Page) -> Self {
        let names = names.clamp(1, (page.width / 5).max(1));
        let wide = page.width >= WIDE;
        let beside = if wide { 2 + DURATION + 2 + OUTCOME } else { 1 };
        // Even: where the live picture doubles its axis, two cells become one.
        let cells = page.width.saturating_sub(INDENT + names + 1 + beside) & !1;
        Layout { names, axis: Axis::new(extent, cells), wide }
    }

    /// What stands to the left of the cells.
    fn label(&self, name: &str) -> String {
        label(&pad(name, self.names))
    }

    /// A row: label, cells, and `detail` beside them or below, where it may need more than one line.
    fn row(&self, name: &str, cells: &str, detail: &str, page: &Page) -> String {
        let label = self.label(name);
        if self.wide {
            return format!("{label}{cells}  {detail}\n");
        }
        format!("{}\n{}", format!("{label}{cells}").trim_end(), paragraph(page, &self.label(""), detail))
    }
}

/// What stands to the left of the cells, for a name as wide as all names.
pub(crate) fn label(name: &str) -> String {
    format!("{:INDENT$}{name} ", "")
}

/// One lane for each task, folded where they are many, and the axis.
pub(crate) fn by_task(scene: &SceneTrace, layout: &Layout, page: &Page) -> String {
    let rows = chart::rows(scene, layout.axis, chart::MOST_LANES);
    let draw = |row: &Row| match row {
        Row::Lane(lane) => task_row(lane, layout, page),
        Row::Folded(folded) => folded_row(folded, layout, page),
    };
    rows.iter().map(draw).collect::<String>() + &axis(layout, page)
}

fn task_row(lane: &Lane, layout: &Layout, page: &Page) -> String {
    let (role, outcome) = outcome(&lane.outcome);
    let lifetime = lane.lifetime.map_or_else(|| "never ran".to_owned(), duration);
    let detail = detail(&page.line(&lifetime), outcome);
    let row = layout.row(&page.line(&lane.name), &cells(&lane.cells, page), &detail, page);
    // Painted last, so that colour does not come into the wrapping.
    let mut row = match row.trim_end().strip_suffix(outcome) {
        Some(before) => format!("{before}{}\n", page.paint(role, outcome)),
        None => row,
    };
    if let Outcome::Panicked { message } = &lane.outcome {
        let room = page.width.saturating_sub(columns(&layout.label("")));
        row += &format!("{}{}\n", layout.label(""), page.paint(Role::Bad, fit(&page.line(message), room)));
    }
    row
}

/// What stands at the end of a lane on a wide page.
pub(crate) fn detail(lifetime: &str, outcome: &str) -> String {
    let missing = " ".repeat(DURATION.saturating_sub(columns(lifetime)));
    format!("{missing}{lifetime}  {outcome}")
}

/// An outcome as one word, and its colour.
pub(crate) fn outcome(outcome: &Outcome) -> (Role, &'static str) {
    match outcome {
        Outcome::Done => (Role::Dim, "done"),
        Outcome::Cancelled => (Role::Warn, "cancelled"),
        Outcome::Panicked { .. } => (Role::Bad, "panicked"),
        Outcome::Interrupted => (Role::Warn, "interrupted"),
    }
}

fn folded_row(folded: &Folded, layout: &Layout, page: &Page) -> String {
    let density = page.paint(Role::Waiting, density(folded, page));
    layout.row(folded_name(page), &density, &more(folded.count), page)
}

/// What stands for the names of folded lanes,
pub(crate) fn folded_name(page: &Page) -> &'static str {
    if page.unicode { "⋮" } else { ":" }
}

/// and what for their durations and outcomes.
pub(crate) fn more(count: usize) -> String {
    format!("+ {} more", grouped(count))
}

/// How many of the folded lanes are in flight, as a strip of bars: empty for none, full for all.
pub(crate) fn density(folded: &Folded, page: &Page) -> String {
    let bars = &page.glyphs().density;
    let bar = |in_flight: &usize| bars[(in_flight * (bars.len() - 1)).div_ceil(folded.count.max(1))];
    folded.in_flight.iter().map(bar).collect()
}

/// Cells as characters, each stretch of equal ones in its colour.
pub(crate) fn cells(cells: &[Cell], page: &Page) -> String {
    let stretch = |stretch: &[Cell]| {
        let (glyph, role) = match stretch[0] {
            Cell::Empty => return " ".repeat(stretch.len()),
            Cell::Moment => (page.glyphs().moment, Role::Running),
            Cell::In(state) => drawn(state, page),
        };
        page.paint(role, String::from(glyph).repeat(stretch.len()))
    };
    cells.chunk_by(|a, b| a == b).map(stretch).collect()
}

/// The character that a state is drawn with, and its colour.
fn drawn(state: State, page: &Page) -> (char, Role) {
    let glyphs = page.glyphs();
    match state {
        State::Waiting => (glyphs.waiting, Role::Waiting),
        State::Ready => (glyphs.ready, Role::Ready),
        State::Running => (glyphs.running, Role::Running),
    }
}

/// One lane for each thread, folded where they are many, who held it, and the axis.
pub(crate) fn by_thread(scene: &SceneTrace, layout: &Layout, page: &Page) -> String {
    let lanes = thread_lanes(scene, layout.axis);
    let draw = |lanes: &[ThreadLane]| lanes.iter().map(|lane| thread_rows(lane, layout, page)).collect::<String>();
    let rows = match chart::fold(&lanes, chart::MOST_LANES) {
        None => draw(&lanes),
        Some((first, folded, last)) => {
            let more = layout.row(folded_name(page), "", &more(folded.len()), page);
            draw(first) + &more + &draw(last)
        }
    };
    rows + &axis(layout, page)
}

fn thread_rows(lane: &ThreadLane, layout: &Layout, page: &Page) -> String {
    let detail = format!("{:>DURATION$}  held", page.line(&duration(lane.busy)));
    let mut rows = layout.row(&page.line(&lane.name), &cells(&lane.cells, page), &detail, page);
    let names = names_below(lane, page);
    if !names.is_empty() {
        rows += &format!("{}{}\n", layout.label(""), page.paint(Role::Dim, names));
    }
    rows + &paragraph(page, &layout.label(""), &page.line(&shares(lane)))
}

/// Of those who held a thread, how many are named with their time.
const MOST_SHARES: usize = 8;

/// Who held a thread for how long, those first who held it longest.
pub(in crate::render) fn shares(lane: &ThreadLane) -> String {
    let share = |share: &Share| format!("{} {}", share.task, duration(share.time));
    let mut shares: Vec<String> = lane.shares.iter().take(MOST_SHARES).map(share).collect();
    if let Some(more) = lane.shares.len().checked_sub(MOST_SHARES).filter(|more| *more > 0) {
        shares.push(format!("{} more", grouped(more)));
    }
    shares.join(", ")
}

/// Returns the line below a thread's cells: the names of the tasks that held it, where there is room for them.
fn names_below(lane: &ThreadLane, page: &Page) -> String {
    let mut line = String::new();
    for (index, holding) in lane.holdings.iter().enumerate() {
        // A name may run on into the free cells behind its own.
        let next = lane.holdings.get(index + 1).map_or(lane.cells.len(), |next| next.first_cell);
        let room = (next - holding.first_cell).saturating_sub(1).max(holding.cells);
        let name = page.line(&holding.task);
        if columns(&line) <= holding.first_cell && columns(&name) <= room {
            line = pad(&line, holding.first_cell) + &name;
        }
    }
    line
}

/// The axis and its labels.
fn axis(layout: &Layout, page: &Page) -> String {
    let label = layout.label("");
    axis_lines(layout.axis, page).map(|line| format!("{label}{}\n", page.paint(Role::Dim, line))).concat()
}

/// The axis, and below it the labels of its ticks.
pub(crate) fn axis_lines(axis: Axis, page: &Page) -> [String; 2] {
    let (ticks, unit) = axis.ticks(8);
    let (glyphs, cells) = (page.glyphs(), axis.cells);
    let mut line = vec![glyphs.axis; cells];
    for tick in &ticks {
        line[tick.cell.min(cells - 1)] = glyphs.axis_tick;
    }
    line[cells - 1] = glyphs.axis_end;
    line[0] = glyphs.axis_start;
    let mut labels = String::new();
    for (index, tick) in ticks.iter().enumerate() {
        let last = index + 1 == ticks.len();
        let label = if last { format!("{} {}", tick.label, page.line(unit)) } else { tick.label.clone() };
        let centred = tick.cell.saturating_sub(columns(&tick.label) / 2);
        let at = centred.min((cells + 1).saturating_sub(columns(&label)));
        if index == 0 || at > columns(&labels) {
            labels = pad(&labels, at) + &label;
        }
    }
    [line.into_iter().collect(), labels.trim_end().to_owned()]
}

/// What the states mean.
pub(in crate::render) const STATES: [(State, &str); 3] = [
    (State::Waiting, "waiting: it gave the thread back"),
    (State::Ready, "ready: it wants the thread"),
    (State::Running, "running: it holds the thread"),
];

/// What the lanes' characters mean.
pub(in crate::render) fn legend(page: &Page) -> String {
    let entries: Vec<String> = STATES
        .iter()
        .map(|(state, text)| {
            let (glyph, role) = drawn(*state, page);
            let text = paragraph(page, "     ", text);
            format!("   {} {}", page.paint(role, glyph), text.trim_start())
        })
        .collect();
    let width: usize = 3 + entries.len() * 34;
    if page.width < width { entries.concat() } else { entries.concat().replace('\n', "") + "\n" }
}
