//! The program: parses the command line, calls a command, and turns its result into an exit code.
//!
//! There is one short file for each subcommand. Every module may be imported here, and none imports this one. Read
//! `cli.rs` for the subcommands, then `lesson.rs` for the program's main job.

mod args;
mod check;
mod cli;
mod compare;
mod completions;
mod doctor;
mod exercise;
mod folders;
mod lesson;
mod list;
mod man;
mod names;
mod new;
mod panics;
mod replay;
mod schema;
mod show;
mod site;
mod tour;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, io};

use clap::builder::{FalseyValueParser, TypedValueParser as _};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{FromArgMatches as _, ValueEnum as _};

use self::cli::{Cli, Command, Output};
use crate::exercise::Exercise;
use crate::lesson::Lesson;
use crate::record::{self, LogFilter};
use crate::render::paragraph;
use crate::run::Failure;
use crate::run::failure::{FAILED, USAGE};
use crate::style::{Role, Style, columns};
use crate::term::{self, Color, Options, Term, signals};

/// Most columns of a line of help; longer lines are hard to read.
const WIDEST_HELP: usize = 100;
/// On a page of fewer columns, the description of an option stands below the option.
const NARROW_HELP: usize = 60;

/// Runs the program with these lessons: parses the arguments of the process, runs the command, and returns the exit code.
pub fn run(syllabus: &[&'static Lesson]) -> ExitCode {
    run_course(syllabus, &[])
}

/// Runs the program with these lessons and exercises, as [`run`] does.
pub fn run_course(syllabus: &[&'static Lesson], exercises: &'static [Exercise]) -> ExitCode {
    signals::outlive_file_size_limit();
    let arguments: Vec<OsString> = env::args_os().collect();
    let early = Term::new(early_options(&arguments));
    let own = syllabus;
    let syllabus = &folders::syllabus(own, &arguments, &early);
    let width = early.style.width;
    let mut command =
        cli::command(syllabus, exercises).term_width(width.min(WIDEST_HELP)).next_line_help(width < NARROW_HELP);
    let parsed = command
        .try_get_matches_from_mut(&arguments)
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return explain(&name_variable(error, &command, &arguments), &early),
    };
    let term = Arc::new(Term::new(options(&cli.output)));
    panics::install_hook(&term);
    let serves = matches!(&cli.command, Some(Command::Lesson(args)) if args.serve);
    install_log(&cli.output, serves, &term);
    let done = match &cli.command {
        None => list::overview(syllabus, !exercises.is_empty(), &term),
        Some(Command::Doctor) => doctor::doctor(&term),
        Some(Command::List) => list::list(syllabus, &term),
        Some(Command::Lesson(args)) => {
            let given = matches.subcommand_matches("lesson");
            lesson::lesson(syllabus, args, given, &term)
        }
        Some(Command::Exercise(args)) => exercise::exercise(exercises, args, &term),
        Some(Command::Tour(args)) => tour::tour(syllabus, args, &term),
        Some(Command::Compare(args)) => compare::compare(own, args, &term),
        Some(Command::Watch(args)) => {
            let given = matches.subcommand_matches("watch");
            watch::watch(syllabus, args, given, &arguments, &term)
        }
        Some(Command::Replay(args)) => replay::replay(syllabus, args, &term),
        Some(Command::Schema(args)) => schema::schema(args, &term),
        Some(Command::New(args)) => new::new(args, &term),
        Some(Command::Check(args)) => check::check(own, args, &term),
        Some(Command::Show(args)) => show::show(syllabus, args, &term),
        Some(Command::Site(args)) => site::site(own, args, &term),
        Some(Command::Completions(args)) => completions::completions(syllabus, &command, args, &term),
        Some(Command::Man(args)) => man::man(command, args, &term),
    };
    let code = done.unwrap_or_else(|failure| fail(&failure, &term));
    match term.output_error() {
        // The reader has what it wanted, and the results were saved.
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(&Failure::Stdout(error), &term),
        _ => code,
    }
}

fn options(output: &Output) -> Options {
    Options { color: output.color, ascii: output.ascii, width: output.width, quiet: output.quiet }
}

/// Returns the options that help and error messages follow. They must be known before the command line is parsed, and
/// even if it cannot be parsed. clap cannot read them alone: it stops at the first word that it does not know.
fn early_options(arguments: &[OsString]) -> Options {
    let words: Vec<_> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let value = |option: &str, variable: &str| {
        let joined = words.iter().find_map(|word| word.strip_prefix(option)?.strip_prefix('='));
        let next = words.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1]);
        joined.or(next).map(str::to_owned).or_else(|| env::var(variable).ok())
    };
    let color = value("--color", "ASYNCGUIDE_COLOR").and_then(|choice| Color::from_str(&choice, false).ok());
    let width = value("--width", "ASYNCGUIDE_WIDTH").and_then(|columns| columns.parse().ok());
    let ascii = words.contains(&"--ascii") || is_set("ASYNCGUIDE_ASCII");
    Options { color: color.unwrap_or(Color::Auto), ascii, width, quiet: false }
}

