//! A comparison on a page: one plain sentence first, then the pictures, then the figures.
//!
//! Made from a [`Comparison`] alone. Says that one way is faster only where `compare/stats.rs` says so.

use std::io::{self, Write};

use serde::Serialize;

use super::data::{csv, markdown};
use super::text::lanes::{self, Layout};
use super::text::table::{self, Cells, laid_out};
use super::{Format, FormatKind, paragraph};
use crate::compare::jobs::{Kind, Way};
use crate::compare::stats::{Difference, compare, spread};
use crate::compare::{Comparison, Measured, SCHEMA, cores};
use crate::page::{Page, Role};
use crate::trace::{SceneTrace, ratio, write_line};
use crate::units::{duration, megabytes, percent, times};

/// Writes all of some comparisons: one, or several as a matrix.
pub(crate) type WriteComparisons = fn(&[Comparison], &Page, &mut dyn Write) -> io::Result<()>;

/// What a comparison can be printed and saved in, the usual one first.
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

fn text(comparisons: &[Comparison], page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let text = match comparisons {
        [only] => pictures(only, page),
        _ => matrix(comparisons, page),
    };
    out.write_all(text.as_bytes())
}

fn pictures(comparison: &Comparison, page: &Page) -> String {
    let typical: Vec<(&Measured, &SceneTrace)> =
        comparison.measured.iter().filter_map(|measured| Some((measured, measured.typical()?.1))).collect();
    if typical.is_empty() {
        return paragraph(page, "  ", "It was interrupted before every way had been run.");
    }
    let extent = typical.iter().map(|(_, trace)| trace.wall).max().unwrap_or(0);
    let layout = Layout::new(typical.iter().map(|(_, trace)| *trace), extent, page);
    let mut text = sentences(comparison).iter().map(|said| paragraph(page, "  ", said)).collect::<String>() + "\n";
    for (measured, trace) in &typical {
        let title = page.paint(Role::Heading, page.line(&measured.title));
        text += &format!("{title}\n{}\n", lanes::by_task(trace, &layout, page));
    }
    text += &format!("{}\n{}\n", lanes::legend(page), paragraph(page, "  ", &made(comparison)));
    text + &figures(&rows(comparison), page)
}

/// The figures in one table, or in two where that is too wide for the page and they are not.
fn figures(rows: &[Row], page: &Page) -> String {
    let of = |figures: std::ops::Range<usize>| {
        let says_something = |figure: &usize| rows.iter().any(|row| !row.figures[*figure].is_empty());
        let figures: Vec<usize> = figures.filter(says_something).collect();
        let headings: Vec<String> = figures.iter().map(|figure| HEADINGS[*figure].to_owned()).collect();
        let cells = |row: &Row| {
            let title = page.line(&row.title);
            [title].into_iter().chain(figures.iter().map(|figure| row.figures[*figure].clone())).collect()
        };
        Cells { headings, rows: rows.iter().map(cells).collect() }
    };
    let fits = |cells: &Cells| table::fits(cells, page);
    let (all, halves) = (of(0..HEADINGS.len()), [of(0..OF_WALLS), of(OF_WALLS..HEADINGS.len())]);
    let tables = if !fits(&all) && halves.iter().all(fits) { Vec::from(halves) } else { vec![all] };
    let table = |Cells { headings, rows }| laid_out(&headings, rows, page);
    tables.into_iter().map(table).collect::<Vec<_>>().join("\n")
}

/// What was run, how often, and so what the wall is.
fn made(comparison: &Comparison) -> String {
    let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let runs = comparison.measured.iter().map(|measured| measured.runs.len()).max().unwrap_or(0);
    let made = match comparison.kind {
        Some(_) => {
            let jobs = many(comparison.tasks, "job");
            format!("{jobs} of {}, {} of each way", duration(comparison.each), many(runs, "run"))
        }
        None => format!("{} of each scene", many(runs, "run")),
    };
    format!("{made}: the wall is their median.")
}

