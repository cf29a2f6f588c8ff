//! Escaping of text within SVG and HTML, and the last step of writing such a document.

use crate::style::{Style, sanitize};

/// Escapes `text` for SVG and HTML, both between tags and within a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Escapes text from outside that must stay on one line. Control characters, newlines and tabs are spelled out.
pub(super) fn line(text: &str) -> String {
    escape(&plain(text))
}

/// Spells out control characters, newlines and tabs of text from outside, and leaves what must be escaped as it is.
pub(super) fn plain(text: &str) -> String {
    const PLAIN: Style = Style { width: usize::MAX, color: false, unicode: true };
    PLAIN.line(text)
}

/// Returns a whole document with its control characters spelled out, as the last step before it is written.
///
/// In a style without Unicode, every other character becomes a numeric reference, which browsers show as the character
/// itself.
pub(super) fn finished(document: &str, style: &Style) -> String {
    let document = sanitize(document);
    if style.unicode {
        return document.into_owned();
    }
    let mut ascii = String::with_capacity(document.len());
    for c in document.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            ascii += &format!("&#{};", u32::from(c));
        }
    }
    ascii
}