/// Returns whether this variable switches its option on, as clap decides it for switches.
fn is_set(variable: &str) -> bool {
    let parser = FalseyValueParser::new();
    env::var_os(variable).is_some_and(|value| parser.parse_ref(&clap::Command::new(""), None, &value).unwrap_or(false))
}

/// Returns an error of the command line, with the name of the environment variable if the wrong value came from there.
fn name_variable(mut error: clap::Error, command: &clap::Command, arguments: &[OsString]) -> clap::Error {
    let options = command.get_arguments().chain(command.get_subcommands().flat_map(clap::Command::get_arguments));
    let mut from_variables = options.filter_map(|option| Some((option, option.get_env()?)));
    if error.kind() == ErrorKind::InvalidUtf8 {
        let mut wrong =
            from_variables.filter(|(_, name)| env::var_os(name).is_some_and(|value| value.to_str().is_none()));
        return match wrong.next() {
            Some((_, name)) => command.clone().error(error.kind(), format!("{} is not UTF-8", name.display())),
            None => error,
        };
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (option, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let flag = option.split(' ').next().unwrap_or_default();
    let is_typed = |word: &OsString| {
        let rest = word.to_str().and_then(|word| word.strip_prefix(flag));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let is_it = |known: &clap::Arg| known.get_long().is_some_and(|long| flag.strip_prefix("--") == Some(long));
    let variable = from_variables.find(|(known, _)| is_it(known)).map(|(_, name)| name);
    if let Some(name) = variable.filter(|_| !arguments.iter().any(is_typed))
        && env::var_os(name).is_some_and(|set| set.to_string_lossy() == value)
    {
        let both = format!("{option} ({})", name.display());
        error.insert(ContextKind::InvalidArg, ContextValue::String(both));
    }
    error
}

/// Installs the log that the options ask for. A command that `serves` logs the server's warnings in any case. Without a
/// log there is nothing to install before a scene runs.
fn install_log(output: &Output, serves: bool, term: &Arc<Term>) {
    let asked = match output.verbose {
        0 => output.log.as_deref().or(serves.then_some("asyncguide=warn")),
        1 => Some("info"),
        2 => Some("debug"),
        _ => Some("trace"),
    };
    // The filter was checked when the command line was parsed.
    if let Some(filter) = asked.and_then(|filter| LogFilter::parse(filter).ok()) {
        let term = Arc::clone(term);
        record::install(Some((filter, move || term::Log(Arc::clone(&term)))));
    }
}

/// Prints help, the version, or what is wrong with the command line. Returns the exit code.
fn explain(error: &clap::Error, term: &Term) -> ExitCode {
    let plain = error.render().to_string();
    let (style, text) = match error.use_stderr() {
        false => (&term.style, help(&plain, &term.style)),
        true => (&term.error_style, term.error_style.text(&plain).into_owned()),
    };
    // A message may repeat its arguments, which may hold escape sequences. clap's colours are escape sequences, too, so
    // they are kept only if sanitising changed nothing.
    let text = if text == plain && style.color { error.render().ansi().to_string() } else { text };
    if error.use_stderr() {
        term.note(&text);
        return ExitCode::from(USAGE);
    }
    let printed = term.print(&text).map_err(Failure::Stdout);
    printed.map_or_else(|failure| fail(&failure, term), |()| ExitCode::SUCCESS)
}

/// Wraps what clap never wraps on a narrow page: usage lines and long words.
fn help(text: &str, style: &Style) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        match columns(line) <= style.width {
            true => format!("{}\n", style.text(line)),
            false => paragraph(style, &" ".repeat(indent.min(style.width / 2)), line),
        }
    };
    text.lines().map(line).collect()
}

/// Reports `failure` on standard error and returns its exit code. A closed pipe is no failure.
fn fail(failure: &Failure, term: &Term) -> ExitCode {
    if matches!(failure, Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let style = &term.error_style;
    let sentences = match failure {
        Failure::Unsaved(errors) => errors.iter().map(|error| format!("{error:#}")).collect(),
        other => vec![other.to_string()],
    };
    for sentence in sentences {
        term.note(&format!("{} {}\n", style.paint(Role::Bad, "error:"), style.line(&sentence)));
    }
    ExitCode::from(if matches!(failure, Failure::Usage(_)) { USAGE } else { FAILED })
}
