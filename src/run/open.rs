//! Opening a saved run: a file that may hold anything, from anybody, of any size.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::Failure;
use crate::page::fit;
use crate::trace::{ReadError, Trace};

/// More than any run that can be recorded takes.
const MOST_BYTES: u64 = 1 << 30;
/// What is wrong is told in so many columns: it may repeat what the file holds.
const COMPLAINT: usize = 200;

/// The trace in the file at `path`; `-` is standard input.
///
/// # Errors
/// A usage error of one line that names the path and, as far as it goes, line and column.
pub(crate) fn trace(path: &Path) -> Result<Trace, Failure> {
    let usage = |what: String| Failure::Usage(format!("cannot replay {}: {what}", path.display()));
    let bytes = read(path).map_err(|error| usage(error.to_string()))?;
    Trace::from_saved(&bytes).map_err(|error| usage(complaint(&error)))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return read_bounded(io::stdin().lock());
    }
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !found.is_file() && !is_pipe(&found) {
        return Err(io::Error::other("it is a device"));
    }
    if found.len() > MOST_BYTES {
        return Err(too_large());
    }
    read_bounded(File::open(path)?)
}

/// What says how long it is may say so wrongly, or grow.
fn read_bounded(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    io::Error::other("it is larger than 1 GiB")
}

#[cfg(unix)]
fn is_pipe(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    found.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    true
}

/// Returns what is wrong, cut if it is long, and where.
fn complaint(error: &ReadError) -> String {
    let place = error.place();
    let text = error.to_string();
    let what = text.strip_suffix(&place).unwrap_or(&text);
    let beginning: String = what.chars().take(COMPLAINT + 1).collect();
    format!("{}{place}", fit(&beginning, COMPLAINT))
}
