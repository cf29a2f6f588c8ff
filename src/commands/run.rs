//! One run of a lesson, from its introduction to its report: what `lesson` does once, and `tour` again and again.
//!
//! The scenes run on threads of their own; this one waits at the [`Console`] for what happens next. Whatever happened,
//! the report is made from the trace alone. Read `plan.rs` for what is decided before.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;

use super::Failure;
use super::console::{Console, Event};
use super::follow::{self, Follower};
use super::plan::{Plan, skipped};
use super::printer::Printer;
use super::save::SaveTarget;
use super::step;
use crate::cli::LessonArgs;
use crate::lesson::{self, Inputs, Lesson, Scene};
use crate::live::Live;
use crate::machine::Machine;
use crate::page::Role;
use crate::render::{Format, Report, WriteRun, header, jsonl, paragraph, prose, question};
use crate::serve::Site;
use crate::session::{self, Session};
use crate::term::Term;
use crate::trace::{SceneTrace, Trace};

/// How long a server may take to close its connections.
const CLOSING: Duration = Duration::from_secs(2);

/// What became of a run.
pub(super) struct Ran {
    /// The choice that was guessed before it.
    pub(super) guess: Option<usize>,
    /// Whether a claim failed or something panicked.
    pub(super) failed: bool,
}

/// Introduces the lesson at `place`, which is its index and how many there are; asks, runs, prints the report, which
/// says what comes `next`, and saves it in `targets`.
pub(super) fn run(
    plan: &Plan,
    place: (usize, usize),
    next: Option<&'static Lesson>,
    args: &LessonArgs,
    targets: &[SaveTarget<WriteRun>],
    term: &Arc<Term>,
    console: &mut Console,
) -> Result<Ran, Failure> {
    let lesson = plan.lesson;
    let format = args.results.format();
    let mut run = Run::start(plan, args, format, term, console)?;
    introduce(lesson, place, format, term)?;
    let guess = if plan.asks { run.ask()? } else { None };
    run.scenes()?;
    let trace = run.end()?;
    let report = Report { next, by: args.way.by, guess, prose: !term.quiet, ..Report::new(lesson, &trace) };
    if args.results.step && console.interrupted.is_none() {
        step::walk(&report, term, console)?;
    }
    // Whoever followed the run has it already.
    if !format.is_followed() {
        print(&report, format, term)?;
    }
    for target in targets {
        target.save(|write, page, out| write(&report, page, out))?;
    }
    let failed = report.failed();
    Ok(Ran { guess, failed })
}

/// Says what the lesson at `place` is about, to people who want to read that.
pub(super) fn introduce(lesson: &Lesson, place: (usize, usize), format: &Format, term: &Term) -> Result<(), Failure> {
    if !format.is_text() || term.quiet {
        return Ok(());
    }
    let introduction = prose::introduction(lesson.readme, &term.page);
    let header = header(lesson, place.0, place.1, &term.page);
    term.print(&format!("{header}{introduction}\n")).map_err(Failure::Stdout)
}

/// Prints `report` in this format.
pub(super) fn print(report: &Report<'_>, format: &Format, term: &Term) -> Result<(), Failure> {
    // Lines that the scenes printed stand right above.
    let gap = if format.is_text() && report.lesson.takes.lines { "\n" } else { "" };
    let print = |out: &mut dyn Write| {
        out.write_all(gap.as_bytes())?;
        (format.write)(report, &term.page, out)
    };
    term.print_as_it_comes(print).map_err(Failure::Stdout)
}

/// Listens where the command line says, or says that it cannot.
fn listen(args: &LessonArgs, term: &Term, stop: &watch::Sender<bool>) -> Result<Site, Failure> {
    let address = SocketAddr::new(args.bind, args.port);
    if !args.bind.is_loopback() {
        term.warn(&format!("whoever reaches {} can connect", args.bind));
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
    fn start(
        plan: &'a Plan,
        args: &LessonArgs,
        format: &Format,
        term: &'a Arc<Term>,
        console: &'a mut Console,
    ) -> Result<Self, Failure> {
        let failed = console.teller();
        let failed = move |error| drop(failed.send(Event::OutputFailed(error)));
        let (out, printer) = Printer::start(term, format, failed).context("cannot start a thread")?;
        let stop = watch::Sender::new(false);
        let site = if args.serve { listen(args, term, &stop)? } else { Site::default() };
        let usual = Inputs::new(plan.given.tasks, Duration::from_nanos(plan.given.delay));
        let lines = console.lines.clone();
        let inputs = Inputs { limit: args.limit.unwrap_or(usual.limit), lines, out, site, ..usual };
        let (skipped, machine) = (plan.skipped.clone(), plan.lesson.calibrates.then(Machine::measure));
        let trace = Trace { skipped, machine, ..Trace::new(plan.lesson.name, plan.clock, plan.given) };
        let follows = format.is_followed();
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
            heading += &format!("{title}  {}\n", lesson::duration(scene.wall));
            self.trace.scenes.push(scene);
        }
        if self.follows {
            follow::tell(self.term, |out| jsonl::tail(&self.trace, out))?;
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
        let tell = self.console.teller();
        let session =
            session::start(scene, self.inputs.clone(), self.plan.clock, move || drop(tell.send(Event::Ended)));
        let session: Arc<Session> = session.context("cannot start the scene")?;
        let follower = match self.follows {
            true => Some(Follower::start(scene, &session, self.term, self.console.teller())?),
            false => None,
        };
        // What is typed would fall into the picture.
        let seen = Arc::clone(&session);
        let look = move |last| seen.look(last);
        let live = (!by_hand).then(|| Live::start(self.term, heading, self.plan.lasts(), look));
        let mut event = self.console.next_event();
        if scene.served && matches!(event, Ok(Event::Signal(_))) {
            self.stop.send_replace(true);
            event = self.console.next_event_within(CLOSING);
        }
        if let Some(live) = live {
            live.finish();
        }
        event?;
        let trace = session.finish();
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
