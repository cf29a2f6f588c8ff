//! The name of a task, as small as it can be: a recording may hold a million of them.

use std::fmt;
use std::ops::Deref;

use ecow::EcoString;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use super::limits;
use super::short::cut;

/// The name of a task. A longer one than 200 bytes is cut as it is read. Names of up to 15 bytes need no allocation, and copies share one.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(EcoString);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                // What a recorder has cut has a mark at its end.
                let is_cut = text.len() <= limits::NAME + '…'.len_utf8();
                Ok(if is_cut { text.into() } else { cut(text, limits::NAME).into() })
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Name {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(text.into())
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name(text.into())
    }
}

impl From<std::borrow::Cow<'_, str>> for Name {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Name(text.as_ref().into())
    }
}
