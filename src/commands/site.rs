//! `asyncguide site DIR`: writes lessons as a static site, which any web server or a folder can serve.
//!
//! Everything that can be refused is refused before anything runs. Files are named by their lessons and never replace
//! one that was there. Read `run/record.rs` for how a lesson is run, `render/web/site.rs` for the first page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::args::{duration, filled};
use super::names::lesson_names;
use crate::chart::{Lanes, View};
use crate::lesson::{Lesson, Scene};
use crate::render::site::{INDEX, SiteEntry, SiteRun, write_index};
use crate::render::{FORMATS, Report, WriteRun};
use crate::run::Failure;
use crate::run::console::Console;
use crate::run::plan::{Plan, Request, find};
use crate::run::record::record;
use crate::run::save::{SaveTarget, replace, save_each};
use crate::style::fit;
use crate::term::Term;
use crate::trace::{Clock, Trace};

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
FILES:
  index.html   the lessons in order, and what ran of each
  NAME.html    the page of a lesson, as `lesson NAME --save NAME.html` writes it
  NAME.svg     its timelines as a picture
  NAME.py      the same scenes in Python

EXIT CODES:
  0 done   1 a claim or a task failed   2 usage or bad input   130 interrupted

EXAMPLES:
  asyncguide site course
  asyncguide site handout sequential gather";

#[derive(Args, Debug)]
pub(super) struct SiteArgs {
    /// The folder to write to; it must be new or empty
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// The lessons to write [default: all]
    #[arg(value_name = "NAME", value_parser = lesson_names())]
    pub(super) names: Vec<String>,
    /// How long each task waits, such as 500ms or 2s [default: each lesson's own]
    #[arg(long, env = filled("ASYNCGUIDE_DELAY"), hide_env_values = true, value_name = "TIME", value_parser = duration)]
    pub(super) delay: Option<Duration>,
}

