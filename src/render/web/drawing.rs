//! A scene's chart as shapes of SVG, for `svg.rs` and `html.rs`.
//!
//! Horizontal places are in percent of the axis, so that a page can stretch the axis without stretching text; vertical
//! ones are in pixels. Each shape carries its exact times in nanoseconds: `html.js` shows them, and tests read them
//! back. Colours and patterns are in `drawing.css`.

use crate::chart::threads::{ThreadLane, thread_lanes};
use crate::chart::{Axis, Cell, Folded, Lanes, Shown, SpanRow, View, fold, span_rows};
use crate::render::markup::{escape, line};
use crate::render::text::lanes::{more, outcome};
use crate::render::text::legend::states_of;
use crate::render::text::thread_lanes::shares;
use crate::style::{Role, fit};
use crate::trace::{Nanos, Outcome, SceneTrace, Span, TaskId};
use crate::units::duration;

/// Shapes below each other. They are as wide as the element that they are put in.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// SVG elements.
    pub(super) shapes: String,
    /// Pixels from the top to the bottom of the shapes.
    pub(super) height: usize,
    /// When the lanes end, from the top to the bottom. `None` for a lane whose texts do not depend on its end.
    pub(super) ends: Vec<Option<Nanos>>,
}

/// Returns the style sheet that a document with drawings must contain. It applies to elements of the class `scope` and to
/// what is in them, and uses the patterns of the same scope: see [`patterns`].
pub(super) fn style(scope: &str) -> String {
    // The file is no style sheet yet: SCOPE stands where the name belongs.
    include_str!("drawing.css").replace("SCOPE", scope)
}

/// Height of a lane with its label, in pixels.
const LANE: usize = 38;
/// Pixels from the top of a lane to its bar.
const BAR: usize = 18;
/// Height of a bar, in pixels.
const BAR_HEIGHT: usize = 12;
/// Height of a bar where a thread was held for less than half of a cell, in pixels.
const MOMENT: usize = 4;
/// Height of a lane's note, in pixels.
const NOTE: usize = 16;
/// Height of the axis with its labels, in pixels.
const AXIS: usize = 26;
/// Most columns of a name. Longer names are cut; the lane's title has them in full.
const NAME_COLUMNS: usize = 24;
/// Most columns of a note. Longer notes are cut; the lane's title has them in full.
const NOTE_COLUMNS: usize = 56;
/// Least width of a bar, in percent, so that even the shortest span can be seen.
const LEAST: f64 = 0.15;

/// Returns the axis of all scenes of a run. A cell is about a pixel wide on a slide.
pub(super) fn axis(extent: Nanos) -> Axis {
    Axis::new(extent, 960)
}

/// Returns the attributes that a task's lane has beside its own, each with a blank before it.
pub(super) type LaneData<'a> = &'a dyn Fn(TaskId) -> String;

/// Draws the lanes of `scene` that are shown above the axis, which is all of the time: a page can be enlarged.
pub(super) fn scene(scene: &SceneTrace, view: View, shown: &Shown, axis: Axis, more: LaneData<'_>) -> Drawing {
    let mut lanes = Drawing::default();
    match view {
        View::Task => {
            for row in span_rows(scene, axis, &Shown { window: None, ..shown.clone() }) {
                match row {
                    SpanRow::Lane(id, spans) => lanes.task(scene, id, &spans, axis, more),
                    SpanRow::Folded(folded) => lanes.folded(&folded, axis),
                }
            }
        }
        View::Thread => lanes.threads(&thread_lanes(scene, axis), scene.wall, axis),
    }
    let (grid, labels) = ticks(axis, lanes.height);
    Drawing { shapes: format!("{grid}{}{labels}", lanes.shapes), height: lanes.height + AXIS, ends: lanes.ends }
}

/// The texts of a lane.
struct Label<'a> {
    name: &'a str,
    /// The text at the end of the lane.
    detail: String,
    /// The CSS class of `detail`.
    class: &'static str,
    /// The text below the lane.
    note: Option<Note>,
    /// The text that is shown while the pointer rests on the lane.
    title: String,
    /// Attributes for scripts and tests, each with a blank before it.
    data: String,
    /// When the lane ends: see [`Drawing::ends`].
    end: Option<Nanos>,
}

/// A text below a lane.
struct Note {
    /// Its CSS class.
    class: &'static str,
    text: String,
}

