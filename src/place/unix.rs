//! What only Unix has: streams of several kinds, owners, other names of a file and its attributes.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, fchown};
use std::path::Path;

use rustix::fs::{Access, Mode, OFlags, access, open};

/// Refuses what is neither a file nor a folder and cannot be written like a stream.
pub(super) fn check_stream(found: &Metadata) -> Result<(), String> {
    let kind = found.file_type();
    match () {
        () if kind.is_socket() => Err("it is a socket".to_owned()),
        () if kind.is_block_device() => Err("it is a disk".to_owned()),
        () => Ok(()),
    }
}

/// Checks that a stream can be written to. A FIFO is not opened, which would block until it has a reader, and end that
/// reader's input.
pub(super) fn try_stream(path: &Path) -> Result<(), String> {
    let is_device = fs::metadata(path).is_ok_and(|found| found.file_type().is_char_device());
    let tried = match is_device {
        true => {
            let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            open(path, flags, Mode::empty()).map(drop)
        }
        false => access(path, Access::WRITE_OK),
    };
    tried.map_err(|error| io::Error::from(error).to_string())
}

/// Returns whether standard output or standard error is this file.
pub(super) fn is_output(found: &Metadata) -> bool {
    is_open_as(found, io::stdout()) || is_open_as(found, io::stderr())
}

fn is_open_as(found: &Metadata, stream: impl AsFd) -> bool {
    let copy = stream.as_fd().try_clone_to_owned();
    let open = copy.and_then(|copy| File::from(copy).metadata());
    open.is_ok_and(|open| (open.dev(), open.ino()) == (found.dev(), found.ino()))
}

/// Returns whether the file at `path` has what a copy of it in its place would not have: another name, or an access
/// list or other attributes.
pub(super) fn has_more_than_a_copy(path: &Path, old: &Metadata) -> bool {
    old.nlink() > 1 || has_attributes(path)
}

/// Returns whether the file has attributes beside the label that SELinux gives to each file.
#[cfg(target_os = "linux")]
fn has_attributes(path: &Path) -> bool {
    let mut names = [0; 4096];
    match rustix::fs::listxattr(path, &mut names) {
        Ok(length) => names[..length].split(|byte| *byte == 0).any(|name| !matches!(name, b"" | b"security.selinux")),
        // They do not fit, or the file system has none.
        Err(error) => error == rustix::io::Errno::RANGE,
    }
}

#[cfg(not(target_os = "linux"))]
fn has_attributes(_: &Path) -> bool {
    false
}

/// Gives `file` the owner, the group and the permissions of `old`. Returns whether that was possible.
pub(super) fn take_after(file: &File, old: &Metadata) -> bool {
    let owned = |found: Metadata| (found.uid(), found.gid()) == (old.uid(), old.gid());
    let is_owned = file.metadata().is_ok_and(owned) || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    // A change of the owner takes away some permissions.
    is_owned && file.set_permissions(old.permissions()).is_ok()
}
