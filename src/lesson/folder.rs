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
use self::form::{Form, KindForm, TextsForm, parse};
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
    /// Whether it is a built-in lesson with other texts.
    pub(crate) is_translation: bool,
}

/// What a folder is loaded with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    /// The language that the user reads, such as `de`, if it is known.
    pub(crate) language: Option<&'a str>,
    /// The lessons whose names are taken. A folder without scenes of its own has texts for one of them.
    pub(crate) built_in: &'a [&'static Lesson],
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
    Files::read(path).ok().map(|files| files.digest)
}

/// Loads the lesson in the folder at `path`. Runs nothing.
///
/// # Errors
/// Everything that keeps it from being run, in the order of the files and their lines.
pub(crate) fn load(path: &Path, setting: Setting<'_>) -> Result<Folder, Vec<Fault>> {
    let files = Files::read(path).map_err(|fault| vec![fault])?;
    let toml = files.text(FILE).map_err(|fault| vec![fault])?;
    let kind: KindForm = parse(FILE, toml).map_err(|fault| vec![fault])?;
    let name = kind.name.get_ref();
    if let Some(own) = setting.built_in.iter().find(|own| own.name == name || own.aliases.contains(&name.as_str())) {
        if let Some(place) = kind.first_program() {
            let message =
                format!("a built-in lesson is called {name:?}: leave out what its scenes run, or rename yours");
            return Err(vec![Fault::at(FILE, toml, place, message)]);
        }
        let lesson = translate(&files, FILE, README, own)?;
        return Ok(Folder { lesson, claims: Vec::new(), remarks: Vec::new(), is_translation: true });
    }
    let form: Form = parse(FILE, toml).map_err(|fault| vec![fault])?;
    let mut folder = make::lesson(&files, toml, form)?;
    for language in files.languages() {
        match translate(&files, &format!("lesson.{language}.toml"), &format!("README.{language}.md"), folder.lesson) {
            Ok(lesson) if setting.language == Some(&language) => folder.lesson = lesson,
            Ok(_) => {}
            // It is whole, or it is not there.
            Err(faults) => folder.remarks.extend(faults),
        }
    }
    Ok(folder)
}

/// Returns `own` with the texts in the files `toml` and `readme`.
fn translate(files: &Files, toml: &str, readme: &str, own: &'static Lesson) -> Result<&'static Lesson, Vec<Fault>> {
    let text = files.text(toml).map_err(|fault| vec![fault])?;
    let form: TextsForm = parse(toml, text).map_err(|fault| vec![fault])?;
    make::translation(files, toml, text, &form, readme, own)
}
