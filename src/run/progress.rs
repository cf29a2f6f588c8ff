//! A learner's progress on the tour: a small file in the platform's folder for state.
//!
//! The file is not trusted: its size is checked before it is read, and a file that this program did not write is never
//! overwritten. Several tours may keep their progress in it at once. Knows nothing of the terminal. `tour.rs` writes the progress, and `list.rs` shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::thread;
#[cfg(unix)]
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};

use crate::place::Place;

/// The version of the file's form.
const SCHEMA: u32 = 1;
/// The size of the largest file that is read, in bytes. This program never writes as much.
const MAX_BYTES: u64 = 64 * 1024;
const FILE: &str = "tour.json";

/// The lessons that a learner has done, and the next one.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Progress {
    schema: u32,
    /// The name of the lesson that the tour continues with; none before the first lesson and after the last.
    pub(crate) next: Option<String>,
    /// The lessons that were done, by name, with how their question was answered.
    pub(crate) done: BTreeMap<String, Guess>,
    /// The exercises that were passed, by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) passed: BTreeSet<String>,
}

/// A learner's guess at a lesson's question.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Guess {
    Right,
    Wrong,
    /// The question was skipped or not asked.
    #[serde(rename = "none")]
    Skipped,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { schema: SCHEMA, next: None, done: BTreeMap::new(), passed: BTreeSet::new() }
    }
}

/// The file that holds the progress.
#[derive(Debug)]
pub(crate) struct Store(PathBuf);

impl Store {
    /// Finds the file's place on this platform; none if the user has no home folder.
    pub(crate) fn find() -> Option<Self> {
        let folders = etcetera::choose_base_strategy().ok()?;
        // Windows has no folder for state alone.
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(Store(folder.join("asyncguide").join(FILE)))
    }

    /// Reads the progress. Without a file, nothing has been done yet.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or is not one that this program wrote.
    pub(crate) fn read(&self) -> anyhow::Result<Progress> {
        let Store(path) = self;
        let read = || {
            // Opening a FIFO would block until it has a writer.
            ensure!(fs::metadata(path)?.is_file(), "it is not a file");
            let mut bytes = Vec::new();
            File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
            ensure!(bytes.len() as u64 <= MAX_BYTES, "it is too long");
            let progress: Progress = serde_json::from_slice(&bytes)?;
            if progress.schema != SCHEMA {
                bail!("it has schema {}, and this program knows {SCHEMA}", progress.schema);
            }
            Ok(progress)
        };
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Progress::default()),
            // Something else is in the way of its folder.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Progress::default()),
            _ => read().with_context(|| format!("cannot read the progress of the tour from {}", path.display())),
        }
    }

    /// Renames the file to one that does not exist yet, so that it is kept. Returns the new path.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be moved.
    pub(crate) fn set_aside(&self) -> anyhow::Result<PathBuf> {
        let Store(path) = self;
        let _lock = path.parent().and_then(lock);
        let mut candidates = (1..).map(|number| path.with_file_name(format!("tour.set-aside-{number}.json")));
        let is_free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
        let aside = candidates.find(is_free).context("every name is taken")?;
        fs::rename(path, &aside).with_context(|| format!("cannot move {}", path.display()))?;
        Ok(aside)
    }

    /// Reads the file again, applies `change` to what it holds, and writes that. Creates its folder if necessary. No other
    /// tour writes meanwhile, so what another one has kept is not lost. Returns what was written.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or written. An existing file is left as it was.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Progress)) -> anyhow::Result<Progress> {
        let Store(path) = self;
        let cannot_write = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(cannot_write)?;
        }
        let _lock = path.parent().and_then(lock);
        let mut progress = self.read()?;
        change(&mut progress);
        // The file that a symbolic link leads to is replaced, not the link.
        let place = Place::check(path).map_err(anyhow::Error::msg).with_context(cannot_write)?;
        let written = place.write(|out| Ok(serde_json::to_writer_pretty(out, &progress)?));
        written.with_context(cannot_write)?;
        Ok(progress)
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
