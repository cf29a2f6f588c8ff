//! `asyncguide lesson NAME`: the program's main job, from the question to the report.
//!
//! The scenes run on threads of their own; this one waits for what happens next: a scene ends, somebody answers,
//! presses Ctrl-C, or standard output is closed. Whatever happened, the report is made from the trace alone.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::Context as _;
use clap::ArgMatches;
use clap::parser::ValueSource;

use super::save::Place;
use super::{FAILED, Failure, find};
use crate::cli::{Format, LessonArgs};
use crate::lesson::{self, Inputs, Lesson, Scene};
use crate::live::Live;
use crate::page::Role;
use crate::render::header;
use crate::render::{Report, prose, question};
use crate::session::{self, Session};
use crate::signals::{self, Signal};
use crate::stdio::{Lines, Out};
use crate::term::Term;
use crate::trace::{Clock, Given, SCHEMA, SceneTrace, Skipped, Trace};

/// A scene that takes longer than this,
const LONG: Duration = Duration::from_secs(60);
/// and so many times as long as one of its tasks, is not run on the real clock.
const MANY: u32 = 10;

/// What this thread waits for.
enum Event {
    Ended,
    Signal(Signal),
    Answered(Option<String>),
    OutputFailed(io::Error),
}

/// A run of a lesson, under way.
struct Run<'a> {
    lesson: &'a Lesson,
    term: &'a Arc<Term>,
    events: Receiver<Event>,
    tell: Sender<Event>,
    inputs: Inputs,
    trace: Trace,
    interrupted: Option<Signal>,
}

/// Runs the lesson.
pub(super) fn run(
    syllabus: &[&'static Lesson],
    args: &LessonArgs,
    matches: Option<&ArgMatches>,
    term: &Arc<Term>,
) -> Result<ExitCode, Failure> {
    let (index, lesson) = find(syllabus, &args.name)?;
    check_options(lesson, matches)?;
    let given = given(lesson, args);
    let clock = Clock::from(args.clock);
    let (scenes, skipped) = choose(lesson, clock, given)?;
    let places = args.save.iter().map(|path| Place::check(path)).collect::<Result<Vec<_>, _>>()?;

    let (tell, events) = channel();
    let tell_signal = tell.clone();
    signals::listen(move |signal| drop(tell_signal.send(Event::Signal(signal)))).context("cannot listen to signals")?;

    let asks = term.asks && args.format == Format::Text && (args.predict || !(args.no_predict || term.quiet));
    let lines = if asks || lesson.takes.lines { Lines::read(io::stdin()) } else { Lines::none() };
    let (out, printer) = printer(term, args.format, tell.clone()).context("cannot start a thread")?;
    let inputs = inputs(args, given, lines, out);
    let trace = Trace {
        schema: SCHEMA,
        program: format!("asyncguide {}", env!("CARGO_PKG_VERSION")),
        lesson: lesson.name.to_owned(),
        clock,
        inputs: given,
        scenes: Vec::new(),
        skipped,
    };
    let mut run = Run { lesson, term, events, tell, inputs, trace, interrupted: None };

    if args.format == Format::Text && !term.quiet {
        let introduction = prose::introduction(lesson.readme, &term.page);
        let header = header(lesson, index, syllabus.len(), &term.page);
        term.print(&format!("{header}{introduction}\n")).map_err(Failure::Stdout)?;
    }
    let guess = if asks { run.ask()? } else { None };
    run.scenes(&scenes, clock, args.read_for)?;
    let Run { trace, interrupted, inputs, .. } = run;
    drop(inputs);
    if interrupted.is_none() {
        // Every line that a scene printed is out before the report.
        printer.join().unwrap_or(Ok(())).map_err(Failure::Stdout)?;
    }

    let report = Report { lesson, next: syllabus.get(index + 1).copied(), trace: &trace, by: args.by, guess };
    print(&report, args.format, term)?;
    for place in &places {
        place.save(&trace)?;
    }
    Ok(match interrupted {
        Some(signal) => ExitCode::from(signal.exit_code()),
        None if report.failed() => ExitCode::from(FAILED),
        None => ExitCode::SUCCESS,
    })
}

/// An option that was typed for a lesson that has no use for it is a mistake; one from the environment is a habit.
fn check_options(lesson: &Lesson, matches: Option<&ArgMatches>) -> Result<(), Failure> {
    let typed = |id: &str| matches.and_then(|matches| matches.value_source(id)) == Some(ValueSource::CommandLine);
    let options = [
        ("tasks", "--tasks", lesson.takes.tasks.is_some()),
        ("delay", "--delay", lesson.takes.delay.is_some()),
        ("limit", "--limit", lesson.takes.lines),
        ("read_for", "--for", lesson.takes.lines),
    ];
    match options.into_iter().find(|(id, _, taken)| typed(id) && !taken) {
        Some((_, option, _)) => Err(Failure::Usage(format!("lesson {} has no use for {option}", lesson.name))),
        None => Ok(()),
    }
}

fn given(lesson: &Lesson, args: &LessonArgs) -> Given {
    let tasks = lesson.takes.tasks.map_or(1, |usual| args.tasks.unwrap_or(usual));
    let delay = lesson.takes.delay.map_or(Duration::ZERO, |usual| args.delay.unwrap_or(usual));
    Given { tasks, delay: u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX) }
}

