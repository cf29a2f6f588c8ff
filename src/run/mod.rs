//! One run of a lesson, from its introduction to its report: what `lesson` does once, and `tour` again and again.
//!
//! Each scene runs on a thread of its own; the main thread waits at the [`Console`] for the next event. The report is
//! made from the trace alone. Read `plan.rs` for what is decided before a run, `console.rs` for the events.

pub(crate) mod console;
pub(crate) mod failure;
mod follow;
pub(crate) mod open;
pub(crate) mod plan;
mod printer;
pub(crate) mod progress;
pub(crate) mod proof;
pub(crate) mod record;
pub(crate) mod save;
pub(crate) mod sources;
pub(crate) mod step;
pub(crate) mod store;
pub(crate) mod trust;
mod twin;
mod walk;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;

pub(crate) use self::failure::Failure;

use self::console::{Console, ConsoleEvent};
use self::follow::Follower;
use self::plan::{Plan, PlannedScene, Request, skipped};
use self::printer::Printer;
use self::save::{SaveTarget, save_all};
use crate::chart::Shown;
use crate::lesson::{Inputs, Lesson, Scene, Work};
use crate::live::Live;
use crate::render::text::question;
use crate::render::{Format, FormatKind, Report, WriteRun, header, paragraph, prose};
use crate::serve::Endpoint;
use crate::style::Role;
use crate::term::Term;
use crate::term::keys::{Key, pressed};
use crate::trace::{Nanos, SceneTrace, Trace};
use crate::units::duration;

/// The time that an interrupted server has to close its connections.
const CLOSING: Duration = Duration::from_secs(2);

/// How a run ended.
pub(crate) struct RunOutcome {
    /// Index of the choice that was guessed before the run.
    pub(crate) guess: Option<usize>,
    /// Whether a claim failed, a task or a scene panicked, or the Python twin did not do what it should.
    pub(crate) failed: bool,
    /// Whether the user stopped at the question, so that nothing ran.
    pub(crate) stopped: bool,
}

/// What the user answered to a lesson's question.
enum Answer {
    /// The choice with this index.
    Choice(usize),
    /// Nothing: the lesson runs all the same.
    Skip,
    /// That the command is to stop.
    Stop,
}

/// Where a lesson stands in the syllabus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Counts from 0.
    pub(crate) index: usize,
    /// How many lessons there are.
    pub(crate) of: usize,
}

/// What a run needs to know beside its plan.
pub(crate) struct Context<'a> {
    /// None if the lesson is not in the syllabus.
    pub(crate) position: Option<Position>,
    /// The lesson that the report recommends next.
    pub(crate) next: Option<&'static Lesson>,
    /// The files that the run is saved to.
    pub(crate) targets: &'a [SaveTarget<WriteRun>],
    pub(crate) term: &'a Arc<Term>,
}

/// Introduces the lesson, asks its question, runs its scenes, prints the report and saves it.
///
/// # Errors
/// If a scene cannot be started, standard output takes no more, or the run cannot be saved.
pub(crate) fn run(plan: &Plan, context: &Context<'_>, console: &mut Console) -> Result<RunOutcome, Failure> {
    let Request { format, view, lanes, step: steps, .. } = plan.request;
    let term = context.term;
    let mut run = Run::start(plan, term, console)?;
    if plan.for_people {
        introduce(plan.lesson, context.position, term)?;
    }
    let answer = if plan.asks { run.ask()? } else { Answer::Skip };
    let guess = match answer {
        Answer::Choice(index) => Some(index),
        Answer::Skip => None,
        Answer::Stop => {
            run.end()?;
            return Ok(RunOutcome { guess: None, failed: false, stopped: true });
        }
    };
    let stopped = if plan.walks { walk::scenes(&mut run)? } else { run.scenes().map(|()| false)? };
    let twin_failed = run.twin_failed;
    let trace = run.end()?;
    // An interrupted run does not show what the question asks about.
    let guess = guess.filter(|_| console.interrupted.is_none());
    let report = Report {
        next: context.next,
        view,
        shown: Shown { lanes, ..Shown::FOLDED },
        guess,
        invocation: term.invocation,
        prose: !term.quiet,
        ..Report::new(Some(plan.lesson), &trace)
    };
    if steps && console.interrupted.is_none() {
        step::walk(&report, term, console)?;
    }
    // A stream was printed while the scenes ran.
    if !plan.streams && !plan.walks {
        print(&report, format, term)?;
    }
    let saved = save_all(context.targets, |write, style, out| write(&report, style, out));
    let failed = report.failed() || twin_failed;
    let seen = stopped || !plan.walks || walk::results(&report, term, console)?;
    saved?;
    // A user who stops after the answer has seen the lesson.
    Ok(RunOutcome { guess, failed, stopped: stopped || !seen && console.interrupted.is_some() })
}

