//! Opening a saved run. The file comes from outside, so its size and its content are not trusted.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::Failure;
use crate::stdio::standard_input;
use crate::style::fit;
use crate::trace::{ReadError, Trace};

/// The size of the largest file that is read, in bytes. A recording of a million tasks takes less than half of it.
const MAX_BYTES: u64 = 1 << 30;
/// The length of a parse error's text, in columns. It can quote the file, whose strings may be of any length.
const MAX_ERROR_COLUMNS: usize = 200;

/// Reads the trace in the file at `path`; `-` is standard input.
///
/// # Errors
/// Returns a usage error of one line that names the path and, if the content is wrong, the line and column.
pub(crate) fn trace(path: &Path) -> Result<Trace, Failure> {
    let usage = |what: String| Failure::Usage(format!("cannot replay {}: {what}", path.display()));
    let input = open(path).map_err(|error| usage(error.to_string()))?;
    // The limit holds for pipes and for files that grow, too, whose size is not known beforehand.
    let mut input = BufReader::new(input.take(MAX_BYTES + 1));
    let trace = Trace::from_saved(&mut input);
    if input.get_ref().limit() == 0 {
        return Err(usage(too_large().to_string()));
    }
    trace.map_err(|error| usage(describe(&error)))
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(standard_input()?));
    }
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !found.is_file() && !is_pipe(&found) {
        return Err(io::Error::other("it is a device"));
    }
    if found.len() > MAX_BYTES {
        return Err(too_large());
    }
    Ok(Box::new(File::open(path)?))
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

/// Describes the error with its line and column. A long text is cut before them.
fn describe(error: &ReadError) -> String {
    let place = error.place();
    let text = error.to_string();
    let what = text.strip_suffix(&place).unwrap_or(&text);
    // One more than is shown, so that the cut is marked.
    let beginning: String = what.chars().take(MAX_ERROR_COLUMNS + 1).collect();
    format!("{}{place}", fit(&beginning, MAX_ERROR_COLUMNS))
}