fn inputs(args: &LessonArgs, given: Given, lines: Lines, out: Out) -> Inputs {
    let usual = Inputs::new(given.tasks, Duration::from_nanos(given.delay));
    Inputs { limit: args.limit.unwrap_or(usual.limit), lines, out, ..usual }
}

/// The scenes to run, and those not to run with the reason. An error if there would be nothing to see.
fn choose(lesson: &'static Lesson, clock: Clock, given: Given) -> Result<(Vec<&'static Scene>, Vec<Skipped>), Failure> {
    let (mut scenes, mut skipped) = (Vec::new(), Vec::new());
    for scene in lesson.scenes {
        match reason_to_skip(scene, clock, given) {
            None => scenes.push(scene),
            Some(reason) => {
                let (scene, title) = (scene.name.to_owned(), scene.title.to_owned());
                skipped.push(Skipped { scene, title, reason });
            }
        }
    }
    match skipped.first() {
        Some(first) if scenes.is_empty() => Err(Failure::Usage(format!("lesson {}: {}", lesson.name, first.reason))),
        _ => Ok((scenes, skipped)),
    }
}

fn reason_to_skip(scene: &Scene, clock: Clock, given: Given) -> Option<String> {
    let delay = Duration::from_nanos(given.delay);
    let lasts = (scene.lasts)(given.tasks, delay);
    match (clock, scene.real_clock, scene.at_most) {
        (Clock::Virtual, Some(reason), _) => Some(format!("it needs the real clock: {reason}")),
        (_, _, Some((most, reason))) if given.tasks > most => Some(format!("with more than {most} tasks {reason}")),
        (Clock::Real, ..) if lasts > LONG && lasts > delay.saturating_mul(MANY) => {
            let lasts = humantime::format_duration(Duration::from_secs(lasts.as_secs()));
            Some(format!("it would take {lasts}; --clock virtual shows it at once"))
        }
        _ => None,
    }
}

/// A way for scenes to print lines: as results, or beside them where results are to be one JSON document.
fn printer(
    term: &Arc<Term>,
    format: Format,
    tell: Sender<Event>,
) -> io::Result<(Out, std::thread::JoinHandle<io::Result<()>>)> {
    let term = Arc::clone(term);
    Out::print_with(move |line| match format {
        Format::Json => {
            term.note(&format!("{}\n", term.error_page.text(line)));
            Ok(())
        }
        Format::Text => term.print(&format!("{}\n", term.page.text(line))).inspect_err(|error| {
            // A run that nobody reads ends at once.
            let _ = tell.send(Event::OutputFailed(io::Error::from(error.kind())));
        }),
    })
}

