//! The first page of a site: all lessons in order, what ran of each, and links to its page, picture and Python twin.
//!
//! It has the style sheet of the lessons' pages and no script. Like them it loads nothing and is well-formed XML. Read
//! `html.rs` beside this file for the pages that it leads to.

use std::io::{self, Write};

use super::digest::policy_source;
use crate::lesson::Lesson;
use crate::render::Report;
use crate::render::markup::{finished, line};
use crate::style::Style;
use crate::trace::{Clock, Skipped, Verdict};

/// The name of the first page's file.
pub(crate) const INDEX: &str = "index.html";

const CSS: &str = concat!(include_str!("html.css"), include_str!("html/print.css"));
const PROGRAM: &str = concat!("asyncguide ", env!("CARGO_PKG_VERSION"));

/// A lesson of a site.
#[derive(Debug)]
pub(crate) struct SiteEntry {
    /// Its place in the syllabus, counted from 1.
    pub(crate) number: usize,
    pub(crate) lesson: &'static Lesson,
    /// What ran, or why the lesson has no page.
    pub(crate) run: Result<SiteRun, &'static str>,
}

/// What the first page says of a lesson that ran.
#[derive(Debug)]
pub(crate) struct SiteRun {
    /// What ran and what became of the claims, in a few words.
    pub(crate) summary: String,
    /// The scenes that did not run.
    skipped: Vec<Skipped>,
    /// Whether a claim failed, or a task or a scene panicked.
    pub(crate) failed: bool,
}

impl SiteRun {
    /// Summarizes `report`.
    pub(crate) fn of(report: &Report<'_>) -> Self {
        SiteRun { summary: summary(report), skipped: report.trace.skipped.clone(), failed: report.failed() }
    }
}

/// Says in a few words what ran and what became of the claims.
fn summary(report: &Report<'_>) -> String {
    let trace = report.trace;
    let scenes = match trace.scenes.len() {
        1 => "1 scene".to_owned(),
        scenes => format!("{scenes} scenes"),
    };
    let clock = match trace.clock {
        Clock::Real => "real",
        Clock::Virtual => "virtual",
    };
    let count = |is: fn(&Verdict) -> bool| trace.claims.iter().filter(|claim| is(&claim.verdict)).count();
    let held = count(|verdict| matches!(verdict, Verdict::Held(_)));
    let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    let mut summary = format!("{scenes} on the {clock} clock");
    if !trace.claims.is_empty() {
        summary += &format!("; claims: {held} held, {failed} failed, {skipped} skipped");
    }
    if report.failed() && failed == 0 {
        summary += "; a task panicked";
    }
    summary
}

/// Writes the first page of a site with these lessons. Their files lie beside it, named by the lessons.
pub(crate) fn write_index(entries: &[SiteEntry], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let digest = policy_source(CSS);
    let lessons: String = entries.iter().map(entry).collect();
    let document = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{digest}'; \
         base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>asyncguide: lessons</title>\n<style>{CSS}</style>\n</head>\n<body>\n\
         <header><h1>asyncguide</h1>\n\
         <p>Learn concurrency by watching it: each lesson ran real code, and its page shows what every task did.</p>\n\
         </header>\n<main>\n<ol class=\"prose\">\n{lessons}</ol>\n</main>\n\
         <footer><p>Written by {PROGRAM}.</p></footer>\n</body>\n</html>\n"
    );
    out.write_all(finished(&document, style).as_bytes())
}

/// Returns the entry of one lesson, with links to its files if it ran.
fn entry(entry: &SiteEntry) -> String {
    let SiteEntry { number, lesson, run } = entry;
    let name = line(lesson.name);
    let summary = line(lesson.summary);
    let run = match run {
        Ok(run) => run,
        Err(reason) => {
            return format!(
                "<li value=\"{number}\">\n<h2>{name}</h2>\n<p>{summary}</p>\n\
                 <p class=\"skipped\"><strong>It has no page:</strong> {reason}.</p>\n</li>\n"
            );
        }
    };
    let class = if run.failed { "failed" } else { "dim" };
    let words = line(&run.summary);
    let skipped: String = run.skipped.iter().map(|skipped| skipped_scene(lesson, skipped)).collect();
    format!(
        "<li value=\"{number}\">\n<h2><a href=\"{name}.html\">{name}</a></h2>\n<p>{summary}</p>\n\
         <p class=\"{class}\">{words}</p>\n{skipped}\
         <p class=\"dim\">Also: <a href=\"{name}.svg\">picture of {name}</a>, \
         <a href=\"{name}.py\">{name} in Python</a></p>\n</li>\n"
    )
}

/// Returns the remark on a scene that did not run.
fn skipped_scene(lesson: &Lesson, skipped: &Skipped) -> String {
    let title = match lesson.number(&skipped.scene) {
        Some(number) => format!("{number} · {}", skipped.title),
        None => skipped.title.clone(),
    };
    let title = line(&title);
    let reason = line(&skipped.reason);
    format!("<p class=\"skipped\"><strong>{title}</strong> did not run: {reason}.</p>\n")
}
