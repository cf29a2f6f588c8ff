//! `asyncguide completions SHELL`: a script that completes commands, options and lesson names.

use std::process::ExitCode;

use clap_complete::{Shell, generate};

use super::Failure;
use crate::term::Term;

/// Prints the script.
pub(super) fn completions(command: &mut clap::Command, shell: Shell, term: &Term) -> Result<ExitCode, Failure> {
    // Into memory first: the generator panics on a closed pipe.
    let mut script = Vec::new();
    generate(shell, command, "asyncguide", &mut script);
    term.print(&String::from_utf8_lossy(&script)).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
