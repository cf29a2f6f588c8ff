//! What a scene reads and prints: lines of standard input, lines of standard output, both without blocking its loop.
//!
//! Input is read on a plain thread: tokio's own reader would keep the process alive until the pipe closes. A line is
//! bounded before it is kept, and reading waits for whoever takes the lines, so memory stays flat whatever comes in.
//! Knows nothing of terminals or lessons.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout_at};

/// A longer line is cut here, and says so.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;
/// Reading ends after so many: each becomes a task, and a recording holds at most so many.
pub(crate) const MOST_LINES: usize = 1_000_000;
/// Lines that lie ready between reader and scene.
const AHEAD: usize = 16;

/// Lines to read, until the end of input or of the time for reading.
#[derive(Clone, Debug)]
pub struct InputLines {
    source: Arc<Mutex<Source>>,
    /// Whether what is read is handed on at once, before its line has ended.
    at_once: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Source {
    /// None is an end of input.
    lines: mpsc::Receiver<Option<String>>,
    time: Option<Duration>,
    until: Option<Instant>,
    left: usize,
}

impl InputLines {
    /// No lines at all.
    pub fn none() -> Self {
        Self::from_receiver(mpsc::channel(1).1)
    }

    /// The lines of `input`, which is read on a thread of its own from now on.
    pub fn read(input: impl Read + Send + 'static) -> Self {
        Self::read_while(input, Option::is_some)
    }

    /// The same of a keyboard, whose input goes on after its end: Ctrl-D ends what is read at that moment, no more.
    pub(crate) fn read_keyboard(input: impl Read + Send + 'static) -> Self {
        Self::read_while(input, |_| true)
    }

    fn read_while(input: impl Read + Send + 'static, goes_on: fn(&Option<String>) -> bool) -> Self {
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
        // Without a thread there is nothing to read from: the scene sees the end of input.
        let _ = thread::Builder::new().name("stdin".to_owned()).spawn(reading);
        lines
    }

    fn from_receiver(lines: mpsc::Receiver<Option<String>>) -> Self {
        let source = Source { lines, time: None, until: None, left: MOST_LINES };
        InputLines { source: Arc::new(Mutex::new(source)), at_once: Arc::default() }
    }

    /// From now on, what is typed comes as it is read, its control characters included, and not line by line; or line
    /// by line again. The terminal has to hand it over like that.
    pub(crate) fn come_at_once(&self, at_once: bool) {
        self.at_once.store(at_once, Ordering::Relaxed);
    }

    /// Reading is to end `time` after the first call of [`InputLines::next_line`].
    pub(crate) fn read_for(&self, time: Duration) {
        self.source.blocking_lock().time = Some(time);
    }

    /// The next line, without its end; none at the end of input.
    ///
    /// Carriage returns before the line's end are cut off, bytes that are not UTF-8 become U+FFFD, and a line of
    /// more than 64 KiB is cut and says so.
    pub async fn next_line(&self) -> Option<String> {
        let mut source = self.source.lock().await;
        source.left = source.left.checked_sub(1)?;
        let Some(time) = source.time else { return source.lines.recv().await.flatten() };
        let until = *source.until.get_or_insert_with(|| Instant::now() + time);
        timeout_at(until, source.lines.recv()).await.ok().flatten().flatten()
    }

    /// [`InputLines::next_line`] for a thread outside of any runtime.
    pub(crate) fn blocking_next_line(&self) -> Option<String> {
        self.source.blocking_lock().lines.blocking_recv().flatten()
    }

    /// Forgets the lines that were typed before anybody asked for them.
    pub(crate) fn forget(&self) {
        let mut source = self.source.blocking_lock();
        while source.lines.try_recv().is_ok() {}
    }
}

/// One line without its end, or what came of it if it is wanted `at_once`; none at the end of input.
fn read_line(input: &mut impl BufRead, at_once: &AtomicBool) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let (mut any, mut cut) = (false, false);
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            return Ok(any.then(|| finish(line, cut)));
        }
        // Asked only now: whoever wants it may have come while there was nothing to read.
        if at_once.load(Ordering::Relaxed) {
            let (typed, count) = (String::from_utf8_lossy(available).into_owned(), available.len());
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

/// Where a scene prints its lines.
#[derive(Clone, Debug)]
pub struct LineWriter(mpsc::Sender<String>);

impl LineWriter {
    /// A place where nobody reads.
    pub fn nowhere() -> Self {
        LineWriter(mpsc::channel(1).0)
    }

    /// Prints each line with `print`, on a thread of its own, until that fails or nobody can send any more.
    ///
    /// The thread answers how that went once every `LineWriter` is dropped and every line is printed.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn print_with(
        mut print: impl FnMut(&str) -> io::Result<()> + Send + 'static,
    ) -> io::Result<(Self, thread::JoinHandle<io::Result<()>>)> {
        let (sender, mut lines) = mpsc::channel::<String>(AHEAD);
        let printing = move || {
            while let Some(line) = lines.blocking_recv() {
                print(&line)?;
            }
            Ok(())
        };
        Ok((LineWriter(sender), thread::Builder::new().name("stdout".to_owned()).spawn(printing)?))
    }

    /// Prints a line. Waits, without holding the thread, while a slow reader is behind.
    pub async fn print_line(&self, line: impl Into<String>) {
        // Nobody reads any more: the program ends for that reason, not the scene.
        let _ = self.0.send(line.into()).await;
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
