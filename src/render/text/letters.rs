//! Text whose characters know their [`Role`]: what paragraphs, prose and code are made of.
//!
//! Text is sanitised, wrapped and cut first and painted last. So no escape sequence is ever cut, and a page with colour
//! holds the same text as one without. May depend on [`crate::style`] alone.

use crate::style::{Measure, Role, Style, columns, fit};

/// The widest that prose gets, in columns: longer lines are hard to read, however wide the page is.
pub(in crate::render) const MAX_COLUMNS: usize = 78;

/// A character of sanitised text and the role whose colour it gets; text without a role is not painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) struct StyledChar {
    pub(in crate::render) char: char,
    pub(in crate::render) role: Option<Role>,
}

impl StyledChar {
    /// A blank without a role, for joining words and for indents.
    pub(in crate::render) const BLANK: StyledChar = StyledChar { char: ' ', role: None };
}

/// Returns the characters of `text` as `style` can show them, all with the same role. A tab becomes four blanks.
pub(in crate::render) fn styled_chars(text: &str, role: Option<Role>, style: &Style) -> Vec<StyledChar> {
    let shown = style.text(text).replace('\t', "    ");
    shown.chars().map(|char| StyledChar { char, role }).collect()
}

/// Returns the characters as a plain string, without their roles.
pub(in crate::render) fn plain(text: &[StyledChar]) -> String {
    text.iter().map(|styled| styled.char).collect()
}

/// Splits `text` into the longest runs of one role, each with that role and its plain string.
pub(in crate::render) fn runs(text: &[StyledChar]) -> impl Iterator<Item = (Option<Role>, String)> {
    text.chunk_by(|a, b| a.role == b.role).map(|run| (run[0].role, plain(run)))
}

/// Returns `text` without the blanks at its end, cut to `width` columns. A cut is marked with `~`.
pub(in crate::render) fn cut(text: &[StyledChar], width: usize) -> Vec<StyledChar> {
    let fitting = fit(plain(text).trim_end(), width);
    // Only the last character can differ, where it marks the cut: every character keeps the role it had.
    let roles = text.iter().map(|styled| styled.role);
    fitting.chars().zip(roles).map(|(char, role)| StyledChar { char, role }).collect()
}

/// Returns `text` as a string with `style`'s colours. Must come last: escape sequences cannot be measured or cut.
pub(in crate::render) fn paint(text: &[StyledChar], style: &Style) -> String {
    let mut painted = String::new();
    for (role, run) in runs(text) {
        match role {
            Some(role) => painted += &style.paint(role, run),
            None => painted += &run,
        }
    }
    painted
}

/// Breaks `text` at its blanks into lines of at most `room` columns.
///
/// A word that is wider than `room` is broken anywhere. A line has at least one character, even where `room` is 0.
pub(in crate::render) fn wrap(text: &[StyledChar], room: usize) -> Vec<Vec<StyledChar>> {
    // A no-break space does not count as a blank: it holds its words together.
    let words = text.split(|styled| styled.char.is_ascii_whitespace());
    let mut lines: Vec<Vec<StyledChar>> = Vec::new();
    for word in words.flat_map(|word| break_word(word, room)) {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= room => {
                line.push(StyledChar::BLANK);
                line.extend(word);
            }
            _ => lines.push(word.to_vec()),
        }
    }
    lines
}

/// Breaks `word` into pieces of at most `room` columns; an empty word has no pieces.
///
/// Each piece but the last fills its line, so that [`wrap`] puts no blank between two pieces.
fn break_word(word: &[StyledChar], room: usize) -> Vec<&[StyledChar]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut measure = Measure::new();
    for (index, styled) in word.iter().enumerate() {
        measure.push(styled.char);
        if index > start && measure.exceeds(room) {
            pieces.push(&word[start..index]);
            start = index;
            measure = Measure::new();
            measure.push(styled.char);
        }
    }
    let rest = &word[start..];
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Returns the number of columns that `text` takes on a terminal.
pub(in crate::render) fn width(text: &[StyledChar]) -> usize {
    columns(&plain(text))
}

/// Renders `text` as one paragraph, without regard to Markdown.
///
/// The first line begins with `first`; the other lines are indented by as many columns. Words are kept whole unless one
/// is longer than a line.
pub(crate) fn paragraph(style: &Style, first: &str, text: &str) -> String {
    let indent = columns(first);
    let room = style.width.min(MAX_COLUMNS).saturating_sub(indent);
    let mut lead = style.text(first).into_owned();
    let mut out = String::new();
    for line in wrap(&styled_chars(text, None, style), room) {
        out += &format!("{lead}{}\n", paint(&line, style));
        lead = " ".repeat(indent);
    }
    out
}
