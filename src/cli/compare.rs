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
    /// Ways (sequential, join, spawn, spawn-multi, threads, spawn-blocking, buffered:4 and the like), or one lesson,
    /// whose scenes are compared [default: all ways]
    #[arg(value_name = "WAY|LESSON")]
    pub(crate) what: Vec<String>,
    /// What the jobs do with their time [default: wait]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<KindArg>,
    /// How many jobs there are [default: 10, or the lesson's own]
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) tasks: Option<usize>,
    /// How long each takes by itself [default: 100ms, or the lesson's own]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) each: Option<Duration>,
    /// How often each way is run, after one run that does not count
    #[arg(long, value_name = "N", default_value = "5", value_parser = runs)]
    pub(crate) runs: usize,
    /// Every kind by every way, as one table
    #[arg(long, conflicts_with = "kind")]
    pub(crate) matrix: bool,
    /// What to print on standard output
    #[arg(long, value_name = "FORMAT", default_value = comparison::FORMATS[0].name)]
    #[arg(value_parser = PossibleValuesParser::new(formats(comparison::FORMATS)))]
    format: String,
    /// Also save the comparison to this file, whose ending decides the format. May be repeated
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
    /// They wait, as for a socket
    Wait,
    /// They compute
    Compute,
    /// They call what blocks
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
