//! The plan of a run: everything that can be refused is checked before the run begins.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use super::{Failure, twin};
use crate::chart::{Lanes, View};
use crate::lesson::{Lesson, Scene, TaskLimit};
use crate::machine::Machine;
use crate::render::{Format, FormatKind};
use crate::term::Term;
use crate::trace::{Clock, RunInputs, Skipped, Trace};

/// A scene that takes longer than this is not run on the real clock, unless [`MANY`] lets it.
const LONG: Duration = Duration::from_secs(60);
/// A scene may run for up to this many times the delay of one of its tasks, even if that is longer than [`LONG`].
const MANY: u32 = 10;

/// What the command line or the tour asks of a run.
pub(crate) struct Request {
    /// How many tasks to run; `None` for the lesson's default.
    pub(crate) tasks: Option<usize>,
    /// How long each task waits; `None` for the lesson's default.
    pub(crate) delay: Option<Duration>,
    /// How many tasks may be in flight at once; `None` for 1,000.
    pub(crate) limit: Option<usize>,
    pub(crate) clock: Clock,
    pub(crate) view: View,
    pub(crate) lanes: Lanes,
    /// Whether code is shown in Python, where it is shown beside pictures on a terminal.
    pub(crate) python: bool,
    /// Whether the lesson's Python twin runs after the scenes.
    pub(crate) twin: bool,
    /// Whether a lesson on a terminal pauses after each scene, if nothing speaks against it.
    pub(crate) pauses: bool,
    /// Whether to ask the lesson's question; with `None` it is asked unless the terminal is quiet.
    pub(crate) predict: Option<bool>,
    /// What to print on standard output.
    pub(crate) format: &'static Format,
    /// Whether to walk through the events before the results.
    pub(crate) step: bool,
    /// The address at which the lesson's server stays up; `None` to run the other scenes instead.
    pub(crate) serve: Option<SocketAddr>,
}

/// What a run will do.
pub(crate) struct Plan {
    pub(crate) lesson: &'static Lesson,
    pub(crate) request: Request,
    pub(crate) given: RunInputs,
    /// The scenes to run, in order.
    pub(crate) scenes: Vec<PlannedScene>,
    /// The scenes that are left out, with the reasons.
    pub(crate) skipped: Vec<Skipped>,
    /// The Python that runs the lesson's twin after the scenes; none if the twin does not run.
    pub(crate) python: Option<PathBuf>,
    /// Whether the lesson is shown screen by screen, with a pause after each.
    pub(crate) walks: bool,
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
    /// Makes the plan for `request`.
    ///
    /// # Errors
    /// A usage error if no scene can be run as requested.
    pub(crate) fn make(lesson: &'static Lesson, request: Request, term: &Term) -> Result<Self, Failure> {
        let given = given(lesson, request.tasks, request.delay);
        let serves = request.serve.is_some();
        let (scenes, skipped) = choose(lesson, serves, request.clock, given)?;
        let python = if request.twin { Some(twin::python_for(lesson, &request, &skipped)?) } else { None };
        for program in lesson.programs() {
            program.check().map_err(|reason| Failure::Usage(format!("lesson {}: {reason}", lesson.name)))?;
        }
        let wanted = request.predict.unwrap_or(!term.quiet);
        // The question is about the other scenes, so it does not go with the server.
        let for_people = request.format.kind == FormatKind::Text;
        let streams = request.format.kind == FormatKind::Stream;
        let asks = wanted && !serves && term.asks && for_people;
        let on_screen = term.asks && term.reads_on_screen && !term.quiet;
        let walks = request.pauses && on_screen && for_people && !serves && !request.step;
        Ok(Plan { lesson, request, given, scenes, skipped, python, walks, asks, for_people, streams })
    }

    /// Begins the recording of this run: without scenes yet, but with those that are left out. Measures the machine if the
    /// lesson's claims depend on it.
    ///
    /// # Errors
    /// If the machine cannot be measured.
    pub(crate) fn begin_trace(&self) -> Result<Trace, Failure> {
        let mut trace = Trace::new(self.lesson.name, self.request.clock, self.given);
        trace.skipped = self.skipped.clone();
        if self.lesson.calibrates {
            trace.machine = Some(Machine::measure().context("cannot measure this machine")?);
        }
        Ok(trace)
    }

    /// Returns an estimate of how long the longest scene takes.
    pub(crate) fn lasts(&self) -> Duration {
        let delay = self.given.delay.into();
        let lasts = |planned: &PlannedScene| planned.scene.lasts.of(self.given.tasks, delay);
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

/// Returns the inputs of the lesson's scenes: what was requested, or else the lesson's defaults. A lesson that takes no
/// number of tasks has 1, and one that takes no delay has none.
pub(crate) fn given(lesson: &Lesson, tasks: Option<usize>, delay: Option<Duration>) -> RunInputs {
    let tasks = match lesson.takes.tasks {
        Some(default) => tasks.unwrap_or(default),
        None => 1,
    };
    let delay = match lesson.takes.delay {
        Some(default) => delay.unwrap_or(default),
        None => Duration::ZERO,
    };
    RunInputs { tasks, delay: delay.into() }
}

/// Chooses the scenes to run and those to skip: the lesson's server if `serve`, otherwise the other scenes.
///
/// # Errors
/// A usage error with the reason of the first scene if all would be skipped.
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
    match (clock, scene.real_clock, too_many(scene, given.tasks)) {
        (Clock::Virtual, Some(reason), _) => Some(format!("it needs the real clock: {reason}")),
        (_, _, Some(reason)) => Some(reason),
        (Clock::Real, ..) => too_long(scene, given).map(|reason| format!("{reason}; --clock virtual shows it at once")),
        (Clock::Virtual, None, None) => None,
    }
}

/// Returns that `scene` would take much longer on the real clock than anybody waits; `None` if it does not.
pub(crate) fn too_long(scene: &Scene, given: RunInputs) -> Option<String> {
    let delay = given.delay.into();
    let lasts = scene.lasts.of(given.tasks, delay);
    let is_long = lasts > LONG && lasts > delay.saturating_mul(MANY);
    is_long.then(|| format!("it would take {}", humantime::format_duration(Duration::from_secs(lasts.as_secs()))))
}

/// Returns why `scene` shows nothing with this number of tasks; `None` if it does show something.
pub(crate) fn too_many(scene: &Scene, tasks: usize) -> Option<String> {
    match scene.at_most {
        Some(TaskLimit { most, reason }) if tasks > most => Some(format!("with more than {most} tasks {reason}")),
        _ => None,
    }
}

/// Makes the entry of a scene that does not run, for `reason`.
pub(crate) fn skipped(scene: &Scene, reason: &str) -> Skipped {
    Skipped { scene: scene.name.to_owned(), title: scene.title.to_owned(), language: None, reason: reason.to_owned() }
}

/// Returns the lesson with this name or alias, and its index in the syllabus. The parser of the command line lets no other
/// name through.
///
/// # Errors
/// A usage error if there is no such lesson.
pub(crate) fn find(syllabus: &[&'static Lesson], name: &str) -> Result<(usize, &'static Lesson), Failure> {
    let called = |lesson: &&Lesson| lesson.name == name || lesson.aliases.contains(&name);
    match syllabus.iter().position(called) {
        Some(index) => Ok((index, syllabus[index])),
        None => Err(Failure::Usage(format!("no lesson is called {name}"))),
    }
}