/// Prints the lesson's title and introduction, unless the terminal is quiet.
///
/// # Errors
/// If standard output takes no more.
pub(crate) fn introduce(lesson: &Lesson, position: Option<Position>, term: &Term) -> Result<(), Failure> {
    if term.quiet {
        return Ok(());
    }
    let introduction = prose::introduction(lesson.readme, &term.style);
    let header = header(lesson, position.map(|position| (position.index, position.of)), &term.style);
    term.print(&format!("{header}{introduction}\n")).map_err(Failure::Stdout)
}

/// Prints `report` in this format.
///
/// # Errors
/// If standard output takes no more.
pub(crate) fn print(report: &Report<'_>, format: &Format, term: &Term) -> Result<(), Failure> {
    // The lines that the scenes printed stand right above the report.
    let reads_lines = report.lesson.is_some_and(|lesson| lesson.takes.lines);
    let gap = if format.kind == FormatKind::Text && reads_lines { "\n" } else { "" };
    let print = |out: &mut dyn Write| {
        out.write_all(gap.as_bytes())?;
        (format.write)(report, &term.style, out)
    };
    term.print_as_it_comes(print).map_err(Failure::Stdout)
}

/// Listens at `address` until `stop` becomes true.
fn listen(address: SocketAddr, term: &Term, stop: &watch::Sender<bool>) -> Result<Endpoint, Failure> {
    if !address.ip().is_loopback() {
        term.warn(&format!("anyone who can reach {} can connect", address.ip()));
    }
    let endpoint = Endpoint::bind(address, stop.subscribe());
    endpoint.map_err(|error| Failure::Usage(format!("cannot listen at {address}: {error}")))
}

/// A run of a lesson that is under way.
struct Run<'a> {
    plan: &'a Plan,
    term: &'a Arc<Term>,
    console: &'a mut Console,
    inputs: Inputs,
    printer: Printer,
    /// Becomes true when a server is to close.
    stop: watch::Sender<bool>,
    trace: Trace,
    /// Whether the lesson's Python twin has run.
    twin_ran: bool,
    /// Whether the lesson's Python twin did not do what it should.
    twin_failed: bool,
}

impl<'a> Run<'a> {
    /// Opens what the scenes read from, print to and serve at, and measures the machine if the lesson needs that.
    fn start(plan: &'a Plan, term: &'a Arc<Term>, console: &'a mut Console) -> Result<Self, Failure> {
        let request = &plan.request;
        let sender = console.sender();
        let failed = move |error| sender.output_failed(error);
        let (out, printer) = Printer::start(term, plan.for_people, failed).context("cannot start a thread")?;
        let stop = watch::Sender::new(false);
        let endpoint = match request.serve {
            Some(address) => listen(address, term, &stop)?,
            None => Endpoint::default(),
        };
        let defaults = Inputs::new(plan.given.tasks, plan.given.delay.into());
        let limit = request.limit.unwrap_or(defaults.limit);
        let inputs = Inputs { limit, lines: console.lines.clone(), out, endpoint, ..defaults };
        let has_programs = plan.lesson.programs().next().is_some();
        if plan.python.is_some() || has_programs {
            inputs.lines.keep();
        }
        let trace = plan.begin_trace()?;
        Ok(Run { plan, term, console, inputs, printer, stop, trace, twin_ran: false, twin_failed: false })
    }

    /// Asks the lesson's question until the answer is one of those that the prompt names. A signal or the end of the
    /// input skips it.
    fn ask(&mut self) -> Result<Answer, Failure> {
        let question = &self.plan.lesson.question;
        let style = &self.term.error_style;
        let mut prompt = question::ask(question, self.plan.given, style);
        loop {
            let Some(line) = self.console.ask(&prompt, self.term)? else { return Ok(Answer::Skip) };
            match line.trim() {
                "" => return Ok(Answer::Skip),
                "q" => return Ok(Answer::Stop),
                typed => match typed.parse::<usize>() {
                    Ok(number) if (1..=question.choices.len()).contains(&number) => {
                        return Ok(Answer::Choice(number - 1));
                    }
                    _ => prompt = question::ask_again(question, style),
                },
            }
        }
    }

    /// Runs the scenes one after the other. Those after an interrupted one are skipped.
    fn scenes(&mut self) -> Result<(), Failure> {
        if self.plan.streams {
            follow::print_event(self.term, &self.trace.run_start())?;
        }
        let mut heading = String::new();
        for PlannedScene { number, scene } in &self.plan.scenes {
            if self.console.interrupted.is_some() {
                self.trace.skipped.push(skipped(scene, "the run was interrupted"));
                continue;
            }
            let title = format!("{number}  {}", scene.title);
            let scene = self.scene(scene, &format!("{heading}{title}"), usize::MAX)?;
            heading += &format!("{title}  {}\n", duration(scene.wall));
            self.trace.scenes.push(scene);
        }
        twin::run(self, &heading)?;
        self.plan.lesson.check_claims(&mut self.trace);
        if self.plan.streams {
            self.trace.run_end().try_for_each(|event| follow::print_event(self.term, &event))?;
        }
        Ok(())
    }

