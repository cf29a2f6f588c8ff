//! The program: parses the command line, calls a command, and turns how it went into an exit code.
//!
//! One short file for each subcommand. Arrows run from here to everywhere and from nowhere to here. Read `cli.rs` for
//! what can be asked, then `lesson.rs` for the program's main job.

mod completions;
mod lesson;
mod list;
mod man;
mod plan;
mod printer;
mod save;
mod show;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, io};

use clap::FromArgMatches as _;

use crate::cli::{self, Cli, Command, Output};
use crate::lesson::Lesson;
use crate::page::Role;
use crate::record::{self, LogFilter};
use crate::term::{self, Color, Options, Term};

const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What was asked cannot be done.
    #[error("{0}")]
    Usage(String),
    /// Standard output takes no more. If it is a pipe that was closed, whoever read it has what they wanted.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// Runs the program with these lessons: parses the process's arguments, does what they ask, answers the exit code.
pub fn run(syllabus: &[&'static Lesson]) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let mut command = cli::command(syllabus);
    let parsed = command
        .try_get_matches_from_mut(&arguments)
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return explain(&error, &Term::new(early_options(&arguments))),
    };
    let term = Arc::new(Term::new(options(&cli.output)));
    term::install_panic_hook(&term);
    install_log(&cli.output, &term);
    let done = match &cli.command {
        None => list::overview(syllabus, &term),
        Some(Command::List) => list::list(syllabus, &term),
        Some(Command::Lesson(args)) => {
            let given = matches.subcommand_matches("lesson");
            lesson::run(syllabus, args, given, &term)
        }
        Some(Command::Show(args)) => show::show(syllabus, args, &term),
        Some(Command::Completions { shell }) => completions::completions(&mut command, *shell, &term),
        Some(Command::Man { command: page }) => man::man(command, page.as_deref(), &term),
    };
    done.unwrap_or_else(|failure| fail(&failure, &term))
}

fn options(output: &Output) -> Options {
    Options { color: output.color, ascii: output.ascii, width: output.width, quiet: output.quiet }
}

/// What can be told of the options while the command line cannot be parsed: help and errors follow `--color` too.
fn early_options(arguments: &[OsString]) -> Options {
    let words: Vec<_> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let given = |choice: &str| {
        words.contains(&format!("--color={choice}").as_str())
            || words.windows(2).any(|pair| pair == ["--color", choice])
    };
    let color = match () {
        () if given("always") => Color::Always,
        () if given("never") => Color::Never,
        () => Color::Auto,
    };
    Options { color, ascii: words.contains(&"--ascii"), width: None, quiet: false }
}

fn install_log(output: &Output, term: &Arc<Term>) {
    let asked = match output.verbose {
        0 => output.log.as_deref(),
        1 => Some("info"),
        2 => Some("debug"),
        _ => Some("trace"),
    };
    // It was parsed once already, with the command line.
    let log = asked.and_then(|filter| LogFilter::parse(filter).ok());
    let term = Arc::clone(term);
    record::install(log.map(|filter| (filter, move || term::Log(Arc::clone(&term)))));
}

/// Help, the version or what is wrong with the command line.
fn explain(error: &clap::Error, term: &Term) -> ExitCode {
    let plain = error.render().to_string();
    if !error.use_stderr() {
        let text = if term.page.color { error.render().ansi().to_string() } else { plain };
        let printed = term.print(&text).map_err(Failure::Stdout);
        return printed.map_or_else(|failure| fail(&failure, term), |()| ExitCode::SUCCESS);
    }
    // It repeats what it was given. Only what is harmless may keep clap's colours, which are escape sequences too.
    let harmless = term.error_page.text(&plain);
    let as_it_is = harmless == plain && term.error_page.color;
    term.note(&if as_it_is { error.render().ansi().to_string() } else { harmless.into_owned() });
    ExitCode::from(USAGE)
}

fn fail(failure: &Failure, term: &Term) -> ExitCode {
    if matches!(failure, Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let page = &term.error_page;
    term.note(&format!("{} {}\n", page.paint(Role::Bad, "error:"), page.line(&failure.to_string())));
    ExitCode::from(if matches!(failure, Failure::Usage(_)) { USAGE } else { FAILED })
}

/// The lesson of this name or alias. The parser lets no other name through.
fn find(syllabus: &[&'static Lesson], name: &str) -> Result<(usize, &'static Lesson), Failure> {
    let called = |lesson: &&Lesson| lesson.name == name || lesson.aliases.contains(&name);
    let index = syllabus.iter().position(called);
    index.map(|index| (index, syllabus[index])).ok_or_else(|| Failure::Usage(format!("no lesson is called {name}")))
}
