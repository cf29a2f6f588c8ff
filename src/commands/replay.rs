//! `asyncguide replay FILE`: plays a saved run again, with growing lanes on a terminal, then prints its report.
//!
//! The lesson is looked up by the name in the file. If it is not on the syllabus, the report shows what the recording
//! holds, without the lesson's prose, code and claims. Read `run/open.rs` for how a file from anywhere is read,
//! `run/mod.rs` for what a replay shares with a run.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::args::{ResultOptions, ShownOptions, ViewArg, filled, speed};
use crate::chart::Shown;
use crate::lesson::Lesson;
use crate::live::Live;
use crate::render::{FORMATS, FormatKind, Report};
use crate::run::console::{Console, ConsoleEvent};
use crate::run::save::{SaveTarget, save_all};
use crate::run::{Failure, Position, introduce, open, print, step};
use crate::term::Term;
use crate::trace::{SceneTrace, Skipped, Trace};
use crate::units::duration;
use crate::watch::Playback;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
KEYS WITH --step:
  Right or Space goes on   Left or b goes back   g goes to a time   q stops

EXAMPLES:
  asyncguide replay run.json
  asyncguide replay run.json --speed 0.25
  asyncguide replay run.json --step
  asyncguide replay run.json --by thread --save run.csv
  asyncguide lesson gather --format json | asyncguide replay -";

#[derive(Args, Debug)]
pub(super) struct ReplayArgs {
    /// The saved run, as JSON; "-" is standard input
    pub(super) file: PathBuf,
    /// Play this many times as fast as it happened, from 0.25 to 100
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    pub(super) speed: f64,
    /// Draw a lane for each task, or for each thread
    #[arg(long, env = filled("ASYNCGUIDE_BY"), hide_env_values = true, value_name = "WHAT", default_value = "task")]
    pub(super) by: ViewArg,
    #[command(flatten)]
    pub(super) shown: ShownOptions,
    #[command(flatten)]
    pub(super) results: ResultOptions,
}

/// Replays a file, prints the report and saves it. Returns the exit code that the run itself had.
///
/// # Errors
/// If the file cannot be read, the run cannot be saved, or standard output takes no more.
pub(super) fn replay(syllabus: &[&'static Lesson], args: &ReplayArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let targets = SaveTarget::check_all(&args.results.save, FORMATS)?;
    if !targets.is_empty() {
        term.outlive_output();
    }
    args.shown.check_times()?;
    step::check(args.results.step, args.results.format())?;
    let trace = open::trace(&args.file)?;
    // A program of the user's own may be called like a lesson.
    let is_known = |lesson: &&Lesson| lesson.name == trace.lesson && trace.process.is_none();
    let index = syllabus.iter().position(is_known);
    let lesson = index.map(|index| syllabus[index]);
    let format = args.results.format();
    if let (Some(index), Some(lesson), FormatKind::Text) = (index, lesson, format.kind) {
        introduce(lesson, Some(Position { index, of: syllabus.len() }), term)?;
    }
    let steps = args.results.step;
    let shown = args.shown.of(lesson, &trace, term);
    let mut console = Console::open(steps && term.asks, term)?;
    let trace = if term.live && !steps { watch(trace, lesson, args.speed, &shown, term, &mut console)? } else { trace };
    let trace = conclude(trace, lesson, console.interrupted.is_some());
    let next = index.and_then(|index| syllabus.get(index + 1).copied());
    let report = Report {
        syllabus,
        next,
        view: args.by.into(),
        shown,
        invocation: term.invocation,
        prose: !term.quiet,
        ..Report::new(lesson, &trace)
    };
    if steps {
        step::walk(&report, term, &mut console)?;
    }
    print(&report, format, term)?;
    save_all(&targets, |write, style, out| write(&report, style, out))?;
    if let Some(panicked) = report.panicked()
        && console.interrupted.is_none()
    {
        term.warn(&format!("{panicked} in this recording, so the exit code is 1"));
    }
    Ok(console.exit_code(report.failed()))
}

/// Checks the claims of a lesson that is known. Of one that is not, those that the recording holds are shown, unless
/// only a part of it was played: they are about all of it.
fn conclude(mut trace: Trace, lesson: Option<&Lesson>, interrupted: bool) -> Trace {
    match lesson {
        Some(lesson) => lesson.conclude(&mut trace),
        None if interrupted => trace.claims.clear(),
        None => {}
    }
    trace
}

/// Draws one scene after the other, as it grew. Returns the trace up to the moment at which the replay was interrupted,
/// or all of it.
fn watch(
    mut trace: Trace,
    lesson: Option<&Lesson>,
    speed: f64,
    shown: &Shown,
    term: &Arc<Term>,
    console: &mut Console,
) -> Result<Trace, Failure> {
    let extent = trace.extent().into();
    let mut heading = String::new();
    let mut seen = Vec::new();
    for (scene, place) in std::mem::take(&mut trace.scenes).into_iter().zip(1..) {
        if console.interrupted.is_some() {
            let reason = "the replay was interrupted".to_owned();
            trace.skipped.push(Skipped { scene: scene.name, title: scene.title, language: scene.language, reason });
            continue;
        }
        // The scenes of a twin have the names of the lesson's own.
        let number = lesson.and_then(|lesson| lesson.number_in(&scene.name, scene.language.as_deref()));
        let number = number.unwrap_or(place);
        let title = format!("{number}  {}", term.error_style.line(&scene.title));
        let wall = duration(scene.wall);
        let playback = Playback::start(scene, speed);
        seen.push(show(playback, &format!("{heading}{title}"), extent, shown, term, console)?);
        heading += &format!("{title}  {wall}\n");
    }
    trace.scenes = seen;
    Ok(trace)
}

/// Draws one scene to its end or to the first signal. Returns the scene up to that moment.
fn show(
    playback: Playback,
    heading: &str,
    extent: Duration,
    shown: &Shown,
    term: &Arc<Term>,
    console: &mut Console,
) -> Result<SceneTrace, Failure> {
    let drawn = playback.clone();
    let snapshot = move |last, horizon| drawn.snapshot(last, horizon);
    let live = Live::start(term, heading, extent, usize::MAX, shown, snapshot);
    let event = console.next_event_within(playback.duration());
    live.finish();
    let interrupted = matches!(event?, Some(ConsoleEvent::Signal(_)));
    Ok(playback.end(interrupted))
}
