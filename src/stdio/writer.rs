//! What a scene prints, line by line.

use std::{io, thread};

use tokio::sync::{mpsc, oneshot};

use super::AHEAD;

/// Writes the lines that a scene prints, without blocking its event loop. Clones write to the same output.
#[derive(Clone, Debug)]
pub struct LineWriter(mpsc::Sender<Order>);

/// What the printing thread of a [`LineWriter`] is told to do.
#[derive(Debug)]
enum Order {
    Print(String),
    /// Close this channel. By then, every line before it is printed.
    Close(oneshot::Sender<()>),
}

impl LineWriter {
    /// Creates a writer that discards its lines.
    pub fn nowhere() -> Self {
        LineWriter(mpsc::channel(1).0)
    }

    /// Creates a writer, and a thread that calls `print` with each line.
    ///
    /// The thread ends when every clone of the writer is dropped and every line is printed, or with the first error of
    /// `print`, which it returns. Lines after an error are discarded.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn print_with(
        mut print: impl FnMut(&str) -> io::Result<()> + Send + 'static,
    ) -> io::Result<(Self, thread::JoinHandle<io::Result<()>>)> {
        let (sender, mut orders) = mpsc::channel::<Order>(AHEAD);
        let printing = move || {
            while let Some(order) = orders.blocking_recv() {
                match order {
                    Order::Print(line) => print(&line)?,
                    Order::Close(channel) => drop(channel),
                }
            }
            Ok(())
        };
        let thread = thread::Builder::new().name("stdout".to_owned()).spawn(printing)?;
        Ok((LineWriter(sender), thread))
    }

    /// Prints a line. Waits, without holding the thread, while 16 lines are still to be printed.
    pub async fn print_line(&self, line: impl Into<String>) {
        // An error means that printing has failed. The printing thread reports that, and the program ends; the scene
        // need not.
        let _ = self.0.send(Order::Print(line.into())).await;
    }

    /// Prints a line like [`LineWriter::print_line`], but blocks the thread.
    ///
    /// # Panics
    /// If it is called within a runtime.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no twin that prints"))]
    pub(crate) fn blocking_print_line(&self, line: String) {
        // As above.
        let _ = self.0.blocking_send(Order::Print(line));
    }

    /// Blocks the thread until every line so far is printed, or until printing has failed.
    ///
    /// # Panics
    /// If it is called within a runtime.
    pub(crate) fn catch_up(&self) {
        let (channel, closed) = oneshot::channel();
        // As above.
        let _ = self.0.blocking_send(Order::Close(channel));
        let _ = closed.blocking_recv();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_writer_that_caught_up_has_printed_every_line() {
        let printed = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&printed);
        let (out, thread) = LineWriter::print_with(move |line| {
            lines.lock().expect("no test failed").push(line.to_owned());
            Ok(())
        })
        .expect("a thread starts");
        for number in 0..100 {
            out.blocking_print_line(number.to_string());
        }
        out.catch_up();
        assert_eq!(printed.lock().expect("no test failed").len(), 100);
        drop(out);
        thread.join().expect("it ends").expect("nothing failed");
        LineWriter::nowhere().catch_up();
    }
}
