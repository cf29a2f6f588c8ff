//! The temporary files and folders of this process and the programs that end with it, so that nothing is left behind when
//! a signal ends it at once.
//!
//! As a rule, the code that made one removes it. A process that ends meanwhile removes them here.

#[cfg(all(unix, feature = "program"))]
use std::fs::Permissions;
#[cfg(all(unix, feature = "program"))]
use std::os::unix::fs::PermissionsExt as _;
#[cfg(all(unix, feature = "program"))]
use std::path::Path;
use std::path::PathBuf;
#[cfg(all(unix, feature = "program"))]
use std::process::Child;
use std::sync::{Mutex, PoisonError};

#[cfg(all(unix, feature = "program"))]
use rustix::process::{Pid, Signal, kill_process_group};
#[cfg(all(unix, feature = "program"))]
use tempfile::TempDir;

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

/// Makes a private folder, which only this user can look into, in `place`. It is removed when it is dropped.
///
/// # Errors
/// If it cannot be made.
#[cfg(all(unix, feature = "program"))]
pub(crate) fn private_folder(place: &Path) -> std::io::Result<TempDir> {
    let private = Permissions::from_mode(0o700);
    let create = || tempfile::Builder::new().prefix("asyncguide-").permissions(private).tempdir_in(place);
    make(create, |folder| folder.path().to_path_buf())
}

/// The process groups of the programs that run and end with this process.
#[cfg(all(unix, feature = "program"))]
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Calls `start`, which starts a program as the leader of a process group, and remembers the group.
///
/// # Errors
/// Those of `start`.
#[cfg(all(unix, feature = "program"))]
pub(crate) fn start_group(start: impl FnOnce() -> std::io::Result<Child>) -> std::io::Result<Child> {
    // Locked meanwhile, as in `make`.
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let child = start()?;
    groups.push(Pid::from_child(&child));
    Ok(child)
}

/// Forgets the process group of this leader. To be called before the leader is waited for: its number may be another
/// program's afterwards.
#[cfg(all(unix, feature = "program"))]
pub(crate) fn forget_group(leader: Pid) {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| *known != leader);
}

/// Kills the programs and removes the files that are still there, in a process that is about to end. Nothing can be made
/// or started any more afterwards: a thread that tries waits for ever.
#[cfg(feature = "program")]
pub(crate) fn remove_for_good() {
    #[cfg(unix)]
    {
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        for group in groups.iter() {
            // It may have ended by itself.
            let _ = kill_process_group(*group, Signal::KILL);
        }
        std::mem::forget(groups);
    }
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    for path in made.iter() {
        // Most were removed or moved to their place long ago.
        let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir_all(path));
    }
    std::mem::forget(made);
}
