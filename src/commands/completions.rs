//! `asyncguide completions SHELL`: a script that completes commands, options and lesson names.

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
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(super) fn completions(
    syllabus: &[&'static Lesson],
    command: &Command,
    args: &CompletionsArgs,
    term: &Term,
) -> Result<ExitCode, Failure> {
    let with_lessons = |command| with_lessons(command, syllabus);
    let mut command = match args.shell {
        Shell::Bash | Shell::Zsh => command.clone(),
        // For the other shells, clap's generators complete commands and options, but no other words.
        _ => {
            let mut command = command.clone();
            command.build();
            command.mut_subcommand("lesson", with_lessons).mut_subcommand("show", with_lessons)
        }
    };
    // Into memory first: the generator panics on a closed pipe.
    let mut script = Vec::new();
    generate(args.shell, &mut command, "asyncguide", &mut script);
    term.print(&String::from_utf8_lossy(&script)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// `command` with a command of its own for each lesson, followed by the same options.
fn with_lessons(command: Command, syllabus: &[&'static Lesson]) -> Command {
    // These clap adds to each command itself.
    let own = |arg: &&Arg| !arg.is_positional() && !["help", "version"].contains(&arg.get_id().as_str());
    let options: Vec<_> = command.get_arguments().filter(own).cloned().collect();
    let of = |lesson: &&Lesson| {
        Command::new(lesson.name).about(lesson.summary).version(env!("CARGO_PKG_VERSION")).args(&options)
    };
    command.disable_help_subcommand(true).subcommands(syllabus.iter().map(of))
}
