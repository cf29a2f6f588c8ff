//! `asyncguide schema`: prints the JSON Schema of a saved run, or of a line of its event stream, for programs that read
//! one.

use std::process::ExitCode;

use clap::Args;

use crate::run::Failure;
use crate::term::Term;
use crate::trace::{JSON_SCHEMA, LINES_SCHEMA};

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide schema
  asyncguide schema --lines
  asyncguide schema > asyncguide.schema.json";

#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Print the schema of one line of --format jsonl instead
    #[arg(long)]
    lines: bool,
}

/// Prints the JSON Schema.
///
/// # Errors
/// Returns an error if standard output cannot be written to.
pub(super) fn schema(args: &SchemaArgs, term: &Term) -> Result<ExitCode, Failure> {
    let schema = if args.lines { LINES_SCHEMA } else { JSON_SCHEMA };
    term.print(schema).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}
