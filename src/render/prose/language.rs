//! The languages that code is shown in.

/// The language of a source file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    /// The language of the scenes.
    Rust,
    /// The language of their twins.
    Python,
}
