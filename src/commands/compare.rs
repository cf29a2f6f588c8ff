//! `asyncguide compare`: the same work in several ways, timed.
//!
//! Read `compare/mod.rs` for what is measured, `render/comparison.rs` for what is said of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::args::{count, duration, formats, runs};
use crate::compare::jobs::{self, JobKind, Jobs, WAYS, Way};
use crate::compare::memory::MemoryMark;
use crate::compare::rounds::rounds;
use crate::compare::{self, Candidate, Comparison, Measurements};
use crate::lesson::{Inputs, Lesson};
use crate::live::Counter;
use crate::machine::Machine;
use crate::render::Format;
use crate::render::comparison::{self, WriteComparisons};
use crate::run::Failure;
use crate::run::console::{Console, ConsoleEvent};
use crate::run::plan::{LessonOption, check_options, find, given, too_long, too_many};
use crate::run::save::{SaveTarget, save_all};
use crate::term::Term;
use crate::trace::{RunInputs, SceneTrace};

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
WAYS:
  sequential      await one job after the other
  join            join all jobs into one future
  spawn           spawn a task for each job, on one thread
  spawn-multi     spawn a task for each job, on one worker thread per processor
  threads         start a thread for each job
  spawn-blocking  run each job on a thread of tokio's blocking pool
  buffered:4      join all jobs, with at most 4 at once

FIGURES:
  wall         how long all jobs took together: the median of the runs
  least, most  the shortest and the longest of these runs
  against 1    how many times as fast as the first way
  of the ideal the shortest possible wall as a share of this one: 100 % cannot be beaten
  overlap      how many jobs were under way at once, on average
  threads      how many threads ran jobs
  worst stall  the longest time that a job was ready but not running
  memory       how much the process grew at its peak

EXAMPLES:
  asyncguide compare
  asyncguide compare join spawn-multi --kind compute --tasks 4
  asyncguide compare sequential buffered:2 join --each 20ms --runs 3
  asyncguide compare gather --each 200ms --runs 3
  asyncguide compare --matrix --each 20ms --format csv
  asyncguide compare --each 20ms --save ways.json --save ways.md";

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// The ways to compare (sequential, join, spawn, spawn-multi, threads, spawn-blocking, buffered:N), or one lesson,
    /// to compare its scenes [default: all ways but buffered:N]
    #[arg(value_name = "WAY|LESSON")]
    pub(super) what: Vec<String>,
    /// What the jobs do [default: wait]
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<KindArg>,
    /// How many jobs to run [default: 10, or the lesson's own number]
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) tasks: Option<usize>,
    /// How long each job takes by itself [default: 100ms, or the lesson's own time]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) each: Option<Duration>,
    /// Run each way this many times, after one run that does not count
    #[arg(long, value_name = "N", default_value = "5", value_parser = runs)]
    pub(super) runs: usize,
    /// Compare all ways with every kind of job, in one table
    #[arg(long, conflicts_with = "kind")]
    pub(super) matrix: bool,
    /// Print the comparison in this format
    #[arg(long, value_name = "FORMAT", default_value = comparison::FORMATS[0].name)]
    #[arg(value_parser = PossibleValuesParser::new(formats(comparison::FORMATS)))]
    format: String,
    /// Also save the comparison to this file, in the format that its ending names; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) save: Vec<PathBuf>,
}

impl CompareArgs {
    /// Returns the format to print. The parser lets no other name through.
    pub(super) fn format(&self) -> &'static Format<WriteComparisons> {
        Format::named(comparison::FORMATS, &self.format).unwrap_or(&comparison::FORMATS[0])
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum KindArg {
    /// Wait, as for a socket
    Wait,
    /// Compute
    Compute,
    /// Call a function that blocks the thread
    Block,
}

impl From<KindArg> for JobKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Wait => JobKind::Wait,
            KindArg::Compute => JobKind::Compute,
            KindArg::Block => JobKind::Block,
        }
    }
}

const TASKS: usize = 10;
const EACH: Duration = Duration::from_millis(100);
/// A process has no more threads than this: some systems allow no more, and none likes them.
const MOST_THREADS: usize = 2_000;
/// Before the first round that counts: code and data are fetched then that lie ready later.
const WARM_UPS: usize = 1;

/// Compares what was asked for.
pub(super) fn compare(syllabus: &[&'static Lesson], args: &CompareArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    // Some ways are called as lessons are. One way alone is no comparison, so one name is a lesson's if it can be. Where
    // it is only another name of a lesson, the way is meant.
    let lesson = match &args.what[..] {
        [name] => find(syllabus, name).ok().filter(|(_, lesson)| lesson.name == name || name.parse::<Way>().is_err()),
        _ => None,
    };
    let ways = if lesson.is_some() { Vec::new() } else { ways(args)? };
    let targets = SaveTarget::check_all(&args.save, comparison::FORMATS)?;
    if !targets.is_empty() {
        term.outlive_output();
    }
    let mut console = Console::open(false, term)?;
    let machine = Machine::measure().context("cannot measure this machine")?;
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
    let print = |out: &mut dyn Write| (args.format().write)(&comparisons, &term.style, out);
    term.print_as_it_comes(print).map_err(Failure::Stdout)?;
    save_all(&targets, |write, style, out| write(&comparisons, style, out))?;
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
        LessonOption { name: "--tasks", typed: args.tasks.is_some(), taken: lesson.takes.tasks.is_some() },
        LessonOption { name: "--each", typed: args.each.is_some(), taken: lesson.takes.delay.is_some() },
        LessonOption { name: "--kind", typed: args.kind.is_some(), taken: false },
        LessonOption { name: "--matrix", typed: args.matrix, taken: false },
    ];
    check_options(lesson, &options)?;
    let inputs = given(lesson, args.tasks, args.each);
    let RunInputs { tasks, delay } = inputs;
    let delay = delay.into();
    let mut candidates = Vec::new();
    for scene in lesson.scenes.iter().filter(|scene| !scene.served) {
        match too_many(scene, tasks).or_else(|| too_long(scene, inputs)) {
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
        let mark = MemoryMark::set();
        let sender = self.console.sender();
        let session = candidate.start(&self.machine, move || {
            sender.send(ConsoleEvent::SceneEnded);
        });
        let session = session.with_context(|| format!("cannot run {}", candidate.name()))?;
        self.console.next_event()?;
        let memory = mark.and_then(|mark| mark.peak());
        Ok(self.console.interrupted.is_none().then(|| (session.finish(), memory)))
    }
}
