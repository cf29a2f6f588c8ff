//! Places to save a recording to: checked before anything runs, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::Failure;
use crate::trace::Trace;

/// A place that can be written to, or could be when it was checked.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A file, to be replaced at once when all of it is written; where links are followed to the real one.
    File(PathBuf),
    /// A pipe, a terminal or the like, which can only be written into.
    Stream,
}

impl Place {
    /// Checks that `path` can be written to, and that its ending names a format.
    ///
    /// # Errors
    /// A usage error that names the path, otherwise.
    pub(super) fn check(path: &Path) -> Result<Self, Failure> {
        let place = Self::find(path)?;
        let try_it = match &place.kind {
            Kind::File(real) => new_beside(real).map(drop),
            // A FIFO without a reader would block the opening: that is for later, when there is something to write.
            Kind::Stream => Ok(()),
        };
        try_it.map_err(|error| Failure::Usage(format!("cannot save to {}: {error:#}", path.display())))?;
        Ok(place)
    }

    fn find(path: &Path) -> Result<Self, Failure> {
        let usage = |what: String| Failure::Usage(format!("cannot save to {}: {what}", path.display()));
        let path_buf = path.to_path_buf();
        // What these name is a stream even where it leads to a file: replacing that would cut the stream off.
        let device = path.starts_with("/dev") || path.starts_with("/proc");
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(usage("it is a folder".to_owned())),
            Ok(found) if device || !found.is_file() => return Ok(Place { path: path_buf, kind: Kind::Stream }),
            _ => {}
        }
        if path.extension().is_none_or(|ending| ending != "json") {
            return Err(usage("its ending names no format; use .json".to_owned()));
        }
        // A link stays a link: what it leads to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path_buf.clone());
        Ok(Place { path: path_buf, kind: Kind::File(real) })
    }

    /// Writes `trace`.
    ///
    /// # Errors
    /// If it cannot be written; a file that was there is whole then.
    pub(super) fn save(&self, trace: &Trace) -> anyhow::Result<()> {
        let mut json = Vec::new();
        let written = trace.write_json(&mut json).map_err(anyhow::Error::from).and_then(|()| match &self.kind {
            Kind::File(real) => replace(real, &json),
            Kind::Stream => Ok(OpenOptions::new().append(true).open(&self.path)?.write_all(&json)?),
        });
        written.with_context(|| format!("cannot save to {}", self.path.display()))
    }
}

/// Puts `bytes` in the place of the file at `path` at once, or leaves what is there as it is.
///
/// # Errors
/// If that cannot be done.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = new_beside(path)?;
    file.write_all(bytes)?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(path)?;
    Ok(())
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
