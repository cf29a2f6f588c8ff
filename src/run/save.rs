//! Places to save a recording or a comparison to: checked before anything runs, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::Failure;
use crate::page::Page;
use crate::render::Format;

/// What a file is drawn on: who will look at it, and where, is not known.
const PAGE: Page = Page { width: 80, color: false, unicode: true };

/// Bytes that are written at once: a recording of a million tasks takes some hundred megabytes.
const PIECE: usize = 64 * 1024;

/// A place that can be written to, or could be when it was checked, by a function `W`.
#[derive(Debug)]
pub(crate) struct Place<W: 'static> {
    path: PathBuf,
    kind: Kind,
    format: &'static Format<W>,
}

#[derive(Debug)]
enum Kind {
    /// A file, to be replaced at once when all of it is written; where links are followed to the real one.
    File(PathBuf),
    /// A pipe, a terminal or the like, which can only be written into.
    Stream,
}

impl<W> Place<W> {
    /// Checks each of `paths`, whose endings are to name one of `formats`. A `-` among them is standard output, which is
    /// written to in any case, once, in the format that was asked for.
    ///
    /// # Errors
    /// That of the first one that will not do.
    pub(crate) fn check_all(paths: &[PathBuf], formats: &'static [Format<W>]) -> Result<Vec<Self>, Failure> {
        let files = paths.iter().filter(|path| path.as_os_str() != "-");
        files.map(|path| Place::check(path, formats)).collect()
    }

    /// Checks that `path` can be written to, and that its ending names a format.
    ///
    /// # Errors
    /// A usage error that names the path, otherwise.
    fn check(path: &Path, formats: &'static [Format<W>]) -> Result<Self, Failure> {
        let place = Self::find(path, formats)?;
        let try_it = match &place.kind {
            Kind::File(real) => new_beside(real).map(drop),
            // A FIFO without a reader would block the opening: that is for later, when there is something to write.
            Kind::Stream => Ok(()),
        };
        try_it.map_err(|error| Failure::Usage(format!("cannot save to {}: {error:#}", path.display())))?;
        Ok(place)
    }

    fn find(path: &Path, formats: &'static [Format<W>]) -> Result<Self, Failure> {
        let usage = |what: String| Failure::Usage(format!("cannot save to {}: {what}", path.display()));
        let path_buf = path.to_path_buf();
        // What these name is a stream even where it leads to a file: replacing that would cut the stream off.
        let device = path.starts_with("/dev") || path.starts_with("/proc");
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(usage("it is a folder".to_owned())),
            Ok(found) if device || !found.is_file() => {
                // A stream's name need not say what is to go into it.
                let format = Format::of(formats, path).or(Format::named(formats, "json")).unwrap_or(&formats[0]);
                return Ok(Place { path: path_buf, kind: Kind::Stream, format });
            }
            _ => {}
        }
        let Some(format) = Format::of(formats, path) else {
            let endings: Vec<String> = formats.iter().map(|format| format!(".{}", format.ending)).collect();
            return Err(usage(format!("its ending names no format; use {}", endings.join(", "))));
        };
        // A link stays a link: what it leads to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path_buf.clone());
        Ok(Place { path: path_buf, kind: Kind::File(real), format })
    }

    /// Lets `document` write with the function of this place's format.
    ///
    /// # Errors
    /// If it cannot be written; a file that was there is whole then.
    pub(crate) fn save(
        &self,
        document: impl FnOnce(&W, &Page, &mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| document(&self.format.write, &PAGE, out);
        let saved = match &self.kind {
            Kind::File(real) => replace(real, write),
            Kind::Stream => self.write_into(write).map_err(Into::into),
        };
        saved.with_context(|| format!("cannot save to {}", self.path.display()))
    }

    fn write_into(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        in_pieces(OpenOptions::new().append(true).open(&self.path)?, write)
    }
}

/// Puts what `write` writes in the place of the file at `path` at once, or leaves what is there as it is.
///
/// # Errors
/// If that cannot be done.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut file = new_beside(path)?;
    in_pieces(file.as_file_mut(), write)?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

/// Passes what `write` writes, a few bytes at a time, on to `stream` in large pieces.
fn in_pieces(stream: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(PIECE, stream);
    write(&mut out)?;
    // Dropping it would lose the error of a disk that is full by now.
    out.flush()
}

/// A file in the same folder, so that it can take the place of `path` at once; it is gone when it is dropped.
fn new_beside(path: &Path) -> anyhow::Result<NamedTempFile> {
    // A file that may not be written to is not to be replaced either.
    if path.exists() {
        OpenOptions::new().append(true).open(path)?;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let file = builder.prefix(".asyncguide-").make_in(folder, |path| {
        // Not the private mode that temporary files have by default: the user's umask decides.
        File::options().write(true).create_new(true).open(path)
    });
    file.with_context(|| format!("no file can be made in {}", folder.display()))
}
