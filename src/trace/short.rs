//! Texts of a recording are cut to their greatest length as they are read: a picture may repeat a name for each of
//! many polls, and must not grow far beyond the file that it is made from.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::limits;

/// Returns `text`, cut to at most `longest` bytes and marked at its end if it is longer.
pub(crate) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}…", &text[..end]))
}

fn shortened(text: String, longest: usize) -> String {
    // What was cut before is no longer than the mark more, and stays as it is.
    let most = longest + '…'.len_utf8();
    match text.len() > most {
        true => cut(&text, longest).into_owned(),
        false => text,
    }
}

/// Reads a name.
pub(super) fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| shortened(text, limits::NAME))
}

/// Reads a name that may be missing.
pub(super) fn maybe_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| shortened(text, limits::NAME)))
}

/// Reads a name that may be borrowed.
pub(super) fn lent_name<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, str>, D::Error> {
    name(from).map(Cow::Owned)
}

/// Reads the path of a file.
pub(super) fn path<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| shortened(text, limits::PATH))
}

/// Reads the path of a file that may be missing.
pub(super) fn maybe_path<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| shortened(text, limits::PATH)))
}

/// Reads a text.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| shortened(text, limits::TEXT))
}

/// Reads a text that may be borrowed.
pub(super) fn lent_text<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, str>, D::Error> {
    text(from).map(Cow::Owned)
}

/// Reads names.
pub(super) fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    Ok(names.into_iter().map(|text| shortened(text, limits::NAME)).collect())
}
