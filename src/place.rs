//! The places that a document can be saved to: what a path leads to, whether it can be written, and writing it.
//!
//! What a path is, is decided by what it leads to and not by its name: a pipe, a terminal and an open file of a process
//! are streams, and everything else is a file. A file is replaced at once by a new one, so that no reader ever finds half
//! of it. It is written over instead where a new one would lose something: its owner, its other names, its attributes or
//! its place as a mount. Knows nothing of traces or formats.

#[cfg(unix)]
mod unix;

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::leftovers;

/// The size of the write buffer, in bytes. A recording of a million tasks takes some hundred megabytes.
const BUFFER_SIZE: usize = 64 * 1024;
/// How many symbolic links are followed, as Linux does.
const MOST_LINKS: usize = 40;
/// How many names of temporary files are tried.
const MOST_NAMES: usize = 1_000;

/// Something that a document can be written to, as it was when it was checked.
#[derive(Debug)]
pub(crate) enum Place {
    /// A file, with its symbolic links resolved. It may not exist yet.
    File(PathBuf),
    /// A pipe, a terminal, a device or an open file, which is opened and appended to.
    Stream(PathBuf),
}

impl Place {
    /// Checks that `path` can be written to. Nothing is changed, and nothing is left behind.
    ///
    /// # Errors
    /// Says in a few words why it cannot be written to.
    pub(crate) fn check(path: &Path) -> Result<Self, String> {
        let place = Place::find(path)?;
        let tried = match &place {
            Place::File(real) => try_file(real),
            Place::Stream(path) => try_stream(path),
        };
        tried.map(|()| place)
    }

    /// Returns what `path` leads to.
    ///
    /// # Errors
    /// Says in a few words why nothing can be saved there.
    fn find(path: &Path) -> Result<Self, String> {
        if names_a_folder(path) {
            return Err("it is a folder".to_owned());
        }
        let followed = follow(path);
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err("it is a folder".to_owned()),
            // The shell made a file of it. Replacing that would cut the program off from its own output.
            Ok(found) if found.is_file() && followed.is_open_file => Ok(Place::Stream(followed.path)),
            Ok(found) if found.is_file() => {
                check_file(&followed.path, &found)?;
                Ok(Place::File(followed.path))
            }
            Ok(found) => check_stream(&found).map(|()| Place::Stream(followed.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match followed.is_open_file {
                true => Err("no file is open there".to_owned()),
                false => Ok(Place::File(followed.path)),
            },
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes what `write` writes, as a whole: a file has nothing else in it afterwards.
    ///
    /// # Errors
    /// If it cannot be written. A file is left as it was, unless it has to be written over.
    pub(crate) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self {
            Place::File(real) => replace(real, write),
            Place::Stream(path) => write_buffered(&OpenOptions::new().append(true).open(path)?, write),
        }
    }
}

/// Returns whether `path` leads to a pipe, a terminal, a device or an open file.
pub(crate) fn is_stream(path: &Path) -> bool {
    matches!(Place::find(path), Ok(Place::Stream(_)))
}

/// Replaces the file at `path` by what `write` writes, and makes it if there is none. `path` must be no symbolic link.
///
/// # Errors
/// If it cannot be written. The file is left as it was, unless it has to be written over.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    let mut beside = match (Beside::create(path, old.as_ref()), &old) {
        (Ok(Some(beside)), _) => beside,
        // A new one would not be like the old one.
        (Ok(None), _) => return write_over(path, |file| write_buffered(file, write)),
        (Err(error), Some(_)) if is_closed(&error) => return write_over(path, |file| write_buffered(file, write)),
        (Err(error), _) => return Err(error),
    };
    write_buffered(&beside.file, write)?;
    match fs::rename(&beside.path, path) {
        Ok(()) => {
            beside.moved = true;
            Ok(())
        }
        // A file that is mounted cannot be moved over, nor one of somebody else in a folder like /tmp.
        Err(_) if old.is_some() => {
            beside.file.rewind()?;
            write_over(path, |mut file| io::copy(&mut beside.file, &mut file).map(drop))
        }
        Err(error) => Err(error),
    }
}

/// Returns whether `error` says that a folder is closed to new files. A full disk is no reason to write over a file.
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Writes over the file at `path` in place. That is not done at once: whoever reads it meanwhile finds a part, and so does
/// everybody if it fails.
///
/// # Errors
/// If it cannot be opened; then it is left as it was. If it cannot be written, the error says that its content is lost.
fn write_over(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).truncate(true).open(path)?;
    write(&file).map_err(|error| {
        let lost = format!("{error}; it had to be written over in place, and what it held before is lost");
        io::Error::new(error.kind(), lost)
    })
}

