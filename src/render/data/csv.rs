//! The figures as comma-separated values, for a spreadsheet: a row for each scene, times in whole nanoseconds.
//!
//! Figures are plain numbers, whose unit is in the heading: `stall_ns`, `each_bytes`. Text that a spreadsheet would
//! take for a formula is set off by an apostrophe. `text/table.rs` writes the same figures for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ::csv::ErrorKind;

use crate::render::Report;
use crate::render::text::table::{own_figure, own_headings};
use crate::style::{Style, sanitize};
use crate::trace::{Clock, Figure, Quantity, SceneTrace, Trace, Verdict};
use crate::units;

/// The headings that every lesson has.
const HEADINGS: [&str; 17] = [
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
    "claims_held",
    "claims_failed",
    "claims_skipped",
];
/// The heading of how many times as fast a scene was as the first one; only there if a scene ran.
const AGAINST_FIRST: &str = "against_first";

/// Writes the headings and a row for each scene that ran. The counts of claims are those of the whole run, in each row.
pub(in crate::render) fn write(report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let trace = report.trace;
    let own = own_headings(trace);
    let own_units = own_units(trace, own);
    let first = trace.scenes.first();
    let mut headings: Vec<String> = HEADINGS.iter().map(|heading| (*heading).to_owned()).collect();
    headings.extend(first.map(|_| AGAINST_FIRST.to_owned()));
    headings.extend(own.iter().zip(&own_units).map(|(figure, unit)| own_heading(&figure.name, unit)));
    number_repeated(&mut headings);
    let mut numbers = report.numbers();
    let scenes = trace.scenes.iter().map(|scene| {
        let mut row = Vec::from(row(trace, numbers.of(scene), scene));
        row.extend(first.map(|first| first.wall.ratio(scene.wall).to_string()));
        for (column, unit) in own_units.iter().enumerate() {
            row.push(own_figure(scene, column, own).map_or_else(String::new, |figure| cell(figure, unit)));
        }
        row
    });
    table([headings].into_iter().chain(scenes), out)
}

/// Writes `rows`, of which the first one holds the headings.
pub(in crate::render) fn table(rows: impl IntoIterator<Item = Vec<String>>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = ::csv::Writer::from_writer(out);
    // The caller asks for the kind of an error, since a closed pipe is no failure: it must get the stream's own error.
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
    let claims = |wanted: fn(&Verdict) -> bool| trace.claims.iter().filter(|claim| wanted(&claim.verdict)).count();
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
        claims(|verdict| matches!(verdict, Verdict::Held(_))).to_string(),
        claims(|verdict| matches!(verdict, Verdict::Failed(_))).to_string(),
        claims(|verdict| matches!(verdict, Verdict::Skipped(_))).to_string(),
    ]
}

/// Returns what the heading of each of the lesson's own columns ends in: the unit of the first figure that has one.
fn own_units(trace: &Trace, headings: &[Figure]) -> Vec<&'static str> {
    let unit_of = |column: usize| {
        let quantities = trace.scenes.iter().filter_map(|scene| own_figure(scene, column, headings));
        quantities.map(unit).find(|unit| !unit.is_empty()).unwrap_or_default()
    };
    (0..headings.len()).map(unit_of).collect()
}

fn unit(quantity: &Quantity) -> &'static str {
    match quantity {
        Quantity::Time(_) => "_ns",
        Quantity::Bytes(_) => "_bytes",
        Quantity::Share(_) => "_share",
        Quantity::Count(_) | Quantity::Factor(_) | Quantity::Text(_) | Quantity::Unknown => "",
    }
}

/// Returns the heading of one of the lesson's own columns: `echo, few` in nanoseconds is `echo_few_ns`.
fn own_heading(name: &str, unit: &str) -> String {
    let words: Vec<&str> = name.split([' ', ',', '\t', '\n']).filter(|word| !word.is_empty()).collect();
    safe(&format!("{}{unit}", words.join("_")))
}

/// Adds a number to each heading that was there before, so that a program can tell the columns apart: `stall_ns_2`.
fn number_repeated(headings: &mut [String]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for heading in headings {
        let count = seen.entry(heading.clone()).or_default();
        *count += 1;
        if *count > 1 {
            *heading = format!("{heading}_{count}");
        }
    }
}

/// Returns a quantity as a plain number, or as text; empty if it is unknown. One that has not the `unit` of its column
/// is written with its own.
fn cell(quantity: &Quantity, column_unit: &str) -> String {
    match quantity {
        Quantity::Unknown => String::new(),
        other if unit(other) != column_unit => safe(&units::quantity(other)),
        Quantity::Time(nanos) => nanos.to_string(),
        Quantity::Count(count) => count.to_string(),
        Quantity::Factor(value) | Quantity::Share(value) | Quantity::Bytes(value) => value.to_string(),
        Quantity::Text(text) => safe(text),
    }
}

/// Returns text in one line that acts neither on a terminal nor on a spreadsheet.
pub(in crate::render) fn safe(text: &str) -> String {
    let text = sanitize(text).replace(['\n', '\t'], " ");
    // Where commas stand before decimals, a spreadsheet begins a cell at each semicolon.
    let cells: Vec<String> = text.split(';').map(set_off).collect();
    cells.join(";")
}

/// Returns the text of a cell. An apostrophe stands before one that a spreadsheet would take for a formula.
fn set_off(cell: &str) -> String {
    // Neither blanks nor quotes before it keep a spreadsheet from calculating.
    let begins = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
    let formula = begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{cell}") } else { cell.to_owned() }
}
