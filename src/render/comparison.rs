//! A comparison on a page: one plain sentence first, then the pictures, then the figures.
//!
//! Made from a [`Comparison`] alone. Says that one way is faster only where [`compare_walls`] finds a difference.

mod tables;

use std::io::{self, Write};

use serde::Serialize;

use self::tables::{all_cells, figures, matrix};
use super::data::{csv, markdown};
use super::text::lanes::{self, Layout};
use super::text::legend;
use super::{Format, FormatKind, paragraph};
use crate::chart::{Lanes, Shown, View};
use crate::compare::jobs::{JobKind, Way};
use crate::compare::stats::{Difference, compare_walls, spread};
use crate::compare::{Comparison, Measurements, SCHEMA, cores};
use crate::style::{Role, Style};
use crate::trace::{Nanos, SceneTrace, write_line};
use crate::units::{duration, percent};

/// Writes comparisons to a stream: a single one in full, several as a matrix. Returns the errors of the stream.
pub(crate) type WriteComparisons = fn(&[Comparison], &Style, &mut dyn Write) -> io::Result<()>;

/// The formats that a comparison can be printed and saved in, the default first.
pub(crate) static FORMATS: &[Format<WriteComparisons>] = &[
    Format { name: "text", ending: "txt", kind: FormatKind::Text, about: "Timelines and a table", write: text },
    Format {
        name: "json",
        ending: "json",
        kind: FormatKind::Document,
        about: "Every run's figures, as one JSON document",
        write: json,
    },
    Format {
        name: "csv",
        ending: "csv",
        kind: FormatKind::Document,
        about: "A line for each way, for a spreadsheet",
        write: csv,
    },
    Format { name: "markdown", ending: "md", kind: FormatKind::Document, about: "The tables", write: markdown },
];

fn text(comparisons: &[Comparison], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let text = match comparisons {
        [only] => full_text(only, style),
        _ => matrix(comparisons, style),
    };
    out.write_all(text.as_bytes())
}

fn full_text(comparison: &Comparison, style: &Style) -> String {
    let mut drawn: Vec<(&Measurements, &SceneTrace)> = Vec::new();
    for measurements in &comparison.measurements {
        if let Some((_, trace)) = measurements.typical() {
            drawn.push((measurements, trace));
        }
    }
    if drawn.is_empty() {
        return paragraph(style, "  ", "It was interrupted before every way had been run.");
    }
    let mut text = String::new();
    for said in sentences(comparison) {
        text += &paragraph(style, "  ", &said);
    }
    text.push('\n');
    let extent = drawn.iter().map(|(_, trace)| trace.wall).max().unwrap_or_default();
    let shown = Shown { lanes: Lanes { merged: false, ..Lanes::FOLDED }, ..Shown::FOLDED };
    let (layout, planned) = Layout::of_rows(drawn.iter().map(|(_, trace)| *trace), extent, &shown, style);
    for ((measurements, trace), rows) in drawn.iter().zip(&planned) {
        let title = style.paint(Role::Heading, style.line(&measurements.title));
        text += &format!("{title}\n{}\n", lanes::with_axis(trace, rows, &layout, style));
    }
    text += &format!(
        "{}\n{}\n",
        legend::legend(drawn.iter().map(|(_, trace)| *trace), View::Task, &text, style),
        paragraph(style, "  ", &what_was_run(comparison))
    );
    text + &figures(comparison, style)
}

