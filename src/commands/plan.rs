//! What a run of a lesson is going to do: checked as a whole before any of it is done.

use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::Failure;
use crate::cli::LessonArgs;
use crate::lesson::{Lesson, Scene};
use crate::term::Term;
use crate::trace::{Clock, Given, Skipped};

/// A scene that takes longer than this,
const LONG: Duration = Duration::from_secs(60);
/// and so many times as long as one of its tasks, is not run on the real clock.
const MANY: u32 = 10;

/// What will be done.
pub(super) struct Plan {
    pub(super) lesson: &'static Lesson,
    pub(super) clock: Clock,
    pub(super) given: Given,
    /// The scenes to run.
    pub(super) scenes: Vec<&'static Scene>,
    /// The others, and why they are left out.
    pub(super) skipped: Vec<Skipped>,
    /// Whether the lesson's question is asked first.
    pub(super) asks: bool,
}

impl Plan {
    /// Makes a plan of what was asked.
    ///
    /// # Errors
    /// A usage error if it cannot be done.
    pub(super) fn make(
        lesson: &'static Lesson,
        args: &LessonArgs,
        matches: Option<&ArgMatches>,
        term: &Term,
    ) -> Result<Self, Failure> {
        check_typed(lesson, matches)?;
        let (clock, given) = (Clock::from(args.clock), given(lesson, args.tasks, args.way.delay));
        let (scenes, skipped) = choose(lesson, args.serve, clock, given)?;
        let wanted = args.way.predict || !(args.way.no_predict || term.quiet);
        // Whoever wants to connect has no use for it.
        let asks = wanted && !args.serve && term.asks && args.results.format().is_text();
        Ok(Plan { lesson, clock, given, scenes, skipped, asks })
    }

    /// How long the longest scene takes, as far as anyone can tell.
    pub(super) fn lasts(&self) -> Duration {
        let delay = Duration::from_nanos(self.given.delay);
        self.scenes.iter().map(|scene| (scene.lasts)(self.given.tasks, delay)).max().unwrap_or(delay)
    }
}

/// An option that was typed for a lesson that has no use for it is a mistake; one from the environment is a habit.
fn check_typed(lesson: &Lesson, matches: Option<&ArgMatches>) -> Result<(), Failure> {
    let typed = |id: &str| matches.and_then(|matches| matches.value_source(id)) == Some(ValueSource::CommandLine);
    let options = [
        ("--tasks", typed("tasks"), lesson.takes.tasks.is_some()),
        ("--delay", typed("delay"), lesson.takes.delay.is_some()),
        ("--limit", typed("limit"), lesson.takes.lines),
        ("--for", typed("read_for"), lesson.takes.lines),
        ("--serve", typed("serve"), lesson.scenes.iter().any(|scene| scene.served)),
    ];
    check_options(lesson, options)
}

/// Checks options: of each the name, whether it was typed, and whether `lesson` has a use for it.
pub(super) fn check_options<const N: usize>(lesson: &Lesson, options: [(&str, bool, bool); N]) -> Result<(), Failure> {
    match options.into_iter().find(|(_, typed, taken)| *typed && !taken) {
        Some((option, ..)) => Err(Failure::Usage(format!("lesson {} has no use for {option}", lesson.name))),
        None => Ok(()),
    }
}

/// What `lesson`'s scenes are given: what was asked for, or the usual.
pub(super) fn given(lesson: &Lesson, tasks: Option<usize>, delay: Option<Duration>) -> Given {
    let tasks = lesson.takes.tasks.map_or(1, |usual| tasks.unwrap_or(usual));
    let delay = lesson.takes.delay.map_or(Duration::ZERO, |usual| delay.unwrap_or(usual));
    Given { tasks, delay: u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX) }
}

/// The scenes to run, and those not to run with the reason. An error if there would be nothing to see.
fn choose(
    lesson: &'static Lesson,
    serve: bool,
    clock: Clock,
    given: Given,
) -> Result<(Vec<&'static Scene>, Vec<Skipped>), Failure> {
    let (mut scenes, mut left_out) = (Vec::new(), Vec::new());
    for scene in lesson.scenes.iter().filter(|scene| scene.served == serve) {
        match reason_to_skip(scene, clock, given) {
            None => scenes.push(scene),
            Some(reason) => left_out.push(skipped(scene, &reason)),
        }
    }
    match left_out.first() {
        Some(first) if scenes.is_empty() => Err(Failure::Usage(format!("lesson {}: {}", lesson.name, first.reason))),
        _ => Ok((scenes, left_out)),
    }
}

fn reason_to_skip(scene: &Scene, clock: Clock, given: Given) -> Option<String> {
    let delay = Duration::from_nanos(given.delay);
    let lasts = (scene.lasts)(given.tasks, delay);
    match (clock, scene.real_clock, too_many(scene, given.tasks)) {
        (Clock::Virtual, Some(reason), _) => Some(format!("it needs the real clock: {reason}")),
        (_, _, Some(reason)) => Some(reason),
        (Clock::Real, ..) if lasts > LONG && lasts > delay.saturating_mul(MANY) => {
            let lasts = humantime::format_duration(Duration::from_secs(lasts.as_secs()));
            Some(format!("it would take {lasts}; --clock virtual shows it at once"))
        }
        _ => None,
    }
}

/// Why `scene` shows nothing with so many tasks; none if it does.
pub(super) fn too_many(scene: &Scene, tasks: usize) -> Option<String> {
    let (most, reason) = scene.at_most.filter(|(most, _)| tasks > *most)?;
    Some(format!("with more than {most} tasks {reason}"))
}

/// `scene`, which does not run because of `reason`.
pub(super) fn skipped(scene: &Scene, reason: &str) -> Skipped {
    Skipped { scene: scene.name.to_owned(), title: scene.title.to_owned(), reason: reason.to_owned() }
}
