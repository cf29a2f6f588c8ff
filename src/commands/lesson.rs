//! `asyncguide lesson NAME`: the program's main job.
//!
//! Everything that can be refused is refused before anything runs. Read `run.rs` next.

use std::process::ExitCode;
use std::sync::Arc;

use clap::ArgMatches;

use super::console::Console;
use super::plan::Plan;
use super::save::SaveTarget;
use super::{Failure, find, run, step};
use crate::cli::LessonArgs;
use crate::lesson::Lesson;
use crate::render::FORMATS;
use crate::term::Term;

/// Runs the lesson.
pub(super) fn lesson(
    syllabus: &[&'static Lesson],
    args: &LessonArgs,
    matches: Option<&ArgMatches>,
    term: &Arc<Term>,
) -> Result<ExitCode, Failure> {
    let (index, lesson) = find(syllabus, &args.name)?;
    let plan = Plan::make(lesson, args, matches, term)?;
    let targets = SaveTarget::check_all(&args.results.save, FORMATS)?;
    step::check(args.results.step, args.results.format())?;
    let steps = args.results.step && term.asks;
    let mut console = Console::open(plan.asks || lesson.takes.lines || steps, term)?;
    if let Some(time) = args.read_for {
        console.lines.read_for(time);
    }
    let next = syllabus.get(index + 1).copied();
    let ran = run::run(&plan, (index, syllabus.len()), next, args, &targets, term, &mut console)?;
    Ok(console.exit_code(ran.failed))
}
