//! What makes a Python program record itself without being changed: a private folder with the recorder and a
//! `sitecustomize.py`, which Python imports at its start because `PYTHONPATH` names the folder.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, iter};

use tempfile::TempDir;

use crate::leftovers;
use crate::trace::Clock;

/// The files of the recorder. They are standard library only, from Python 3.8 on.
const FILES: &[(&str, &str)] = &[
    ("recorder.py", include_str!("python/recorder.py")),
    ("_asyncguide_tasks.py", include_str!("python/_asyncguide_tasks.py")),
    ("_asyncguide_names.py", include_str!("python/_asyncguide_names.py")),
    ("_asyncguide_stream.py", include_str!("python/_asyncguide_stream.py")),
    ("_asyncguide_queues.py", include_str!("python/_asyncguide_queues.py")),
    ("_asyncguide_uvloop.py", include_str!("python/_asyncguide_uvloop.py")),
    ("_asyncguide_trio.py", include_str!("python/_asyncguide_trio.py")),
    ("_asyncguide_clock.py", include_str!("python/_asyncguide_clock.py")),
    ("sitecustomize.py", include_str!("python/sitecustomize.py")),
];

/// Where the stream of each process goes.
const STREAM: &str = "ASYNCGUIDE_WATCH";
/// The folder in which each process shows which polls are under way.
const RUNNING: &str = "ASYNCGUIDE_WATCH_RUNNING";
/// What the first process tells its children. One that is inherited is another program's.
const FIRST: &str = "ASYNCGUIDE_WATCH_FIRST";
/// The clock of asyncio's loops, if that is not the real one.
const CLOCK: &str = "ASYNCGUIDE_WATCH_CLOCK";

/// A private folder with all that a program needs to record itself. Dropping it removes the folder.
#[derive(Debug)]
pub(super) struct Injection {
    folder: TempDir,
}

impl Injection {
    /// Makes the folder, which nobody else can look into, and listens to the socket in it.
    ///
    /// # Errors
    /// If the folder, its files or the socket cannot be made.
    pub(super) fn prepare() -> io::Result<(Self, UnixListener)> {
        // The path of a socket may have about a hundred bytes, and temporary folders can have longer ones.
        let mut result = Err(ErrorKind::NotFound.into());
        for place in iter::once(env::temp_dir()).chain([PathBuf::from("/tmp")]) {
            result = Self::prepare_in(&place);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn prepare_in(place: &Path) -> io::Result<(Self, UnixListener)> {
        let folder = leftovers::private_folder(place)?;
        let injection = Injection { folder };
        fs::create_dir(injection.python())?;
        fs::create_dir(injection.running())?;
        for (name, text) in FILES {
            fs::write(injection.python().join(name), text)?;
        }
        let listener = UnixListener::bind(injection.socket())?;
        Ok((injection, listener))
    }

    /// Sets the environment of `command` so that it and its children record themselves, with loops on this `clock`.
    ///
    /// # Errors
    /// If the folder's path cannot stand in `PYTHONPATH`.
    pub(super) fn set_up(&self, command: &mut Command, clock: Clock) -> io::Result<()> {
        let inherited = env::var_os("PYTHONPATH").filter(|paths| !paths.is_empty());
        let others = inherited.iter().flat_map(env::split_paths);
        let paths = env::join_paths(iter::once(self.python()).chain(others)).map_err(io::Error::other)?;
        command.env("PYTHONPATH", paths);
        let mut stream = std::ffi::OsString::from("unix:");
        stream.push(self.socket());
        command.env(STREAM, stream).env(RUNNING, self.running()).env_remove(FIRST);
        match clock {
            Clock::Real => command.env_remove(CLOCK),
            Clock::Virtual => command.env(CLOCK, "virtual"),
        };
        Ok(())
    }

    fn python(&self) -> PathBuf {
        self.folder.path().join("python")
    }

    /// Returns the folder with a file of each process, which says which polls are under way.
    pub(super) fn running(&self) -> PathBuf {
        self.folder.path().join("running")
    }

    /// Returns whether a Python has loaded what it finds here. It writes nothing else before it runs an event loop.
    pub(super) fn was_loaded(&self) -> bool {
        self.running().join("python").exists()
    }

    /// Returns the path of the socket that the streams come through.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }
}
