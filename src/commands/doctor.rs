//! `asyncguide doctor`: measures what this machine can show, and says what that means for the lessons.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::machine::{Machine, SECOND_CORE};
use crate::render::paragraph;
use crate::run::Failure;
use crate::style::{Role, Style};
use crate::term::Term;
use crate::units::duration;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide doctor";

/// Measures the machine and prints each figure with its meaning. Takes about a quarter of a second.
///
/// # Errors
/// Returns an error if the machine cannot be measured, or standard output cannot be written to.
pub(super) fn doctor(term: &Term) -> Result<ExitCode, Failure> {
    let machine = Machine::measure().context("cannot measure this machine")?;
    let text = report(&machine, &term.style);
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn report(machine: &Machine, style: &Style) -> String {
    let limit = |limit: Option<u64>| limit.map_or_else(|| "no known limit".to_owned(), |limit| limit.to_string());
    let parallel = match machine.no_second_core() {
        Some(_) => format!(
            "Below {SECOND_CORE}, two threads hardly compute at the same time: the lessons skip their claims about \
             parallel work on this machine."
        ),
        None => {
            "Two threads do compute at the same time: the lessons can show parallel work on this machine.".to_owned()
        }
    };
    let entries = [
        (
            "processors",
            machine.processors.to_string(),
            "The operating system lets this program use this many.".to_owned(),
        ),
        ("two threads compute", format!("{:.2} × as much as one", machine.two_threads), parallel),
        (
            "a sleep of 1 ms ends",
            format!("{} late", duration(machine.sleep_late)),
            "Delays that are not much longer than this tell you little; tokio's own timers count whole milliseconds."
                .to_owned(),
        ),
        (
            "threads",
            limit(machine.most_threads),
            "This user may have at most this many. Lessons that start many threads stay well below.".to_owned(),
        ),
        (
            "open files",
            limit(machine.most_files),
            "This program may have at most this many open. Each connection counts as one; lessons keep some in reserve."
                .to_owned(),
        ),
    ];
    let mut text = String::new();
    for (name, figure, meaning) in &entries {
        let name = style.paint(Role::Strong, style.line(&format!("{name}: {figure}")));
        text += &format!("  {name}\n{}", paragraph(style, "    ", meaning));
    }
    text
}
