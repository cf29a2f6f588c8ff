//! What a learner has done of the tour: a small file in the platform's folder for state.
//!
//! It comes from outside like any other file: bounded before it is read, and never overwritten if it is not what this
//! program writes. Knows nothing of the terminal. Read `tour.rs` for who uses it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};

use super::save;

const SCHEMA: u32 = 1;
/// A longer file is not this program's.
const LONGEST: u64 = 64 * 1024;
const FILE: &str = "tour.json";

/// What has been done so far.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Progress {
    schema: u32,
    /// The name of the lesson to go on with; none before the first one and after the last.
    pub(crate) next: Option<String>,
    /// What was guessed, by the names of the lessons that were done.
    pub(crate) done: BTreeMap<String, Guess>,
}

/// How a lesson's question was answered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Guess {
    Right,
    Wrong,
    /// It was not.
    None,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { schema: SCHEMA, next: None, done: BTreeMap::new() }
    }
}

/// The file that it is kept in.
#[derive(Debug)]
pub(crate) struct Store(PathBuf);

impl Store {
    /// Where the platform wants it; none if this user has no place for such things.
    pub(crate) fn find() -> Option<Self> {
        let folders = etcetera::choose_base_strategy().ok()?;
        // Windows has no folder for state alone.
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(Store(folder.join("asyncguide").join(FILE)))
    }

    /// What is kept there: nothing done yet if there is no such file.
    ///
    /// # Errors
    /// If there is something else.
    pub(crate) fn read(&self) -> anyhow::Result<Progress> {
        let Store(path) = self;
        let read = || {
            // Opening a FIFO would wait for somebody to write.
            ensure!(fs::metadata(path)?.is_file(), "it is not a file");
            let mut bytes = Vec::new();
            File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
            ensure!(bytes.len() as u64 <= LONGEST, "it is too long");
            let progress: Progress = serde_json::from_slice(&bytes)?;
            if progress.schema != SCHEMA {
                bail!("it has schema {}, and this program knows {SCHEMA}", progress.schema);
            }
            Ok(progress)
        };
        match fs::symlink_metadata(path) {
            Err(_) => Ok(Progress::default()),
            Ok(_) => read().with_context(|| format!("{} does not say how far the tour got", path.display())),
        }
    }

    /// Puts whatever is there out of the way, where it is safe: answers the new path.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub(crate) fn set_aside(&self) -> anyhow::Result<PathBuf> {
        let Store(path) = self;
        let aside = (1..).map(|number| path.with_file_name(format!("tour.set-aside-{number}.json")));
        let aside = aside.into_iter().find(|aside| fs::symlink_metadata(aside).is_err()).context("there is no end")?;
        fs::rename(path, &aside).with_context(|| format!("cannot move {}", path.display()))?;
        Ok(aside)
    }

    /// Keeps `progress`.
    ///
    /// # Errors
    /// If it cannot be written; what was kept before is whole then.
    pub(crate) fn write(&self, progress: &Progress) -> anyhow::Result<()> {
        let Store(path) = self;
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            // A link stays a link: what it leads to is replaced.
            let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            save::replace(&real, |out| Ok(serde_json::to_writer_pretty(out, progress)?))
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}
