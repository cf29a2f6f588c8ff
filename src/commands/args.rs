//! The options that several commands take, and the limits of what an option can be given.
//!
//! Limits are refused here, before anything is done, and each message names its limit. Help texts are ASCII, so that
//! they can be shown anywhere.

use std::env;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};

use crate::chart::{Lanes, NamePattern, Shown, SpokenOf, View, Window};
use crate::finding::findings;
use crate::lesson::Lesson;
use crate::record::LogFilter;
use crate::render::{FORMATS, Format};
use crate::run::Failure;
use crate::term::{Term, WIDTHS};
use crate::trace::{Clock, Nanos, SceneTrace, Trace};
use crate::units;

const TASKS: RangeInclusive<usize> = 1..=1_000_000;
/// Rows of a picture. Fewer could not tell the first lanes from the last.
const ROWS: RangeInclusive<usize> = 3..=10_000;
const RUNS: RangeInclusive<usize> = 1..=1_000;
const SPEEDS: RangeInclusive<f64> = 0.25..=100.0;
const DURATIONS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);

// How lessons are run, alone or on the tour. No documentation comment: clap would make it the help of the command.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct LessonOptions {
    /// How long each task waits, such as 500ms or 2s [default: the lesson's own]
    #[arg(long, env = filled("ASYNCGUIDE_DELAY"), hide_env_values = true, value_name = "TIME", value_parser = duration)]
    pub(super) delay: Option<Duration>,
    /// Draw a lane for each task, or for each thread
    #[arg(long, env = filled("ASYNCGUIDE_BY"), hide_env_values = true, value_name = "WHAT", default_value = "task")]
    pub(super) by: ViewArg,
    /// Draw lanes that look the same as one ("folded"), each by itself ("all"), or fold to at most N rows
    #[arg(long, env = filled("ASYNCGUIDE_LANES"), hide_env_values = true, value_name = "WHICH", default_value = "folded")]
    #[arg(value_parser = lanes)]
    pub(super) lanes: Lanes,
    /// On a terminal, show code in this language beside the pictures: "rust" or "python". A language such as "de" is that
    /// of the texts, where a lesson has them [default: that of the locale]
    #[arg(long, env = filled("ASYNCGUIDE_LANG"), hide_env_values = true, value_name = "LANGUAGE", default_value = "rust")]
    #[arg(hide_default_value = true, value_parser = code_language)]
    pub(super) lang: CodeLang,
    /// On a terminal, print the whole lesson without pauses
    #[arg(long, env = filled("ASYNCGUIDE_NO_PAUSE"), hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub(super) no_pause: bool,
    /// Ask the lesson's question before the run (the default on a terminal)
    #[arg(long)]
    predict: bool,
    /// Do not ask the lesson's question
    #[arg(long, env = filled("ASYNCGUIDE_NO_PREDICT"), hide_env_values = true, value_parser = FalseyValueParser::new())]
    no_predict: bool,
}

