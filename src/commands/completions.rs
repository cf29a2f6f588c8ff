//! `asyncguide completions SHELL`: prints a script that completes commands, options, and the names of lessons and ways.

use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Arg, Args, Command};
use clap_complete::{Shell, generate};

use super::names::harmless_in_scripts;
use crate::compare::jobs::WAYS;
use crate::lesson::Lesson;
use crate::run::Failure;
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide completions bash
  asyncguide completions fish > asyncguide.fish";

#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

/// Prints the completion script for a shell.
///
/// # Errors
/// Returns an error if standard output cannot be written to.
pub(super) fn completions(
    syllabus: &[&'static Lesson],
    command: &Command,
    args: &CompletionsArgs,
    term: &Term,
) -> Result<ExitCode, Failure> {
    let compared = compared(syllabus);
    let pages = pages(command);
    let mut command = command.clone();
    // Before that, the commands have no arguments yet.
    command.build();
    match args.shell {
        Shell::Bash | Shell::Zsh => {
            command = command
                .mut_subcommand("compare", |command| with_values(command, "what", &compared))
                .mut_subcommand("man", |command| with_values(command, "command", &pages));
        }
        // For the other shells, clap completes commands and options but not the values of arguments. There, each value
        // is presented as a command of its own.
        _ => {
            let lessons: Vec<_> = syllabus.iter().copied().map(lesson_value).collect();
            for (name, values) in [("lesson", &lessons), ("show", &lessons), ("compare", &compared), ("man", &pages)] {
                command = command.mut_subcommand(name, |command| with_commands(command, values));
            }
        }
    }
    // Written to memory first, because the generator panics on a closed pipe.
    let mut script = Vec::new();
    generate(args.shell, &mut command, "asyncguide", &mut script);
    if args.shell == Shell::Fish {
        script.extend(further_values("compare", &compared).into_bytes());
        script.extend(further_values("man", &pages).into_bytes());
    }
    term.print(&String::from_utf8_lossy(&script)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// A value of an argument, and what it stands for.
type Value = (&'static str, String);

fn value(name: &'static str, meaning: &str) -> Value {
    (name, meaning.to_owned())
}

/// Returns a lesson with its summary.
fn lesson_value(lesson: &'static Lesson) -> Value {
    (lesson.name, harmless_in_scripts(lesson.summary))
}

/// Returns what `compare` compares: ways, and lessons that read no input.
fn compared(syllabus: &[&'static Lesson]) -> Vec<Value> {
    let ways = WAYS.iter().map(|(name, _)| value(name, "a way of doing many jobs"));
    let buffered = value("buffered:4", "all jobs, with at most 4 at once");
    // A way is called as a lesson is, and comes first.
    let is_way = |name: &str| WAYS.iter().any(|(way, _)| *way == name);
    let lessons = syllabus.iter().filter(|lesson| !lesson.takes.lines && !is_way(lesson.name));
    ways.chain([buffered]).chain(lessons.copied().map(lesson_value)).collect()
}

/// Returns the commands, each of which has a manual page.
fn pages(command: &Command) -> Vec<Value> {
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    // clap takes names that live as long as the program, and this one is about to end.
    let name = |command: &Command| &*command.get_name().to_owned().leak();
    command.get_subcommands().map(|command| value(name(command), &about(command))).collect()
}

/// Returns `command` with these as the values of its argument `id`.
fn with_values(command: Command, id: &'static str, values: &[Value]) -> Command {
    let values: Vec<PossibleValue> = values.iter().map(|(name, _)| PossibleValue::new(*name)).collect();
    command.mut_arg(id, |arg| arg.value_parser(values))
}

/// Returns `command` with a subcommand for each value, which takes the same options.
fn with_commands(command: Command, values: &[Value]) -> Command {
    // clap adds help and version to each subcommand by itself.
    let is_copied = |arg: &&Arg| !arg.is_positional() && !["help", "version"].contains(&arg.get_id().as_str());
    let options: Vec<_> = command.get_arguments().filter(is_copied).cloned().collect();
    let subcommand = |(name, meaning): &Value| {
        Command::new(*name).about(meaning.clone()).version(env!("CARGO_PKG_VERSION")).args(&options)
    };
    command.disable_help_subcommand(true).subcommands(values.iter().map(subcommand))
}

/// Returns what makes fish offer the values everywhere behind `command`, also those that are called as a command is.
fn further_values(command: &str, values: &[Value]) -> String {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let condition = format!("__fish_asyncguide_using_subcommand {command}");
    format!("complete -c asyncguide -n \"{condition}\" -f -a \"{}\"\n", names.join(" "))
}
