//! `asyncguide lesson NAME`: the program's main job.
//!
//! Everything that can be refused is refused before anything runs. Read [`crate::run`](mod@crate::run) next.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

use super::args::{ClockArg, CodeLang, LessonOptions, ResultOptions, count, duration, filled};
use super::folders::{Found, find_lesson};
use super::names::LessonOrFolder;
use crate::lesson::Lesson;
use crate::render::FORMATS;
use crate::run::console::Console;
use crate::run::plan::{LessonOption, Plan, Request, check_options};
use crate::run::save::SaveTarget;
use crate::run::{Context, Failure, run, step, trust};
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXIT CODES:
  0 done   1 a claim or a task failed   2 usage or bad input   130 interrupted

KEYS AT A PAUSE:
  Enter goes on   b goes back   r runs the scene again   s steps through it
  p shows Python   c shows the whole code   q stops   ? helps

KEYS WITH --step:
  Right or Space goes on   Left or b goes back   g goes to a time   q stops

EXAMPLES:
  asyncguide lesson gather
  asyncguide lesson gather --tasks 10 --delay 500ms
  asyncguide lesson gather --clock virtual --by thread
  asyncguide lesson gather --lang python
  asyncguide lesson gather --python --delay 200ms
  asyncguide lesson blocking --no-pause --lanes all
  asyncguide lesson sequential --save run.json
  asyncguide lesson gather --step
  asyncguide lesson gather --format jsonl --save run.trace.json --save run.csv
  asyncguide lesson gather --format json | python3 -m json.tool
  printf 'a\\nb\\nc\\n' | asyncguide lesson spawn";

#[derive(Args, Debug)]
pub(super) struct LessonArgs {
    /// The lesson to run, or the path of a folder that is one, such as ./my-lesson
    #[arg(value_parser = LessonOrFolder)]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) options: LessonOptions,
    /// How many tasks to run [default: the lesson's own number]
    #[arg(long, env = filled("ASYNCGUIDE_TASKS"), hide_env_values = true, value_name = "N", value_parser = count)]
    pub(super) tasks: Option<usize>,
    /// The clock to run on: "virtual" is tokio's paused clock, instant and exact
    #[arg(long, env = filled("ASYNCGUIDE_CLOCK"), hide_env_values = true, value_name = "CLOCK", default_value = "real")]
    pub(super) clock: ClockArg,
    /// Run the same scenes in Python's asyncio as well, with the Python that "watch" takes
    #[arg(long)]
    pub(super) python: bool,
    /// Run the programs of a lesson's folder without asking
    #[arg(long)]
    pub(super) trust: bool,
    #[command(flatten)]
    pub(super) results: ResultOptions,
    /// In lessons that read standard input: run at most this many tasks at once [default: 1000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) limit: Option<usize>,
    /// In lessons that read standard input: stop reading after this time
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(super) read_for: Option<Duration>,
    /// In lessons with a server: keep the server running until Ctrl-C, so that you can connect
    #[arg(long)]
    pub(super) serve: bool,
    /// Serve on this port [default: any free port]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, requires = "serve")]
    pub(super) port: u16,
    /// Serve on this address; unless it is a loopback address, other machines can connect
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", requires = "serve")]
    pub(super) bind: IpAddr,
}

impl LessonArgs {
    fn request(&self) -> Request {
        Request {
            tasks: self.tasks,
            delay: self.options.delay,
            limit: self.limit,
            clock: self.clock.into(),
            view: self.options.by.into(),
            lanes: self.options.lanes,
            python: self.options.lang == CodeLang::Python,
            twin: self.python,
            pauses: !self.options.no_pause,
            predict: self.options.predict(),
            format: self.results.format(),
            step: self.results.step,
            serve: self.serve.then(|| SocketAddr::new(self.bind, self.port)),
        }
    }
}

/// Runs the lesson. Returns the exit code.
///
/// # Errors
/// A usage error if the options do not fit the lesson; otherwise those of [`run`].
pub(super) fn lesson(
    syllabus: &[&'static Lesson],
    args: &LessonArgs,
    matches: Option<&ArgMatches>,
    term: &Arc<Term>,
) -> Result<ExitCode, Failure> {
    let Found { lesson, position } = find_lesson(syllabus, &args.name, term)?;
    check_typed(lesson, matches)?;
    let plan = Plan::make(lesson, args.request(), term)?;
    let targets = SaveTarget::check_all(&args.results.save, FORMATS)?;
    if !targets.is_empty() {
        term.outlive_output();
    }
    step::check(args.results.step, args.results.format())?;
    let steps = args.results.step && term.asks;
    let asks_for_trust = term.asks && !args.trust && trust::must_ask(lesson, term);
    let reads = plan.asks || plan.walks || lesson.takes.lines || steps || asks_for_trust;
    let mut console = Console::open(reads, term)?;
    trust::ensure(&plan, args.trust, term, &mut console)?;
    if let Some(time) = args.read_for {
        console.lines.read_for(time);
    }
    let context = Context {
        position,
        next: position.and_then(|position| syllabus.get(position.index + 1).copied()),
        targets: &targets,
        term,
    };
    let outcome = run(&plan, &context, &mut console)?;
    console.check_input()?;
    Ok(console.exit_code(outcome.failed))
}

/// Refuses an option that was typed for a lesson that does not take it. The same option from the environment is ignored,
/// because it is set for all lessons.
fn check_typed(lesson: &Lesson, matches: Option<&ArgMatches>) -> Result<(), Failure> {
    let typed = |id: &str| matches.and_then(|matches| matches.value_source(id)) == Some(ValueSource::CommandLine);
    let options = [
        LessonOption { name: "--tasks", typed: typed("tasks"), taken: lesson.takes.tasks.is_some() },
        LessonOption { name: "--delay", typed: typed("delay"), taken: lesson.takes.delay.is_some() },
        LessonOption { name: "--limit", typed: typed("limit"), taken: lesson.takes.lines },
        LessonOption { name: "--for", typed: typed("read_for"), taken: lesson.takes.lines },
        LessonOption { name: "--serve", typed: typed("serve"), taken: lesson.scenes.iter().any(|scene| scene.served) },
    ];
    check_options(lesson, &options)
}
