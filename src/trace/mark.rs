//! What code said while it ran, with `tracing`'s macros: a text and typed fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{TaskId, ThreadId};
use super::short;
use crate::nanos::Nanos;

/// One event of `tracing`, such as `info!(lines = 3, "has read")`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Nanoseconds since the start of the scene.
    pub at: Nanos,
    /// The task that was running; none if no lane was.
    pub task: Option<TaskId>,
    /// The thread that it was said on.
    pub thread: ThreadId,
    /// The source file, from the root of its package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_path")]
    pub file: Option<String>,
    /// The line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The message, then the fields as `name=value`. Longer texts than 2,000 bytes are cut.
    #[serde(deserialize_with = "short::text")]
    pub text: String,
    /// The fields by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldValue>,
}

/// The value of a mark's field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FieldValue {
    /// A truth value.
    Bool(bool),
    /// A whole number that is not negative.
    Unsigned(u64),
    /// A negative whole number.
    Signed(i64),
    /// A finite number with a fraction.
    Float(f64),
    /// Text, and every other value as `Debug` writes it.
    Text(String),
}

impl Mark {
    /// Returns the number in field `name`; none if the mark has no such field or it holds no number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.fields.get(name)? {
            FieldValue::Unsigned(value) => Some(*value as f64),
            FieldValue::Signed(value) => Some(*value as f64),
            FieldValue::Float(value) => Some(*value),
            FieldValue::Bool(_) | FieldValue::Text(_) => None,
        }
    }

    /// Returns the whole number in field `name`; none if the mark has no such field or it holds none.
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.fields.get(name)? {
            FieldValue::Unsigned(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the text in field `name`; none if the mark has no such field or it holds no text.
    pub fn field_text(&self, name: &str) -> Option<&str> {
        match self.fields.get(name)? {
            FieldValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<i64> for FieldValue {
    fn from(value: i64) -> Self {
        u64::try_from(value).map_or(FieldValue::Signed(value), FieldValue::Unsigned)
    }
}

impl From<f64> for FieldValue {
    /// JSON has no infinities: they become text.
    fn from(value: f64) -> Self {
        if value.is_finite() { FieldValue::Float(value) } else { FieldValue::Text(value.to_string()) }
    }
}
