//! The formats that a run can be printed and saved in.
//!
//! To add one, write a file beside this one and a line of [`FORMATS`]: its name is what `--format` takes, its ending
//! what `--save` goes by. Each is made from the [`Report`] alone. What `compare` writes has formats of the same kind,
//! in `comparison.rs`.

use std::io;
use std::path::Path;

use super::Report;
use super::data::{chrome, csv, markdown};
use super::web::{html, svg};
use crate::page::Page;

/// A way to write something down, by a function `W`.
#[derive(Debug)]
pub(crate) struct Format<W = WriteRun> {
    pub(crate) name: &'static str,
    /// What the names of its files end in, without the dot.
    pub(crate) ending: &'static str,
    /// What it is, for help.
    pub(crate) about: &'static str,
    pub(crate) write: W,
}

/// Writes a run as it comes: whoever holds the stream buffers it. Of the page, documents for programs only heed whether
/// it is ASCII. Errors are the stream's.
pub(crate) type WriteRun = fn(&Report<'_>, &Page, &mut dyn io::Write) -> io::Result<()>;

const JSONL: &str = "jsonl";
const TEXT: &str = "text";

/// All of a run's, the usual one first.
pub(crate) static FORMATS: &[Format] = &[
    Format { name: TEXT, ending: "txt", about: "Timelines, a table, claims", write: text },
    Format { name: "json", ending: "json", about: "The recording, as one JSON document", write: json },
    Format { name: JSONL, ending: "jsonl", about: "What happens, line by line as JSON", write: jsonl },
    Format { name: "chrome", ending: "trace.json", about: "For Perfetto and speedscope", write: chrome::write },
    Format { name: "csv", ending: "csv", about: "The figures, for a spreadsheet", write: csv::write },
    Format { name: "markdown", ending: "md", about: "The tables and claims", write: markdown::write },
    Format { name: "svg", ending: "svg", about: "The timelines, as a picture for slides", write: svg::write },
    Format { name: "html", ending: "html", about: "A page to hand out, with all of it", write: html::write },
];

impl<W> Format<W> {
    /// That of `formats` which has this name.
    pub(crate) fn named(formats: &'static [Self], name: &str) -> Option<&'static Self> {
        formats.iter().find(|format| format.name == name)
    }

    /// That of `formats` which the file at `path` has: of endings that fit, the longest.
    pub(crate) fn of(formats: &'static [Self], path: &Path) -> Option<&'static Self> {
        let name = path.file_name()?.to_str()?;
        let ends = |format: &&Self| {
            let stem = name.strip_suffix(format.ending).and_then(|stem| stem.strip_suffix('.'));
            stem.is_some_and(|stem| !stem.is_empty())
        };
        formats.iter().filter(ends).max_by_key(|format| format.ending.len())
    }

    /// Whether it is written while the run goes on, for programs that follow it.
    pub(crate) fn is_followed(&self) -> bool {
        self.name == JSONL
    }

    /// Whether it is the one for people who look at a terminal.
    pub(crate) fn is_text(&self) -> bool {
        self.name == TEXT
    }
}

fn text(report: &Report<'_>, page: &Page, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(report.text(page).as_bytes())
}

fn jsonl(report: &Report<'_>, _: &Page, out: &mut dyn io::Write) -> io::Result<()> {
    report.trace.write_jsonl(out)
}

fn json(report: &Report<'_>, _: &Page, out: &mut dyn io::Write) -> io::Result<()> {
    report.trace.write_json(out)
}
