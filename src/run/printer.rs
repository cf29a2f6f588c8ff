//! What scenes print while a lesson runs, line by line as it comes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::stdio::LineWriter;
use crate::term::Term;

/// Prints the lines of scenes, on a thread of its own.
pub(crate) struct Printer {
    thread: JoinHandle<io::Result<()>>,
    /// Locked while a line is printed; true once no more lines may be printed.
    stopped: Arc<Mutex<bool>>,
}

impl Printer {
    /// Starts the thread that prints lines: to standard output if they are `results`, otherwise to standard error.
    /// `failed` is called with the error when standard output takes no more.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        term: &Arc<Term>,
        results: bool,
        failed: impl Fn(io::Error) + Send + 'static,
    ) -> io::Result<(LineWriter, Printer)> {
        let stopped = Arc::new(Mutex::new(false));
        let gate = Arc::clone(&stopped);
        let term = Arc::clone(term);
        let (out, thread) = LineWriter::print_with(move |line| {
            let stopped = gate.lock().unwrap_or_else(PoisonError::into_inner);
            if *stopped {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if !results {
                term.note(&format!("{}\n", term.error_page.text(line)));
                return Ok(());
            }
            let printed = term.print(&format!("{}\n", term.page.text(line)));
            // A run whose output is no longer read ends at once.
            printed.inspect_err(|error| failed(error.kind().into()))
        })?;
        Ok((out, Printer { thread, stopped }))
    }

    /// Waits until every line that a scene printed is out.
    ///
    /// # Errors
    /// That of standard output.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.thread.join().unwrap_or(Ok(()))
    }

    /// Prints no more lines, so that nothing follows the report of an interrupted run.
    pub(crate) fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}
