//! `asyncguide schema`: prints the JSON Schema of a saved run, for programs that read one.

use std::process::ExitCode;

use crate::run::Failure;
use crate::term::Term;
use crate::trace::JSON_SCHEMA;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide schema
  asyncguide schema > asyncguide.schema.json";

/// Prints the JSON Schema.
///
/// # Errors
/// Returns an error if standard output cannot be written to.
pub(super) fn schema(term: &Term) -> Result<ExitCode, Failure> {
    term.print(JSON_SCHEMA).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
