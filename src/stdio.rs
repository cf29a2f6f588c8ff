//! What a scene reads and prints: lines of standard input and of standard output, neither of which blocks its event
//! loop.
//!
//! Input is read on a plain thread, because `tokio::io::stdin` keeps the process alive until the pipe closes. A line is
//! cut to its greatest length while it is read, and reading waits while [`InputLines`] has lines that were not taken
//! yet. So memory stays flat for any input. This module knows nothing of terminals or lessons.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::info;

/// Most bytes of a line. A longer one is cut, and a note at its end says so.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;
/// Most lines that a scene can read. Each becomes a task, and a recording holds at most a million tasks.
pub(crate) const MOST_LINES: usize = 1_000_000;
/// Most bytes of lines that are kept after scenes have read them.
const MOST_KEPT: usize = 1 << 20;
/// Most lines that are read or printed ahead of the scene.
const AHEAD: usize = 16;

/// Lines to read, until the end of the input or until the time for reading is over. Clones take lines from the same
/// input.
#[derive(Clone, Debug)]
pub struct InputLines {
    source: Arc<Mutex<Source>>,
    /// Whether input is handed on as it is read, without waiting for the end of its line.
    at_once: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Source {
    /// The lines as the reading thread sends them. `None` marks an end of input.
    lines: mpsc::Receiver<Option<String>>,
    /// How long a scene may read; `None` for no limit.
    time: Option<Duration>,
    /// When the time for reading is over. It is set by the first read.
    until: Option<Instant>,
    /// How many more lines a scene may read.
    left: usize,
    /// The lines that scenes have read so far, each with a line end; `None` unless they are kept.
    kept: Option<String>,
}

impl Source {
    /// Returns the next line for a scene; `None` at the end of the input, or once the scene may read no more.
    async fn next(&mut self) -> Option<String> {
        let until = self.time.map(|time| *self.until.get_or_insert_with(|| Instant::now() + time));
        // The clock comes first: an input that always has another line would never let it be looked at.
        if until.is_some_and(|until| until <= Instant::now()) {
            return self.stop("the time for reading is over");
        }
        let received = match until {
            None => self.lines.recv().await,
            Some(until) => match timeout_at(until, self.lines.recv()).await {
                Ok(received) => received,
                Err(_) => return self.stop("the time for reading is over"),
            },
        };
        let line = received.flatten()?;
        if self.left == 0 {
            info!(unread = true, "stops reading: a run reads no more lines");
            return None;
        }
        self.left -= 1;
        Some(line)
    }

    /// Records that reading stops for this `reason`, and whether lines have come that nobody reads.
    fn stop(&mut self, reason: &str) -> Option<String> {
        match self.lines.try_recv() {
            Ok(Some(_)) => info!(unread = true, "stops reading: {reason}"),
            _ => info!("stops reading: {reason}"),
        }
        None
    }
}

impl InputLines {
    /// Creates an input that is at its end.
    pub fn none() -> Self {
        Self::from_receiver(mpsc::channel(1).1)
    }

    /// Starts a thread that reads `input` to its end, and returns the lines it reads.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn read(input: impl Read + Send + 'static) -> io::Result<Self> {
        Self::read_while(input, Option::is_some)
    }

