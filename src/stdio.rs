//! What a scene reads and prints: lines of standard input and of standard output, neither of which blocks its event
//! loop.
//!
//! Input is read on a plain thread, because `tokio::io::stdin` keeps the process alive until the pipe closes. A line is
//! cut to its greatest length while it is read, and reading waits while [`InputLines`] has lines that were not taken
//! yet. So memory stays flat for any input. This module knows nothing of terminals or lessons.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
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
    /// Why the input could not be read to its end.
    error: Arc<OnceLock<io::Error>>,
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

    /// Starts a thread that reads `input` to its end, and returns the lines it reads. A byte-order mark in front of them is
    /// left out. An input that cannot be read ends, and so does one in UTF-16.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn read(input: impl Read + Send + 'static) -> io::Result<Self> {
        Self::read_while(input, Reading::Text)
    }

    /// Starts a thread that reads a keyboard, and returns the lines it reads. Reading goes on after an end of input,
    /// because Ctrl-D on a terminal ends only what is read at that moment.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn read_keyboard(input: impl Read + Send + 'static) -> io::Result<Self> {
        Self::read_while(input, Reading::Keyboard)
    }

    /// Reads lines on a thread.
    fn read_while(input: impl Read + Send + 'static, kind: Reading) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let lines = Self::from_receiver(receiver);
        let at_once = Arc::clone(&lines.at_once);
        let failure = Arc::clone(&lines.error);
        let reading = move || {
            let mut input = BufReader::new(input);
            let mut first = kind == Reading::Text;
            loop {
                let line = match read_line(&mut input, &at_once, first) {
                    Ok(line) => line,
                    Err(error) => {
                        // A keyboard that is gone has typed all that it will.
                        if kind == Reading::Text {
                            let _ = failure.set(error);
                        }
                        return;
                    }
                };
                first = false;
                let last = line.is_none() && kind == Reading::Text;
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
        InputLines { source: Arc::new(Mutex::new(source)), at_once: Arc::default(), error: Arc::default() }
    }

    /// Returns why the input could not be read to its end; none if it could, or is still being read.
    pub(crate) fn error(&self) -> Option<&io::Error> {
        self.error.get()
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

/// How an input is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// To its end.
    Text,
    /// For as long as somebody takes lines.
    Keyboard,
}

/// What the first bytes of a text say of its encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Reads one line and returns it without its line end; `None` at the end of the input. A byte-order mark is no part of
/// the `first` line.
///
/// If `at_once` is set when input arrives, returns that input as it is, whether or not a line ends in it.
///
/// # Errors
/// If the input cannot be read, or its first line begins as UTF-16 does.
fn read_line(input: &mut impl BufRead, at_once: &AtomicBool, first: bool) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut any = false;
    let mut cut = false;
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            return if any { finish(line, cut, first).map(Some) } else { Ok(None) };
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
        let (kept, rest) = part.split_at(part.len().min(LONGEST_LINE - line.len()));
        // Carriage returns at the end of a line are no part of it.
        cut |= rest.iter().any(|byte| *byte != b'\r');
        line.extend(kept);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return finish(line, cut, first).map(Some);
        }
    }
}

/// Turns the bytes of a line into text. `cut` says that the line was longer than [`LONGEST_LINE`].
///
/// # Errors
/// If the line is the `first` one and begins as UTF-16 does.
fn finish(mut line: Vec<u8>, cut: bool, first: bool) -> io::Result<String> {
    if first && UTF_16.iter().any(|mark| line.starts_with(mark)) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is UTF-16 text, and UTF-8 is needed"));
    }
    match cut {
        true => line.truncate(whole_characters(&line)),
        false => line.truncate(line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1)),
    }
    let text = if first { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line) } else { &line };
    let mut text = String::from_utf8_lossy(text).into_owned();
    if cut {
        text.push_str(" … (cut at 64 KiB)");
    }
    Ok(text)
}

/// Returns how many bytes of `line` are left without a character that is cut off at its end.
fn whole_characters(line: &[u8]) -> usize {
    let last = line.utf8_chunks().last();
    let rest = last.map_or(&[][..], |chunk| chunk.invalid());
    // What can still become a character begins as one; other bytes are shown as U+FFFD.
    let begins = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    if begins { line.len() - rest.len() } else { line.len() }
}

/// Returns standard input. Unlike the one of [`io::stdin`], it says so if it cannot be read at all.
///
/// # Errors
/// If it cannot be read at all.
#[cfg(feature = "program")]
pub(crate) fn standard_input() -> io::Result<impl Read + Send + 'static> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let input = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
        match input.metadata()?.is_dir() {
            true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            false => Ok(input),
        }
    }
    #[cfg(not(unix))]
    Ok(io::stdin())
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
        let mut first = true;
        let mut next = || read_line(&mut input, &AtomicBool::new(false), std::mem::take(&mut first));
        std::iter::from_fn(|| next().expect("memory can be read")).collect()
    }

    #[test]
    fn line_ends_bad_bytes_and_a_last_line_without_an_end() {
        assert_eq!(lines(b"a\r\n\nb\xffc\nlast"), ["a", "", "b\u{fffd}c", "last"]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_line_is_cut_between_characters_and_only_if_it_is_too_long() {
        let full = "x".repeat(LONGEST_LINE);
        for end in ["", "\n", "\r\n", "\r\r\n", "\r"] {
            assert_eq!(lines(format!("{full}{end}").as_bytes()).concat(), full, "{end:?}");
        }
        let cut = |line: &str| lines(line.as_bytes()).swap_remove(0).replace(" … (cut at 64 KiB)", "|");
        assert_eq!(cut(&format!("{full}\rx\r\n")), format!("{full}|"));
        assert_eq!(cut(&format!("{}é", &full[1..])), format!("{}|", &full[1..]));
        assert_eq!(cut(&format!("{}日", &full[2..])), format!("{}|", &full[2..]));
        assert_eq!(cut(&format!("{}日x", &full[3..])), format!("{}日|", &full[3..]));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(lines("\u{feff}a\n\u{feff}b".as_bytes()), ["a", "\u{feff}b"]);
        assert_eq!(lines("\u{feff}".as_bytes()), [""]);
        for utf_16 in [b"\xff\xfea\0\n\0" as &[u8], b"\xfe\xff\0a\0\n"] {
            let mut input = utf_16;
            assert!(read_line(&mut input, &AtomicBool::new(false), true).is_err());
        }
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
