//! `asyncguide man [COMMAND]`: prints manual pages, in roff.

use std::process::ExitCode;

use anyhow::Context as _;

use super::Failure;
use crate::term::Term;

/// Prints the program's manual page, or that of the command called `page`.
///
/// # Errors
/// Returns a usage error if there is no such command, and an error if standard output cannot be written to.
pub(super) fn man(mut program: clap::Command, page: Option<&str>, term: &Term) -> Result<ExitCode, Failure> {
    program.build();
    let command = match page {
        None => program,
        Some(name) => {
            let command = program.find_subcommand(name).cloned();
            command.ok_or_else(|| Failure::Usage(format!("no command is called {name}")))?
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(command).render(&mut roff).context("cannot render the manual page")?;
    term.print(&String::from_utf8_lossy(&roff)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
