//! Saving a recording or a comparison: targets are checked before anything runs, and files are replaced atomically.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::Failure;
use crate::leftovers;
use crate::render::Format;
use crate::style::Style;

/// The style of saved documents. It does not depend on the terminal, because a file is read elsewhere.
const SAVED_STYLE: Style = Style { width: 80, color: false, unicode: true };

/// The size of the write buffer, in bytes. A recording of a million tasks takes some hundred megabytes.
const BUFFER_SIZE: usize = 64 * 1024;

/// A file or stream that a document is saved to, and the format of that document.
///
/// It could be written to when it was checked. `W` is the function that writes the format.
#[derive(Debug)]
pub(crate) struct SaveTarget<W: 'static> {
    /// The path as it was given, for messages.
    path: PathBuf,
    destination: Destination,
    format: &'static Format<W>,
}

/// How a document gets to its path.
#[derive(Debug)]
enum Destination {
    /// A file, replaced atomically once the whole document is written. The path has its symbolic links resolved.
    File(PathBuf),
    /// A pipe, a terminal or a device, which is opened and appended to.
    Stream,
}

impl<W> SaveTarget<W> {
    /// Checks that every path can be written to and has the ending of one of `formats`. Nothing is left behind.
    ///
    /// A `-` is skipped: it stands for standard output, which gets the document anyway, in the format of `--format`.
    ///
    /// # Errors
    /// Returns a usage error that names the first path that cannot be used.
    pub(crate) fn check_all(paths: &[PathBuf], formats: &'static [Format<W>]) -> Result<Vec<Self>, Failure> {
        let files = paths.iter().filter(|path| path.as_os_str() != "-");
        files.map(|path| Self::check(path, formats)).collect()
    }

    /// Checks that `path` can be written to and has the ending of one of `formats`. Nothing is left behind.
    ///
    /// # Errors
    /// Returns a usage error that says why it cannot be used.
    pub(crate) fn check(path: &Path, formats: &'static [Format<W>]) -> Result<Self, Failure> {
        let target = Self::find(path, formats)?;
        // A stream is not tried: opening a FIFO blocks until it has a reader.
        if let Destination::File(real) = &target.destination {
            new_beside(real).map_err(|error| unusable(path, &format!("{error:#}")))?;
        }
        Ok(target)
    }

    fn find(path: &Path, formats: &'static [Format<W>]) -> Result<Self, Failure> {
        let path_buf = path.to_path_buf();
        // Below these folders, /dev/stdout for instance leads to a file if the shell redirected it. Replacing that file
        // would cut the program off from its own standard output, so it counts as a stream.
        let in_device_folder = path.starts_with("/dev") || path.starts_with("/proc");
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(unusable(path, "it is a folder")),
            Ok(found) if in_device_folder || !found.is_file() => {
                // The name of a stream has no ending as a rule: JSON is the default there.
                let format = Format::of(formats, path).or(Format::named(formats, "json")).unwrap_or(&formats[0]);
                return Ok(SaveTarget { path: path_buf, destination: Destination::Stream, format });
            }
            _ => {}
        }
        let Some(format) = Format::of(formats, path) else {
            let endings: Vec<String> = formats.iter().map(|format| format!(".{}", format.ending)).collect();
            let endings = endings.join(", ");
            return Err(unusable(path, &format!("its ending names no format; use {endings}")));
        };
        // The file that a symbolic link leads to is replaced, not the link.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path_buf.clone());
        Ok(SaveTarget { path: path_buf, destination: Destination::File(real), format })
    }

    /// Saves what `document` writes; it is called with the write function of the target's format.
    ///
    /// # Errors
    /// Returns an error that names the path if it cannot be written to. An existing file is left as it was.
    pub(crate) fn save(
        &self,
        document: impl FnOnce(&W, &Style, &mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| document(&self.format.write, &SAVED_STYLE, out);
        let saved = match &self.destination {
            Destination::File(real) => replace(real, write),
            Destination::Stream => self.write_into(write).map_err(Into::into),
        };
        saved.with_context(|| format!("cannot save to {}", self.path.display()))
    }

    fn write_into(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let stream = OpenOptions::new().append(true).open(&self.path)?;
        write_buffered(stream, write)
    }
}

fn unusable(path: &Path, reason: &str) -> Failure {
    Failure::Usage(format!("cannot save to {}: {reason}", path.display()))
}

/// Replaces the file at `path` atomically by what `write` writes. Keeps the permissions of an existing file.
///
/// # Errors
/// Returns an error if the new file cannot be written or moved into place. An existing file is left as it was.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut file = new_beside(path)?;
    write_buffered(file.as_file_mut(), write)?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

/// Calls `write` with a buffer before `stream`, since documents are written a few bytes at a time.
fn write_buffered(stream: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER_SIZE, stream);
    write(&mut out)?;
    // Dropping the buffer would flush it too, but lose the error if the disk is full.
    out.flush()
}

/// Creates a temporary file in the folder of `path`: a move within a folder is atomic. Dropping it deletes the file.
fn new_beside(path: &Path) -> anyhow::Result<NamedTempFile> {
    // Moving over a file needs no permission to write to it, so that permission is checked here.
    if path.exists() {
        OpenOptions::new().append(true).open(path)?;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let file = builder.prefix(".asyncguide-").make_in(folder, |path| {
        // Opened here, the file gets the mode of the user's umask. By default, tempfile makes it private.
        leftovers::make(|| File::options().write(true).create_new(true).open(path), |_| path.to_path_buf())
    });
    file.with_context(|| format!("cannot create a file in {}", folder.display()))
}
