//! The command line: the `clap` derive, its limits and its help, nothing else.
//!
//! Help texts are ASCII, so that they can be shown anywhere, and name variables without what they hold here and now:
//! that comes from outside, and may be of any length. Knows the names of the lessons, which it is handed, for help,
//! completion and suggestions. Read `commands/mod.rs` next.

mod compare;
mod examples;
mod values;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub(crate) use self::compare::CompareArgs;
use self::values::{count, duration, formats, log_filter, speed, width};
use crate::lesson::Lesson;
use crate::render::{FORMATS, Format};
use crate::term::Color;
use crate::trace::Clock;

/// Learn concurrency by watching it: each lesson runs real tokio code and draws what every task did.
#[derive(Debug, Parser)]
#[command(name = "asyncguide", bin_name = "asyncguide", version, propagate_version = true)]
#[command(after_help = examples::OVERVIEW)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output options")]
pub(crate) struct Output {
    /// When to use colour
    #[arg(long, global = true, env = "ASYNCGUIDE_COLOR", hide_env_values = true)]
    #[arg(value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Use ASCII characters only
    #[arg(long, global = true, env = "ASYNCGUIDE_ASCII", hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    pub(crate) ascii: bool,
    /// Draw at most this many columns wide [default: the width of the terminal, or 80]
    #[arg(long, global = true, env = "ASYNCGUIDE_WIDTH", hide_env_values = true)]
    #[arg(value_name = "COLUMNS", value_parser = width)]
    pub(crate) width: Option<usize>,
    /// Print results only: no live picture, no prose, no question
    #[arg(short, long, global = true, env = "ASYNCGUIDE_QUIET", hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    pub(crate) quiet: bool,
    /// Log to standard error; repeat it for more detail (-vv, -vvv)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Log what this filter selects to standard error, such as "debug" or "asyncguide=trace"
    #[arg(long, global = true, env = "ASYNCGUIDE_LOG", hide_env_values = true)]
    #[arg(value_name = "FILTER", value_parser = log_filter)]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
// What a command takes is built only once that command is asked for: all of it is much of what starting costs.
#[command(defer = true)]
pub(crate) enum Command {
    /// List the lessons
    #[command(after_help = examples::LIST)]
    List,
    /// Run a lesson: watch its scenes, then compare their timelines and timings
    #[command(after_help = examples::LESSON)]
    Lesson(LessonArgs),
    /// Walk through all lessons in order, at your own pace
    #[command(after_help = examples::TOUR)]
    Tour(TourArgs),
    /// Time the same work done in several ways, or a lesson's scenes
    #[command(after_help = examples::COMPARE)]
    Compare(CompareArgs),
    /// Show a saved run again, as if it ran now
    #[command(after_help = examples::REPLAY)]
    Replay(ReplayArgs),
    /// Print the JSON Schema of saved runs
    #[command(after_help = examples::SCHEMA)]
    Schema,
    /// Measure this machine and tell what the lessons can show on it
    #[command(after_help = examples::DOCTOR)]
    Doctor,
    /// Show a lesson's prose and code without running it
    #[command(after_help = examples::SHOW)]
    Show(ShowArgs),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff
    #[command(after_help = examples::MAN)]
    Man {
        /// Print the page of this command [default: the page of the program]
        command: Option<String>,
    },
}

// How lessons are run, alone or on the tour. No documentation comment: clap would make it the help of who takes it.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Way {
    /// How long each task waits, such as 500ms or 2s [default: the lesson's own]
    #[arg(long, env = "ASYNCGUIDE_DELAY", hide_env_values = true, value_name = "TIME", value_parser = duration)]
    pub(crate) delay: Option<Duration>,
    /// Draw a lane for each task, or for each thread
    #[arg(long, env = "ASYNCGUIDE_BY", hide_env_values = true, value_name = "WHAT", default_value = "task")]
    pub(crate) by: By,
    /// Ask the lesson's question before the run (the default on a terminal)
    #[arg(long)]
    pub(crate) predict: bool,
    /// Do not ask the lesson's question
    #[arg(long, env = "ASYNCGUIDE_NO_PREDICT", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_predict: bool,
}

// What becomes of a run's results. No documentation comment here either.
#[derive(Args, Clone, Debug)]
pub(crate) struct Results {
    /// Print the run in this format
    #[arg(long, env = "ASYNCGUIDE_FORMAT", hide_env_values = true)]
    #[arg(value_name = "FORMAT", default_value = FORMATS[0].name)]
    #[arg(value_parser = PossibleValuesParser::new(formats(FORMATS)))]
    format: String,
    /// Also save the run to this file, in the format that its ending names; may be repeated. "-" is standard output, in
    /// the format of --format
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Vec<PathBuf>,
    /// Step through the events of the run with the keyboard before the results are printed
    #[arg(long)]
    pub(crate) step: bool,
}

