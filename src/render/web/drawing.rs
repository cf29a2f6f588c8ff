//! A scene's chart as shapes of SVG, for `svg.rs` and `html.rs`.
//!
//! Across, everything is placed in percent of the axis, so that a page can stretch the axis without stretching text;
//! down, in pixels. Each shape carries its exact times in nanoseconds: `html.js` shows them, tests read them back.
//! Colours and patterns are in `drawing.css`.

use crate::chart::threads::{ThreadLane, thread_lanes};
use crate::chart::{Axis, Cell, Folded, MOST_LANES, SpanRow, View, fold, span_rows};
use crate::page::{Role, fit};
use crate::render::markup::{escape, line};
use crate::render::text::lanes::{STATES, more, outcome, shares};
use crate::trace::{Outcome, SceneTrace, Span, Task};
use crate::units::duration;

/// Shapes, and how many pixels high they are; as wide as what they are put in.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) shapes: String,
    pub(super) height: usize,
}

/// What the page of a drawing is to have as its style.
pub(super) const STYLE: &str = include_str!("drawing.css");

/// From a lane's label to the next one's, in pixels.
const LANE: usize = 38;
/// Where a lane's bar begins below that,
const BAR: usize = 18;
/// and how high it is.
const BAR_HEIGHT: usize = 12;
/// Where a thread was held for a moment only, it is lower.
const MOMENT: usize = 4;
/// More room for a lane with a note.
const NOTE: usize = 16;
const AXIS: usize = 26;
/// Columns of a name and of a note; more are cut here and can be read in the lane's title.
const NAME: usize = 24;
const TOLD: usize = 56;
/// The least width of a bar, in percent: what was there is seen.
const LEAST: f64 = 0.15;

/// The axis of all scenes of a run, in cells of about a pixel on a slide.
pub(super) fn axis(extent: u64) -> Axis {
    Axis::new(extent, 960)
}

/// The lanes of `scene` above the axis.
pub(super) fn scene(scene: &SceneTrace, view: View, axis: Axis) -> Drawing {
    let mut lanes = Drawing::default();
    match view {
        View::Task => {
            for row in span_rows(scene, axis, MOST_LANES) {
                match row {
                    SpanRow::Lane(task, spans) => lanes.task(scene, task, &spans, axis),
                    SpanRow::Folded(folded) => lanes.folded(&folded, axis),
                }
            }
        }
        View::Thread => lanes.threads(&thread_lanes(scene, axis), axis),
    }
    let (grid, labels) = ticks(axis, lanes.height);
    Drawing { shapes: format!("{grid}{}{labels}", lanes.shapes), height: lanes.height + AXIS }
}

/// What a lane is about, beside its bars.
struct Label<'a> {
    name: &'a str,
    /// What stands at its end, and how that is painted.
    detail: String,
    class: &'static str,
    /// What stands below, and how that is painted.
    note: Option<(&'static str, String)>,
    /// What a pointer that rests on the lane is told.
    title: String,
    /// Attributes for programs.
    data: String,
}

impl Drawing {
    fn task(&mut self, scene: &SceneTrace, task: &Task, spans: &[Span], axis: Axis) {
        let (role, outcome) = outcome(&task.outcome);
        let lifetime = scene.began(task).map(|_| scene.lifetime(task));
        let lasted = lifetime.map_or_else(|| "never ran".to_owned(), duration);
        let message = match &task.outcome {
            Outcome::Panicked { message } => message.as_str(),
            _ => "",
        };
        let note = Some(("bad", message.to_owned())).filter(|_| !message.is_empty());
        let detail = format!("{lasted} · {outcome}");
        let title = format!("{}: {lasted}, {outcome} {message}", task.name);
        let lasts = lifetime.map_or_else(String::new, |lifetime| format!(" data-lifetime=\"{lifetime}\""));
        let data = format!("{lasts} data-outcome=\"{outcome}\"");
        let label = Label { name: &task.name, detail, class: class(role), note, title, data };
        self.lane(&label, &spans.iter().map(|span| bar(span, axis)).collect::<String>());
    }

    /// A strip that is as high in each place as so many of the lanes are in flight there.
    fn folded(&mut self, folded: &Folded, axis: Axis) {
        let mut cell = 0;
        let strip = folded.in_flight.chunk_by(|a, b| a == b).map(|run| {
            let (start, end) = (axis.start(cell), axis.start(cell + run.len()));
            cell += run.len();
            let height = (run[0] * BAR_HEIGHT).div_ceil(folded.count.max(1));
            let data = format!("data-from=\"{start}\" data-to=\"{end}\" data-in-flight=\"{}\"", run[0]);
            if height == 0 { String::new() } else { rect("folded", (start, end), height, &data, axis) }
        });
        let (detail, title) = (more(folded.count), format!("{} more lanes", folded.count));
        let label = Label { name: "⋮", detail, class: "", note: None, title, data: String::new() };
        self.lane(&label, &strip.collect::<String>());
    }