fn print(report: &Report<'_>, format: Format, term: &Term) -> Result<(), Failure> {
    let text = match format {
        Format::Text => report.text(&term.page, !term.quiet),
        Format::Json => {
            let mut json = Vec::new();
            report.trace.write_json(&mut json).context("cannot write the trace as JSON")?;
            String::from_utf8(json).context("JSON is UTF-8")?
        }
    };
    term.print(&text).map_err(Failure::Stdout)
}

impl Run<'_> {
    /// Asks the lesson's question; the answer is a choice's index, or none.
    fn ask(&mut self) -> Result<Option<usize>, Failure> {
        let question = &self.lesson.question;
        self.term.note(&question::ask(question, &self.term.error_page));
        let (lines, tell) = (self.inputs.lines.clone(), self.tell.clone());
        let answer = move || drop(tell.send(Event::Answered(lines.blocking_next_line())));
        std::thread::Builder::new().name("answer".to_owned()).spawn(answer).context("cannot start a thread")?;
        let answered = self.next_event()?;
        self.term.note("\n");
        let Event::Answered(Some(line)) = answered else { return Ok(None) };
        let choice = line.trim().parse().ok().and_then(|number: usize| number.checked_sub(1));
        Ok(choice.filter(|choice| *choice < question.choices.len()))
    }

    fn scenes(&mut self, scenes: &[&Scene], clock: Clock, read_for: Option<Duration>) -> Result<(), Failure> {
        if let Some(time) = read_for {
            self.inputs.lines.read_for(time);
        }
        let (tasks, delay) = (self.inputs.tasks, self.inputs.delay);
        let expected = scenes.iter().map(|scene| (scene.lasts)(tasks, delay)).max().unwrap_or(delay);
        let mut heading = String::new();
        for (number, scene) in scenes.iter().enumerate() {
            if self.interrupted.is_some() {
                let (scene, title) = (scene.name.to_owned(), scene.title.to_owned());
                self.trace.skipped.push(Skipped { scene, title, reason: "the run was interrupted".to_owned() });
                continue;
            }
            let title = format!("{}  {}", number + 1, scene.title);
            let scene = self.scene(scene, clock, &format!("{heading}{title}"), expected)?;
            heading += &format!("{title}  {}\n", lesson::duration(scene.wall));
            self.trace.scenes.push(scene);
        }
        Ok(())
    }

    /// Runs one scene to its end or to the first signal, with its lanes growing meanwhile.
    fn scene(&mut self, scene: &Scene, clock: Clock, heading: &str, expected: Duration) -> Result<SceneTrace, Failure> {
        let by_hand = self.lesson.takes.lines && self.term.keyboard;
        if by_hand {
            let delay = lesson::duration(self.trace.inputs.delay);
            let hint = format!("Type lines; each comes back after {delay}. Ctrl-D ends the input.\n\n");
            self.term.note(&self.term.error_page.paint(Role::Dim, hint));
        }
        let tell = self.tell.clone();
        let session = session::start(scene, self.inputs.clone(), clock, move || drop(tell.send(Event::Ended)));
        let session: Arc<Session> = session.context("cannot start the scene")?;
        // What is typed would fall into the picture.
        let live = (!by_hand).then(|| Live::start(self.term, heading, expected, &session));
        let event = self.next_event();
        let trace = session.trace();
        if let Some(live) = live {
            live.finish();
        }
        event.map(|_| trace)
    }

    /// Waits for what happens next. A signal is an event like others, and the run is interrupted from then on.
    fn next_event(&mut self) -> Result<Event, Failure> {
        match self.events.recv() {
            Ok(Event::OutputFailed(error)) => Err(Failure::Stdout(error)),
            Ok(Event::Signal(signal)) => {
                self.interrupted = Some(signal);
                Ok(Event::Signal(signal))
            }
            Ok(event) => Ok(event),
            // This run holds a sender itself, so the channel is never closed.
            Err(_) => Ok(Event::Ended),
        }
    }
}
