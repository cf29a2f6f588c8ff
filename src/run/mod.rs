//! One run of a lesson, from its introduction to its report: what `lesson` does once, and `tour` again and again.
//!
//! The scenes run on threads of their own; this one waits at the [`Console`] for what happens next. Whatever happened,
//! the report is made from the trace alone. Read `plan.rs` for what is decided before.

pub(crate) mod console;
pub(crate) mod failure;
mod follow;
pub(crate) mod open;
pub(crate) mod plan;
mod printer;
pub(crate) mod progress;
pub(crate) mod save;
pub(crate) mod step;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;

pub(crate) use self::failure::Failure;

use self::console::{Console, Event};
use self::follow::Follower;
use self::plan::{Plan, Request, skipped};
use self::printer::Printer;
use self::save::Place;
use crate::lesson::{Inputs, Lesson, Scene};
use crate::live::Live;
use crate::machine::Machine;
use crate::page::Role;
use crate::render::data::jsonl;
use crate::render::text::question;
use crate::render::{Format, Report, WriteRun, header, paragraph, prose};
use crate::serve::Site;
use crate::session::Session;
use crate::term::Term;
use crate::trace::{SceneTrace, Trace};
use crate::units::duration;

/// How long a server may take to close its connections.
const CLOSING: Duration = Duration::from_secs(2);

/// How a run ended.
pub(crate) struct RunOutcome {
    /// Index of the choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// Whether a claim failed, or a task or a scene panicked.
    pub(crate) failed: bool,
}

/// Where a lesson stands in the syllabus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Counts from 0.
    pub(crate) index: usize,
    /// How many lessons there are.
    pub(crate) of: usize,
}

/// What surrounds a run.
pub(crate) struct Context<'a> {
    pub(crate) position: Position,
    /// The lesson that the report recommends next.
    pub(crate) next: Option<&'static Lesson>,
    /// The files that the run is saved to.
    pub(crate) targets: &'a [Place<WriteRun>],
    pub(crate) term: &'a Arc<Term>,
}

/// Introduces the lesson, asks its question, runs its scenes, prints the report and saves it.
pub(crate) fn run(plan: &Plan, context: &Context<'_>, console: &mut Console) -> Result<RunOutcome, Failure> {
    let Request { format, view, step: steps, .. } = plan.request;
    let term = context.term;
    let mut run = Run::start(plan, term, console)?;
    introduce(plan.lesson, context.position, format, term)?;
    let guess = if plan.asks { run.ask()? } else { None };
    run.scenes()?;
    let trace = run.end()?;
    let report = Report { next: context.next, view, guess, prose: !term.quiet, ..Report::new(plan.lesson, &trace) };
    if steps && console.interrupted.is_none() {
        step::walk(&report, term, console)?;
    }
    // A format that is followed was printed while the scenes ran.
    if !format.is_followed() {
        print(&report, format, term)?;
    }
    for target in context.targets {
        target.save(|write, page, out| write(&report, page, out))?;
    }
    Ok(RunOutcome { guess, failed: report.failed() })
}

/// Prints the lesson's title and introduction, unless a program reads the output or the terminal is quiet.
pub(crate) fn introduce(lesson: &Lesson, position: Position, format: &Format, term: &Term) -> Result<(), Failure> {
    if !format.is_text() || term.quiet {
        return Ok(());
    }
    let introduction = prose::introduction(lesson.readme, &term.page);
    let header = header(lesson, position.index, position.of, &term.page);
    term.print(&format!("{header}{introduction}\n")).map_err(Failure::Stdout)
}

/// Prints `report` in this format.
pub(crate) fn print(report: &Report<'_>, format: &Format, term: &Term) -> Result<(), Failure> {
    // Lines that the scenes printed stand right above.
    let gap = if format.is_text() && report.lesson.takes.lines { "\n" } else { "" };
    let print = |out: &mut dyn Write| {
        out.write_all(gap.as_bytes())?;
        (format.write)(report, &term.page, out)
    };
    term.print_as_it_comes(print).map_err(Failure::Stdout)
}

/// Listens at `address` until `stop` becomes true.
fn listen(address: SocketAddr, term: &Term, stop: &watch::Sender<bool>) -> Result<Site, Failure> {
    if !address.ip().is_loopback() {
        term.warn(&format!("whoever reaches {} can connect", address.ip()));
    }
    let site = Site::at(address, stop.subscribe());
    site.map_err(|error| Failure::Usage(format!("cannot listen at {address}: {error}")))
}

/// A run of a lesson, under way.
struct Run<'a> {
    plan: &'a Plan,
    term: &'a Arc<Term>,
    console: &'a mut Console,
    inputs: Inputs,
    printer: Printer,
    /// Becomes true when a server is to close.
    stop: watch::Sender<bool>,
    /// Whether what happens is told as it happens.
    follows: bool,
    trace: Trace,
}