/// Runs the lessons and writes the site. Returns the exit code. A lesson that cannot be run or saved keeps none of the
/// others from being written.
///
/// # Errors
/// A usage error if the folder cannot be used; else every error of a scene that could not be started and of a file that
/// could not be written.
pub(super) fn site(syllabus: &[&'static Lesson], args: &SiteArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let chosen = choose(syllabus, &args.names)?;
    make_folder(&args.folder)?;
    let index = args.folder.join(INDEX);
    let index = SaveTarget::check_all(&[index], FORMATS)?;
    let pages = chosen.into_iter().map(|(number, lesson)| Page::plan(number, lesson, args, term));
    let pages = pages.collect::<Result<Vec<Page>, Failure>>()?;
    let mut console = Console::open(false, term)?;
    let mut entries = Vec::new();
    let mut unsaved = Vec::new();
    for page in &pages {
        let run = match record(&page.plan, &mut console) {
            Ok(Some(trace)) => page.write(&trace).map_err(|errors| {
                unsaved.extend(errors);
                "its files could not be saved"
            }),
            Ok(None) => Err("the run was interrupted"),
            Err(Failure::Other(error)) => {
                unsaved.push(error);
                Err("it could not be run")
            }
            Err(failure) => return Err(failure),
        };
        report_progress(page, &run, term);
        entries.push(SiteEntry { number: page.number, lesson: page.plan.lesson, run });
    }
    unsaved.extend(save_each(&index, |_, style, out| write_index(&entries, style, out)));
    if !unsaved.is_empty() {
        return Err(Failure::Unsaved(unsaved));
    }
    let failed = |entry: &SiteEntry| entry.run.as_ref().is_ok_and(|run| run.failed);
    Ok(console.exit_code(entries.iter().any(failed)))
}

/// Returns the lessons with these names, or all, each with its place in the syllabus, counted from 1. They are in the
/// order of the syllabus, and each is there once.
///
/// # Errors
/// A usage error if there is no such lesson.
fn choose(syllabus: &[&'static Lesson], names: &[String]) -> Result<Vec<(usize, &'static Lesson)>, Failure> {
    let mut indices = Vec::new();
    for name in names {
        let (index, _) = find(syllabus, name)?;
        indices.push(index);
    }
    let wanted = |index: &usize| names.is_empty() || indices.contains(index);
    let numbered = syllabus.iter().enumerate().filter(|(index, _)| wanted(index));
    Ok(numbered.map(|(index, lesson)| (index + 1, *lesson)).collect())
}

/// Makes the folder, unless it is there and empty.
///
/// # Errors
/// A usage error if anything is there but an empty folder, or the folder cannot be made.
fn make_folder(path: &Path) -> Result<(), Failure> {
    let refuse = |reason: &str| Failure::Usage(format!("cannot write a site to {}: {reason}", path.display()));
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(refuse("it is not a folder; name one that is new or empty")),
        Ok(_) => match fs::read_dir(path).map(|mut entries| entries.next().is_some()) {
            Ok(false) => Ok(()),
            Ok(true) => Err(refuse("the folder is not empty; name one that is new or empty")),
            Err(error) => Err(refuse(&error.to_string())),
        },
        Err(_) => fs::create_dir(path).map_err(|error| refuse(&error.to_string())),
    }
}

/// A lesson to run, and the files to write then.
struct Page {
    /// The lesson's place in the syllabus, counted from 1.
    number: usize,
    plan: Plan,
    /// Its page and its picture.
    targets: Vec<SaveTarget<WriteRun>>,
    twin: PathBuf,
}

impl Page {
    /// Plans the run of `lesson`, and checks that its files can be written.
    ///
    /// # Errors
    /// A usage error if no scene of the lesson can run, or the folder cannot be written to.
    fn plan(number: usize, lesson: &'static Lesson, args: &SiteArgs, term: &Term) -> Result<Self, Failure> {
        let file = |ending: &str| args.folder.join(format!("{}.{ending}", lesson.name));
        let plan = Plan::make(lesson, request(lesson, args.delay), term)?;
        let targets = SaveTarget::check_all(&[file("html"), file("svg")], FORMATS)?;
        Ok(Page { number, plan, targets, twin: file("py") })
    }

    /// Writes the lesson's page, picture and Python twin.
    ///
    /// # Errors
    /// The error of each file that cannot be written, with its name.
    fn write(&self, trace: &Trace) -> Result<SiteRun, Vec<anyhow::Error>> {
        let lesson = self.plan.lesson;
        let report = Report { list: Some(INDEX), ..Report::new(Some(lesson), trace) };
        let mut errors = save_each(&self.targets, |write, style, out| write(&report, style, out));
        errors.extend(replace(&self.twin, |out| out.write_all(lesson.twin.as_bytes())).err());
        if errors.is_empty() { Ok(SiteRun::of(&report)) } else { Err(errors) }
    }
}

/// Returns the request for a run of `lesson` with its own inputs, of which nothing is shown.
fn request(lesson: &Lesson, delay: Option<Duration>) -> Request {
    Request {
        tasks: None,
        delay,
        limit: None,
        clock: clock_for(lesson),
        view: View::Task,
        lanes: Lanes::FOLDED,
        python: false,
        twin: false,
        pauses: false,
        predict: Some(false),
        format: &FORMATS[0],
        step: false,
        serve: None,
    }
}

/// Returns the virtual clock if all scenes can run on it, because such a run is the same each time. A recording has one
/// clock, so one scene that needs the real clock decides for all.
fn clock_for(lesson: &Lesson) -> Clock {
    let needs_real = |scene: &Scene| !scene.served && scene.real_clock.is_some();
    if lesson.scenes.iter().any(needs_real) { Clock::Real } else { Clock::Virtual }
}

/// Prints on standard error what became of a lesson, in one line.
fn report_progress(page: &Page, run: &Result<SiteRun, &'static str>, term: &Term) {
    if term.quiet {
        return;
    }
    let words = match run {
        Ok(run) => &run.summary,
        Err(reason) => *reason,
    };
    let style = &term.error_style;
    let text = style.line(&format!("{}: {words}", page.plan.lesson.name));
    term.note(&format!("{}\n", fit(&text, style.width)));
}
