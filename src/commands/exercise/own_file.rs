//! The learner's file: it is written once, read whenever it is looked at, and never overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::exercise::Exercise;

/// The size of the largest file that is judged, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// The file that the learner changes, in the folder where the program was started.
#[derive(Debug)]
pub(super) struct OwnFile {
    path: PathBuf,
}

impl OwnFile {
    /// Returns the file of an exercise, which may not be there yet.
    pub(super) fn of(exercise: &Exercise) -> Self {
        OwnFile { path: PathBuf::from(exercise.file()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `text` to the file unless something of its name is there. Returns whether it was written.
    ///
    /// # Errors
    /// Says that it cannot be written.
    pub(super) fn write_new(&self, text: &str) -> Result<bool, String> {
        match OpenOptions::new().write(true).create_new(true).open(&self.path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map(|()| true).map_err(|error| self.cannot("write", &error))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(self.cannot("write", &error)),
        }
    }

    /// Renames the file to a name that is free, so that it is kept. Returns that; `None` if there was no file.
    ///
    /// # Errors
    /// Says that it cannot be renamed.
    pub(super) fn set_aside(&self) -> Result<Option<PathBuf>, String> {
        if fs::symlink_metadata(&self.path).is_err() {
            return Ok(None);
        }
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let free = (1..10_000).map(|number| self.path.with_file_name(format!("{name}.old-{number}.py")));
        let free = free.into_iter().find(|path| fs::symlink_metadata(path).is_err());
        let aside = free.ok_or_else(|| format!("cannot keep {}: every name is taken", self.path.display()))?;
        fs::rename(&self.path, &aside).map_err(|error| self.cannot("rename", &error))?;
        Ok(Some(aside))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Says that it is not there, is no file, is too large or cannot be read.
    pub(super) fn read(&self) -> Result<Vec<u8>, String> {
        let path = self.path.display();
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(format!("there is no {path} here")),
            Err(error) => return Err(self.cannot("read", &error)),
            // Opening a FIFO would wait for its writer.
            Ok(found) if !found.is_file() => return Err(format!("{path} is not a file")),
            Ok(_) => {}
        }
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| self.cannot("read", &error))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(format!("{path} is larger than 1 MiB"));
        }
        Ok(bytes)
    }

    fn cannot(&self, what: &str, error: &io::Error) -> String {
        format!("cannot {what} {}: {error}", self.path.display())
    }
}
