//! `asyncguide lesson NAME`: the program's main job, from the question to the report.
//!
//! The scenes run on threads of their own; this one waits for what happens next: a scene ends, somebody answers,
//! presses Ctrl-C, or standard output is closed. Whatever happened, the report is made from the trace alone.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::ArgMatches;

use super::plan::{Plan, skipped};
use super::printer::Printer;
use super::save::Place;
use super::{FAILED, Failure, find};
use crate::cli::{Format, LessonArgs};
use crate::lesson::{self, Inputs, Lesson, Scene};
use crate::live::Live;
use crate::machine::Machine;
use crate::page::Role;
use crate::render::{Report, header, paragraph, prose, question};
use crate::session::{self, Session};
use crate::signals::{self, Signal};
use crate::stdio::Lines;
use crate::term::Term;
use crate::trace::{SceneTrace, Trace};

/// What this thread waits for.
enum Event {
    Ended,
    Signal(Signal),
    Answered(Option<String>),
    OutputFailed(io::Error),
}

/// Runs the lesson.
pub(super) fn run(
    syllabus: &[&'static Lesson],
    args: &LessonArgs,
    matches: Option<&ArgMatches>,
    term: &Arc<Term>,
) -> Result<ExitCode, Failure> {
    let (index, lesson) = find(syllabus, &args.name)?;
    let plan = Plan::make(lesson, args, matches, term)?;
    let places = args.save.iter().map(|path| Place::check(path)).collect::<Result<Vec<_>, _>>()?;
    let mut run = Run::start(&plan, args, term)?;
    if args.format == Format::Text && !term.quiet {
        let introduction = prose::introduction(lesson.readme, &term.page);
        let header = header(lesson, index, syllabus.len(), &term.page);
        term.print(&format!("{header}{introduction}\n")).map_err(Failure::Stdout)?;
    }
    let guess = if plan.asks { run.ask()? } else { None };
    run.scenes()?;
    let (trace, interrupted) = run.end()?;
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

/// A run of a lesson, under way.
struct Run<'a> {
    plan: &'a Plan,
    term: &'a Arc<Term>,
    events: Receiver<Event>,
    tell: Sender<Event>,
    inputs: Inputs,
    printer: Printer,
    trace: Trace,
    interrupted: Option<Signal>,
}

fn print(report: &Report<'_>, format: Format, term: &Term) -> Result<(), Failure> {
    let text = match format {
        // Lines that the scenes printed stand right above.
        Format::Text if report.lesson.takes.lines => format!("\n{}", report.text(&term.page, !term.quiet)),
        Format::Text => report.text(&term.page, !term.quiet),
        Format::Json => {
            let mut json = Vec::new();
            report.trace.write_json(&mut json).context("cannot write the trace as JSON")?;
            String::from_utf8(json).context("JSON is UTF-8")?
        }
    };
    term.print(&text).map_err(Failure::Stdout)
}

impl<'a> Run<'a> {
    /// Listens to signals and opens what the scenes read and print.
    fn start(plan: &'a Plan, args: &LessonArgs, term: &'a Arc<Term>) -> Result<Self, Failure> {
        let (tell, events) = channel();
        let signalled = tell.clone();
        signals::listen(move |signal| drop(signalled.send(Event::Signal(signal))))
            .context("cannot listen to signals")?;
        let reads = plan.asks || plan.lesson.takes.lines;
        let lines = if reads { Lines::read(io::stdin()) } else { Lines::none() };
        if let Some(time) = args.read_for {
            lines.read_for(time);
        }
        let failed = tell.clone();
        let failed = move |error| drop(failed.send(Event::OutputFailed(error)));
        let (out, printer) = Printer::start(term, args.format, failed).context("cannot start a thread")?;
        let usual = Inputs::new(plan.given.tasks, Duration::from_nanos(plan.given.delay));
        let inputs = Inputs { limit: args.limit.unwrap_or(usual.limit), lines, out, ..usual };
        let (skipped, machine) = (plan.skipped.clone(), plan.lesson.calibrates.then(Machine::measure));
        let trace = Trace { skipped, machine, ..Trace::new(plan.lesson.name, plan.clock, plan.given) };
        Ok(Run { plan, term, events, tell, inputs, printer, trace, interrupted: None })
    }

    /// Asks the lesson's question; the answer is a choice's index, or none.
    fn ask(&mut self) -> Result<Option<usize>, Failure> {
        let question = &self.plan.lesson.question;
        self.term.note(&question::ask(question, &self.term.error_page));
        let (lines, tell) = (self.inputs.lines.clone(), self.tell.clone());
        let answer = move || drop(tell.send(Event::Answered(lines.blocking_next_line())));
        thread::Builder::new().name("answer".to_owned()).spawn(answer).context("cannot start a thread")?;
        let answered = self.next_event()?;
        let Event::Answered(Some(line)) = answered else {
            // Nobody pressed Enter, so the prompt's line has not ended.
            self.term.note("\n\n");
            return Ok(None);
        };
        self.term.note("\n");
        let choice = line.trim().parse().ok().and_then(|number: usize| number.checked_sub(1));
        Ok(choice.filter(|choice| *choice < question.choices.len()))
    }

    /// Runs the scenes, one after the other, until one is interrupted.
    fn scenes(&mut self) -> Result<(), Failure> {
        let mut heading = String::new();
        for scene in &self.plan.scenes {
            if self.interrupted.is_some() {
                self.trace.skipped.push(skipped(scene, "the run was interrupted"));
                continue;
            }
            let title = format!("{}  {}", self.plan.lesson.number(scene.name), scene.title);
            let scene = self.scene(scene, &format!("{heading}{title}"))?;
            heading += &format!("{title}  {}\n", lesson::duration(scene.wall));
            self.trace.scenes.push(scene);
        }
        Ok(())
    }

    /// Runs one scene to its end or to the first signal, with its lanes growing meanwhile.
    fn scene(&mut self, scene: &Scene, heading: &str) -> Result<SceneTrace, Failure> {
        let by_hand = self.plan.lesson.takes.lines && self.term.keyboard;
        if by_hand && !self.term.quiet {
            let delay = lesson::duration(self.trace.inputs.delay);
            let hint = format!("Type lines; each comes back after {delay}. Ctrl-D ends the input.");
            let hint = paragraph(&self.term.error_page, "", &hint);
            self.term.note(&(self.term.error_page.paint(Role::Dim, hint) + "\n"));
        }
        let tell = self.tell.clone();
        let session =
            session::start(scene, self.inputs.clone(), self.plan.clock, move || drop(tell.send(Event::Ended)));
        let session: Arc<Session> = session.context("cannot start the scene")?;
        // What is typed would fall into the picture.
        let live = (!by_hand).then(|| Live::start(self.term, heading, self.plan.lasts(), &session));
        let event = self.next_event();
        if let Some(live) = live {
            live.finish();
        }
        event.map(|_| session.trace())
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

    /// What was recorded, and what interrupted it. Every line that a scene printed is out by now.
    fn end(self) -> Result<(Trace, Option<Signal>), Failure> {
        let Run { trace, interrupted, inputs, printer, .. } = self;
        // With them goes the last way to print a line.
        drop(inputs);
        match interrupted {
            Some(_) => printer.stop(),
            None => printer.finish().map_err(Failure::Stdout)?,
        }
        Ok((trace, interrupted))
    }
}
