//! Lessons that are folders: `lesson.toml`, a `README.md` and a file for each scene, loaded at run time.
//!
//! A folder is a stranger's until it is trusted: loading it runs nothing, reads nothing outside of it, and is bounded.
//! `files.rs` reads it within limits, `form.rs` has the form of its toml file, `make.rs` makes a [`Lesson`] of that, and
//! `prose.rs` looks at its `README.md`. The texts of a lesson are leaked once: it is there until the program ends.

mod fault;
mod files;
mod form;
mod make;
mod prose;
#[cfg(test)]
mod tests;

use std::path::Path;

pub(crate) use self::fault::Fault;
use self::files::Files;
use self::form::Form;
use super::{Lesson, Scene};

/// The file that makes a folder a lesson.
pub(crate) const FILE: &str = "lesson.toml";
/// The file with a lesson's prose.
const README: &str = "README.md";

/// A lesson that was loaded from a folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) lesson: &'static Lesson,
    /// Where the lesson's claims stand and how they can fail, in the order of the claims.
    pub(crate) claims: Vec<ClaimInFolder>,
    /// What is missing before others can learn from it. It can be run nevertheless.
    pub(crate) remarks: Vec<Fault>,
}

/// Where a claim stands, and what it fails for.
#[derive(Debug)]
pub(crate) struct ClaimInFolder {
    /// The fault to report if the claim is not as it should be. Its message is empty.
    pub(crate) place: Fault,
    /// The scene that is replaced, as an index, and what runs in its place; none if the folder names nothing.
    pub(crate) counter: Option<(usize, Scene)>,
}

/// Returns a digest of the names and contents of all files of the folder at `path`; none while it cannot be read.
pub(crate) fn digest(path: &Path) -> Option<String> {
    Files::read(path).ok().map(|files| files.digest())
}

/// Loads the lesson in the folder at `path`. Runs nothing.
///
/// # Errors
/// Everything that keeps it from being run, in the order of the files and their lines.
pub(crate) fn load(path: &Path) -> Result<Folder, Vec<Fault>> {
    let files = Files::read(path).map_err(|fault| vec![fault])?;
    let toml = files.text(FILE).map_err(|fault| vec![fault])?;
    let form = Form::parse(FILE, toml).map_err(|fault| vec![fault])?;
    make::lesson(&files, toml, form)
}
