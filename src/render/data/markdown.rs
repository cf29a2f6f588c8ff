//! The tables and the claims as Markdown, to be put into notes, an issue or a message.

use std::io::{self, Write};

use crate::page::{Page, sanitize};
use crate::render::Report;
use crate::render::text::table::{self, Cells};
use crate::trace::Clock;

/// Writes a heading, the table of figures, the lesson's own if it has any, and a list of claims.
pub(in crate::render) fn write(report: &Report<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let trace = report.trace;
    let clock = if trace.clock == Clock::Virtual { ", on the virtual clock" } else { "" };
    let title = plain(&report.title());
    let mut text = format!("# {title}\n\nRecorded by {}{clock}.\n", plain(&trace.program));
    let tables = [table::cells(trace, report.numbers()), table::own_cells(report.lesson_scenes(), trace)];
    text.extend(tables.iter().flatten().map(|cells| format!("\n{}", table("", cells))));
    for skipped in &trace.skipped {
        text += &format!("\n“{}” was skipped: {}.\n", plain(&skipped.title), plain(&skipped.reason));
    }
    if !report.claims.is_empty() {
        text += "\n";
    }
    for checked in &report.claims {
        let display = checked.display(page);
        text += &format!("- {} {} ({})\n", display.mark, plain(checked.statement), plain(&display.outcome()));
    }
    out.write_all(page.text(&text).as_bytes())
}

/// A table; `corner` is the heading of the rows' titles.
pub(in crate::render) fn table(corner: &str, cells: &Cells) -> String {
    let row =
        |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | "));
    let headings = [&[corner.to_owned()], cells.headings.as_slice()].concat();
    let rule = format!("|---|{}\n", "--:|".repeat(cells.headings.len()));
    format!("{}{rule}{}", row(&headings), cells.rows.iter().map(|cells| row(cells)).collect::<String>())
}

/// Text in one line that means nothing but itself: neither to Markdown nor to the HTML that becomes of it.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sanitize(text).chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}