impl Results {
    /// A page of text, and nothing to be saved.
    fn usual() -> Self {
        Results { format: FORMATS[0].name.to_owned(), save: Vec::new(), step: false }
    }

    /// What to print. The parser lets no other name through.
    pub(crate) fn format(&self) -> &'static Format {
        Format::named(FORMATS, &self.format).unwrap_or(&FORMATS[0])
    }
}

#[derive(Args, Debug)]
pub(crate) struct LessonArgs {
    /// The lesson to run
    #[arg(value_parser = lesson_names())]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) way: Way,
    /// How many tasks to run [default: the lesson's own number]
    #[arg(long, env = "ASYNCGUIDE_TASKS", hide_env_values = true, value_name = "N", value_parser = count)]
    pub(crate) tasks: Option<usize>,
    /// The clock to run on: "virtual" is tokio's paused clock, instant and exact
    #[arg(long, env = "ASYNCGUIDE_CLOCK", hide_env_values = true, value_name = "CLOCK", default_value = "real")]
    pub(crate) clock: ClockArg,
    #[command(flatten)]
    pub(crate) results: Results,
    /// In lessons that read standard input: run at most this many tasks at once [default: 1000]
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) limit: Option<usize>,
    /// In lessons that read standard input: stop reading after this time
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) read_for: Option<Duration>,
    /// In lessons with a server: keep the server running until Ctrl-C, so that you can connect
    #[arg(long)]
    pub(crate) serve: bool,
    /// Serve on this port [default: any free port]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, requires = "serve")]
    pub(crate) port: u16,
    /// Serve on this address; unless it is a loopback address, other machines can connect
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", requires = "serve")]
    pub(crate) bind: IpAddr,
}

#[derive(Args, Debug)]
pub(crate) struct TourArgs {
    /// Begin with this lesson [default: the one at which the tour was left]
    #[arg(long, value_name = "NAME", value_parser = lesson_names(), hide_possible_values = true)]
    pub(crate) from: Option<String>,
    /// Forget which lessons were done and what was guessed
    #[arg(long)]
    pub(crate) fresh: bool,
    #[command(flatten)]
    pub(crate) way: Way,
}

impl TourArgs {
    /// What running the lesson `name` by itself would be asked with.
    pub(crate) fn lesson(&self, name: &str) -> LessonArgs {
        LessonArgs {
            name: name.to_owned(),
            way: self.way,
            tasks: None,
            clock: ClockArg::Real,
            results: Results::usual(),
            limit: None,
            read_for: None,
            serve: false,
            port: 0,
            bind: Ipv4Addr::LOCALHOST.into(),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// The saved run, as JSON; "-" is standard input
    pub(crate) file: PathBuf,
    /// Play this many times as fast as it happened, from 0.25 to 100
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
    /// Draw a lane for each task, or for each thread
    #[arg(long, env = "ASYNCGUIDE_BY", hide_env_values = true, value_name = "WHAT", default_value = "task")]
    pub(crate) by: By,
    #[command(flatten)]
    pub(crate) results: Results,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The lesson to show
    #[arg(value_parser = lesson_names())]
    pub(crate) name: String,
    /// Show the same scenes in Python; off a terminal, print a script that Python can run
    #[arg(long)]
    pub(crate) python: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockArg {
    /// Real time
    Real,
    /// tokio's paused clock: waits take no time, and all times are exact
    Virtual,
}

impl From<ClockArg> for Clock {
    fn from(clock: ClockArg) -> Self {
        match clock {
            ClockArg::Real => Clock::Real,
            ClockArg::Virtual => Clock::Virtual,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// A lane for each task
    Task,
    /// A lane for each thread, with the tasks that ran on it
    Thread,
}

/// The lessons, for [`lesson_names`]: what a command takes is built late, by functions that nothing can be handed to.
static SYLLABUS: OnceLock<Vec<&'static Lesson>> = OnceLock::new();

/// The command line of the program with these lessons, the first time with any.
pub(crate) fn command(syllabus: &[&'static Lesson]) -> clap::Command {
    SYLLABUS.get_or_init(|| syllabus.to_vec());
    Cli::command()
}

fn lesson_names() -> PossibleValuesParser {
    let value = |lesson: &&Lesson| PossibleValue::new(lesson.name).aliases(lesson.aliases).help(lesson.summary);
    PossibleValuesParser::new(SYLLABUS.get().into_iter().flatten().map(value))
}
