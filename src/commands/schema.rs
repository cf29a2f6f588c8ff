//! `asyncguide schema`: prints the JSON Schema of a saved run, for programs that read one.

use std::process::ExitCode;

use super::Failure;
use crate::term::Term;
use crate::trace::JSON_SCHEMA;

/// Prints the JSON Schema.
///
/// # Errors
/// Returns an error if standard output cannot be written to.
pub(super) fn schema(term: &Term) -> Result<ExitCode, Failure> {
    term.print(JSON_SCHEMA).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