    fn threads(&mut self, lanes: &[ThreadLane], axis: Axis) {
        match fold(lanes, MOST_LANES) {
            None => lanes.iter().for_each(|lane| self.thread(lane, axis)),
            Some((first, middle, last)) => {
                first.iter().for_each(|lane| self.thread(lane, axis));
                let none = Folded { count: middle.len(), in_flight: Vec::new() };
                self.folded(&none, axis);
                last.iter().for_each(|lane| self.thread(lane, axis));
            }
        }
    }

    fn thread(&mut self, lane: &ThreadLane, axis: Axis) {
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
        let (busy, shares) = (duration(lane.busy), shares(lane));
        let title = format!("{}: held for {busy}: {shares}", lane.name);
        let data = format!(" data-busy=\"{}\"", lane.busy);
        let note = Some(("dim", shares)).filter(|(_, shares)| !shares.is_empty());
        let label = Label { name: &lane.name, detail: format!("{busy} held"), class: "", note, title, data };
        self.lane(&label, &bars.collect::<String>());
    }

    fn lane(&mut self, label: &Label<'_>, bars: &str) {
        let (name, shown, data) = (line(label.name), line(&fit(label.name, NAME)), &label.data);
        let (title, class, detail) = (line(&label.title), label.class, escape(&label.detail));
        self.shapes += &format!(
            "<g class=\"lane\" transform=\"translate(0 {})\" data-name=\"{name}\"{data}>\n<title>{title}</title>\n\
             <text class=\"name\" x=\"0\" y=\"13\">{shown}</text>\n\
             <text class=\"end {class}\" x=\"100%\" y=\"13\">{detail}</text>\n{bars}",
            self.height
        );
        self.height += LANE;
        if let Some((class, note)) = &label.note {
            let (note, y) = (line(&fit(note, TOLD)), LANE + 8);
            self.shapes += &format!("<text class=\"note {class}\" x=\"0\" y=\"{y}\">{note}</text>\n");
            self.height += NOTE;
        }
        self.shapes += "</g>\n";
    }
}

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

fn rect(class: &str, (start, end): (u64, u64), height: usize, data: &str, axis: Axis) -> String {
    let width = (percent(end, axis) - percent(start, axis)).max(LEAST);
    let x = shortest(percent(start, axis).min(100.0 - width));
    let (y, width) = (BAR + BAR_HEIGHT - height, shortest(width));
    format!("<rect class=\"{class}\" x=\"{x}%\" y=\"{y}\" width=\"{width}%\" height=\"{height}\" {data}/>\n")
}

/// Where on the axis a moment is; what lies beyond it is at its end.
fn percent(at: u64, axis: Axis) -> f64 {
    100.0 * at.min(axis.extent) as f64 / axis.extent as f64
}

fn shortest(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Lines down through lanes of `height` pixels, and the labels below.
fn ticks(axis: Axis, height: usize) -> (String, String) {
    let (ticks, unit) = axis.ticks(axis.cells / 10);
    let (mut lines, mut labels) = (String::new(), String::new());
    for (index, tick) in ticks.iter().enumerate() {
        let at = percent(tick.at, axis);
        let anchor = match at {
            0.0 => "start",
            at if at > 95.0 => "end",
            _ => "middle",
        };
        let label = if index + 1 == ticks.len() { format!("{} {unit}", tick.label) } else { tick.label.clone() };
        let (at, foot) = (shortest(at), height + 6);
        lines += &format!("<line class=\"grid\" x1=\"{at}%\" x2=\"{at}%\" y1=\"0\" y2=\"{foot}\"/>\n");
        let y = height + 20;
        labels += &format!("<text class=\"tick\" x=\"{at}%\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>\n");
    }
    labels += &format!("<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{height}\" y2=\"{height}\"/>\n");
    (lines, labels)
}

/// What the bars of such lanes mean, and the patterns that they are filled with: it has to be on the page.
pub(super) fn legend(view: View) -> Drawing {
    let entries: &[_] = match view {
        View::Task => &STATES.map(|(state, text)| (state.name(), text)),
        View::Thread => &[("running", "held by a task"), ("moment", "held for less than half of the time")],
    };
    let mut legend = Drawing { shapes: PATTERNS.to_owned(), height: 0 };
    for (class, text) in entries {
        let height = if *class == "moment" { MOMENT } else { BAR_HEIGHT };
        let (y, text_y) = (legend.height + 3 + BAR_HEIGHT - height, legend.height + 14);
        legend.shapes += &format!(
            "<rect class=\"{class}\" x=\"1\" y=\"{y}\" width=\"36\" height=\"{height}\"/>\n\
             <text x=\"48\" y=\"{text_y}\">{text}</text>\n"
        );
        legend.height += 20;
    }
    legend
}

/// Slanted lines for waiting, a check for ready; running is solid.
const PATTERNS: &str = "\
<defs>
<pattern id=\"waiting\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">
<rect class=\"waiting-ground\" width=\"6\" height=\"6\"/><path class=\"waiting-line\" d=\"M-1 7L7 -1M-1 1L1 -1M5 7L7 5\"/>
</pattern>
<pattern id=\"ready\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">
<rect class=\"ready-ground\" width=\"4\" height=\"4\"/><path class=\"ready-check\" d=\"M0 0h2v2h-2zM2 2h2v2h-2z\"/>
</pattern>
</defs>
";
