//! What other programs read: JSON Lines, Chrome traces, CSV and Markdown.

pub(super) mod chrome;
pub(super) mod csv;
pub(crate) mod jsonl;
pub(super) mod markdown;
