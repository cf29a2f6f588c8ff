//! How a scene does its work, and a scene that is doing it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

#[cfg(unix)]
use super::program::ProgramScene;
use super::{Inputs, Program};
use crate::record::Reader;
use crate::session::Session;
use crate::trace::{Nanos, SceneTrace, Snapshot};
use crate::watch::Process;

/// The most bytes that the recording of a server takes whose beginning is kept: some hundred thousand messages.
const MOST_SERVED: usize = 16 << 20;

/// How a scene does its work.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Work {
    /// A function of this program. It makes a future, which runs on the scene's runtime under the recorder.
    Native(fn(Inputs) -> Pin<Box<dyn Future<Output = ()>>>),
    /// A command that writes the scene's event stream to its standard output: the program and its arguments.
    ///
    /// It is not run by a shell, and has no standard input. `docs/events.md` specifies the stream. Claims in it are
    /// ignored, because the lesson has its own.
    Command(&'static [&'static str]),
    /// A program in the lesson's own folder, which records itself as one that `asyncguide watch` runs.
    Program(&'static Program),
}

impl Work {
    /// Returns the program that does it; none if it is done otherwise.
    pub(crate) fn program(self) -> Option<&'static Program> {
        match self {
            Work::Program(program) => Some(program),
            _ => None,
        }
    }
}

/// A scene that was started: what its recording is read from.
#[derive(Clone, Debug)]
pub(crate) enum SceneRun {
    /// It runs in this process.
    Native(Arc<Session>),
    /// It runs in another process.
    Command(Arc<Process>),
    /// It runs in another process, which records itself.
    #[cfg(unix)]
    Program(Arc<ProgramScene>),
}

impl SceneRun {
    /// Returns the scene at this moment, as it would go on until `horizon` if nothing more happened. The trace is built
    /// anew only if something has happened since `last`.
    pub(crate) fn snapshot(&self, last: Option<Snapshot>, horizon: Nanos) -> Snapshot {
        match self {
            SceneRun::Native(session) => session.snapshot(last, horizon),
            SceneRun::Command(process) => process.snapshot(last, horizon),
            #[cfg(unix)]
            SceneRun::Program(program) => program.snapshot(horizon),
        }
    }

    /// Checks that the system has given all threads that the scene asked for, so far.
    ///
    /// # Errors
    /// If it has refused one. The scene may wait for it for ever.
    pub(crate) fn check_threads(&self) -> io::Result<()> {
        match self {
            SceneRun::Native(session) => session.check_threads(),
            SceneRun::Command(_) => Ok(()),
            #[cfg(unix)]
            SceneRun::Program(_) => Ok(()),
        }
    }

    /// Bounds the recording of a server that may stay up for days: only the last minutes are kept. If the recording is read
    /// while it grows, its beginning is kept instead.
    pub(crate) fn bound(&self, is_read: bool) {
        match self {
            SceneRun::Native(session) if is_read => session.hold_at_most(MOST_SERVED),
            SceneRun::Native(session) => session.keep_last(),
            SceneRun::Command(_) => {}
            #[cfg(unix)]
            SceneRun::Program(_) => {}
        }
    }

    /// Returns the moment from which on the recording is kept: 0 if all of it is.
    pub(crate) fn kept_from(&self) -> Nanos {
        match self {
            SceneRun::Native(session) => session.kept_from(),
            SceneRun::Command(_) => Nanos::ZERO,
            #[cfg(unix)]
            SceneRun::Program(_) => Nanos::ZERO,
        }
    }

    /// Consumes the recording and returns it; [`SceneRun::snapshot`] must not be called afterwards. A scene that still
    /// runs is interrupted at this moment.
    pub(crate) fn finish(&self) -> SceneTrace {
        match self {
            SceneRun::Native(session) => session.finish(),
            SceneRun::Command(process) => process.finish(),
            #[cfg(unix)]
            SceneRun::Program(program) => program.finish(),
        }
    }

    /// Returns a reader of the recording that begins with the first event; `None` if the recording can be read only once
    /// the scene has ended.
    pub(crate) fn reader(&self) -> Option<Reader> {
        match self {
            SceneRun::Native(session) => Some(session.reader()),
            SceneRun::Command(_) => None,
            #[cfg(unix)]
            SceneRun::Program(_) => None,
        }
    }

    /// Returns what a program wrote to standard error, at most its end; empty if the scene runs in no program that is given
    /// to. To be called after [`SceneRun::finish`].
    pub(crate) fn errors(&self) -> String {
        match self {
            #[cfg(unix)]
            SceneRun::Program(program) => program.errors(),
            _ => String::new(),
        }
    }
}