impl LessonOptions {
    /// Returns whether the question is to be asked; `None` leaves that to the terminal.
    pub(super) fn predict(&self) -> Option<bool> {
        match (self.predict, self.no_predict) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

// What becomes of a run's results. No documentation comment here either.
#[derive(Args, Clone, Debug)]
pub(super) struct ResultOptions {
    /// Print the run in this format
    #[arg(long, env = filled("ASYNCGUIDE_FORMAT"), hide_env_values = true)]
    #[arg(value_name = "FORMAT", default_value = FORMATS[0].name)]
    #[arg(value_parser = PossibleValuesParser::new(formats(FORMATS)))]
    format: String,
    /// Also save the run to this file, in the format that its ending names; may be repeated. "-" is standard output, in
    /// the format of --format
    #[arg(long, value_name = "FILE")]
    pub(super) save: Vec<PathBuf>,
    /// Step through the events of the run with the keyboard before the results are printed
    #[arg(long)]
    pub(super) step: bool,
}

impl ResultOptions {
    /// Returns the format to print. The parser lets no other name through.
    pub(super) fn format(&self) -> &'static Format {
        Format::named(FORMATS, &self.format).unwrap_or(&FORMATS[0])
    }
}

// Which lanes of a recording are drawn. No documentation comment here either.
#[derive(Args, Clone, Debug)]
pub(super) struct ShownOptions {
    /// Draw lanes that look the same as one ("folded"), each by itself ("all"), or fold to at most N rows
    #[arg(long, env = filled("ASYNCGUIDE_LANES"), hide_env_values = true, value_name = "WHICH", default_value = "folded")]
    #[arg(value_parser = lanes)]
    lanes: Lanes,
    /// Draw only lanes whose names match, such as 'fetch*': * stands for any text, ? for a character
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    only: Option<NamePattern>,
    /// Draw lanes as text from this time on, and open a page there; figures and findings are of the whole recording
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    from: Option<Duration>,
    /// Draw lanes as text up to this time
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    to: Option<Duration>,
    /// Draw the last part of lanes as text, of this length
    #[arg(long, value_name = "TIME", value_parser = duration, conflicts_with_all = ["from", "to"])]
    last: Option<Duration>,
}

impl ShownOptions {
    /// Returns what to show of a recording while it goes on. That of somebody's own program has many lanes of few functions.
    pub(super) fn live(&self, lesson: Option<&Lesson>) -> Shown {
        let lanes = Lanes { by_name: lesson.is_none(), ..self.lanes };
        Shown { lanes, only: self.only.clone(), ..Shown::FOLDED }
    }

    /// Returns what to show of `trace`. Says what of that is not there.
    pub(super) fn of(&self, lesson: Option<&Lesson>, trace: &Trace, term: &Term) -> Shown {
        self.check_names(trace, term);
        let spoken_of = if trace.process.is_some() { lanes_in_findings(trace) } else { Vec::new() };
        Shown { window: self.window(trace, term), spoken_of, ..self.live(lesson) }
    }

    /// Returns the part of the time that is asked for. Says it if nothing was recorded then. `None` is all of the time, of
    /// which lanes that never began are shown as well.
    fn window(&self, trace: &Trace, term: &Term) -> Option<Window> {
        if self.last.is_none() && self.from.is_none() && self.to.is_none() {
            return None;
        }
        let extent = trace.extent();
        let from = self.from.map_or(Nanos::ZERO, Nanos::from);
        let window = match self.last {
            Some(last) => Window { from: extent - Nanos::from(last), to: extent },
            None => Window { from, to: self.to.map_or(extent, Nanos::from).min(extent) },
        };
        let window = (window.from < window.to).then_some(window);
        if window.is_none() && !trace.scenes.is_empty() {
            term.warn(&format!(
                "nothing was recorded in that time: the recording ends after {}",
                units::duration(extent)
            ));
        }
        window
    }