impl Drawing {
    fn task(&mut self, scene: &SceneTrace, id: TaskId, spans: &[Span], axis: Axis, more: LaneData<'_>) {
        let Some(task) = scene.task(id) else { return };
        let (role, outcome) = outcome(scene, &task.outcome);
        let began = scene.began(task);
        let lifetime = began.map(|_| scene.lifetime(task));
        let message = match &task.outcome {
            Outcome::Panicked { message } => message.as_str(),
            _ => "",
        };
        let (lasted, data) = match lifetime {
            Some(lifetime) => (duration(lifetime), format!(" data-lifetime=\"{lifetime}\"")),
            None => ("never ran".to_owned(), String::new()),
        };
        let data = format!("{data} data-outcome=\"{outcome}\"{}", more(id));
        let detail = format!("{lasted} · {outcome}");
        let title = format!("{}: {lasted}, {outcome} {message}", task.name);
        let note = note("bad", message);
        let end = began.map(|began| began + scene.lifetime(task));
        // As in text, the names of helpers are in parentheses.
        let name = if scene.is_helper(task) { format!("({})", task.name) } else { task.name.to_string() };
        let label = Label { name: &name, detail, class: class(role), note, title, data, end };
        self.lane(&label, &spans.iter().map(|span| bar(span, axis)).collect::<String>());
    }

    /// Adds a lane for folded tasks: a strip whose height shows how many of them are in flight.
    fn folded(&mut self, folded: &Folded, axis: Axis) {
        let mut cell = 0;
        let strip = folded.in_flight.chunk_by(|a, b| a == b).map(|run| {
            let (start, end) = (axis.start(cell), axis.start(cell + run.len()));
            cell += run.len();
            let height = (run[0] * BAR_HEIGHT).div_ceil(folded.count.max(1));
            let data = format!("data-from=\"{start}\" data-to=\"{end}\" data-in-flight=\"{}\"", run[0]);
            if height == 0 { String::new() } else { rect("folded", (start, end), height, &data, axis) }
        });
        let detail = more(folded.count);
        let title = format!("{} more lanes", folded.count);
        let data = format!(" data-lanes=\"{}\"", folded.count);
        let label = Label { name: "⋮", detail, class: "", note: None, title, data, end: None };
        self.lane(&label, &strip.collect::<String>());
    }

    /// Adds a lane for each thread. They all end with the scene, at `end`.
    fn threads(&mut self, lanes: &[ThreadLane], end: Nanos, axis: Axis) {
        match fold(lanes, Lanes::FOLDED.most) {
            None => lanes.iter().for_each(|lane| self.thread(lane, end, axis)),
            Some((first, middle, last)) => {
                first.iter().for_each(|lane| self.thread(lane, end, axis));
                let none = Folded { count: middle.len(), in_flight: Vec::new() };
                self.folded(&none, axis);
                last.iter().for_each(|lane| self.thread(lane, end, axis));
            }
        }
    }

    fn thread(&mut self, lane: &ThreadLane, end: Nanos, axis: Axis) {
        let bars = lane.holdings.iter().flat_map(|holding| {
            let mut cell = holding.first_cell;
            let cells = lane.cells.get(cell..cell + holding.cells).unwrap_or_default();
            cells.chunk_by(|a, b| a == b).map(move |run| {
                let (start, end) = (axis.start(cell), axis.start(cell + run.len()));
                cell += run.len();
                let data = format!("data-from=\"{start}\" data-to=\"{end}\" data-who=\"{}\"", line(&holding.task));
                match run[0] {
                    Cell::Moment => rect("moment", (start, end), MOMENT, &data, axis),
                    _ => rect("running", (start, end), BAR_HEIGHT, &data, axis),
                }
            })
        });
        let held = duration(lane.held);
        let shares = shares(lane);
        let title = format!("{}: held for {held}: {shares}", lane.name);
        let data = format!(" data-held=\"{}\"", lane.held);
        let note = note("dim", &shares);
        let detail = format!("{held} held");
        let label = Label { name: &lane.name, detail, class: "", note, title, data, end: Some(end) };
        self.lane(&label, &bars.collect::<String>());
    }

    fn lane(&mut self, label: &Label<'_>, bars: &str) {
        let name = line(label.name);
        let shown = line(&fit(label.name, NAME_COLUMNS));
        let title = line(&label.title);
        let detail = escape(&label.detail);
        let Label { class, data, .. } = label;
        self.ends.push(label.end);
        self.shapes += &format!(
            "<g class=\"lane\" transform=\"translate(0 {})\" data-name=\"{name}\"{data}>\n<title>{title}</title>\n\
             <text class=\"name\" x=\"0\" y=\"13\">{shown}</text>\n\
             <text class=\"end {class}\" x=\"100%\" y=\"13\">{detail}</text>\n{bars}",
            self.height
        );
        self.height += LANE;
        if let Some(Note { class, text }) = &label.note {
            let note = line(&fit(text, NOTE_COLUMNS));
            let y = LANE + 8;
            self.shapes += &format!("<text class=\"note {class}\" x=\"0\" y=\"{y}\">{note}</text>\n");
            self.height += NOTE;
        }
        self.shapes += "</g>\n";
    }
}

