//! Text within SVG and HTML, and the last look at a whole document.

use crate::page::{Page, sanitize};

/// `text` as it has to be written between tags and between quotes to be read as it is.
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

/// What came from outside, on one line: what acts is spelled out, then it is escaped.
pub(super) fn line(text: &str) -> String {
    const PAGE: Page = Page { width: usize::MAX, color: false, unicode: true };
    escape(&PAGE.line(text))
}

/// A document that holds nothing that acts, whatever went into it, and for a page of ASCII nothing else: there, all
/// other characters are written by their numbers, which browsers show as the same.
pub(super) fn finished(document: &str, page: &Page) -> String {
    let document = sanitize(document);
    if page.unicode {
        return document.into_owned();
    }
    let mut ascii = String::with_capacity(document.len());
    for c in document.chars() {
        if c.is_ascii() { ascii.push(c) } else { ascii += &format!("&#{};", u32::from(c)) }
    }
    ascii
}