    /// Runs one scene to its end or to the first signal, and draws its lanes meanwhile, in at most `most_rows` rows.
    fn scene(&mut self, scene: &Scene, heading: &str, most_rows: usize) -> Result<SceneTrace, Failure> {
        // A program after the one that was given the last line is given all of them at once.
        let by_hand = self.types_lines() && !self.inputs.lines.are_over();
        if by_hand && !self.term.quiet {
            let delay = duration(self.trace.inputs.delay);
            let hint = match scene.work {
                Work::Program(_) => "Type lines. Ctrl-D ends the input.".to_owned(),
                _ => format!("Type lines; each comes back after {delay}. Ctrl-D ends the input."),
            };
            let hint = paragraph(&self.term.error_style, "", &hint);
            self.term.note(&(self.term.error_style.paint(Role::Dim, hint) + "\n"));
        }
        let sender = self.console.sender();
        let on_end = move || {
            sender.send(ConsoleEvent::SceneEnded);
        };
        let session = scene.start(self.inputs.clone(), self.plan.request.clock, on_end);
        let session = session.context("cannot start the scene")?;
        if scene.served {
            session.bound(self.plan.streams);
        }
        let follower = match self.plan.streams {
            true => Some(Follower::start(scene, session.reader(), self.term, self.console.sender())?),
            false => None,
        };
        // There is no picture while the user types lines: the terminal would echo them into it.
        let seen = session.clone();
        let snapshot = move |last, horizon| seen.snapshot(last, horizon);
        // Keys that are pressed meanwhile would be echoed into the picture.
        let keys = if by_hand || !self.term.live { None } else { self.console.keys() };
        let shown = Shown { lanes: self.plan.request.lanes, ..Shown::FOLDED };
        let live = (!by_hand).then(|| Live::start(self.term, heading, self.plan.lasts(), most_rows, &shown, snapshot));
        let ended = self.wait_for_end(scene.served, live.as_ref().filter(|_| keys.is_some()));
        if let Some(live) = live {
            live.finish();
        }
        drop(keys);
        ended?;
        let mut trace = session.finish();
        if session.kept_from() > Nanos::ZERO {
            trace.title = format!("{}, last {}", trace.title, duration(trace.wall));
        }
        let errors = session.errors();
        if !errors.is_empty() && self.console.interrupted.is_none() {
            self.term.note(&self.term.error_style.text(&errors));
        }
        scene.add_figures(&mut trace);
        if let Some(follower) = follower {
            follower.end(&trace)?;
        }
        Ok(trace)
    }

    /// Returns whether the scenes read lines that the user types.
    fn types_lines(&self) -> bool {
        self.plan.lesson.takes.lines && self.term.keyboard
    }

    /// Waits until the scene has ended or was interrupted, and until its picture is not paused any more: Space stops and
    /// starts `live`. If it is `served`, an interrupted server gets some time to close its connections.
    fn wait_for_end(&mut self, served: bool, mut live: Option<&Live>) -> Result<(), Failure> {
        let mut has_ended = false;
        while !has_ended || live.is_some_and(Live::is_paused) {
            if live.is_some() {
                self.console.listen()?;
            }
            match self.console.next_event()? {
                ConsoleEvent::SceneEnded => has_ended = true,
                ConsoleEvent::Signal(_) => {
                    if served && !has_ended {
                        self.stop.send_replace(true);
                        self.console.next_event_within(CLOSING)?;
                    }
                    return Ok(());
                }
                // Other keys mean nothing here, nor does what was typed before the scene began.
                ConsoleEvent::Typed(typed) if pressed(&typed).contains(&Key::Char(' ')) => {
                    live.inspect(|live| live.toggle_pause());
                }
                ConsoleEvent::Typed(_) => {}
                ConsoleEvent::EndOfInput => live = None,
            }
        }
        Ok(())
    }

    /// Waits until every line that a scene printed is out, and returns what was recorded.
    fn end(self) -> Result<Trace, Failure> {
        let Run { console, trace, inputs, printer, .. } = self;
        // They hold the last handle to print with, and the printer ends once that is gone.
        drop(inputs);
        match console.interrupted {
            Some(_) => printer.stop(),
            None => printer.finish().map_err(Failure::Stdout)?,
        }
        Ok(trace)
    }
}
