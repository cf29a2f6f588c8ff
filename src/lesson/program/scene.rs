//! Makes a scene of a lesson of what a program recorded: the one event loop that it ran.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Program, ProgramRun, Start};
use crate::lesson::{Inputs, Scene};
use crate::stdio::InputLines;
use crate::trace::{Builder, Nanos, Outcome, SceneTrace, Snapshot};
use crate::watch::Recording;

/// How much of what a program writes to standard error is kept, in bytes: its end.
const KEPT_ERRORS: usize = 8 * 1024;

/// A scene that a program does.
#[derive(Debug)]
pub(crate) struct ProgramScene {
    own: Scene,
    run: ProgramRun,
    /// What the program reads from.
    lines: InputLines,
    errors: Errors,
}

/// The last lines that a program wrote to standard error.
type Errors = Arc<Mutex<String>>;

impl ProgramScene {
    /// Starts the program of the scene `own`; `on_end` is called once it has ended.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start(
        own: Scene,
        program: &Program,
        inputs: &Inputs,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let errors = Errors::default();
        let kept = Arc::clone(&errors);
        let start = Start {
            command: program.command(inputs.tasks, inputs.delay),
            folder: Some(program.folder.clone()),
            feed: if program.takes_lines { inputs.lines.feed() } else { Box::new(|| None) },
            out: Some(inputs.out.clone()),
            errors: Box::new(move |line| keep(&kept, line)),
        };
        let run = ProgramRun::start(start, on_end)?;
        Ok(Arc::new(ProgramScene { own, run, lines: inputs.lines.clone(), errors }))
    }

    /// Returns the scene at this moment, as it would go on until `horizon` if nothing more happened.
    pub(crate) fn snapshot(&self, horizon: Nanos) -> Snapshot {
        let mut snapshot = self.run.snapshot(horizon);
        self.own.adopt(&mut snapshot.trace);
        snapshot
    }

    /// Waits for the program's end and returns what it recorded. One that still runs is killed, and its scene is
    /// interrupted.
    pub(crate) fn finish(&self) -> SceneTrace {
        self.lines.stop_feeding();
        let interrupted = !self.run.has_ended();
        if interrupted {
            self.run.kill();
        }
        let (mut scenes, gaps, failure) = match self.run.finish() {
            Ok((Recording { trace, gaps }, code)) => (trace.scenes, gaps, self.failure(code)),
            Err(error) => (Vec::new(), Vec::new(), Some(format!("its program cannot be waited for: {error}"))),
        };
        let count = scenes.len();
        let mut scene = if scenes.is_empty() { unrecorded() } else { scenes.swap_remove(0) };
        self.own.adopt(&mut scene);
        let failure = failure.or_else(|| match count {
            0 => Some(gaps.first().cloned().unwrap_or_else(|| "its program ran no event loop".to_owned())),
            1 => None,
            more => Some(format!(
                "its program ran {more} event loops, and a scene is one: put each asyncio.run into a file of its own"
            )),
        });
        match failure {
            _ if interrupted => scene.outcome = Outcome::Interrupted,
            Some(message) => scene.outcome = Outcome::Panicked { message },
            None => gaps.iter().for_each(|gap| keep(&self.errors, gap)),
        }
        scene
    }

    /// Returns the end of what the program wrote to standard error, and what is missing from its recording.
    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns how the program failed if it ended with this exit code: with the last line that it wrote to standard error,
    /// which in Python names the exception.
    fn failure(&self, code: u8) -> Option<String> {
        if code == 0 {
            return None;
        }
        let errors = self.errors();
        let last = errors.lines().rev().map(str::trim).find(|line| !line.is_empty());
        let reason = last.map(|line| format!(": {line}")).unwrap_or_default();
        Some(format!("its program ended with exit code {code}{reason}"))
    }
}

/// Returns the scene of a program of which nothing was recorded. It is none of Rust's.
fn unrecorded() -> SceneTrace {
    let mut scene = Builder::new().finish(Nanos::ZERO);
    "unknown".clone_into(&mut scene.runtime.name);
    scene
}

/// Keeps a line of standard error; of many lines, the last ones.
fn keep(errors: &Mutex<String>, line: &str) {
    let mut kept = errors.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_str(line);
    kept.push('\n');
    if kept.len() > KEPT_ERRORS {
        let mut cut = kept.len() - KEPT_ERRORS;
        while !kept.is_char_boundary(cut) {
            cut += 1;
        }
        kept.drain(..cut);
    }
}
