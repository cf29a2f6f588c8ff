//! `asyncguide man [COMMAND]`: prints manual pages, in roff.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::run::Failure;
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide man > asyncguide.1
  asyncguide man lesson > asyncguide-lesson.1";

/// The date in the head of each page: that of the last change of what the pages say.
const DATE: &str = "2026-11-28";

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Print the page of this command [default: the page of the program]
    command: Option<String>,
}

/// Prints the program's manual page, or that of one command.
///
/// # Errors
/// Returns a usage error if there is no such command, and an error if standard output cannot be written to.
pub(super) fn man(mut program: clap::Command, args: &ManArgs, term: &Term) -> Result<ExitCode, Failure> {
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => {
            let command = program.find_subcommand(name).cloned();
            command.ok_or_else(|| Failure::Usage(format!("no command is called {name}")))?
        }
    };
    let mut roff = Vec::new();
    let page = clap_mangen::Man::new(command).date(DATE);
    page.render(&mut roff).context("cannot render the manual page")?;
    term.print(&tidy(&String::from_utf8_lossy(&roff))).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes an empty line as the macro that makes one, without a line break beside it: mandoc warns of both.
fn tidy(roff: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in roff.lines() {
        let line = if line.is_empty() { ".sp" } else { line };
        let after_space = lines.last() == Some(&".sp");
        if line == ".sp" {
            while lines.pop_if(|last| *last == ".br" || *last == ".sp").is_some() {}
        }
        if !(line == ".br" && after_space) {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}
