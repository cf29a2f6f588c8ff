//! What options can be given: limits are refused here, before anything is done, and named.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::builder::PossibleValue;

use crate::record::LogFilter;
use crate::render::Format;
use crate::term::WIDTHS;

const TASKS: RangeInclusive<usize> = 1..=1_000_000;
const RUNS: RangeInclusive<usize> = 1..=1_000;
const SPEEDS: RangeInclusive<f64> = 0.25..=100.0;
const DURATIONS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);

pub(super) fn formats<W>(formats: &'static [Format<W>]) -> impl Iterator<Item = PossibleValue> {
    formats.iter().map(|format| PossibleValue::new(format.name).help(format.about))
}

pub(super) fn count(text: &str) -> Result<usize, String> {
    let limits = || format!("a whole number from {} to {} is needed", TASKS.start(), TASKS.end());
    text.parse().ok().filter(|count| TASKS.contains(count)).ok_or_else(limits)
}

pub(super) fn runs(text: &str) -> Result<usize, String> {
    let limits = || format!("a whole number from {} to {} is needed", RUNS.start(), RUNS.end());
    text.parse().ok().filter(|runs| RUNS.contains(runs)).ok_or_else(limits)
}

pub(super) fn width(text: &str) -> Result<usize, String> {
    let limits = || format!("a whole number from {} to {} is needed", WIDTHS.start(), WIDTHS.end());
    text.parse().ok().filter(|width| WIDTHS.contains(width)).ok_or_else(limits)
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    let limits = || format!("a number from {} to {} is needed", SPEEDS.start(), SPEEDS.end());
    text.parse().ok().filter(|speed| SPEEDS.contains(speed)).ok_or_else(limits)
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const LIMITS: &str = "a time from 1ms to 1h is needed";
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}; {LIMITS}"))?;
    DURATIONS.contains(&duration).then_some(duration).ok_or_else(|| LIMITS.to_owned())
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    LogFilter::parse(text).map(|_| text.to_owned())
}
