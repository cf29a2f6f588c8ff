//! The languages that a scene can be written in.

/// The language of a source file: how it is highlighted, and where its function `scene` is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// Rust: the scene is `pub async fn scene` or `pub fn scene`.
    #[default]
    Rust,
    /// Python: the scene is `async def scene` or `def scene`.
    Python,
    /// Any other language: shown without colours, and all of it is the scene.
    Other,
}

impl Language {
    /// Returns the language that the ending of a file's name says.
    pub fn of_file(name: &str) -> Self {
        match name.rsplit_once('.') {
            Some((_, "rs")) => Language::Rust,
            Some((_, "py")) => Language::Python,
            _ => Language::Other,
        }
    }
}