    /// Checks that the times can be a part of a recording.
    ///
    /// # Errors
    /// A usage error if it would end before it begins.
    pub(super) fn check_times(&self) -> Result<(), Failure> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from >= to => {
                Err(Failure::Usage("--from must be an earlier time than --to".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Says if no lane of `trace` has a name that matches.
    fn check_names(&self, trace: &Trace, term: &Term) {
        let Some(only) = &self.only else { return };
        let matches = |scene: &SceneTrace| scene.lanes().any(|task| only.includes(task));
        if !trace.scenes.is_empty() && !trace.scenes.iter().any(matches) {
            term.warn(&format!("no lane has a name like {only}; * stands for any text, as in '{only}*'"));
        }
    }
}

/// Returns the lanes that the findings of all scenes speak of.
fn lanes_in_findings(trace: &Trace) -> Vec<SpokenOf> {
    let lanes = |scene: &SceneTrace| -> Vec<SpokenOf> {
        let lanes = findings(scene).into_iter().filter_map(|finding| finding.lane);
        lanes.map(|lane| SpokenOf { scene: scene.name.clone(), started: scene.started, lane }).collect()
    };
    trace.scenes.iter().flat_map(lanes).collect()
}

/// The views, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ViewArg {
    /// A lane for each task
    Task,
    /// A lane for each thread, with the tasks that ran on it
    Thread,
}

impl From<ViewArg> for View {
    fn from(view: ViewArg) -> Self {
        match view {
            ViewArg::Task => View::Task,
            ViewArg::Thread => View::Thread,
        }
    }
}

/// The languages that scenes are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CodeLang {
    /// The code that runs
    Rust,
    /// The same scene in Python's asyncio
    Python,
}

/// The clocks, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ClockArg {
    /// Real time
    Real,
    /// tokio's paused clock: waits take no time, and all times are exact
    Virtual,
}

impl From<ClockArg> for Clock {
    fn from(clock: ClockArg) -> Self {
        match clock {
            ClockArg::Real => Clock::Real,
            ClockArg::Virtual => Clock::Virtual,
        }
    }
}

/// Returns the name of an environment variable that an option takes its value from; none if the variable is empty, which
/// counts as not set.
pub(super) fn filled(variable: &'static str) -> Option<&'static str> {
    let is_empty = env::var_os(variable).is_some_and(|value| value.is_empty());
    (!is_empty).then_some(variable)
}

/// Returns the names of formats with their help, as the possible values of an option.
pub(super) fn formats<W>(formats: &'static [Format<W>]) -> impl Iterator<Item = PossibleValue> {
    formats.iter().map(|format| PossibleValue::new(format.name).help(format.about))
}

/// Parses the language of code. That of texts is read before the command line is parsed, and leaves code in Rust.
fn code_language(text: &str) -> Result<CodeLang, String> {
    if let Ok(language) = CodeLang::from_str(text, false) {
        return Ok(language);
    }
    let language = text.split(['-', '_']).next().unwrap_or_default();
    match (2..=3).contains(&language.len()) && language.chars().all(|c| c.is_ascii_alphabetic()) {
        true => Ok(CodeLang::Rust),
        false => Err("rust, python, or a language of texts such as de".to_owned()),
    }
}

/// Parses a number of tasks.
pub(super) fn count(text: &str) -> Result<usize, String> {
    within(text, &TASKS, "whole number")
}

/// Parses a number of runs.
pub(super) fn runs(text: &str) -> Result<usize, String> {
    within(text, &RUNS, "whole number")
}

/// Parses a number of columns.
pub(super) fn width(text: &str) -> Result<usize, String> {
    within(text, &WIDTHS, "whole number")
}

/// Parses which lanes are drawn.
fn lanes(text: &str) -> Result<Lanes, String> {
    match text {
        "folded" => Ok(Lanes::FOLDED),
        "all" => Ok(Lanes::ALL),
        number => match within(number, &ROWS, "whole number") {
            Ok(most) => Ok(Lanes { most, ..Lanes::FOLDED }),
            Err(limits) => Err(format!("folded, all or {limits}")),
        },
    }
}

/// Parses a pattern of names, in which `*` stands for any text and `?` for any character.
fn pattern(text: &str) -> Result<NamePattern, String> {
    if text.is_empty() { Err("a name is needed, such as 'fetch*'".to_owned()) } else { Ok(NamePattern::new(text)) }
}

/// Parses the speed of a replay.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    within(text, &SPEEDS, "number")
}

fn within<T: FromStr + PartialOrd + Display>(text: &str, limits: &RangeInclusive<T>, what: &str) -> Result<T, String> {
    let (least, most) = (limits.start(), limits.end());
    let value = text.parse().ok().filter(|value| limits.contains(value));
    value.ok_or_else(|| format!("a {what} from {least} to {most} is needed"))
}

/// Parses a duration.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const LIMITS: &str = "a time from 1ms to 1h is needed";
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}; {LIMITS}"))?;
    if DURATIONS.contains(&duration) { Ok(duration) } else { Err(LIMITS.to_owned()) }
}

/// Parses a moment of a recording, from its start.
fn moment(text: &str) -> Result<Duration, String> {
    if text.starts_with('-') {
        return Err("a time from the start is needed, such as 1.5s; --last 1s draws the last second".to_owned());
    }
    humantime::parse_duration(text).map_err(|error| format!("{error}; a time such as 1.5s or 250ms is needed"))
}

/// Checks a log filter and keeps its text.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    LogFilter::parse(text).map(|_| text.to_owned())
}
