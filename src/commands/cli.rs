//! The command line: the program's own options and its subcommands. Each subcommand's arguments and examples are in
//! the file of that command.
//!
//! Help texts are ASCII, so that they can be shown anywhere, and name environment variables without their values:
//! those come from outside and may be of any length.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand};

use super::args::{filled, log_filter, width};
use super::folders::VARIABLE;
use super::names::{set_exercises, set_syllabus};
use super::{
    check, compare, completions, doctor, exercise, lesson, list, man, new, replay, schema, show, site, tour, watch,
};
use crate::exercise::Exercise;
use crate::lesson::Lesson;
use crate::term::Color;

/// The end of the program's help. A test runs every example.
const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide lesson gather
  asyncguide list
  asyncguide show gather";

/// Learn concurrency by watching it: each lesson runs real tokio code and draws what every task did.
#[derive(Debug, Parser)]
#[command(name = "asyncguide", bin_name = "asyncguide", version, propagate_version = true)]
#[command(after_help = EXAMPLES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) lessons: LessonFolders,
}

/// The output options, which every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output options")]
pub(super) struct Output {
    /// When to use colour
    #[arg(long, global = true, env = filled("ASYNCGUIDE_COLOR"), hide_env_values = true)]
    #[arg(value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Use ASCII characters only
    #[arg(long, global = true, env = filled("ASYNCGUIDE_ASCII"), hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    pub(super) ascii: bool,
    /// Draw at most this many columns wide [default: the width of the terminal, or 80]
    #[arg(long, global = true, env = filled("ASYNCGUIDE_WIDTH"), hide_env_values = true)]
    #[arg(value_name = "COLUMNS", value_parser = width)]
    pub(super) width: Option<usize>,
    /// Print results only: no live picture, no prose, no question
    #[arg(short, long, global = true, env = filled("ASYNCGUIDE_QUIET"), hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    pub(super) quiet: bool,
    /// Log to standard error; repeat it for more detail (-vv, -vvv)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
    /// Log what this filter selects to standard error, such as "debug" or "asyncguide=trace"
    #[arg(long, global = true, env = filled("ASYNCGUIDE_LOG"), hide_env_values = true)]
    #[arg(value_name = "FILTER", value_parser = log_filter)]
    pub(super) log: Option<String>,
}

/// Where lessons are found, which every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Lesson options")]
pub(super) struct LessonFolders {
    /// Also look for lessons in this folder of folders; may be repeated. The variable names several as PATH does
    #[arg(long, global = true, env = filled(VARIABLE), hide_env_values = true, value_name = "DIR")]
    lessons: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
// The arguments of a command are built only when that command is used: building all of them is much of the start-up time.
#[command(defer = true)]
pub(super) enum Command {
    /// List the lessons
    #[command(after_help = list::EXAMPLES)]
    List,
    /// Run a lesson: watch its scenes, then compare their timelines and timings
    #[command(after_help = lesson::EXAMPLES)]
    Lesson(lesson::LessonArgs),
    /// Walk through all lessons in order, at your own pace
    #[command(after_help = tour::EXAMPLES)]
    Tour(tour::TourArgs),
    /// Change Python code until its recording shows what is asked for
    #[command(after_help = exercise::EXAMPLES)]
    Exercise(exercise::ExerciseArgs),
    /// Time the same work done in several ways, or a lesson's scenes
    #[command(after_help = compare::EXAMPLES)]
    Compare(compare::CompareArgs),
    /// Run a Python program of your own and draw what its tasks did
    #[command(after_help = watch::EXAMPLES, override_usage = watch::USAGE)]
    Watch(watch::WatchArgs),
    /// Show a saved run again, as if it ran now
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::ReplayArgs),
    /// Print the JSON Schema of saved runs
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::SchemaArgs),
    /// Measure this machine and tell what the lessons can show on it
    #[command(after_help = doctor::EXAMPLES)]
    Doctor,
    /// Show a lesson's prose and code without running it
    #[command(after_help = show::EXAMPLES)]
    Show(show::ShowArgs),
    /// Write a folder that is a lesson, to begin with
    #[command(after_help = new::EXAMPLES)]
    New(new::NewArgs),
    /// Prove that a lesson's folder is right: its texts, its claims, and that they can fail
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArgs),
    /// Write lessons as a static site: a page, a picture and a Python file for each
    #[command(after_help = site::EXAMPLES)]
    Site(site::SiteArgs),
    /// Print a completion script for a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::CompletionsArgs),
    /// Print the manual page, in roff
    #[command(after_help = man::EXAMPLES)]
    Man(man::ManArgs),
}

/// Returns the command line of the program with these lessons and exercises.
pub(super) fn command(syllabus: &[&'static Lesson], exercises: &'static [Exercise]) -> clap::Command {
    set_syllabus(syllabus);
    set_exercises(exercises);
    Cli::command()
}