/// Makes the note below a lane; `None` if there is nothing to say.
fn note(class: &'static str, text: &str) -> Option<Note> {
    if text.is_empty() { None } else { Some(Note { class, text: text.to_owned() }) }
}

/// Returns the CSS class of texts that a terminal paints in this role.
fn class(role: Role) -> &'static str {
    match role {
        Role::Warn => "warn",
        Role::Bad => "bad",
        _ => "dim",
    }
}

fn bar(span: &Span, axis: Axis) -> String {
    let data = format!("data-from=\"{}\" data-to=\"{}\"", span.start, span.end);
    rect(span.state.name(), (span.start, span.end), BAR_HEIGHT, &data, axis)
}

fn rect(class: &str, (start, end): (Nanos, Nanos), height: usize, data: &str, axis: Axis) -> String {
    let width = (percent(end, axis) - percent(start, axis)).max(LEAST);
    let x = shortest(percent(start, axis).min(100.0 - width));
    let y = BAR + BAR_HEIGHT - height;
    let width = shortest(width);
    format!("<rect class=\"{class}\" x=\"{x}%\" y=\"{y}\" width=\"{width}%\" height=\"{height}\" {data}/>\n")
}

/// Returns the place of a moment on the axis, in percent. Moments beyond the axis are at its end.
fn percent(at: Nanos, axis: Axis) -> f64 {
    100.0 * at.min(axis.extent).ratio(axis.extent)
}

/// Writes a number with up to four decimals, without zeros at the end.
fn shortest(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns the vertical lines of the ticks, to be drawn behind lanes of `height` pixels, and the axis with its labels, to be
/// drawn below them.
fn ticks(axis: Axis, height: usize) -> (String, String) {
    let (ticks, unit) = axis.ticks(axis.cells / 10);
    let mut lines = String::new();
    let mut labels = String::new();
    for (index, tick) in ticks.iter().enumerate() {
        let at = percent(tick.at, axis);
        let anchor = match at {
            0.0 => "start",
            at if at > 95.0 => "end",
            _ => "middle",
        };
        let label = if index + 1 == ticks.len() { format!("{} {unit}", tick.label) } else { tick.label.clone() };
        let at = shortest(at);
        let foot = height + 6;
        lines += &format!("<line class=\"grid\" x1=\"{at}%\" x2=\"{at}%\" y1=\"0\" y2=\"{foot}\"/>\n");
        let y = height + 20;
        labels += &format!("<text class=\"tick\" x=\"{at}%\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>\n");
    }
    labels += &format!("<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{height}\" y2=\"{height}\"/>\n");
    (lines, labels)
}

/// Draws the legend of a view.
pub(super) fn legend(scenes: &[SceneTrace], view: View) -> Drawing {
    let entries: Vec<(&str, &str)> = match view {
        View::Task => states_of(scenes).map(|(state, text)| (state.name(), text)).collect(),
        View::Thread => vec![("running", "held by a task"), ("moment", "held for less than half of the time")],
    };
    let mut legend = Drawing::default();
    for (class, text) in entries {
        let height = if class == "moment" { MOMENT } else { BAR_HEIGHT };
        let y = legend.height + 3 + BAR_HEIGHT - height;
        let text_y = legend.height + 14;
        legend.shapes += &format!(
            "<rect class=\"{class}\" x=\"1\" y=\"{y}\" width=\"36\" height=\"{height}\"/>\n\
             <text x=\"48\" y=\"{text_y}\">{text}</text>\n"
        );
        legend.height += 20;
    }
    legend
}

/// Returns the patterns of the bars: slanted lines for waiting, crosses for held, a check for ready, upright stripes for
/// blocked. Running is solid and needs none.
///
/// A document with drawings must contain them once. Their ids begin with `scope`, by which [`style`] refers to them.
pub(super) fn patterns(scope: &str) -> String {
    PATTERNS.replace("SCOPE", scope)
}

const PATTERNS: &str = "\
<defs>
<pattern id=\"SCOPE-waiting\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">
<rect class=\"waiting-ground\" width=\"6\" height=\"6\"/><path class=\"waiting-line\" d=\"M-1 7L7 -1M-1 1L1 -1M5 7L7 5\"/>
</pattern>
<pattern id=\"SCOPE-ready\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">
<rect class=\"ready-ground\" width=\"4\" height=\"4\"/><path class=\"ready-check\" d=\"M0 0h2v2h-2zM2 2h2v2h-2z\"/>
</pattern>
<pattern id=\"SCOPE-held\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">
<rect class=\"held-ground\" width=\"6\" height=\"6\"/><path class=\"held-cross\" d=\"M0 0L6 6M6 0L0 6\"/>
</pattern>
<pattern id=\"SCOPE-blocked\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">
<rect class=\"blocked-ground\" width=\"6\" height=\"6\"/><path class=\"blocked-stripe\" d=\"M0 0h3v6h-3z\"/>
</pattern>
</defs>
";
