//! What the environment asks for.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::say;
use crate::record::SpanFilter;
use crate::trace::Nanos;

/// The file that the recording is saved to.
const SAVE: &str = "ASYNCGUIDE_SAVE";
/// How much of the run's end is saved, if not all of it.
const LAST: &str = "ASYNCGUIDE_LAST";
/// Where the recording is written while it grows: `unix:` and the path of a socket, or a file.
const WATCH: &str = "ASYNCGUIDE_WATCH";
/// The folder in which a program that is watched shows which polls are under way.
const RUNNING: &str = "ASYNCGUIDE_WATCH_RUNNING";
/// The spans that get a lane although they have no field `lane`, by module and level.
const SPANS: &str = "ASYNCGUIDE_SPANS";

/// What is to be recorded, and where it goes.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) outputs: Outputs,
    /// The spans that get a lane; none if only those with a field `lane` do.
    pub(super) spans: Option<SpanFilter>,
}

/// Where a recording goes. It has a file or a stream, or both.
#[derive(Debug)]
pub(super) struct Outputs {
    /// The file that the recording is saved to.
    pub(super) save: Option<OsString>,
    /// How much of the run's end is saved; none for all of it.
    pub(super) last: Option<Nanos>,
    /// Where the recording is written while it grows.
    pub(super) stream: Option<OsString>,
    /// The folder that shows which polls are under way.
    pub(super) running: Option<PathBuf>,
}

impl Request {
    /// Returns what the environment asks for; none if it asks for no recording. What is wrong is said, and left out.
    pub(super) fn read() -> Option<Request> {
        let (save, stream) = (variable(SAVE), variable(WATCH));
        if save.is_none() && stream.is_none() {
            return None;
        }
        let last = if save.is_some() { last() } else { None };
        let running = variable(RUNNING).map(PathBuf::from);
        Some(Request { outputs: Outputs { save, last, stream, running }, spans: spans() })
    }
}

fn last() -> Option<Nanos> {
    let text = variable(LAST)?;
    let time = text.to_str().and_then(parse_time);
    if time.is_none() {
        say(&format!("{LAST}: {} is no time such as 10s; all is kept", text.display()));
    }
    time
}

fn spans() -> Option<SpanFilter> {
    let text = variable(SPANS)?;
    let chosen = SpanFilter::parse(&text.to_string_lossy());
    chosen.map_err(|error| say(&format!("{SPANS}: {}: {error}; it chooses no span", text.display()))).ok()
}

/// Returns a time such as `10s`: a whole number of `ms`, `s`, `m` or `h`, and more than none.
fn parse_time(text: &str) -> Option<Nanos> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => Nanos::from_millis(1),
        "s" => Nanos::from_secs(1),
        "m" => Nanos::from_secs(60),
        "h" => Nanos::from_secs(3_600),
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? * unit).filter(|time| *time > Nanos::ZERO)
}

/// Returns what the environment says; none if the variable is empty.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_a_unit() {
        let times = ["10s", "250ms", "2m", "1h"].map(parse_time);
        assert_eq!(times, [10_000, 250, 120_000, 3_600_000].map(|millis| Some(Nanos::from_millis(millis))));
        for wrong in ["", "10", "s", "0s", "-1s", "1.5s", "10 s", "99999999999999999999s"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }
}
