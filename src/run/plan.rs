//! What a run of a lesson is going to do: checked as a whole before any of it is done.

use std::time::Duration;

use std::net::SocketAddr;

use super::Failure;
use crate::chart::View;
use crate::lesson::{Lesson, Scene, TaskLimit};
use crate::render::{Format, FormatKind};
use crate::term::Term;
use crate::trace::{Clock, RunInputs, Skipped};

/// A scene that takes longer than this,
const LONG: Duration = Duration::from_secs(60);
/// and so many times as long as one of its tasks, is not run on the real clock.
const MANY: u32 = 10;

/// What a run of a lesson is asked for, by the command line or by the tour.
pub(crate) struct Request {
    /// How many tasks to run; the lesson's own number if none.
    pub(crate) tasks: Option<usize>,
    /// How long each task waits; the lesson's own delay if none.
    pub(crate) delay: Option<Duration>,
    /// How many tasks may be in flight at once; 1,000 if none.
    pub(crate) limit: Option<usize>,
    pub(crate) clock: Clock,
    pub(crate) view: View,
    /// Whether to ask the lesson's question; if none, unless the terminal is quiet.
    pub(crate) predict: Option<bool>,
    /// What to print on standard output.
    pub(crate) format: &'static Format,
    /// Whether to walk through the events before the results.
    pub(crate) step: bool,
    /// Where the lesson's server is to stay up; if none, the other scenes run.
    pub(crate) serve: Option<SocketAddr>,
}

/// What will be done.
pub(crate) struct Plan {
    pub(crate) lesson: &'static Lesson,
    pub(crate) request: Request,
    pub(crate) given: RunInputs,
    /// The scenes to run, in order.
    pub(crate) scenes: Vec<PlannedScene>,
    /// The others, and why they are left out.
    pub(crate) skipped: Vec<Skipped>,
    /// Whether the lesson's question is asked first.
    pub(crate) asks: bool,
    /// Whether standard output is for people: then the introduction and what the scenes print go there too.
    pub(crate) for_people: bool,
    /// Whether events are printed while the scenes run, instead of a report afterwards.
    pub(crate) streams: bool,
}

/// A scene that will be run.
pub(crate) struct PlannedScene {
    /// The scene's number in its lesson, counted from 1.
    pub(crate) number: usize,
    pub(crate) scene: &'static Scene,
}

impl Plan {
    /// Makes a plan of what was asked.
    ///
    /// # Errors
    /// A usage error if it cannot be done.
    pub(crate) fn make(lesson: &'static Lesson, request: Request, term: &Term) -> Result<Self, Failure> {
        let given = given(lesson, request.tasks, request.delay);
        let serves = request.serve.is_some();
        let (scenes, skipped) = choose(lesson, serves, request.clock, given)?;
        let wanted = request.predict.unwrap_or(!term.quiet);
        // A person who wants to connect to a server has no use for the question.
        let for_people = request.format.kind == FormatKind::Text;
        let streams = request.format.kind == FormatKind::Stream;
        let asks = wanted && !serves && term.asks && for_people;
        Ok(Plan { lesson, request, given, scenes, skipped, asks, for_people, streams })
    }

    /// How long the longest scene takes, as far as anyone can tell.
    pub(crate) fn lasts(&self) -> Duration {
        let delay = Duration::from_nanos(self.given.delay);
        let lasts = |planned: &PlannedScene| (planned.scene.lasts)(self.given.tasks, delay);
        self.scenes.iter().map(lasts).max().unwrap_or(delay)
    }
}

/// An option that some lessons take and others do not.
pub(crate) struct LessonOption {
    /// The option as it is typed, such as `--tasks`.
    pub(crate) name: &'static str,
    /// Whether it was typed on the command line.
    pub(crate) typed: bool,
    /// Whether the lesson takes it.
    pub(crate) taken: bool,
}

/// Rejects options that were typed and that `lesson` does not take.
///
/// # Errors
/// A usage error that names the first of them.
pub(crate) fn check_options(lesson: &Lesson, options: &[LessonOption]) -> Result<(), Failure> {
    match options.iter().find(|option| option.typed && !option.taken) {
        Some(option) => Err(Failure::Usage(format!("lesson {} has no use for {}", lesson.name, option.name))),
        None => Ok(()),
    }
}

/// What `lesson`'s scenes are given: what was asked for, or the usual.
pub(crate) fn given(lesson: &Lesson, tasks: Option<usize>, delay: Option<Duration>) -> RunInputs {
    let tasks = lesson.takes.tasks.map_or(1, |usual| tasks.unwrap_or(usual));
    let delay = lesson.takes.delay.map_or(Duration::ZERO, |usual| delay.unwrap_or(usual));
    RunInputs { tasks, delay: u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX) }
}

/// The scenes to run, and those not to run with the reason. An error if there would be nothing to see.
fn choose(
    lesson: &'static Lesson,
    serve: bool,
    clock: Clock,
    given: RunInputs,
) -> Result<(Vec<PlannedScene>, Vec<Skipped>), Failure> {
    let mut scenes = Vec::new();
    let mut left_out = Vec::new();
    for (scene, number) in lesson.scenes.iter().zip(1..).filter(|(scene, _)| scene.served == serve) {
        match reason_to_skip(scene, clock, given) {
            None => scenes.push(PlannedScene { number, scene }),
            Some(reason) => left_out.push(skipped(scene, &reason)),
        }
    }
    match left_out.first() {
        Some(first) if scenes.is_empty() => Err(Failure::Usage(format!("lesson {}: {}", lesson.name, first.reason))),
        _ => Ok((scenes, left_out)),
    }
}

fn reason_to_skip(scene: &Scene, clock: Clock, given: RunInputs) -> Option<String> {
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
pub(crate) fn too_many(scene: &Scene, tasks: usize) -> Option<String> {
    match scene.at_most {
        Some(TaskLimit { most, reason }) if tasks > most => Some(format!("with more than {most} tasks {reason}")),
        _ => None,
    }
}

/// `scene`, which does not run because of `reason`.
pub(crate) fn skipped(scene: &Scene, reason: &str) -> Skipped {
    Skipped { scene: scene.name.to_owned(), title: scene.title.to_owned(), reason: reason.to_owned() }
}

/// The lesson of this name or alias. The parser lets no other name through.
pub(crate) fn find(syllabus: &[&'static Lesson], name: &str) -> Result<(usize, &'static Lesson), Failure> {
    let called = |lesson: &&Lesson| lesson.name == name || lesson.aliases.contains(&name);
    let index = syllabus.iter().position(called);
    index.map(|index| (index, syllabus[index])).ok_or_else(|| Failure::Usage(format!("no lesson is called {name}")))
}
