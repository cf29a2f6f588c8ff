//! A strip of the terminal: some rows from the cursor down, and how to bring them up to date with few bytes.
//!
//! Pure: escape sequences go in as indicatif writes them and come out as the terminal needs them. Knows only rows and
//! columns; `screen.rs` sits between it and the two.

use std::num::NonZeroU16;

/// Ends all colours.
const PLAIN: &str = "\x1b[m";

/// Rows of a terminal from where the cursor stood when the first was drawn, as they are drawn and as they are shown.
///
/// Between frames the cursor is parked in the first column below the rows: what people type while a scene runs is
/// echoed there, and if the program is killed the prompt comes there too.
pub(super) struct Strip {
    pub(super) columns: u16,
    pub(super) rows: u16,
    /// What indicatif drew,
    drawn: vt100::Parser,
    /// and whether the row that it is at is full.
    full: bool,
    /// What the terminal shows.
    shown: vt100::Screen,
    /// How many rows are taken up in the terminal.
    taken: u16,
}

impl Strip {
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        let drawn = blank(columns, rows);
        Strip { columns, rows, shown: drawn.screen().clone(), drawn, full: false, taken: 0 }
    }

    /// Moves and erasures of indicatif's.
    pub(super) fn feed(&mut self, escapes: &str) {
        self.drawn.process(escapes.as_bytes());
        self.full = false;
    }

    /// What indicatif writes, into rows that it has cleared before.
    ///
    /// It fills each row with blanks and counts on a full one to go on in the next. Both are said in other words here:
    /// blanks that were written make a row as long as the terminal is wide, and when that becomes narrower, it breaks
    /// them too; and two rows of which one goes on in the other differ in more than their cells.
    pub(super) fn write(&mut self, text: &str) {
        let shown = text.trim_end_matches(' ');
        let blanks = text.len() - shown.len();
        if self.full && !text.is_empty() {
            self.drawn.process(b"\r\n");
        }
        self.drawn.process(leap_blanks(shown).as_bytes());
        let column = usize::from(self.drawn.screen().cursor_position().1);
        self.full = column + blanks >= self.columns.into();
        self.drawn.process(moves(blanks, 'C').as_bytes());
    }

    /// Lines of text instead of all that was drawn; those for which there is no row are left out.
    pub(super) fn set(&mut self, text: &str) {
        self.feed("\x1b[H\x1b[2J");
        for (row, line) in (0..self.rows).zip(text.lines()) {
            self.feed(if row > 0 { "\r\n" } else { "" });
            self.drawn.process(leap_blanks(line).as_bytes());
        }
    }

    /// What to write so that the terminal shows what was drawn.
    pub(super) fn changes(&mut self) -> String {
        let drawn = self.drawn.screen();
        let (mut out, mut at) = (String::new(), self.taken);
        for (row, mut changes) in (0..).zip(drawn.rows_diff(&self.shown, 0, self.columns)) {
            if !changes.is_empty() {
                if length(drawn, row) < length(&self.shown, row) {
                    // To some terminals a row is as long as it ever was, unless it is erased as a whole.
                    let anew = drawn.rows_formatted(0, self.columns).nth(row.into());
                    changes = format!("\x1b[2K{}", anew.unwrap_or_default());
                }
                go(&mut out, at, row);
                out.push_str(&changes);
                if !ends_plain(&changes) {
                    out.push_str(PLAIN);
                }
                at = row;
            }
        }
        if !out.is_empty() {
            self.taken = self.taken.max(at + 1);
            go(&mut out, at, self.taken);
            self.shown = drawn.clone();
        }
        out
    }

    /// What to write so that the terminal is as if nothing had been drawn, with the cursor where the first row was.
    pub(super) fn erase(&mut self) -> String {
        let height = self.taken;
        self.forget(height)
    }

    /// The same for a terminal that has just become this large.
    pub(super) fn resize(&mut self, columns: u16, rows: u16) -> String {
        // Most terminals break rows that have become too long.
        let broken = |row| length(&self.shown, row).div_ceil(columns.max(1)).max(1);
        let height = (0..self.taken).map(broken).sum();
        let erased = self.forget(height);
        *self = Strip::new(columns, rows);
        erased
    }

    /// Erases from `height` rows above the cursor to the screen's end.
    fn forget(&mut self, height: u16) -> String {
        if self.taken == 0 {
            return String::new();
        }
        self.taken = 0;
        self.shown = blank(self.columns, self.rows).screen().clone();
        format!("\r{}\x1b[J", moves(height.into(), 'A'))
    }
}

/// The columns of row `row` up to the last one that something stands in.
fn length(screen: &vt100::Screen, row: u16) -> u16 {
    let stands = |cell: &vt100::Cell| cell.has_contents() || cell.is_wide_continuation();
    let columns = screen.size().1.get();
    (0..columns).rfind(|column| screen.cell(row, *column).is_some_and(stands)).map_or(0, |last| last + 1)
}

fn blank(columns: u16, rows: u16) -> vt100::Parser {
    let size = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    vt100::Parser::new(size(rows), size(columns), 0)
}

/// `text`, with blanks leapt over instead of written.
fn leap_blanks(text: &str) -> String {
    let (mut out, mut blanks) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        if c == ' ' {
            blanks += 1;
        } else {
            out.push_str(&moves(std::mem::take(&mut blanks), 'C'));
            out.push(c);
        }
    }
    out
}

/// Moves the cursor from row `from` to the beginning of row `to`, which comes to be if it is below the last one.
fn go(out: &mut String, from: u16, to: u16) {
    out.push('\r');
    out.push_str(&moves(from.saturating_sub(to).into(), 'A'));
    out.push_str(&"\n".repeat(to.saturating_sub(from).into()));
}

/// The escape sequence that moves the cursor `n` rows or columns; for none, nothing: terminals take 0 for 1.
pub(super) fn moves(n: usize, direction: char) -> String {
    if n == 0 { String::new() } else { format!("\x1b[{n}{direction}") }
}

/// Whether the last colour that `changes` chooses is none.
fn ends_plain(changes: &str) -> bool {
    let colours = changes.rsplit("\x1b[").filter_map(|sequence| {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        sequence[end..].starts_with('m').then_some(&sequence[..end])
    });
    colours.take(1).all(str::is_empty)
}
