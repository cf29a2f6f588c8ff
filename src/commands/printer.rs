//! What scenes print while a lesson runs, line by line as it comes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::render::Format;
use crate::stdio::LineWriter;
use crate::term::Term;

/// Prints the lines of scenes: as results, or beside them where the result is a document for programs.
pub(super) struct Printer {
    thread: JoinHandle<io::Result<()>>,
    /// Held while a line is printed; true once no more is to be.
    stopped: Arc<Mutex<bool>>,
}

impl Printer {
    pub(super) fn start(
        term: &Arc<Term>,
        format: &Format,
        failed: impl Fn(io::Error) + Send + 'static,
    ) -> io::Result<(LineWriter, Printer)> {
        let (stopped, is_text) = (Arc::new(Mutex::new(false)), format.is_text());
        let (term, gate) = (Arc::clone(term), Arc::clone(&stopped));
        let (out, thread) = LineWriter::print_with(move |line| {
            let stopped = gate.lock().unwrap_or_else(PoisonError::into_inner);
            let printed = match is_text {
                _ if *stopped => return Err(io::ErrorKind::Interrupted.into()),
                true => term.print(&format!("{}\n", term.page.text(line))),
                false => {
                    term.note(&format!("{}\n", term.error_page.text(line)));
                    Ok(())
                }
            };
            // A run that nobody reads ends at once.
            printed.inspect_err(|error| failed(error.kind().into()))
        })?;
        Ok((out, Printer { thread, stopped }))
    }

    /// Every line that a scene printed is out after this.
    pub(super) fn finish(self) -> io::Result<()> {
        self.thread.join().unwrap_or(Ok(()))
    }

    /// No line is printed after this, so that nothing follows the report of an interrupted run.
    pub(super) fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}