/// Returns the sentence that says what was run, how often, and what the wall is therefore.
fn what_was_run(comparison: &Comparison) -> String {
    let most_runs =
        comparison.measurements.iter().map(|measurements| measurements.runs.len()).max().unwrap_or_default();
    let runs = counted(most_runs, "run");
    let what = match comparison.kind {
        Some(_) => {
            let jobs = counted(comparison.tasks, "job");
            format!("{jobs} of {}, {runs} of each way", duration(comparison.each))
        }
        None => format!("{runs} of each scene"),
    };
    format!("{what}: the wall is their median.")
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Returns the conclusions as sentences, the most important first. Every way is compared with the first one.
fn sentences(comparison: &Comparison) -> Vec<String> {
    let Some((first, others)) = comparison.measurements.split_first() else { return Vec::new() };
    let mut best: Option<(&Measurements, f64)> = None;
    let mut differences = Vec::new();
    for other in others {
        let difference = compare_walls(&first.walls(), &other.walls());
        differences.push(difference);
        if let Difference::Faster(times) = difference
            && best.is_none_or(|(_, most)| times >= most)
        {
            best = Some((other, times));
        }
    }
    let mut said = Vec::new();
    if differences.contains(&Difference::TooFew) {
        said.push("Too few runs to tell a difference from chance: three at least.".to_owned());
    } else if let Some((best, times)) = best {
        let why = why(comparison).map_or_else(String::new, |why| format!(": {why}"));
        said.push(format!("{} is {times:.1} × as fast as {} here{why}.", best.title, first.title));
    } else if !others.is_empty() {
        let all_alike = differences.iter().all(|difference| *difference == Difference::NotMeasurable);
        said.push(match all_alike {
            true => format!("No measurable difference between {} and the rest.", first.title),
            false => format!("Nothing is faster than {} here.", first.title),
        });
    }
    if let Some((best, _)) = best {
        let like_best = others.iter().filter(|other| is_alike(best, other));
        let like_best: Vec<&str> = like_best.map(|other| other.title.as_str()).collect();
        if !like_best.is_empty() {
            said.push(format!("No measurable difference between it and {}.", like_best.join(", ")));
        }
    }
    said.extend(distance_to_ideal(comparison, best.map_or(first, |(best, _)| best)));
    said
}

/// Returns whether `other` is another candidate than `best` and no measurable difference lies between them.
fn is_alike(best: &Measurements, other: &Measurements) -> bool {
    other.name != best.name && compare_walls(&best.walls(), &other.walls()) == Difference::NotMeasurable
}

/// Returns the reason why one way can be faster than another; none for a lesson's scenes.
fn why(comparison: &Comparison) -> Option<String> {
    Some(match comparison.kind? {
        JobKind::Wait => "the jobs only wait".to_owned(),
        JobKind::Compute => {
            format!("the jobs compute, and this machine does the work of {:.1} cores", cores(&comparison.machine))
        }
        JobKind::Block => "the jobs block their threads, and some ways have more threads".to_owned(),
    })
}

/// Returns the sentence that says how close the best way comes to the ideal; none if the ideal is not known.
fn distance_to_ideal(comparison: &Comparison, best: &Measurements) -> Option<String> {
    let ideal = comparison.ideal?;
    let wall = spread(&best.walls())?.median;
    let limit = match comparison.kind? {
        JobKind::Compute if ideal > comparison.each => {
            format!("the work of all jobs on {:.1} cores", cores(&comparison.machine))
        }
        _ => "as long as one job".to_owned(),
    };
    let reached = percent(ideal, Nanos(wall as u64));
    Some(format!("The ideal is {}, {limit}; {} reaches {reached} of it.", duration(ideal), best.title))
}

impl Comparison {
    /// Returns the reason why this machine cannot show what the way called `name` can do; none if it can.
    fn not_shown(&self, name: &str) -> Option<String> {
        let is_parallel = matches!(name.parse(), Ok(Way::SpawnMulti | Way::Threads | Way::SpawnBlocking));
        if is_parallel && self.kind == Some(JobKind::Compute) { self.machine.no_second_core() } else { None }
    }
}

fn json(comparisons: &[Comparison], _: &Style, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: u32,
        comparisons: &'a [Comparison],
    }
    write_line(out, &Document { schema: SCHEMA, comparisons })
}

const COLUMNS: [&str; 13] = [
    "kind",
    "name",
    "tasks",
    "each_ns",
    "ideal_ns",
    "runs",
    "median_ns",
    "min_ns",
    "max_ns",
    "task_time_ns",
    "threads",
    "stall_ns",
    "memory_bytes",
];

/// Writes a line for each candidate that was run. All figures are plain numbers, so that a spreadsheet can read them.
fn csv(comparisons: &[Comparison], _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![COLUMNS.map(str::to_owned)];
    for comparison in comparisons {
        lines.extend(comparison.measurements.iter().filter_map(|measurements| csv_line(comparison, measurements)));
    }
    csv::table(lines.into_iter().map(Vec::from), out)
}

/// Returns the line of one candidate, in the order of [`COLUMNS`]; none if it was not run. Unknown figures are empty.
fn csv_line(comparison: &Comparison, measurements: &Measurements) -> Option<[String; COLUMNS.len()]> {
    let walls = spread(&measurements.walls())?;
    let (typical, _) = measurements.typical()?;
    let known = |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
    Some([
        comparison.kind.map_or("", JobKind::name).to_owned(),
        csv::safe(&measurements.name),
        comparison.tasks.to_string(),
        comparison.each.to_string(),
        known(comparison.ideal.map(|ideal| ideal.0)),
        measurements.runs.len().to_string(),
        walls.median.to_string(),
        walls.min.to_string(),
        walls.max.to_string(),
        typical.task_time.to_string(),
        typical.threads.to_string(),
        measurements.worst_stall().to_string(),
        known(measurements.memory()),
    ])
}

fn markdown(comparisons: &[Comparison], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut tables = Vec::new();
    for comparison in comparisons {
        tables.push(markdown::table(comparison.kind.map_or("scene", JobKind::name), &all_cells(comparison)));
    }
    out.write_all(style.text(&tables.join("\n")).as_bytes())
}
