//! The languages that code is shown in.

/// What a file of code is written in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
}
