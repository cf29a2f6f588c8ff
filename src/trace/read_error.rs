//! Why a saved run cannot be read, and where.

use std::{fmt, io};

use super::SCHEMA;

/// Why a file is not a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadError {
    /// What is wrong. It may quote the file, so it may be long.
    pub message: String,
    /// The line, from 1; none if the whole file is meant.
    pub line: Option<usize>,
    /// The column, from 1; none if the whole line is meant, or its end.
    pub column: Option<usize>,
}

impl ReadError {
    /// Returns an error about the whole file.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        ReadError { message: message.into(), line: None, column: None }
    }

    /// Returns the error that the file cannot be read on.
    pub(super) fn unreadable(error: &io::Error) -> Self {
        ReadError::whole(format!("it cannot be read: {error}"))
    }

    /// Returns an error about a whole line.
    pub(super) fn at_line(line: usize, message: impl Into<String>) -> Self {
        ReadError { message: message.into(), line: Some(line), column: None }
    }

    /// Returns an error about one value of a JSON text that begins at `first_line` of the file.
    pub(super) fn json(error: &serde_json::Error, first_line: usize) -> Self {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        let line = first_line + error.line().saturating_sub(1);
        // The parser says 0 if it does not know the column, or has only just begun the line.
        let column = Some(error.column()).filter(|column| *column > 0);
        ReadError { message, line: Some(line), column }
    }

    /// Returns an error for a file of a later version.
    pub(super) fn schema(schema: u32) -> Self {
        ReadError::whole(format!("a trace of schema {schema}, and this program reads up to {SCHEMA}"))
    }

    /// Returns where in the file the error is, as the end of a message: empty, ` at line 3` or ` at line 3 column 7`.
    pub fn place(&self) -> String {
        match (self.line, self.column) {
            (None, _) => String::new(),
            (Some(line), None) => format!(" at line {line}"),
            (Some(line), Some(column)) => format!(" at line {line} column {column}"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Errors about the whole file say what the file is.
        let not = if self.line.is_some() { "not a trace: " } else { "" };
        write!(f, "{not}{}{}", self.message, self.place())
    }
}

impl std::error::Error for ReadError {}
