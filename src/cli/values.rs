//! What options can be given: limits are refused here, before anything is done, and named.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
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
    within(text, &TASKS, "whole number")
}

pub(super) fn runs(text: &str) -> Result<usize, String> {
    within(text, &RUNS, "whole number")
}

pub(super) fn width(text: &str) -> Result<usize, String> {
    within(text, &WIDTHS, "whole number")
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    within(text, &SPEEDS, "number")
}

fn within<T: FromStr + PartialOrd + Display>(text: &str, limits: &RangeInclusive<T>, what: &str) -> Result<T, String> {
    let (least, most) = (limits.start(), limits.end());
    let value = text.parse().ok().filter(|value| limits.contains(value));
    value.ok_or_else(|| format!("a {what} from {least} to {most} is needed"))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const LIMITS: &str = "a time from 1ms to 1h is needed";
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}; {LIMITS}"))?;
    DURATIONS.contains(&duration).then_some(duration).ok_or_else(|| LIMITS.to_owned())
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    LogFilter::parse(text).map(|_| text.to_owned())
}
