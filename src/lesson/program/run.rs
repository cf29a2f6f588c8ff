//! A program that runs under the recorder of `watch`. What it prints goes where scenes print.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::stdio::LineWriter;
use crate::trace::{Nanos, Snapshot};
use crate::watch::{Apart, Feed, Onlooker, PassOn, Recording, Streams, Watched};

/// Takes a line that a program has written to standard error.
pub(crate) type ErrorLines = Box<dyn Fn(&str) + Send + Sync>;

/// What a program is run with.
pub(crate) struct Start {
    /// The program and its arguments.
    pub(crate) command: Vec<OsString>,
    /// The folder that it runs in; that of this process if there is none.
    pub(crate) folder: Option<PathBuf>,
    /// What it reads from standard input.
    pub(crate) feed: Feed,
    /// Where its lines are printed; none if they are dropped.
    pub(crate) out: Option<LineWriter>,
    pub(crate) errors: ErrorLines,
}

/// Where the lines of a program go; none once nothing more is printed.
type Output = Arc<Mutex<Option<LineWriter>>>;

/// A program that runs, and records itself.
#[derive(Debug)]
pub(crate) struct ProgramRun {
    /// None once it has been waited for.
    watched: Mutex<Option<Watched>>,
    onlooker: Onlooker,
    out: Output,
    ended: Arc<AtomicBool>,
}

impl ProgramRun {
    /// Starts a program. `on_end` is called once it has ended.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start(start: Start, on_end: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let out: Output = Arc::new(Mutex::new(start.out));
        let apart = Apart { feed: start.feed, folder: start.folder };
        let streams = Streams::Apart(pass_on(Arc::clone(&out), start.errors), apart);
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let on_end = move || {
            end.store(true, Ordering::Release);
            on_end();
        };
        let watched = Watched::start(start.command, None, streams, on_end)?;
        let onlooker = watched.onlooker();
        Ok(ProgramRun { watched: Mutex::new(Some(watched)), onlooker, out, ended })
    }

    /// Returns what the program's first open event loop does at this moment.
    pub(crate) fn snapshot(&self, horizon: Nanos) -> Snapshot {
        self.onlooker.snapshot(horizon)
    }

    /// Returns what looks at the program while it runs.
    pub(crate) fn onlooker(&self) -> Onlooker {
        self.onlooker.clone()
    }

    /// Returns whether the program has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Ends the program and what it has started. Nothing more is printed.
    pub(crate) fn kill(&self) {
        *lock(&self.out) = None;
        if let Some(watched) = &mut *lock(&self.watched) {
            watched.kill();
        }
    }

    /// Waits for the program's end. Returns its recording and its exit code.
    ///
    /// # Errors
    /// If it cannot be waited for, or has been already.
    pub(crate) fn finish(&self) -> io::Result<(Recording, u8)> {
        let watched = lock(&self.watched).take();
        let finished = watched.ok_or_else(|| io::Error::other("it was waited for already"))?.finish();
        *lock(&self.out) = None;
        finished
    }

    /// Returns where the program's lines are printed; none if it was killed, or if they are dropped.
    pub(crate) fn writer(&self) -> Option<LineWriter> {
        lock(&self.out).clone()
    }
}

/// Returns what passes on the lines that a program writes.
fn pass_on(out: Output, errors: ErrorLines) -> PassOn {
    Arc::new(move |bytes, to_error| {
        let line = String::from_utf8_lossy(bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        if to_error {
            return errors(line);
        }
        let writer = lock(&out).clone();
        if let Some(writer) = writer {
            writer.blocking_print_line(line.to_owned());
        }
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
