//! Why a command could not do its work, and the exit codes.

use std::io;

/// Exit code of a run in which a claim failed or a task panicked, and of a command that could not finish.
pub(crate) const FAILED: u8 = 1;
/// Exit code of a usage error or of bad input.
pub(crate) const USAGE: u8 = 2;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line asks for something that cannot be done, or names input that cannot be used.
    #[error("{0}")]
    Usage(String),
    /// Standard output takes no more. If it is a pipe that was closed, its reader has what it wanted.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// Results could not be saved, for these reasons, each with its path.
    #[error("results could not be saved")]
    Unsaved(Vec<anyhow::Error>),
    /// Any other error, with its context.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}
