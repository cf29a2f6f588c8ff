//! What is wrong with a file of a lesson's folder, and where.

use std::fmt;
use std::ops::Range;

/// The most characters of a fault's message that are kept. A message can quote a file, whose texts may be of any length.
const LONGEST: usize = 300;

/// Something that is wrong with a lesson's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The file, from the folder; empty if it is about the folder itself.
    pub(crate) file: String,
    /// The line and the column, both from 1; none if it is about the whole file.
    pub(crate) place: Option<(usize, usize)>,
    /// What is wrong and what would be right, in one line.
    pub(crate) message: String,
}

impl Fault {
    /// Returns a fault of a whole file, or of the folder if the name is empty.
    pub(crate) fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut = message.char_indices().nth(LONGEST).map(|(at, _)| format!("{}…", &message[..at]));
        Fault { file: file.into(), place: None, message: cut.unwrap_or(message) }
    }

    /// Returns a fault at this byte of the file's text.
    pub(crate) fn at(file: &str, text: &str, byte: usize, message: impl Into<String>) -> Self {
        Fault { place: Some(line_and_column(text, byte)), ..Fault::of_file(file, message) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.place, self.file.as_str()) {
            (Some((line, column)), file) => write!(f, "{file}:{line}:{column}: {}", self.message),
            (None, "") => f.write_str(&self.message),
            (None, file) => write!(f, "{file}: {}", self.message),
        }
    }
}

/// Returns the line and the column of a byte, both from 1; columns count characters.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Returns the byte of a toml file at which the byte `at` of a string's content stands. `span` is where the string stands
/// there, with its quotation marks.
pub(super) fn byte_in_string(text: &str, span: Range<usize>, at: usize) -> usize {
    let Some(raw) = text.get(span.clone()) else { return span.start };
    let is_long = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    let mut offset = if is_long { 3 } else { 1 };
    if is_long {
        let content = &raw[3..];
        offset += if content.starts_with("\r\n") { 2 } else { usize::from(content.starts_with('\n')) };
    }
    if raw.starts_with('\'') {
        return (span.start + offset + at).min(span.end);
    }
    let mut rest = raw.get(offset..).unwrap_or_default();
    let mut left = at;
    while left > 0 && !rest.is_empty() {
        let (source, content) = step(rest);
        rest = rest.get(source..).unwrap_or_default();
        left = left.saturating_sub(content);
    }
    span.end.saturating_sub(rest.len())
}

/// Returns how many bytes the first character of a toml string takes in the file, and how many in its content.
fn step(rest: &str) -> (usize, usize) {
    let mut chars = rest.chars();
    let first = chars.next().map_or(1, char::len_utf8);
    if !rest.starts_with('\\') {
        return (first, first);
    }
    let digits = match chars.next() {
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        Some(escaped) => return (1 + escaped.len_utf8(), 1),
        None => return (1, 1),
    };
    let code = rest.get(2..2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    (2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_string_is_a_place_in_its_file() {
        for (text, at, byte) in [
            ("\"abc\"", 2, 3),
            ("'abc'", 2, 3),
            (r#""a\"b\"c""#, 4, 7),
            (r#""\u00e9x""#, 2, 7),
            ("\"\"\"\nabc\"\"\"", 1, 5),
            ("'''abc'''", 0, 3),
            ("\"abc\"", 99, 5),
            ("\"", 5, 1),
        ] {
            assert_eq!(byte_in_string(text, 0..text.len(), at), byte, "{text} {at}");
        }
        assert_eq!(line_and_column("a\né=b", 5), (2, 3));
        assert_eq!(line_and_column("a", 7), (1, 2));
    }
}
