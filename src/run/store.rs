//! Small files in the platform's folder for state: what a command keeps for the next time.
//!
//! The files are not trusted: their size is checked before they are read, and a file that this program did not write is
//! never overwritten. Several processes may write the same one at once. Knows nothing of the terminal. `progress.rs` and
//! `trust.rs` have what is kept.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::thread;
#[cfg(unix)]
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use etcetera::BaseStrategy as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::place::Place;

/// The size of the largest file that is read, in bytes. This program never writes as much.
const MAX_BYTES: u64 = 64 * 1024;

/// Something that is kept in a file of its own.
pub(crate) trait Kept: Default + Serialize + DeserializeOwned {
    /// The name of the file, without its ending.
    const NAME: &'static str;
    /// What it holds, for messages.
    const WHAT: &'static str;
    /// The version of the file's form.
    const SCHEMA: u32;

    /// Returns the version that was read.
    fn schema(&self) -> u32;
}

/// The file that holds a `T`.
#[derive(Debug)]
pub(crate) struct Store<T> {
    path: PathBuf,
    kept: PhantomData<fn() -> T>,
}

impl<T: Kept> Store<T> {
    /// Finds the file's place on this platform; none if the user has no home folder.
    pub(crate) fn find() -> Option<Self> {
        let folders = etcetera::choose_base_strategy().ok()?;
        // Windows has no folder for state alone.
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        let path = folder.join("asyncguide").join(format!("{}.json", T::NAME));
        Some(Store { path, kept: PhantomData })
    }

    /// Reads what is kept. Without a file, that is nothing yet.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or is not one that this program wrote.
    pub(crate) fn read(&self) -> anyhow::Result<T> {
        let path = &self.path;
        let read = || {
            // Opening a FIFO would block until it has a writer.
            ensure!(fs::metadata(path)?.is_file(), "it is not a file");
            let mut bytes = Vec::new();
            File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
            ensure!(bytes.len() as u64 <= MAX_BYTES, "it is too long");
            let kept: T = serde_json::from_slice(&bytes)?;
            if kept.schema() != T::SCHEMA {
                bail!("it has schema {}, and this program knows {}", kept.schema(), T::SCHEMA);
            }
            Ok(kept)
        };
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
            // Something else is in the way of its folder.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(T::default()),
            _ => read().with_context(|| format!("cannot read {} from {}", T::WHAT, path.display())),
        }
    }

    /// Renames the file to one that does not exist yet, so that it is kept. Returns the new path.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be moved.
    pub(crate) fn set_aside(&self) -> anyhow::Result<PathBuf> {
        let path = &self.path;
        let _lock = path.parent().and_then(lock);
        let name = |number: u32| path.with_file_name(format!("{}.set-aside-{number}.json", T::NAME));
        let is_free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
        let aside = (1..).map(name).find(is_free).context("every name is taken")?;
        fs::rename(path, &aside).with_context(|| format!("cannot move {}", path.display()))?;
        Ok(aside)
    }

    /// Reads the file again, applies `change` to what it holds, and writes that. Creates its folder if necessary. No other
    /// process writes meanwhile, so what another one has kept is not lost. Returns what was written.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or written. An existing file is left as it was.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) -> anyhow::Result<T> {
        let path = &self.path;
        let cannot_write = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(cannot_write)?;
        }
        let _lock = path.parent().and_then(lock);
        let mut kept = self.read()?;
        change(&mut kept);
        // The file that a symbolic link leads to is replaced, not the link.
        let place = Place::check(path).map_err(anyhow::Error::msg).with_context(cannot_write)?;
        let written = place.write(|out| Ok(serde_json::to_writer_pretty(out, &kept)?));
        written.with_context(cannot_write)?;
        Ok(kept)
    }
}

/// Keeps other processes from writing in this folder until what is returned is dropped. None where that is not possible,
/// or if another process does not let go of it for a second, because it is stopped.
#[cfg(unix)]
fn lock(folder: &Path) -> Option<File> {
    use rustix::fs::{FlockOperation, flock};
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(10);
    let folder = File::open(folder).ok()?;
    for _ in 0..TRIES {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Some(folder),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
    None
}

#[cfg(not(unix))]
fn lock(_: &Path) -> Option<File> {
    None
}