/// What can be said in words.
fn sentences(comparison: &Comparison) -> Vec<String> {
    let Some((first, others)) = comparison.measured.split_first() else { return Vec::new() };
    let differences: Vec<(&Measured, Difference)> =
        others.iter().map(|other| (other, compare(&first.walls(), &other.walls()))).collect();
    let faster = differences.iter().filter_map(|(other, difference)| match difference {
        Difference::Faster(times) => Some((*other, *times)),
        _ => None,
    });
    let best = faster.max_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut said = match best {
        _ if differences.iter().any(|(_, difference)| *difference == Difference::TooFew) => {
            vec!["Too few runs to tell a difference from chance: three at least.".to_owned()]
        }
        Some((best, times)) => {
            let why = why(comparison).map_or_else(String::new, |why| format!(": {why}"));
            vec![format!("{} is {times:.1} × as fast as {} here{why}.", best.title, first.title)]
        }
        None if others.is_empty() => Vec::new(),
        None if differences.iter().all(|(_, difference)| *difference == Difference::None) => {
            vec![format!("No measurable difference between {} and the rest.", first.title)]
        }
        None => vec![format!("Nothing is faster than {} here.", first.title)],
    };
    if let Some((best, _)) = best {
        let same =
            |other: &&Measured| other.name != best.name && compare(&best.walls(), &other.walls()) == Difference::None;
        let same: Vec<&str> = others.iter().filter(same).map(|other| other.title.as_str()).collect();
        if !same.is_empty() {
            said.push(format!("No measurable difference between it and {}.", same.join(", ")));
        }
    }
    said.extend(left_to_win(comparison, best.map_or(first, |(best, _)| best)));
    said
}

/// Why a way can be faster than another.
fn why(comparison: &Comparison) -> Option<String> {
    Some(match comparison.kind? {
        Kind::Wait => "the jobs only wait".to_owned(),
        Kind::Compute => {
            format!("the jobs compute, and there are {:.1} cores' worth to give", cores(&comparison.machine))
        }
        Kind::Block => "the jobs hold their threads, and some ways have more of those".to_owned(),
    })
}

/// How far the best way is from what can be had at all.
fn left_to_win(comparison: &Comparison, best: &Measured) -> Option<String> {
    let (ideal, wall) = (comparison.ideal?, spread(&best.walls())?.median);
    let limit = match comparison.kind? {
        Kind::Compute if ideal > comparison.each => {
            format!("the work of all jobs on {:.1} cores", cores(&comparison.machine))
        }
        _ => "as long as one job".to_owned(),
    };
    let reached = percent(ideal, wall as u64);
    Some(format!("The ideal is {}, {limit}; {} reaches {reached} of it.", duration(ideal), best.title))
}

const HEADINGS: [&str; 9] =
    ["wall", "least", "most", "against 1", "of the ideal", "overlap", "threads", "worst stall", "memory"];
/// Of these, so many tell of walls.
const OF_WALLS: usize = 5;

/// A line of the table.
struct Row {
    title: String,
    figures: [String; 9],
}

fn rows(comparison: &Comparison) -> Vec<Row> {
    let first = comparison.measured.first().and_then(|first| spread(&first.walls()));
    let row = |measured: &Measured| {
        let (walls, (run, _), first) = (spread(&measured.walls())?, measured.typical()?, first?);
        let wall = walls.median as u64;
        let figures = [
            duration(wall),
            duration(walls.min),
            duration(walls.max),
            times(first.median / walls.median.max(1.0)),
            comparison.ideal.map_or_else(String::new, |ideal| percent(ideal, wall)),
            times(ratio(run.task_time, run.wall)),
            measured.runs.iter().map(|run| run.threads).max().unwrap_or(0).to_string(),
            duration(measured.worst_stall()),
            measured.memory().map_or_else(String::new, megabytes),
        ];
        Some(Row { title: measured.title.clone(), figures })
    };
    comparison.measured.iter().filter_map(row).collect()
}