impl<'a> Run<'a> {
    /// Opens what the scenes read and print.
    fn start(plan: &'a Plan, term: &'a Arc<Term>, console: &'a mut Console) -> Result<Self, Failure> {
        let request = &plan.request;
        let failed = console.teller();
        let failed = move |error| drop(failed.send(Event::OutputFailed(error)));
        let (out, printer) = Printer::start(term, request.format, failed).context("cannot start a thread")?;
        let stop = watch::Sender::new(false);
        let site = match request.serve {
            Some(address) => listen(address, term, &stop)?,
            None => Site::default(),
        };
        let usual = Inputs::new(plan.given.tasks, Duration::from_nanos(plan.given.delay));
        let lines = console.lines.clone();
        let inputs = Inputs { limit: request.limit.unwrap_or(usual.limit), lines, out, site, ..usual };
        let (skipped, machine) = (plan.skipped.clone(), plan.lesson.calibrates.then(Machine::measure));
        let trace = Trace { skipped, machine, ..Trace::new(plan.lesson.name, request.clock, plan.given) };
        let follows = request.format.is_followed();
        Ok(Run { plan, term, console, inputs, printer, stop, follows, trace })
    }

    /// Asks the lesson's question; the answer is a choice's index, or none.
    fn ask(&mut self) -> Result<Option<usize>, Failure> {
        let question = &self.plan.lesson.question;
        let line = self.console.ask(&question::ask(question, &self.term.error_page), self.term)?;
        let choice = line.and_then(|line| line.trim().parse::<usize>().ok()?.checked_sub(1));
        Ok(choice.filter(|choice| *choice < question.choices.len()))
    }

    /// Runs the scenes, one after the other, until one is interrupted.
    fn scenes(&mut self) -> Result<(), Failure> {
        if self.follows {
            follow::tell(self.term, |out| jsonl::head(&self.trace, out))?;
        }
        let mut heading = String::new();
        for scene in &self.plan.scenes {
            if self.console.interrupted.is_some() {
                self.trace.skipped.push(skipped(scene, "the run was interrupted"));
                continue;
            }
            let title = format!("{}  {}", self.plan.lesson.number(scene.name), scene.title);
            let scene = self.scene(scene, &format!("{heading}{title}"))?;
            heading += &format!("{title}  {}\n", duration(scene.wall));
            self.trace.scenes.push(scene);
        }
        self.trace.claims = self.plan.lesson.check_claims(&self.trace);
        if self.follows {
            follow::tell(self.term, |out| jsonl::tail(&self.trace, out))?;
        }
        Ok(())
    }

    /// Runs one scene to its end or to the first signal, with its lanes growing meanwhile.
    fn scene(&mut self, scene: &Scene, heading: &str) -> Result<SceneTrace, Failure> {
        let by_hand = self.plan.lesson.takes.lines && self.term.keyboard;
        if by_hand && !self.term.quiet {
            let delay = duration(self.trace.inputs.delay);
            let hint = format!("Type lines; each comes back after {delay}. Ctrl-D ends the input.");
            let hint = paragraph(&self.term.error_page, "", &hint);
            self.term.note(&(self.term.error_page.paint(Role::Dim, hint) + "\n"));
        }
        let tell = self.console.teller();
        let on_end = move || drop(tell.send(Event::Ended));
        let session = scene.start(self.inputs.clone(), self.plan.request.clock, on_end);
        let session: Arc<Session> = session.context("cannot start the scene")?;
        let follower = match self.follows {
            true => Some(Follower::start(scene, &session, self.term, self.console.teller())?),
            false => None,
        };
        // What is typed would fall into the picture.
        let seen = Arc::clone(&session);
        let snapshot = move |last| seen.snapshot(last);
        let live = (!by_hand).then(|| Live::start(self.term, heading, self.plan.lasts(), snapshot));
        let mut event = self.console.next_event();
        if scene.served && matches!(event, Ok(Event::Signal(_))) {
            self.stop.send_replace(true);
            event = self.console.next_event_within(CLOSING);
        }
        if let Some(live) = live {
            live.finish();
        }
        event?;
        let mut trace = session.finish();
        trace.figures = (scene.figures)(&trace);
        follower.map_or(Ok(()), |follower| follower.end(&trace))?;
        Ok(trace)
    }

    /// What was recorded. Every line that a scene printed is out by now.
    fn end(self) -> Result<Trace, Failure> {
        let Run { console, trace, inputs, printer, .. } = self;
        // With them goes the last way to print a line.
        drop(inputs);
        match console.interrupted {
            Some(_) => printer.stop(),
            None => printer.finish().map_err(Failure::Stdout)?,
        }
        Ok(trace)
    }
}
