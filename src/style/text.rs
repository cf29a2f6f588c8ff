//! Text from outside: which characters of it can be shown, and how many columns it takes.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Returns `text` with every character spelled out that no format may carry: those that a terminal would obey instead of
/// show, which are C0 except newline and tab, DEL, C1, line and paragraph separators, and the characters that reorder
/// text; and those that Unicode keeps from ever being characters, of which XML allows none. Zero-width joiners stay,
/// because emoji and many scripts need them.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns whether a terminal or a viewer would obey `c` instead of showing it, or could not read a text that holds it.
fn acts(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Line and paragraph separators end a line in some viewers. Marks, embeddings, overrides and isolates reorder
        // the text around them.
        '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // The last two of each plane, and a block of 32, are no characters.
        '\u{fdd0}'..='\u{fdef}' => true,
        c if u32::from(c) & 0xfffe == 0xfffe => true,
        c => c.is_control(),
    }
}

/// Returns the ASCII text that replaces `c`: `c` itself if it is ASCII, `?` if nothing resembles it.
pub(super) fn ascii(c: char) -> Cow<'static, str> {
    Cow::Borrowed(match c {
        '·' | '•' => "*",
        '×' => "x",
        '–' | '—' | '−' | '─' => "-",
        '…' => "...",
        '→' => "->",
        '≤' => "<=",
        '≥' => ">=",
        '≈' => "~",
        '‘' | '’' => "'",
        '\u{a0}' | '\u{202f}' => " ",
        '“' | '”' => "\"",
        'µ' | 'μ' => "u",
        '✓' => "v",
        '✗' => "x",
        '█' => "#",
        '▄' => "+",
        '━' => ".",
        '╳' => "x",
        c if c.is_ascii() => return Cow::Owned(c.to_string()),
        _ => "?",
    })
}

/// Returns the columns that `text` takes up. It must be free of escape sequences.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Returns `text` cut to at most `width` columns. If something was cut, the last character is `~`.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut measure = Measure::new();
    let mut end = 0;
    for (start, c) in text.char_indices() {
        // One column is for the mark.
        if measure.exceeds(width.saturating_sub(1)) {
            break;
        }
        end = start;
        measure.push(c);
    }
    let mark = if width > 0 { "~" } else { "" };
    format!("{}{mark}", &text[..end])
}

/// Measures a text that grows, in time that is linear in its length.
///
/// A character may change the width of the one before it, so a text is measured as a whole; but only where the sum of its
/// characters' widths, which is never less, says too much.
#[derive(Debug)]
pub(crate) struct Measure {
    text: String,
    /// At least the columns that the text takes up.
    most: usize,
}

impl Measure {
    /// Returns the measure of an empty text.
    pub(crate) fn new() -> Self {
        Measure { text: String::new(), most: 0 }
    }

    /// Appends a character.
    pub(crate) fn push(&mut self, c: char) {
        // This one makes a character before it wide that is narrow by itself.
        let widens = c == '\u{fe0f}';
        self.most += if widens { 1 } else { c.width().unwrap_or(1) };
        self.text.push(c);
    }

    /// Returns whether the text takes up more columns than this.
    pub(crate) fn exceeds(&mut self, columns_at_most: usize) -> bool {
        if self.most > columns_at_most {
            self.most = columns(&self.text);
        }
        self.most > columns_at_most
    }
}

/// Returns `text` cut, or padded with blanks on its right, to exactly `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let missing = width - columns(&text);
    text + &" ".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_spelled_out_and_joiners_stay() {
        assert_eq!(sanitize("a\u{1b}[31mb\r\u{7f}\u{9b}c\u{202e}"), "a\\u{1b}[31mb\\r\\u{7f}\\u{9b}c\\u{202e}");
        assert_eq!(sanitize("tab\tnew\nline 👩\u{200d}💻"), "tab\tnew\nline 👩\u{200d}💻");
    }

    #[test]
    fn wide_names_are_cut_and_padded_by_columns() {
        assert_eq!(columns(&pad("日本語の名前", 7)), 7);
        assert_eq!(pad("日本語の名前", 8), "日本語~ ");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(fit("abc", 0), "");
        assert!(columns(&fit(&"❤\u{fe0f}".repeat(30), 10)) <= 10);
        assert_eq!(fit(&"👩\u{200d}💻".repeat(9), 9), format!("{}~", "👩\u{200d}💻".repeat(4)));
    }

    #[test]
    fn a_text_of_no_width_is_measured_in_time_that_is_linear_in_its_length() {
        // Measured anew for each character, this would take hours.
        let text = format!("{}{}", "\u{200b}".repeat(1_000_000), "x".repeat(30));
        assert_eq!(columns(&fit(&text, 10)), 10);
    }
}
