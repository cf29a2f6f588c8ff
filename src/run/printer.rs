//! Printing the lines that scenes print while a lesson runs, each as soon as it comes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::stdio::LineWriter;
use crate::term::Term;

/// A thread that prints the lines of scenes.
pub(crate) struct Printer {
    thread: JoinHandle<io::Result<()>>,
    /// True once no more lines may be printed. Locked while a line is printed.
    stopped: Arc<Mutex<bool>>,
}

impl Printer {
    /// Starts the thread. Returns what scenes print to, and the printer.
    ///
    /// Lines go to standard output if they are `results`. Otherwise standard output gets a document for programs, and
    /// the lines go to standard error. `failed` is called with the error when standard output fails.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(crate) fn start(
        term: &Arc<Term>,
        results: bool,
        failed: impl Fn(io::Error) + Send + 'static,
    ) -> io::Result<(LineWriter, Printer)> {
        let stopped = Arc::new(Mutex::new(false));
        let stop_flag = Arc::clone(&stopped);
        let term = Arc::clone(term);
        let (out, thread) = LineWriter::print_with(move |line| {
            let stopped = stop_flag.lock().unwrap_or_else(PoisonError::into_inner);
            if *stopped {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if !results {
                term.note(&format!("{}\n", term.error_style.text(line)));
                return Ok(());
            }
            let printed = term.print(&format!("{}\n", term.style.text(line)));
            // The run is told, so that it ends at once when its output is closed.
            printed.inspect_err(|error| failed(error.kind().into()))
        })?;
        Ok((out, Printer { thread, stopped }))
    }

    /// Waits until every line is printed. Every [`LineWriter`] must have been dropped, or this waits for more lines.
    ///
    /// # Errors
    /// Returns the error of standard output that ended the printing.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.thread.join().unwrap_or(Ok(()))
    }

    /// Discards all lines from now on, so that none follows the report of an interrupted run.
    pub(crate) fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}
