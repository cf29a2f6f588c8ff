//! The temporary files and folders of this process, so that none is left behind when a signal ends it at once.
//!
//! As a rule, whoever made one removes it. A process that ends while it writes removes them here.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What was made, removed or not: the names are this process's own, so nothing else is called so later.
static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Calls `create`, which makes a temporary file or folder, and remembers the `path` of what it made.
///
/// # Errors
/// Those of `create`.
pub(crate) fn make<T, E>(create: impl FnOnce() -> Result<T, E>, path: impl FnOnce(&T) -> PathBuf) -> Result<T, E> {
    // Locked meanwhile, or a process that ends between both steps would leave it behind.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let created = create()?;
    made.push(path(&created));
    Ok(created)
}

/// Removes everything that is still there, in a process that is about to end. Nothing can be made any more afterwards: a
/// thread that tries waits for ever.
#[cfg(feature = "program")]
pub(crate) fn remove_for_good() {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    for path in made.iter() {
        // Most were removed or moved to their place long ago.
        let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir_all(path));
    }
    std::mem::forget(made);
}