/// Calls `write` with a buffer before `file`, since documents are written a few bytes at a time.
fn write_buffered(file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER_SIZE, file);
    write(&mut out)?;
    // Dropping the buffer would flush it too, but lose the error if the disk is full.
    out.flush()
}

/// A file in the folder of another one, which it is moved over once it is written. Deleted when it is dropped.
#[derive(Debug)]
struct Beside {
    path: PathBuf,
    file: File,
    /// Whether it has its final name.
    moved: bool,
}

impl Beside {
    /// Creates a file beside `path`. It gets the owner and the permissions of the file `old` that it is to replace, or else
    /// the mode of the user's umask. None if it would lose something that `old` has.
    ///
    /// # Errors
    /// If no file can be created in that folder.
    fn create(path: &Path, old: Option<&Metadata>) -> io::Result<Option<Self>> {
        if old.is_some_and(|old| has_more_than_a_copy(path, old)) {
            return Ok(None);
        }
        let name = |number: usize| path.with_file_name(format!(".asyncguide-{}-{number}", process::id()));
        let mut names = (0..MOST_NAMES).map(name);
        let taken = || io::Error::new(io::ErrorKind::AlreadyExists, "every name of a temporary file is taken");
        let (path, file) = loop {
            let path = names.next().ok_or_else(taken)?;
            let create = || File::options().read(true).write(true).create_new(true).open(&path);
            match leftovers::make(create, |_| path.clone()) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        let beside = Beside { path, file, moved: false };
        match old {
            Some(old) if !take_after(&beside.file, old) => Ok(None),
            _ => Ok(Some(beside)),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.moved {
            // There is nobody to tell that it cannot be deleted.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Checks that a file can be written to the path, which exists or does not.
fn try_file(real: &Path) -> Result<(), String> {
    // Moving over a file needs no permission to write to it. One that may only be appended to cannot be opened so.
    match OpenOptions::new().write(true).open(real) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.to_string()),
    }
    let folder = real.parent().unwrap_or(Path::new("/"));
    let created = Beside::create(real, None);
    created.map(drop).map_err(|error| format!("cannot create a file in {}: {error}", folder.display()))
}

/// Returns whether `path` can only be that of a folder. Comparing paths ignores such an end.
fn names_a_folder(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let ends = |separator: char| {
        let folder = [format!("{separator}"), format!("{separator}.")];
        folder.iter().any(|end| bytes.ends_with(end.as_bytes()))
    };
    ends('/') || ends(std::path::MAIN_SEPARATOR)
}

/// Where a path leads to.
struct Followed {
    /// The path without symbolic links, from the root. It may not exist.
    path: PathBuf,
    /// Whether it is an open file of a process, as `/dev/stdout` and `/dev/fd/3` are. Such a path is left as it is.
    is_open_file: bool,
}

/// Follows the symbolic links of `path`, also to a file that does not exist.
fn follow(path: &Path) -> Followed {
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..MOST_LINKS {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { break };
        let Ok(folder) = fs::canonicalize(folder) else { break };
        if folder == Path::new("/dev/fd") || (folder.starts_with("/proc") && folder.ends_with("fd")) {
            return Followed { path: folder.join(name), is_open_file: true };
        }
        path = folder.join(name);
        match fs::read_link(&path) {
            Ok(next) => path = folder.join(next),
            Err(_) => break,
        }
    }
    Followed { path, is_open_file: false }
}

/// Refuses a regular file that is no place to save to.
fn check_file(real: &Path, found: &Metadata) -> Result<(), String> {
    // These are made by the system as they are read, whatever their permissions say.
    if real.starts_with("/proc") || real.starts_with("/sys") {
        return Err("it is a file of the system".to_owned());
    }
    if is_output(found) {
        return Err("standard output or standard error goes there already".to_owned());
    }
    Ok(())
}

#[cfg(unix)]
use self::unix::{check_stream, has_more_than_a_copy, is_output, take_after, try_stream};

#[cfg(not(unix))]
fn check_stream(_: &Metadata) -> Result<(), String> {
    Ok(())
}

#[cfg(not(unix))]
fn try_stream(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(not(unix))]
fn is_output(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn has_more_than_a_copy(_: &Path, _: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn take_after(file: &File, old: &Metadata) -> bool {
    file.set_permissions(old.permissions()).is_ok()
}
