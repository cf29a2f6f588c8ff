//! Saving a recording or a comparison: targets are checked before anything runs, and none depends on another one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Failure;
use crate::place::{self, Place};
use crate::render::Format;
use crate::style::Style;

/// The style of saved documents. It does not depend on the terminal, because a file is read elsewhere.
const SAVED_STYLE: Style = Style { width: 80, color: false, unicode: true };

/// A file or stream that a document is saved to, and the format of that document.
///
/// It could be written to when it was checked. `W` is the function that writes the format.
#[derive(Debug)]
pub(crate) struct SaveTarget<W: 'static> {
    /// The path as it was given, for messages.
    path: PathBuf,
    place: Place,
    format: &'static Format<W>,
}

impl<W> SaveTarget<W> {
    /// Checks that every path can be written to and has the ending of one of `formats`. Nothing is left behind.
    ///
    /// A `-` is skipped: it stands for standard output, which gets the document anyway, in the format of `--format`.
    ///
    /// # Errors
    /// Returns a usage error that names the first path that cannot be used, or that leads to the same file as one before.
    pub(crate) fn check_all(paths: &[PathBuf], formats: &'static [Format<W>]) -> Result<Vec<Self>, Failure> {
        let mut targets: Vec<Self> = Vec::new();
        for path in paths.iter().filter(|path| path.as_os_str() != "-") {
            let target = Self::check(path, formats)?;
            let is_same =
                |other: &&Self| matches!((&other.place, &target.place), (Place::File(a), Place::File(b)) if a == b);
            if let Some(other) = targets.iter().find(is_same) {
                return Err(unusable(path, &format!("{} is the same file", other.path.display())));
            }
            targets.push(target);
        }
        Ok(targets)
    }

    /// Checks that `path` can be written to and has the ending of one of `formats`. Nothing is left behind.
    ///
    /// # Errors
    /// Returns a usage error that says why it cannot be used.
    pub(crate) fn check(path: &Path, formats: &'static [Format<W>]) -> Result<Self, Failure> {
        let place = Place::check(path).map_err(|reason| unusable(path, &reason))?;
        let format = match (Format::of(formats, path), &place) {
            (Some(format), _) => format,
            // The name of a stream has no ending as a rule: JSON is the default there.
            (None, Place::Stream(_)) => Format::named(formats, "json").unwrap_or(&formats[0]),
            (None, Place::File(_)) => {
                let endings: Vec<String> = formats.iter().map(|format| format!(".{}", format.ending)).collect();
                let endings = endings.join(", ");
                return Err(unusable(path, &format!("its ending names no format; use {endings}")));
            }
        };
        Ok(SaveTarget { path: path.to_path_buf(), place, format })
    }

    /// Saves what `document` writes; it is called with the write function of the target's format.
    ///
    /// # Errors
    /// Returns an error that names the path if it cannot be written to. An existing file is left as it was, unless it has
    /// to be written over.
    pub(crate) fn save(
        &self,
        document: impl FnOnce(&W, &Style, &mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| document(&self.format.write, &SAVED_STYLE, out);
        match (self.place.write(write), &self.place) {
            // As on standard output: a reader that leaves has what it wanted.
            (Err(error), Place::Stream(_)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            (saved, _) => saved.with_context(|| format!("cannot save to {}", self.path.display())),
        }
    }
}

/// Saves what `document` writes to each of `targets`, whatever becomes of the others.
///
/// # Errors
/// Every error of a target, each with its path.
pub(crate) fn save_all<W>(
    targets: &[SaveTarget<W>],
    document: impl Fn(&W, &Style, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let errors = save_each(targets, document);
    if errors.is_empty() { Ok(()) } else { Err(Failure::Unsaved(errors)) }
}

/// Saves what `document` writes to each of `targets`. Returns the error of each target that cannot be written to, with its
/// path.
pub(crate) fn save_each<W>(
    targets: &[SaveTarget<W>],
    document: impl Fn(&W, &Style, &mut dyn Write) -> io::Result<()>,
) -> Vec<anyhow::Error> {
    targets.iter().filter_map(|target| target.save(&document).err()).collect()
}

fn unusable(path: &Path, reason: &str) -> Failure {
    Failure::Usage(format!("cannot save to {}: {reason}", path.display()))
}

/// Replaces the file at `path` by what `write` writes.
///
/// # Errors
/// An error that names the file if it cannot be written.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    place::replace(path, write).with_context(|| format!("cannot save to {}", path.display()))
}
