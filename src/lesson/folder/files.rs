//! The files of a lesson's folder, read within limits: how many, how large, and nothing but plain files and folders.
//!
//! Nothing is read before its size is known, and no symbolic link is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::Fault;

/// Most files and folders in a lesson's folder.
const MOST_FILES: usize = 200;
/// The largest file, in bytes.
const LARGEST_FILE: u64 = 256 * 1024;
/// Most bytes of all files together.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// How deep folders may lie in each other.
const DEEPEST: usize = 4;

/// A lesson's folder as it was read.
#[derive(Debug)]
pub(crate) struct Files {
    /// Its path, without symbolic links.
    pub(crate) root: PathBuf,
    /// Its name.
    pub(crate) name: String,
    /// A digest of the names and contents of all files. It changes with every byte of them.
    pub(crate) digest: String,
    /// The contents of its files, by their paths from the folder, with slashes.
    contents: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads the folder at `path`.
    ///
    /// # Errors
    /// If it cannot be read, is larger than a lesson may be, or holds what is neither a file nor a folder.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let root = fs::canonicalize(path).map_err(|error| Fault::of_file("", error.to_string()))?;
        let is_folder = fs::metadata(&root).is_ok_and(|found| found.is_dir());
        if !is_folder {
            return Err(Fault::of_file("", "it is no folder"));
        }
        let name = root.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        // Nothing else is looked at in a folder that is no lesson, such as a home folder.
        if !fs::symlink_metadata(root.join(super::FILE)).is_ok_and(|found| found.is_file()) {
            return Err(Fault::of_file("", format!("it is no lesson: it has no {}", super::FILE)));
        }
        let mut found = Vec::new();
        list(&root, "", 0, &mut found)?;
        let bytes: u64 = found.iter().map(|(_, size)| size).sum();
        if bytes > MOST_BYTES {
            return Err(Fault::of_file("", format!("its files are larger than {} MiB together", MOST_BYTES >> 20)));
        }
        let read = |(file, _): (String, u64)| {
            let content =
                content(&root.join(&file)).map_err(|error| Fault::of_file(file.as_str(), error.to_string()))?;
            Ok((file, content))
        };
        let contents = found.into_iter().map(read).collect::<Result<BTreeMap<_, _>, Fault>>()?;
        let digest = digest(&contents);
        Ok(Files { root, name, digest, contents })
    }

    /// Returns the languages that the folder has texts in beside its own: those of files like `lesson.de.toml` and
    /// `README.de.md`.
    pub(crate) fn languages(&self) -> BTreeSet<String> {
        let of_toml = |file: &str| Some(file.strip_prefix("lesson.")?.strip_suffix(".toml")?.to_owned());
        let of_readme = |file: &str| Some(file.strip_prefix("README.")?.strip_suffix(".md")?.to_owned());
        self.contents.keys().filter_map(|file| of_toml(file).or_else(|| of_readme(file))).collect()
    }

    /// Returns whether the folder has this file.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.contents.contains_key(file)
    }

    /// Returns the text of a file.
    ///
    /// # Errors
    /// If there is no such file, or it is no UTF-8.
    pub(crate) fn text(&self, file: &str) -> Result<&str, Fault> {
        let Some(content) = self.contents.get(file) else {
            return Err(Fault::of_file(file, "there is no such file in the folder"));
        };
        std::str::from_utf8(content).map_err(|_| Fault::of_file(file, "it is no text in UTF-8"))
    }
}

/// Returns a digest of the names and contents of files.
fn digest(contents: &BTreeMap<String, Vec<u8>>) -> String {
    let mut digest = Sha256::new();
    for (file, content) in contents {
        for part in [file.as_bytes(), content] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    HEXLOWER.encode(&digest.finalize())
}

/// Adds the files in the folder `inside`, which lies `depth` folders deep, and their sizes to `found`.
fn list(root: &Path, inside: &str, depth: usize, found: &mut Vec<(String, u64)>) -> Result<(), Fault> {
    let fault = |error: io::Error| Fault::of_file(inside, error.to_string());
    if depth > DEEPEST {
        return Err(Fault::of_file(inside, format!("a folder lies at most {DEEPEST} folders deep")));
    }
    for entry in fs::read_dir(root.join(inside)).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(Fault::of_file(inside, format!("the name of {} is no UTF-8", name.display())));
        };
        let path = if inside.is_empty() { name.to_owned() } else { format!("{inside}/{name}") };
        let metadata =
            fs::symlink_metadata(entry.path()).map_err(|error| Fault::of_file(path.as_str(), error.to_string()))?;
        check(&path, &metadata)?;
        if metadata.is_dir() {
            list(root, &path, depth + 1, found)?;
        } else {
            found.push((path, metadata.len()));
        }
        if found.len() > MOST_FILES {
            return Err(Fault::of_file("", format!("it has more than {MOST_FILES} files")));
        }
    }
    Ok(())
}

/// Checks that what `path` names may be in a lesson's folder.
fn check(path: &str, metadata: &Metadata) -> Result<(), Fault> {
    if metadata.is_symlink() {
        return Err(Fault::of_file(path, "it is a symbolic link; put the file itself there"));
    }
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(Fault::of_file(path, "it is neither a file nor a folder"));
    }
    if metadata.is_file() && metadata.len() > LARGEST_FILE {
        return Err(Fault::of_file(path, format!("it is larger than {} KiB", LARGEST_FILE >> 10)));
    }
    Ok(())
}

/// Reads a file whole.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST_FILE {
        return Err(io::Error::other("it grew while it was read"));
    }
    Ok(content)
}
