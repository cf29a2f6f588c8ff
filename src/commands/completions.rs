//! `asyncguide completions SHELL`: prints a script that completes commands, options and lesson names.

use std::process::ExitCode;

use clap::{Arg, Args, Command};
use clap_complete::{Shell, generate};

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
    let mut command = match args.shell {
        Shell::Bash | Shell::Zsh => command.clone(),
        // For the other shells, clap completes commands and options but not the values of arguments. There, each lesson
        // is presented as a command of its own.
        _ => {
            let mut command = command.clone();
            command.build();
            for name in ["lesson", "show"] {
                command = command.mut_subcommand(name, |command| with_lessons(command, syllabus));
            }
            command
        }
    };
    // Written to memory first, because the generator panics on a closed pipe.
    let mut script = Vec::new();
    generate(args.shell, &mut command, "asyncguide", &mut script);
    term.print(&String::from_utf8_lossy(&script)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns `command` with a subcommand for each lesson, which takes the same options.
fn with_lessons(command: Command, syllabus: &[&'static Lesson]) -> Command {
    // clap adds help and version to each subcommand by itself.
    let is_copied = |arg: &&Arg| !arg.is_positional() && !["help", "version"].contains(&arg.get_id().as_str());
    let options: Vec<_> = command.get_arguments().filter(is_copied).cloned().collect();
    let subcommand = |lesson: &&Lesson| {
        Command::new(lesson.name).about(lesson.summary).version(env!("CARGO_PKG_VERSION")).args(&options)
    };
    command.disable_help_subcommand(true).subcommands(syllabus.iter().map(subcommand))
}
