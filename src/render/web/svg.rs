//! A run as one picture for slides and pages: the charts of all scenes on one axis, names, figures, the legend.
//!
//! It needs nothing from outside, runs no script, and says its result in words to those who do not see it.

use std::io::{self, Write};

use super::drawing::{self, Drawing, STYLE};
use crate::chart::{Axis, MOST_LANES, View};
use crate::page::Page;
use crate::render::Report;
use crate::render::markup::{finished, line};
use crate::render::text::lanes::outcome;
use crate::trace::{Clock, Outcome, SceneTrace, Task};
use crate::units::duration;

/// In pixels, where it is not enlarged.
const WIDTH: usize = 960;
const MARGIN: usize = 24;
/// From the top of a scene to its lanes,
const TITLE: usize = 30;
/// and from its axis to the next one's.
const GAP: usize = 18;

/// The whole file.
pub(in crate::render) fn write(report: &Report<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let axis = drawing::axis(report.trace.extent());
    let mut picture = Drawing { shapes: String::new(), height: 56 };
    let mut numbers = report.numbers();
    for scene in &report.trace.scenes {
        picture.scene(scene, numbers.next(&scene.name), report.view, axis);
    }
    for skipped in &report.trace.skipped {
        let number = numbers.next(&skipped.scene);
        picture.text("", &format!("{number} · {}, skipped: {}", skipped.title, skipped.reason), "");
        picture.height += GAP;
    }
    picture.put(&drawing::legend(report.view), "");
    let (shapes, height) = (picture.shapes, picture.height + MARGIN);
    let title = line(&report.title());
    let result = line(&result(report));
    let document = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title result\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"result\">{result}</desc>\n<style>\n{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"38\">{title}</text>\n{shapes}</svg>\n"
    );
    out.write_all(finished(&document, page).as_bytes())
}

impl Drawing {
    fn scene(&mut self, scene: &SceneTrace, number: usize, view: View, axis: Axis) {
        let title = format!("{number} · {}", scene.title);
        self.text("name", &title, &lasted(scene));
        self.height += TITLE;
        let attributes = format!(" data-scene=\"{}\" data-wall=\"{}\"", line(&scene.name), scene.wall);
        self.put(&drawing::scene(scene, view, axis), &attributes);
        self.height += GAP;
    }

    /// A line of text, and what stands at its end.
    fn text(&mut self, class: &str, text: &str, end: &str) {
        let (y, end_x) = (self.height + 16, WIDTH - MARGIN);
        self.shapes += &format!("<text class=\"{class}\" x=\"{MARGIN}\" y=\"{y}\">{}</text>\n", line(text));
        self.shapes += &format!("<text class=\"end\" x=\"{end_x}\" y=\"{y}\">{}</text>\n", line(end));
    }

    /// Puts `inner` below everything else, between the margins.
    fn put(&mut self, inner: &Drawing, attributes: &str) {
        let (width, Drawing { shapes, height }) = (WIDTH - 2 * MARGIN, inner);
        self.shapes += &format!(
            "<svg x=\"{MARGIN}\" y=\"{}\" width=\"{width}\" height=\"{height}\" overflow=\"visible\"{attributes}>\n{shapes}</svg>\n",
            self.height
        );
        self.height += height;
    }
}

/// How long a scene took, and what became of it if it did not end well.
pub(super) fn lasted(scene: &SceneTrace) -> String {
    let wall = duration(scene.wall);
    match &scene.outcome {
        Outcome::Done => wall,
        other => format!("{wall}, {}", outcome(other).1),
    }
}

/// What a run's picture shows, in words.
pub(super) fn result(report: &Report<'_>) -> String {
    let trace = report.trace;
    let clock = if trace.clock == Clock::Virtual { "On the virtual clock. " } else { "" };
    let walls = trace.scenes.iter().map(|scene| format!("“{}” took {}", scene.title, lasted(scene)));
    let walls = walls.collect::<Vec<_>>().join("; ");
    let lanes: String = trace.scenes.iter().map(|scene| format!(" {}", in_words(scene))).collect();
    format!("{clock}{walls}.{lanes}")
}

/// A scene's lanes in words; where they are folded, how many they are.
pub(super) fn in_words(scene: &SceneTrace) -> String {
    let count = scene.lane_count();
    if count > MOST_LANES {
        return format!("“{}” has {count} lanes, of which {} were there at once.", scene.title, scene.peak_tasks());
    }
    let lane = |task: &Task| match scene.began(task) {
        Some(from) => {
            let (from, lasted) = (duration(from), duration(scene.lifetime(task)));
            format!("{} for {lasted} from {from} on, {}", task.name, outcome(&task.outcome).1)
        }
        None => format!("{} never ran", task.name),
    };
    let lanes: Vec<String> = scene.lanes().map(lane).collect();
    format!("Lanes of “{}”: {}.", scene.title, lanes.join("; "))
}