    /// Starts a thread that reads a keyboard, and returns the lines it reads. Reading goes on after an end of input,
    /// because Ctrl-D on a terminal ends only what is read at that moment.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn read_keyboard(input: impl Read + Send + 'static) -> io::Result<Self> {
        Self::read_while(input, |_| true)
    }

    /// Reads lines on a thread for as long as `goes_on` returns true for the last one.
    fn read_while(input: impl Read + Send + 'static, goes_on: fn(&Option<String>) -> bool) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let lines = Self::from_receiver(receiver);
        let at_once = Arc::clone(&lines.at_once);
        let reading = move || {
            let mut input = BufReader::new(input);
            while let Ok(line) = read_line(&mut input, &at_once) {
                let last = !goes_on(&line);
                if sender.blocking_send(line).is_err() || last {
                    return;
                }
            }
        };
        thread::Builder::new().name("stdin".to_owned()).spawn(reading)?;
        Ok(lines)
    }

    fn from_receiver(lines: mpsc::Receiver<Option<String>>) -> Self {
        let source = Source { lines, time: None, until: None, left: MOST_LINES, kept: None };
        InputLines { source: Arc::new(Mutex::new(source)), at_once: Arc::default() }
    }

    /// Switches between handing on input as it is read, control characters included, and handing on whole lines.
    ///
    /// This does not change the mode of a terminal: one that edits lines itself still delivers whole lines.
    pub(crate) fn come_at_once(&self, at_once: bool) {
        self.at_once.store(at_once, Ordering::Relaxed);
    }

    /// Ends the input `time` after the first call of [`InputLines::next_line`]. Blocks if a line is being waited for.
    ///
    /// # Panics
    /// If it is called within a runtime.
    pub(crate) fn read_for(&self, time: Duration) {
        self.source.blocking_lock().time = Some(time);
    }

    /// Returns the next line without its line end, or `None` at the end of the input.
    ///
    /// Carriage returns before the line end are removed. Bytes that are not UTF-8 become U+FFFD. A line of more than
    /// 64 KiB is cut, and a note at its end says so. The input also ends after 1,000,000 lines, and when the time for
    /// reading is over. The recording then says so, and whether more lines had come: by the field `unread` of a mark.
    pub async fn next_line(&self) -> Option<String> {
        let mut source = self.source.lock().await;
        let line = source.next().await?;
        if let Some(kept) = &mut source.kept
            && kept.len() + line.len() < MOST_KEPT
        {
            kept.push_str(&line);
            kept.push('\n');
        }
        Some(line)
    }

    /// Keeps the lines that scenes read from now on, up to 1 MiB of them: see [`InputLines::kept`].
    pub(crate) fn keep(&self) {
        self.source.blocking_lock().kept = Some(String::new());
    }

    /// Returns the lines that scenes have read since [`InputLines::keep`], each with a line end.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no twin to give them to"))]
    pub(crate) fn kept(&self) -> String {
        self.source.blocking_lock().kept.clone().unwrap_or_default()
    }

    /// Returns the next line like [`InputLines::next_line`], but blocks the thread and does not count towards the
    /// limits for scenes.
    ///
    /// # Panics
    /// If it is called within a runtime.
    pub(crate) fn blocking_next_line(&self) -> Option<String> {
        self.source.blocking_lock().lines.blocking_recv().flatten()
    }

    /// Discards the lines that were read but not yet taken. There are none while one is being waited for.
    pub(crate) fn forget(&self) {
        let Ok(mut source) = self.source.try_lock() else { return };
        while source.lines.try_recv().is_ok() {}
    }
}

/// Reads one line and returns it without its line end; `None` at the end of the input.
///
/// If `at_once` is set when input arrives, returns that input as it is, whether or not a line ends in it.
fn read_line(input: &mut impl BufRead, at_once: &AtomicBool) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut any = false;
    let mut cut = false;
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            return Ok(any.then(|| finish(line, cut)));
        }
        // This is checked only once there is input, because it may have been set while `fill_buf` was waiting.
        if at_once.load(Ordering::Relaxed) {
            let typed = String::from_utf8_lossy(available).into_owned();
            let count = available.len();
            input.consume(count);
            return Ok(Some(typed));
        }
        any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let room = LONGEST_LINE - line.len();
        cut |= part.len() > room;
        line.extend(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(finish(line, cut)));
        }
    }
}

/// Turns the bytes of a line into text. `cut` says that the line was longer than [`LONGEST_LINE`].
fn finish(mut line: Vec<u8>, cut: bool) -> String {
    while line.last() == Some(&b'\r') && !cut {
        line.pop();
    }
    let mut line = String::from_utf8_lossy(&line).into_owned();
    if cut {
        line.push_str(" … (cut at 64 KiB)");
    }
    line
}

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
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let mut input = input;
        std::iter::from_fn(|| read_line(&mut input, &AtomicBool::new(false)).expect("memory can be read")).collect()
    }

    #[test]
    fn line_ends_bad_bytes_and_a_last_line_without_an_end() {
        assert_eq!(lines(b"a\r\n\nb\xffc\nlast"), ["a", "", "b\u{fffd}c", "last"]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_writer_that_caught_up_has_printed_every_line() {
        let printed = Arc::new(std::sync::Mutex::new(Vec::new()));
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

    #[test]
    fn a_long_line_is_cut_and_the_next_one_works() {
        let mut input = vec![b'x'; LONGEST_LINE + 1];
        input.extend(b"\nnext\n");
        let lines = lines(&input);
        assert!(lines[0].ends_with("x … (cut at 64 KiB)"));
        assert_eq!(lines[0].chars().filter(|c| *c == 'x').count(), LONGEST_LINE);
        assert_eq!(lines[1], "next");
        assert_eq!(lines.len(), 2);
    }
}