/// Every kind by every way.
fn matrix(comparisons: &[Comparison], page: &Page) -> String {
    let kinds: Vec<String> = comparisons.iter().filter_map(|one| one.kind).map(|kind| kind.name().to_owned()).collect();
    let Some(first) = comparisons.first() else { return String::new() };
    let row = |index: usize| -> Vec<String> {
        let title = first.measured[index].title.clone();
        let cell = |comparison: &Comparison| {
            let measured = comparison.measured.get(index)?;
            let against = spread(&comparison.measured.first()?.walls())?;
            let wall = spread(&measured.walls())?.median;
            let mark = if comparison.unshown(&measured.name).is_some() { "*" } else { "" };
            Some(format!("{} {:>5}{mark}", duration(wall as u64), times(against.median / wall.max(1.0))))
        };
        [title].into_iter().chain(comparisons.iter().map(|one| cell(one).unwrap_or_else(|| "-".to_owned()))).collect()
    };
    let rows: Vec<Vec<String>> = (0..first.measured.len()).map(row).collect();
    let unshown = |one: &Comparison| one.measured.iter().find_map(|measured| one.unshown(&measured.name));
    let unshown = comparisons.iter().find_map(unshown);
    let jobs = format!(
        "{} jobs of {}: the median wall, and how that compares with the first way.",
        first.tasks,
        duration(first.each)
    );
    let note = unshown.map(|reason| format!("\n{}", paragraph(page, "  ", &format!("* {reason}."))));
    format!("{}\n{}{}", paragraph(page, "  ", &jobs), laid_out(&kinds, rows, page), note.unwrap_or_default())
}

impl Comparison {
    /// Why this machine cannot show what this way does; none if it can.
    fn unshown(&self, name: &str) -> Option<String> {
        let parallel = matches!(name.parse(), Ok(Way::SpawnMulti | Way::Threads | Way::SpawnBlocking));
        self.machine.no_second_core().filter(|_| parallel && self.kind == Some(Kind::Compute))
    }
}

fn json(comparisons: &[Comparison], _: &Page, out: &mut dyn Write) -> io::Result<()> {
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

/// A line for each way; all figures are plain numbers.
fn csv(comparisons: &[Comparison], _: &Page, out: &mut dyn Write) -> io::Result<()> {
    let ways = comparisons.iter().flat_map(|one| one.measured.iter().filter_map(move |measured| record(one, measured)));
    let headings = COLUMNS.map(str::to_owned);
    csv::table([headings].into_iter().chain(ways).map(Vec::from), out)
}

fn record(comparison: &Comparison, measured: &Measured) -> Option<[String; COLUMNS.len()]> {
    let (walls, (run, _)) = (spread(&measured.walls())?, measured.typical()?);
    let known = |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
    Some([
        comparison.kind.map_or("", Kind::name).to_owned(),
        csv::safe(&measured.name),
        comparison.tasks.to_string(),
        comparison.each.to_string(),
        known(comparison.ideal),
        measured.runs.len().to_string(),
        walls.median.to_string(),
        walls.min.to_string(),
        walls.max.to_string(),
        run.task_time.to_string(),
        run.threads.to_string(),
        measured.worst_stall().to_string(),
        known(measured.memory()),
    ])
}

fn markdown(comparisons: &[Comparison], _: &Page, out: &mut dyn Write) -> io::Result<()> {
    let table = |comparison: &Comparison| {
        let (headings, rows) = (HEADINGS.map(str::to_owned).into(), rows(comparison));
        let rows = rows.into_iter().map(|row| [vec![row.title], row.figures.into()].concat()).collect();
        markdown::table(comparison.kind.map_or("scene", Kind::name), &Cells { headings, rows })
    };
    out.write_all(comparisons.iter().map(table).collect::<Vec<_>>().join("\n").as_bytes())
}
