//! The formats that a run can be printed and saved in.
//!
//! To add one, write a file under `data/` or `web/` and an entry of [`FORMATS`]: `--format` takes its name, `--save` goes
//! by its ending. Each is made from the [`Report`] alone. The formats of `compare` are in `comparison.rs`.

use std::io;
use std::path::Path;

use self::FormatKind::{Document, Stream, Text};
use super::Report;
use super::data::{chrome, csv, markdown};
use super::web::{html, svg};
use crate::style::Style;

/// A format that results can be written in, by a function of type `W`.
#[derive(Debug)]
pub(crate) struct Format<W = WriteRun> {
    /// The name that `--format` takes.
    pub(crate) name: &'static str,
    /// The end of its files' names, without the dot.
    pub(crate) ending: &'static str,
    pub(crate) kind: FormatKind,
    /// A short description for the help.
    pub(crate) about: &'static str,
    pub(crate) write: W,
}

/// What a format is for, which decides what else is printed during a run, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormatKind {
    /// For people at a terminal: the lesson's introduction, its question and what its scenes print go with it.
    Text,
    /// For programs that follow a run: written line by line while the scenes run.
    Stream,
    /// Written as a whole after the run, with nothing beside it on standard output.
    Document,
}

/// Writes a run. The caller buffers the stream. Documents for programs use the style only to know whether they must be
/// ASCII. Errors are those of the stream.
pub(crate) type WriteRun = fn(&Report<'_>, &Style, &mut dyn io::Write) -> io::Result<()>;

/// The formats of a run; the first is the default.
pub(crate) static FORMATS: &[Format] = &[
    Format { name: "text", ending: "txt", kind: Text, about: "Timelines, a table, claims", write: text },
    Format { name: "json", ending: "json", kind: Document, about: "The recording, as one JSON document", write: json },
    Format { name: "jsonl", ending: "jsonl", kind: Stream, about: "What happens, line by line as JSON", write: jsonl },
    Format {
        name: "chrome",
        ending: "trace.json",
        kind: Document,
        about: "For Perfetto and speedscope",
        write: chrome::write,
    },
    Format { name: "csv", ending: "csv", kind: Document, about: "The figures, for a spreadsheet", write: csv::write },
    Format { name: "markdown", ending: "md", kind: Document, about: "The tables and claims", write: markdown::write },
    Format {
        name: "svg",
        ending: "svg",
        kind: Document,
        about: "The timelines, as a picture for slides",
        write: svg::write,
    },
    Format {
        name: "animated-svg",
        ending: "animated.svg",
        kind: Document,
        about: "The same, growing as they did",
        write: svg::write_animated,
    },
    Format {
        name: "html",
        ending: "html",
        kind: Document,
        about: "A page to hand out, with all of it",
        write: html::write,
    },
];

impl<W> Format<W> {
    /// Returns the format with this name.
    pub(crate) fn named(formats: &'static [Self], name: &str) -> Option<&'static Self> {
        formats.iter().find(|format| format.name == name)
    }

    /// Returns the format whose ending the file name of `path` has, in small letters or capitals; the longest ending wins.
    /// `None` if no ending fits or nothing stands before it.
    pub(crate) fn of(formats: &'static [Self], path: &Path) -> Option<&'static Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let ends = |format: &&Self| {
            let stem = name.strip_suffix(format.ending).and_then(|stem| stem.strip_suffix('.'));
            stem.is_some_and(|stem| !stem.is_empty())
        };
        formats.iter().filter(ends).max_by_key(|format| format.ending.len())
    }
}

fn text(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(report.text(style).as_bytes())
}

fn jsonl(report: &Report<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    report.trace.write_jsonl(out)
}

fn json(report: &Report<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    report.trace.write_json(out)
}
