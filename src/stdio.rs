//! What a scene reads and prints: lines of standard input and of standard output, neither of which blocks its event
//! loop.
//!
//! Input is read on a plain thread, because `tokio::io::stdin` keeps the process alive until the pipe closes. A line is
//! cut to its greatest length while it is read, and reading waits while [`InputLines`] has lines that were not taken
//! yet. So memory stays flat for any input. This module knows nothing of terminals or lessons.

mod line;
mod writer;

use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout_at};
use tracing::info;

use self::line::read_line;
pub use self::writer::LineWriter;

/// Most lines that a scene can read. Each becomes a task, and a recording holds at most a million tasks.
pub(crate) const MOST_LINES: usize = 1_000_000;
/// Most bytes of lines that are kept after scenes have read them.
const MOST_KEPT: usize = 1 << 20;
/// The pause between two looks for a line that a program is given.
const PAUSE: Duration = Duration::from_millis(2);
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
    /// The number of the program that is given lines: the last one that began.
    fed: Arc<AtomicU64>,
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
    /// The lines that scenes have read so far; `None` unless they are kept.
    kept: Option<Kept>,
    /// Whether a program has been given all lines.
    is_over: bool,
}

/// The lines that scenes have read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The lines, each with a line end.
    pub(crate) text: String,
    /// Whether lines are missing at the end, because they were too many.
    pub(crate) is_cut: bool,
}

impl Kept {
    /// Adds a line, unless that would be too much. Then no line is added any more: one in the middle must not be missing.
    fn add(&mut self, line: &str) {
        self.is_cut |= self.text.len() + line.len() >= MOST_KEPT;
        if !self.is_cut {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }
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

    /// Keeps a line that was read, if lines are kept and there is room.
    fn keep(&mut self, line: &str) {
        if let Some(kept) = &mut self.kept {
            kept.add(line);
        }
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
        let source = Source { lines, time: None, until: None, left: MOST_LINES, kept: None, is_over: false };
        InputLines {
            source: Arc::new(Mutex::new(source)),
            at_once: Arc::default(),
            error: Arc::default(),
            fed: Arc::default(),
        }
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
        source.keep(&line);
        Some(line)
    }

    /// Keeps the lines that scenes read from now on, up to 1 MiB of them: see [`InputLines::kept`].
    pub(crate) fn keep(&self) {
        self.source.blocking_lock().kept = Some(Kept::default());
    }

    /// Returns the lines that scenes have read since [`InputLines::keep`].
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no twin to give them to"))]
    pub(crate) fn kept(&self) -> Kept {
        self.source.blocking_lock().kept.clone().unwrap_or_default()
    }

    /// Returns what gives a program the lines as they come, each with a line end. A program after the one that was given
    /// the last line is given the lines that were kept, all at once.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no program to give them to"))]
    pub(crate) fn feed(&self) -> Box<dyn FnMut() -> Option<String> + Send> {
        let lines = self.clone();
        let mut again = {
            let source = self.source.blocking_lock();
            source.is_over.then(|| source.kept.clone().unwrap_or_default().text)
        };
        let is_again = again.is_some();
        let number = self.fed.fetch_add(1, Ordering::Relaxed) + 1;
        Box::new(move || if is_again { again.take() } else { lines.blocking_line_for_program(number) })
    }

    /// Takes no more lines for a program, because it has ended: what is typed from now on is not meant for it.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no program to give them to"))]
    pub(crate) fn stop_feeding(&self) {
        self.fed.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns whether a program was given all lines, so that others are given them at once.
    pub(crate) fn are_over(&self) -> bool {
        self.source.blocking_lock().is_over
    }

    /// Returns the next line with a line end, within the limits for scenes, for the program with this number. Does not
    /// keep others from looking for lines meanwhile.
    fn blocking_line_for_program(&self, number: u64) -> Option<String> {
        loop {
            if self.fed.load(Ordering::Relaxed) != number {
                return None;
            }
            let mut source = self.source.blocking_lock();
            let time_is_over = source.time.is_some_and(|time| {
                let until = *source.until.get_or_insert_with(|| Instant::now() + time);
                until <= Instant::now()
            });
            match source.lines.try_recv() {
                _ if time_is_over || source.left == 0 => break,
                Ok(Some(line)) => {
                    source.left -= 1;
                    source.keep(&line);
                    return Some(line + "\n");
                }
                Ok(None) | Err(mpsc::error::TryRecvError::Disconnected) => break,
                Err(mpsc::error::TryRecvError::Empty) => {}
            }
            drop(source);
            thread::sleep(PAUSE);
        }
        self.source.blocking_lock().is_over = true;
        None
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
