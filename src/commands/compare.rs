//! `asyncguide compare`: the same work in several ways, timed.
//!
//! Read `compare/mod.rs` for what is measured, `render/comparison.rs` for what is said of it.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::console::{Console, Event};
use super::plan::{check_options, given, too_many};
use super::save::SaveTarget;
use super::{Failure, find};
use crate::cli::CompareArgs;
use crate::compare::jobs::{self, JobKind, Jobs, WAYS, Way};
use crate::compare::memory::MemoryMark;
use crate::compare::rounds::rounds;
use crate::compare::{self, Candidate, Comparison, Measurements};
use crate::lesson::{Inputs, Lesson};
use crate::live::Counter;
use crate::machine::Machine;
use crate::render::comparison;
use crate::term::Term;
use crate::trace::{Given, SceneTrace};

const TASKS: usize = 10;
const EACH: Duration = Duration::from_millis(100);
/// A process has no more threads than this: some systems allow no more, and none likes them.
const MOST_THREADS: usize = 2_000;
/// Before the first round that counts: code and data are fetched then that lie ready later.
const WARM_UPS: usize = 1;

/// Compares what was asked for.
pub(super) fn compare(syllabus: &[&'static Lesson], args: &CompareArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    // Some ways are called as lessons are. One way alone is no comparison, so one name is a lesson's if it can be.
    let lesson = match &args.what[..] {
        [name] => find(syllabus, name).ok(),
        _ => None,
    };
    let ways = if lesson.is_some() { Vec::new() } else { ways(args)? };
    let targets = SaveTarget::check_all(&args.save, comparison::FORMATS)?;
    let mut console = Console::open(false, term)?;
    let machine = Machine::measure();
    let contests = match lesson {
        Some((_, lesson)) => vec![scenes(lesson, args, &machine, term)?],
        None if args.matrix => JobKind::ALL.map(|kind| workbench(&ways, kind, args, &machine)).into(),
        None => vec![workbench(&ways, args.kind.map_or(JobKind::Wait, JobKind::from), args, &machine)],
    };
    let runs: usize = contests.iter().map(|contest| contest.candidates.len() * (args.runs + WARM_UPS)).sum();
    let mut bench = Bench { machine, runs: args.runs, console: &mut console, counter: Counter::start(term, runs) };
    let mut comparisons = Vec::new();
    for contest in contests {
        let measurements = bench.measure(&contest.candidates)?;
        comparisons.push(Comparison { measurements, ..contest.comparison });
    }
    drop(bench);
    let print = |out: &mut dyn Write| (args.format().write)(&comparisons, &term.page, out);
    term.print_as_it_comes(print).map_err(Failure::Stdout)?;
    for target in &targets {
        target.save(|write, page, out| write(&comparisons, page, out))?;
    }
    Ok(console.exit_code(false))
}

/// What is run against each other, and what is known of it beforehand.
struct Contest {
    candidates: Vec<Candidate>,
    comparison: Comparison,
}

fn ways(args: &CompareArgs) -> Result<Vec<Way>, Failure> {
    if args.what.is_empty() {
        return Ok(WAYS.iter().map(|(_, way)| *way).collect());
    }
    let ways: Result<Vec<Way>, String> = args.what.iter().map(|text| text.parse()).collect();
    let ways = ways.map_err(|unknown| match &args.what[..] {
        [_] => Failure::Usage(format!("{unknown}; nor is a lesson called so: asyncguide list shows those")),
        _ => Failure::Usage(unknown),
    })?;
    let tasks = args.tasks.unwrap_or(TASKS);
    match ways.iter().find(|way| way.takes_threads() && tasks > MOST_THREADS) {
        Some(way) => Err(Failure::Usage(format!("{way} takes a thread for each task, and {MOST_THREADS} at most"))),
        None => Ok(ways),
    }
}

fn workbench(ways: &[Way], kind: JobKind, args: &CompareArgs, machine: &Machine) -> Contest {
    let (tasks, each) = (args.tasks.unwrap_or(TASKS), args.each.unwrap_or(EACH));
    let jobs = Jobs { kind, tasks, each, steps: jobs::steps_in(each) };
    let fits = |way: &&Way| !way.takes_threads() || tasks <= MOST_THREADS;
    let candidates = ways.iter().filter(fits).map(|way| Candidate::Way(*way, jobs)).collect();
    let comparison = Comparison {
        kind: Some(kind),
        ideal: Some(compare::ideal(&jobs, machine)),
        ..Comparison::new(tasks, each, *machine)
    };
    Contest { candidates, comparison }
}

fn scenes(lesson: &'static Lesson, args: &CompareArgs, machine: &Machine, term: &Term) -> Result<Contest, Failure> {
    if lesson.takes.lines {
        return Err(Failure::Usage(format!("lesson {} reads standard input: no two runs are alike", lesson.name)));
    }
    let options = [
        ("--tasks", args.tasks.is_some(), lesson.takes.tasks.is_some()),
        ("--each", args.each.is_some(), lesson.takes.delay.is_some()),
        ("--kind", args.kind.is_some(), false),
        ("--matrix", args.matrix, false),
    ];
    check_options(lesson, options)?;
    let Given { tasks, delay } = given(lesson, args.tasks, args.each);
    let delay = Duration::from_nanos(delay);
    let mut candidates = Vec::new();
    for scene in lesson.scenes.iter().filter(|scene| !scene.served) {
        match too_many(scene, tasks) {
            None => candidates.push(Candidate::Scene(scene, Inputs::new(tasks, delay))),
            Some(reason) => term.warn(&format!("“{}” is left out: {reason}", scene.title)),
        }
    }
    if candidates.is_empty() {
        return Err(Failure::Usage(format!("lesson {} has nothing to compare with {tasks} tasks", lesson.name)));
    }
    Ok(Contest { candidates, comparison: Comparison::new(tasks, delay, *machine) })
}

/// Where runs are made.
struct Bench<'a> {
    machine: Machine,
    runs: usize,
    console: &'a mut Console,
    counter: Counter,
}

impl Bench<'_> {
    /// Runs all of them in rounds, until a signal comes.
    fn measure(&mut self, candidates: &[Candidate]) -> Result<Vec<Measurements>, Failure> {
        let mut measurements: Vec<Measurements> = candidates.iter().map(Measurements::of).collect();
        for (round, order) in rounds(candidates.len(), WARM_UPS + self.runs).into_iter().enumerate() {
            for index in order {
                let Some((trace, memory)) = self.run(&candidates[index])? else { return Ok(measurements) };
                if round >= WARM_UPS {
                    measurements[index].add(trace, memory);
                }
            }
        }
        Ok(measurements)
    }

    /// Runs one of them once: its recording, and how much memory it took; none if a signal came.
    fn run(&mut self, candidate: &Candidate) -> Result<Option<(SceneTrace, Option<u64>)>, Failure> {
        if self.console.interrupted.is_some() {
            return Ok(None);
        }
        self.counter.next(&candidate.name());
        let (mark, tell) = (MemoryMark::set(), self.console.teller());
        let session = candidate.start(&self.machine, move || drop(tell.send(Event::Ended)));
        let session = session.with_context(|| format!("cannot run {}", candidate.name()))?;
        self.console.next_event()?;
        let memory = mark.and_then(|mark| mark.peak());
        Ok(self.console.interrupted.is_none().then(|| (session.finish(), memory)))
    }
}
