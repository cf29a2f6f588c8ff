//! `asyncguide doctor`: what this machine can show, and what that means for the lessons.

use std::process::ExitCode;

use crate::machine::{Machine, SECOND_CORE};
use crate::page::{Page, Role};
use crate::render::paragraph;
use crate::run::Failure;
use crate::term::Term;
use crate::units::duration;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide doctor";

/// Measures the machine and prints each figure with its meaning.
pub(super) fn doctor(term: &Term) -> Result<ExitCode, Failure> {
    let text = report(&Machine::measure(), &term.page);
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn report(machine: &Machine, page: &Page) -> String {
    let limit = |limit: Option<u64>| limit.map_or_else(|| "no known limit".to_owned(), |limit| limit.to_string());
    let cores = match machine.no_second_core() {
        Some(_) => format!(
            "Under {SECOND_CORE} there is no second core to give: what lessons say of parallel work is skipped here."
        ),
        None => "Lessons on parallel work can show it here.".to_owned(),
    };
    let entries = [
        ("processors", machine.processors.to_string(), "As many as this process may use.".to_owned()),
        ("two threads compute", format!("{:.2} × as much as one", machine.two_threads), cores),
        (
            "a sleep of 1 ms ends",
            format!("{} late", duration(machine.sleep_late)),
            "Delays that are not much longer than this say little; tokio's own timers count whole milliseconds."
                .to_owned(),
        ),
        ("threads", limit(machine.most_threads), "Lessons that start many threads keep well below.".to_owned()),
        (
            "open files",
            limit(machine.most_files),
            "Each connection takes one; lessons keep some in reserve.".to_owned(),
        ),
    ];
    let entry = |(name, figure, meaning): &(&str, String, String)| {
        let name = page.paint(Role::Strong, page.line(&format!("{name}: {figure}")));
        format!("  {name}\n{}", paragraph(page, "    ", meaning))
    };
    entries.iter().map(entry).collect()
}
