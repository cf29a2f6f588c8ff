//! The tables and the claims as Markdown, for notes, an issue or a message.

use std::io::{self, Write};

use crate::render::Report;
use crate::render::claims::VerdictText;
use crate::render::text::table::{self, Cells};
use crate::style::{Style, sanitize};
use crate::trace::Clock;

/// Writes a heading, the table of figures, the lesson's own table if it has one, and a list of claims.
pub(in crate::render) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let trace = report.trace;
    let clock = if trace.clock == Clock::Virtual { ", on the virtual clock" } else { "" };
    let title = plain(&report.title());
    let mut text = format!("# {title}\n\nRecorded by {}{clock}.\n", plain(&trace.program));
    let findings: String = report.findings().iter().map(|finding| format!("- {}\n", plain(finding))).collect();
    if !findings.is_empty() {
        text += &format!("\n{findings}");
    }
    let tables = [table::cells(trace, report.numbers()), table::own_cells(trace, report.numbers())];
    text.extend(tables.iter().flatten().map(|cells| format!("\n{}", table("", cells))));
    text.extend(report.tables_by_name(style).iter().map(|cells| format!("\n{}", table("", cells))));
    for skipped in &trace.skipped {
        text += &format!("\n“{}” was skipped: {}.\n", plain(&skipped.title), plain(&skipped.reason));
    }
    if !trace.claims.is_empty() {
        text += "\n";
    }
    for claim in &trace.claims {
        let verdict = VerdictText::of(claim, style);
        text += &format!("- {} {} ({})\n", verdict.mark, plain(&verdict.statement), plain(&verdict.outcome()));
    }
    out.write_all(style.text(&text).as_bytes())
}

/// Returns a table. `corner` is the heading of the column of titles.
pub(in crate::render) fn table(corner: &str, cells: &Cells) -> String {
    let row =
        |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | "));
    let headings = [&[corner.to_owned()], cells.headings.as_slice()].concat();
    let rule = format!("|---|{}\n", "--:|".repeat(cells.headings.len()));
    format!("{}{rule}{}", row(&headings), cells.rows.iter().map(|cells| row(cells)).collect::<String>())
}

/// What keeps `me@example.org` from becoming a link, and `@me` from calling somebody: a comment, which shows nowhere. A
/// backslash does not.
const APART: &str = "<!-- -->";

/// Returns text in one line that stands for itself: escaped for Markdown and for the HTML that is made of it. Addresses in
/// it become no links.
fn plain(text: &str) -> String {
    let text = sanitize(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\t' => out.push(' '),
            '@' if text[at + 1..].starts_with(char::is_alphanumeric) => {
                out.push(c);
                out.push_str(APART);
            }
            // As in https://example.org and www.example.org.
            '/' if text[..at].ends_with(':') => out.extend(['\\', c]),
            '.' if ends_in_www(&text[..at]) => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

fn ends_in_www(text: &str) -> bool {
    let end = text.as_bytes().last_chunk::<3>();
    end.is_some_and(|end| end.eq_ignore_ascii_case(b"www"))
}
