//! `asyncguide schema`: the form of a saved run, for programs that read one.

use std::process::ExitCode;

use super::Failure;
use crate::term::Term;
use crate::trace::JSON_SCHEMA;

/// Prints it.
pub(super) fn schema(term: &Term) -> Result<ExitCode, Failure> {
    term.print(JSON_SCHEMA).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
