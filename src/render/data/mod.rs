//! What other programs read: Chrome traces, CSV and Markdown.

pub(super) mod chrome;
pub(super) mod csv;
pub(super) mod markdown;
