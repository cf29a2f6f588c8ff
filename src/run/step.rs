//! `--step`: walks through a recording step by step, forwards and back, as the user presses keys.
//!
//! Each key acts at once. Steps are shown on standard error, since they are no result to keep in a file. If no keys can
//! be read, because the program is not used from a terminal, all steps are printed on standard output instead. Read
//! `live/step.rs` for how a step is shown, `term/keys.rs` for the keyboard.

use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::console::{Console, ConsoleEvent};
use crate::live::{StepList, StepPosition, StepPresenter};
use crate::render::{Format, FormatKind, Report};
use crate::term::Term;
use crate::term::keys::{Key, pressed};

/// How often the terminal is checked for a new size.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of a typed time; more are ignored, since pasted text may be of any length.
const LONGEST_TIME: usize = 20;

/// Checks that steps can be shown beside results in this format.
///
/// # Errors
/// A usage error if steps are `asked` for and the format is not for people.
pub(crate) fn check(asked: bool, format: &Format) -> Result<(), Failure> {
    match asked && format.kind != FormatKind::Text {
        true => Err(Failure::Usage("--step is for people: it goes with --format text alone".to_owned())),
        false => Ok(()),
    }
}

/// Walks through the scenes of `report`, until the end or until the user stops.
///
/// # Errors
/// If standard output takes no more, or the keyboard cannot be read.
pub(crate) fn walk(report: &Report<'_>, term: &Arc<Term>, console: &mut Console) -> Result<(), Failure> {
    let steps = StepList::of(report);
    // The keyboard stays in single-key mode until this is dropped.
    let keys = if term.asks { console.keys() } else { None };
    let Some(keys) = keys else {
        return term.print(&steps.text(&term.style)).map_err(Failure::Stdout);
    };
    let Some(at) = steps.first() else { return Ok(()) };
    let mut walk = Walk { steps, at, time: None };
    let mut presenter = StepPresenter::new(term);
    walk.show(&mut presenter);
    loop {
        console.listen()?;
        let goes_on = match console.next_event_within(PAUSE)? {
            Some(ConsoleEvent::Typed(typed)) => pressed(&typed).into_iter().all(|key| walk.press(key)),
            Some(ConsoleEvent::EndOfInput | ConsoleEvent::Signal(_)) => false,
            // No scene runs during a walk; an interrupted one may have ended late.
            Some(ConsoleEvent::SceneEnded) => continue,
            None if !keys.were_lost() && presenter.fits() => continue,
            None => {
                presenter.begin_anew();
                true
            }
        };
        if !goes_on {
            presenter.leave(&walk.steps, walk.at, walk.time.as_deref());
            return Ok(());
        }
        walk.show(&mut presenter);
    }
}

/// Parses a typed time: `1.5s`, `20ms`, or a number of seconds.
fn time_of(typed: &str) -> Result<Duration, humantime::DurationError> {
    match typed.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(time) => Ok(time),
        None => humantime::parse_duration(typed),
    }
}

/// A walk that is under way.
struct Walk<'a> {
    steps: StepList<'a>,
    at: StepPosition,
    /// What has been typed so far of the time to go to; `None` while no time is asked for.
    time: Option<String>,
}

impl Walk<'_> {
    fn show(&self, presenter: &mut StepPresenter<'_>) {
        presenter.show(&self.steps, self.at, self.time.as_deref());
    }

    /// Does what `key` asks for. Returns whether the walk goes on.
    fn press(&mut self, key: Key) -> bool {
        match (&mut self.time, key) {
            (_, Key::End) | (None, Key::Char('q')) => return false,
            (Some(time), Key::Char(c)) if time.len() < LONGEST_TIME => time.push(c),
            (Some(time), Key::Backspace) => drop(time.pop()),
            (Some(time), Key::Enter) => match time_of(time.trim()) {
                Ok(time) => {
                    self.at = self.steps.at_time(self.at, time);
                    self.time = None;
                }
                Err(_) if time.trim().is_empty() => self.time = None,
                // It is not a time yet; the user can type on.
                Err(_) => {}
            },
            (Some(_), Key::Escape) => self.time = None,
            (None, Key::Char('g')) => self.time = Some(String::new()),
            (None, Key::Left | Key::Char('b')) => self.at = self.steps.previous(self.at).unwrap_or(self.at),
            (None, Key::Right | Key::Enter | Key::Char(' ')) => match self.steps.next(self.at) {
                Some(next) => self.at = next,
                None => return false,
            },
            _ => {}
        }
        true
    }
}
