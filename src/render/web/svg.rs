//! A run as one SVG picture for slides and pages: the charts of all scenes on one axis, with names, figures and a legend.
//!
//! It loads nothing and runs no script. Its description says the result in words, for screen readers. It can be put into
//! a page as it is: its rules and its ids are its own.

use std::io::{self, Write};

use super::digest;
use super::drawing::{self, Drawing};
use super::motion::{self, Motion};
use crate::chart::{Axis, Lanes};
use crate::render::Report;
use crate::render::markup::{finished, line};
use crate::render::text::lanes::outcome;
use crate::style::Style;
use crate::trace::{Clock, Nanos, Outcome, SceneTrace, Task};
use crate::units::duration;

/// Width of the picture in pixels, when it is not enlarged.
const WIDTH: usize = 960;
/// Pixels around everything.
const MARGIN: usize = 24;
/// Pixels from the top of a scene's title to its lanes.
const TITLE: usize = 30;
/// Pixels below a scene's axis.
const GAP: usize = 18;

/// Writes the whole file.
pub(in crate::render) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(finished(&document(report, Form::Still), style).as_bytes())
}

/// Writes the whole file as a picture whose lanes grow: see [`motion`].
pub(in crate::render) fn write_animated(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(finished(&document(report, Form::Animated), style).as_bytes())
}

/// Whether a picture moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Still,
    Animated,
}

fn document(report: &Report<'_>, form: Form) -> String {
    let axis = drawing::axis(report.trace.extent());
    let mut picture = Drawing { height: 56, ..Drawing::default() };
    let mut motion = Motion::new(axis.extent);
    let mut numbers = report.numbers();
    for (index, scene) in report.trace.scenes.iter().enumerate() {
        let ends = picture.scene(scene, numbers.of(scene), report, axis);
        motion.scene(index, scene.wall, &ends);
    }
    for skipped in &report.trace.skipped {
        let number = numbers.of_skipped(skipped);
        picture.text("", &format!("{number} · {}, skipped: {}", skipped.title, skipped.reason), "");
        picture.height += GAP;
    }
    picture.put(&drawing::legend(&report.trace.scenes, report.view), "");
    let shapes = picture.shapes;
    let height = picture.height + MARGIN;
    let title = line(&report.title());
    let result = line(&result(report));
    let scope = digest::scope(&[&title, &result, &shapes, &format!("{form:?}")]);
    let (mut defs, mut css) = (drawing::patterns(&scope), drawing::style(&scope));
    if form == Form::Animated {
        defs += &motion::curtain(&scope, WIDTH - 2 * MARGIN);
        css += &motion.style(&scope);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{scope}\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{scope}-title {scope}-result\">\n\
         <title id=\"{scope}-title\">{title}</title>\n<desc id=\"{scope}-result\">{result}</desc>\n<style>\n{css}</style>\n\
         {defs}<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"38\">{title}</text>\n{shapes}</svg>\n"
    )
}

impl Drawing {
    /// Adds a scene below everything else. Returns when its lanes end: see [`Drawing::ends`].
    fn scene(&mut self, scene: &SceneTrace, number: usize, report: &Report<'_>, axis: Axis) -> Vec<Option<Nanos>> {
        let title = format!("{number} · {}", scene.title);
        self.text("name", &title, &lasted(scene));
        self.height += TITLE;
        let attributes = format!(" data-scene=\"{}\" data-wall=\"{}\"", line(&scene.name), scene.wall);
        let lanes = drawing::scene(scene, report.view, &report.shown, axis, &|_| String::new());
        self.put(&lanes, &attributes);
        self.height += GAP;
        lanes.ends
    }

    /// Adds a line of text, with `end` at the right margin. Does not move what comes next down.
    fn text(&mut self, class: &str, text: &str, end: &str) {
        let y = self.height + 16;
        let end_x = WIDTH - MARGIN;
        self.shapes += &format!("<text class=\"{class}\" x=\"{MARGIN}\" y=\"{y}\">{}</text>\n", line(text));
        self.shapes += &format!("<text class=\"end\" x=\"{end_x}\" y=\"{y}\">{}</text>\n", line(end));
    }

    /// Adds `inner` below everything else, between the margins. Each of `attributes` has a blank before it.
    fn put(&mut self, inner: &Drawing, attributes: &str) {
        let width = WIDTH - 2 * MARGIN;
        let Drawing { shapes, height, .. } = inner;
        self.shapes += &format!(
            "<svg x=\"{MARGIN}\" y=\"{}\" width=\"{width}\" height=\"{height}\" overflow=\"visible\"{attributes}>\n{shapes}</svg>\n",
            self.height
        );
        self.height += height;
    }
}

/// Returns how long a scene took, and its outcome unless it is done.
pub(super) fn lasted(scene: &SceneTrace) -> String {
    let wall = duration(scene.wall);
    if scene.outcome == Outcome::Done {
        return wall;
    }
    let (_, outcome) = outcome(scene, &scene.outcome);
    format!("{wall}, {outcome}")
}

/// Returns what the picture of a run shows, in words.
pub(super) fn result(report: &Report<'_>) -> String {
    let trace = report.trace;
    let clock = if trace.clock == Clock::Virtual { "On the virtual clock. " } else { "" };
    let walls = trace.scenes.iter().map(|scene| format!("“{}” took {}", scene.title, lasted(scene)));
    let walls = walls.collect::<Vec<_>>().join("; ");
    let lanes: String = trace.scenes.iter().map(|scene| format!(" {}", in_words(scene))).collect();
    format!("{clock}{walls}.{lanes}")
}

/// Returns the lanes of a scene in words; only their number if they are folded.
pub(super) fn in_words(scene: &SceneTrace) -> String {
    let count = scene.lane_count();
    if count > Lanes::FOLDED.most {
        return format!("“{}” has {count} lanes, of which {} were there at once.", scene.title, scene.peak_tasks());
    }
    let lane = |task: &Task| match scene.began(task) {
        Some(from) => {
            let from = duration(from);
            let lasted = duration(scene.lifetime(task));
            let (_, outcome) = outcome(scene, &task.outcome);
            format!("{} for {lasted} from {from} on, {outcome}", task.name)
        }
        None => format!("{} never ran", task.name),
    };
    let lanes: Vec<String> = scene.lanes().map(lane).collect();
    format!("Lanes of “{}”: {}.", scene.title, lanes.join("; "))
}
