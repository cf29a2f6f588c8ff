//! The difference between the rows that were drawn and the rows that the terminal shows, in few bytes.
//!
//! Pure: [`ScreenDiff`] takes the escape sequences that indicatif writes and returns those that the terminal needs. It
//! knows only rows and columns. [`super::screen`] connects it with indicatif and with the terminal.

use std::num::NonZeroU16;

/// The escape sequence that ends all colours and attributes.
const PLAIN: &str = "\x1b[m";

/// Rows of a terminal, from the row that the cursor was in at the first frame: as they were drawn and as they are
/// shown.
///
/// Between frames the cursor stays in the first column below the rows. What is typed while a scene runs is echoed
/// there, and so is the shell's prompt if the program is killed.
pub(super) struct ScreenDiff {
    pub(super) columns: u16,
    pub(super) rows: u16,
    /// The rows as they were drawn.
    drawn: vt100::Parser,
    /// Whether the row that `drawn`'s cursor is in is filled to its last column.
    full: bool,
    /// The rows as the terminal shows them.
    shown: vt100::Screen,
    /// The number of rows taken up in the terminal, from the first one to the one above the cursor.
    taken: u16,
}

impl ScreenDiff {
    /// Creates blank rows, of which the terminal shows none.
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        let drawn = blank(columns, rows);
        let shown = drawn.screen().clone();
        ScreenDiff { columns, rows, drawn, full: false, shown, taken: 0 }
    }

    /// Applies cursor movements and erasures.
    pub(super) fn feed(&mut self, escapes: &str) {
        self.drawn.process(escapes.as_bytes());
        self.full = false;
    }

    /// Draws text that indicatif writes into rows that it has cleared before.
    ///
    /// indicatif pads each row with blanks to its last column and relies on the terminal to wrap to the next row. Both
    /// are translated. Blanks become cursor movements, because a terminal that gets narrower re-wraps written blanks
    /// like any other text. A wrap becomes a line break, because a wrapped row differs from an ordinary one in more
    /// than its cells, and the difference would contain that.
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

    /// Replaces everything drawn with the lines of `text`. Lines beyond the last row are left out.
    pub(super) fn set(&mut self, text: &str) {
        self.feed("\x1b[H\x1b[2J");
        for (row, line) in (0..self.rows).zip(text.lines()) {
            self.feed(if row > 0 { "\r\n" } else { "" });
            self.drawn.process(leap_blanks(line).as_bytes());
        }
    }

    /// Returns the bytes that make the terminal show what was drawn; empty if it does already.
    ///
    /// The caller must write them: from now on they count as shown.
    pub(super) fn changes(&mut self) -> String {
        let drawn = self.drawn.screen();
        let mut out = String::new();
        let mut cursor_row = self.taken;
        for (row, mut changes) in (0..).zip(drawn.rows_diff(&self.shown, 0, self.columns)) {
            if changes.is_empty() {
                continue;
            }
            if length(drawn, row) < length(&self.shown, row) {
                // Some terminals remember the greatest length that a row ever had, until it is erased as a whole.
                let whole_row = drawn.rows_formatted(0, self.columns).nth(row.into()).unwrap_or_default();
                changes = format!("\x1b[2K{whole_row}");
            }
            go(&mut out, cursor_row, row);
            out.push_str(&changes);
            if !ends_plain(&changes) {
                out.push_str(PLAIN);
            }
            cursor_row = row;
        }
        if !out.is_empty() {
            self.taken = self.taken.max(cursor_row + 1);
            go(&mut out, cursor_row, self.taken);
            self.shown = drawn.clone();
        }
        out
    }

    /// Returns the bytes that erase the shown rows and move the cursor to where the first one was.
    ///
    /// What was drawn is kept: [`ScreenDiff::changes`] then returns all of it.
    pub(super) fn erase(&mut self) -> String {
        let height = self.taken;
        self.erase_above(height)
    }

    /// Forgets what was drawn, and returns the bytes that erase it from a terminal that has just been resized.
    pub(super) fn resize(&mut self, columns: u16, rows: u16) -> String {
        // Most terminals re-wrap rows that have become too long, so one row now takes up several.
        let wrapped_height = |row| length(&self.shown, row).div_ceil(columns.max(1)).max(1);
        let height = (0..self.taken).map(wrapped_height).sum();
        let erased = self.erase_above(height);
        *self = ScreenDiff::new(columns, rows);
        erased
    }

    /// Returns the bytes that erase from `height` rows above the cursor to the end of the screen; none if no row is
    /// shown.
    fn erase_above(&mut self, height: u16) -> String {
        if self.taken == 0 {
            return String::new();
        }
        self.taken = 0;
        self.shown = blank(self.columns, self.rows).screen().clone();
        format!("\r{}\x1b[J", moves(height.into(), 'A'))
    }
}

/// Returns the number of columns of `row` up to and including the last one that was written; 0 for a blank row.
fn length(screen: &vt100::Screen, row: u16) -> u16 {
    let written = |column: &u16| match screen.cell(row, *column) {
        Some(cell) => cell.has_contents() || cell.is_wide_continuation(),
        None => false,
    };
    let columns = screen.size().1.get();
    match (0..columns).rfind(written) {
        Some(last) => last + 1,
        None => 0,
    }
}

/// Creates a blank terminal in memory, of at least one row and column.
fn blank(columns: u16, rows: u16) -> vt100::Parser {
    let size = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    vt100::Parser::new(size(rows), size(columns), 0)
}

/// Returns `text` with each run of blanks replaced by a cursor movement. Blanks at the end are dropped.
fn leap_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blanks = 0;
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

/// Appends the bytes that move the cursor from row `from` to the first column of row `to`. The terminal scrolls if `to`
/// is below its last row.
fn go(out: &mut String, from: u16, to: u16) {
    out.push('\r');
    out.push_str(&moves(from.saturating_sub(to).into(), 'A'));
    out.push_str(&"\n".repeat(to.saturating_sub(from).into()));
}

/// Returns the escape sequence that moves the cursor `n` rows or columns; `direction` is its final letter, `A` (up) to
/// `D` (left). Empty for 0, which terminals would take for 1.
pub(super) fn moves(n: usize, direction: char) -> String {
    if n == 0 { String::new() } else { format!("\x1b[{n}{direction}") }
}

/// Returns whether text written after `changes` has no colour: the last colour sequence in it is a reset, or it has
/// none.
fn ends_plain(changes: &str) -> bool {
    let colours = changes.rsplit("\x1b[").filter_map(|sequence| {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        sequence[end..].starts_with('m').then_some(&sequence[..end])
    });
    colours.take(1).all(str::is_empty)
}
