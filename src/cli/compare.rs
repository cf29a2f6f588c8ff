//! What `compare` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::values::{count, duration, formats, runs};
use crate::compare::jobs::JobKind;
use crate::render::Format;
use crate::render::comparison::{self, WriteComparisons};

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The ways to compare (sequential, join, spawn, spawn-multi, threads, spawn-blocking, buffered:N), or one lesson,
    /// to compare its scenes [default: all ways but buffered:N]
    #[arg(value_name = "WAY|LESSON")]
    pub(crate) what: Vec<String>,
    /// What the jobs do [default: wait]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<KindArg>,
    /// How many jobs to run [default: 10, or the lesson's own number]
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) tasks: Option<usize>,
    /// How long each job takes by itself [default: 100ms, or the lesson's own time]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) each: Option<Duration>,
    /// Run each way this many times, after one run that does not count
    #[arg(long, value_name = "N", default_value = "5", value_parser = runs)]
    pub(crate) runs: usize,
    /// Compare all ways with every kind of job, in one table
    #[arg(long, conflicts_with = "kind")]
    pub(crate) matrix: bool,
    /// Print the comparison in this format
    #[arg(long, value_name = "FORMAT", default_value = comparison::FORMATS[0].name)]
    #[arg(value_parser = PossibleValuesParser::new(formats(comparison::FORMATS)))]
    format: String,
    /// Also save the comparison to this file, in the format that its ending names; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Vec<PathBuf>,
}

impl CompareArgs {
    /// What to print. The parser lets no other name through.
    pub(crate) fn format(&self) -> &'static Format<WriteComparisons> {
        Format::named(comparison::FORMATS, &self.format).unwrap_or(&comparison::FORMATS[0])
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindArg {
    /// Wait, as for a socket
    Wait,
    /// Compute
    Compute,
    /// Call a function that blocks the thread
    Block,
}

impl From<KindArg> for JobKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Wait => JobKind::Wait,
            KindArg::Compute => JobKind::Compute,
            KindArg::Block => JobKind::Block,
        }
    }
}
