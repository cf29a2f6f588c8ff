//! The figures as comma-separated values: a row for each scene, times in whole nanoseconds, for a spreadsheet.
//!
//! Figures are plain numbers; text that a spreadsheet would take for a formula is set off by an apostrophe. Knows the
//! figures and nothing of how `table.rs` shows them to people.

use std::io::{self, Write};

use ::csv::ErrorKind;

use crate::page::{Page, sanitize};
use crate::render::Report;
use crate::trace::{Clock, SceneTrace, Trace};
use crate::units::ratio;

/// What stands before the lesson's own figures.
const HEADINGS: [&str; 14] = [
    "lesson",
    "clock",
    "number",
    "scene",
    "title",
    "wall_ns",
    "task_time_ns",
    "overlap",
    "busy_ns",
    "stall_ns",
    "longest_poll_ns",
    "threads",
    "tasks",
    "polls",
];

/// Writes a heading and a row for each scene that ran.
pub(in crate::render) fn write(report: &Report<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
    let own = own_headings(report);
    let against = report.trace.scenes.first().map(|first| (first.wall, "against_first"));
    let headings = HEADINGS.into_iter().chain(against.map(|(_, heading)| heading)).map(str::to_owned);
    let headings = headings.chain(own.iter().map(|heading| safe(heading))).collect();
    let mut numbers = report.numbers();
    let scenes = report.trace.scenes.iter().map(|scene| {
        let against = against.map(|(first, _)| ratio(first, scene.wall).to_string());
        let row = row(report.trace, numbers.next(&scene.name), scene).into_iter().chain(against);
        row.chain(own_figures(report, scene, &own)).collect()
    });
    table([headings].into_iter().chain(scenes), out)
}

/// Writes `rows`, of which the first one holds the headings.
pub(in crate::render) fn table(rows: impl IntoIterator<Item = Vec<String>>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = ::csv::Writer::from_writer(out);
    // An error of the stream is answered as it came: a closed pipe is no failure, and that is asked of its kind.
    let as_it_came = |error: ::csv::Error| match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    rows.into_iter().try_for_each(|row| out.write_record(row)).map_err(as_it_came)?;
    out.flush()
}

fn row(trace: &Trace, number: usize, scene: &SceneTrace) -> [String; HEADINGS.len()] {
    let clock = match trace.clock {
        Clock::Real => "real",
        Clock::Virtual => "virtual",
    };
    [
        safe(&trace.lesson),
        clock.to_owned(),
        number.to_string(),
        safe(&scene.name),
        safe(&scene.title),
        scene.wall.to_string(),
        scene.task_time().to_string(),
        scene.overlap().to_string(),
        scene.busy().to_string(),
        scene.stall().to_string(),
        scene.longest_poll().to_string(),
        scene.threads_used().to_string(),
        scene.lane_count().to_string(),
        scene.poll_count().to_string(),
    ]
}

/// The headings of figures that only this lesson has.
fn own_headings(report: &Report<'_>) -> Vec<&'static str> {
    let of_scene = |scene: &SceneTrace| Some((report.own(&scene.name)?.figures)(scene));
    let figures = report.trace.scenes.iter().filter_map(of_scene).find(|figures| !figures.is_empty());
    figures.unwrap_or_default().into_iter().map(|(heading, _)| heading).collect()
}

/// One cell for each of `headings`, empty where a scene has no such figure.
fn own_figures(report: &Report<'_>, scene: &SceneTrace, headings: &[&str]) -> Vec<String> {
    let figures = report.own(&scene.name).map_or_else(Vec::new, |own| (own.figures)(scene));
    let figure = |heading: &&str| figures.iter().find(|(own, _)| own == heading).map(|(_, figure)| safe(figure));
    headings.iter().map(|heading| figure(heading).unwrap_or_default()).collect()
}

/// Text in one line that acts neither on a terminal nor on a spreadsheet.
pub(in crate::render) fn safe(text: &str) -> String {
    let text = sanitize(text).replace(['\n', '\t'], " ");
    // Blanks before it do not keep a spreadsheet from calculating.
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text }
}
