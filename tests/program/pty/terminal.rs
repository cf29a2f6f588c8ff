//! Runs a program in a terminal of its own: a real pseudo-terminal, whose screen is read back as a person would see it.
//!
//! Whoever waits here waits for something to be seen, and gives up after [`PATIENCE`]. Read `live.rs` next.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::program::PATIENCE;

/// How often what makes no news of itself is looked at.
const POLL: Duration = Duration::from_millis(5);
/// What stands on the screen before a program of [`after_a_line`] starts.
pub(crate) const BEFORE: &str = "what stood here before";
/// Ctrl-C and Ctrl-D, as a keyboard sends them.
pub(crate) const CTRL_C: &str = "\x03";
pub(crate) const CTRL_D: &str = "\x04";

/// A program in its terminal.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    modes: String,
}

struct Shared {
    terminal: Mutex<Terminal>,
    news: Condvar,
}

/// What a terminal shows, and all that was written to it.
pub(crate) struct Terminal {
    parser: vt100::Parser,
    written: Vec<(Instant, Vec<u8>)>,
    closed: bool,
}

/// What is left when the program has ended.
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: u32,
    /// Its terminal's modes, such as whether what is typed is echoed: before and after.
    modes: [String; 2],
    terminal: Terminal,
}

/// A command in an environment of its own, which is that of a usual terminal. A lesson makes no pauses there.
pub(crate) fn command(program: impl Into<PathBuf>, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program.into());
    command.args(arguments);
    command.env_clear();
    command.cwd(env!("CARGO_MANIFEST_DIR"));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color");
    command.env("XDG_STATE_HOME", crate::program::NOBODY);
    command.env("ASYNCGUIDE_NO_PAUSE", "1");
    command
}

/// The same from a shell, whose `script` says `"$@"` where the program is to be run.
pub(crate) fn script(script: &str, program: impl Into<PathBuf>, arguments: &[&str]) -> CommandBuilder {
    let program = program.into().into_os_string().into_string().expect("its path is UTF-8");
    command("/bin/sh", &[&["-c", script, "sh", &program], arguments].concat())
}

/// The same on a screen where something stands already.
pub(crate) fn after_a_line(program: impl Into<PathBuf>, arguments: &[&str]) -> CommandBuilder {
    script(&format!("echo '{BEFORE}'; exec \"$@\""), program, arguments)
}

impl Pty {
    /// Runs `command` in a terminal of 80 columns and 24 rows.
    pub(crate) fn run(command: CommandBuilder) -> Pty {
        Pty::run_in(80, 24, command)
    }

    /// Runs `command` in a terminal of this size.
    pub(crate) fn run_in(columns: u16, rows: u16, command: CommandBuilder) -> Pty {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("there are terminals to be had");
        let parser = vt100::Parser::new(nonzero(rows), nonzero(columns), 10_000);
        let terminal = Mutex::new(Terminal { parser, written: Vec::new(), closed: false });
        let shared = Arc::new(Shared { terminal, news: Condvar::new() });
        let screen = pair.master.try_clone_reader().expect("it can be read");
        let (keyboard, modes) = (pair.master.take_writer().expect("it can be typed at"), modes(&*pair.master));
        let child = pair.slave.spawn_command(command).expect("it can be started");
        let shows = Arc::clone(&shared);
        thread::spawn(move || shows.show(screen));
        Pty { master: pair.master, keyboard, child, shared, modes }
    }

    /// Types `keys`.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).expect("it can be typed at");
    }

    /// Sends the program a signal of this name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.process_id().expect("it runs").to_string();
        let sent = Command::new("/bin/sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &process]).status();
        assert!(sent.expect("there is a shell").success());
    }

    /// Sends this signal to all programs of the terminal, as a key does.
    pub(crate) fn signal_all(&self, name: &str) {
        let group = format!("-{}", self.child.process_id().expect("it runs"));
        // They may have ended meanwhile.
        let sent =
            Command::new("/bin/sh").args(["-c", "kill -s \"$1\" -- \"$2\" 2>/dev/null", "sh", name, &group]).status();
        sent.expect("there is a shell");
    }

    /// Returns whether the program has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it can be waited for").is_some()
    }

    /// Waits until the program is stopped, as by Ctrl-Z.
    pub(crate) fn wait_until_stopped(&self) {
        let process = self.child.process_id().expect("it runs").to_string();
        let until = Instant::now() + PATIENCE;
        loop {
            let state = Command::new("ps").args(["-o", "state=", "-p", &process]).output().expect("there is ps");
            if String::from_utf8_lossy(&state.stdout).trim().starts_with('T') {
                return;
            }
            assert!(Instant::now() < until, "it is not stopped");
            thread::sleep(POLL);
        }
    }

    /// Writes `text` to the terminal as another program does.
    pub(crate) fn write_beside(&self, text: &str) {
        let terminal = self.master.tty_name().expect("it has a name");
        std::fs::write(terminal, text).expect("it can be written to");
    }

    /// Makes the terminal this large.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let mut terminal = self.shared.terminal();
        terminal.parser.screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.master.resize(size(columns, rows)).expect("it can be made another size");
    }

    /// Waits until `seen` finds something in the terminal, and answers it. Checks with every byte that comes.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, what: &str, seen: impl Fn(&Terminal) -> Option<T>) -> T {
        let mut terminal = self.shared.terminal();
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = seen(&terminal) {
                return seen;
            }
            assert!(!terminal.closed, "ended before this was seen: {what}\n{}", terminal.text());
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never seen: {what}\n{}", terminal.text());
            let waited = self.shared.news.wait_timeout(terminal, left);
            terminal = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until `text` is to be seen.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, text: &str) {
        self.wait_for(text, |terminal| terminal.shown().contains(text).then_some(()));
    }

    /// Waits until `seen` finds something in the terminal, or the program has ended: none then.
    #[track_caller]
    pub(crate) fn wait_for_or_end<T>(&self, what: &str, seen: impl Fn(&Terminal) -> Option<T>) -> Option<T> {
        self.wait_for(what, |terminal| match seen(terminal) {
            Some(seen) => Some(Some(seen)),
            None => terminal.closed.then_some(None),
        })
    }

    /// Waits until the program asks for something with `prompt`, or has ended without: whether it does.
    #[track_caller]
    pub(crate) fn asks(&self, prompt: &str) -> bool {
        self.wait_for(prompt, |terminal| match terminal.shown().contains(prompt) {
            true => Some(true),
            false => terminal.closed.then_some(false),
        })
    }

    /// Waits for the program's end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("it can be waited for") {
                Some(status) => break status,
                None => assert!(Instant::now() < until, "it hangs:\n{}", self.shared.terminal().text()),
            }
            thread::sleep(POLL);
        };
        // Whatever it wrote is shown once nobody holds the terminal any more.
        while !self.shared.terminal().closed {
            assert!(Instant::now() < until, "somebody still holds the terminal");
            thread::sleep(POLL);
        }
        let modes = [self.modes.clone(), modes(&*self.master)];
        let terminal = std::mem::replace(&mut *self.shared.terminal(), Terminal::none());
        Ended { code: status.exit_code(), modes, terminal }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Shared {
    fn terminal(&self) -> MutexGuard<'_, Terminal> {
        self.terminal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, mut screen: impl Read) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            let mut terminal = self.terminal();
            terminal.parser.process(&bytes[..count]);
            terminal.written.push((Instant::now(), bytes[..count].to_vec()));
            self.news.notify_all();
        }
        self.terminal().closed = true;
        self.news.notify_all();
    }
}

impl Terminal {
    fn none() -> Self {
        Terminal { parser: vt100::Parser::default(), written: Vec::new(), closed: true }
    }

    /// What is on the screen at this moment.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Its rows.
    pub(crate) fn rows(&self) -> Vec<String> {
        let columns = self.screen().size().1.get();
        self.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect()
    }

    /// The same as one text.
    pub(crate) fn shown(&self) -> String {
        self.rows().join("\n")
    }

    /// All rows since the beginning, those that have left the screen included, and whether the row goes on in the next
    /// one because it was too long.
    fn all_rows(&self) -> Vec<(String, bool)> {
        let mut screen = self.screen().clone();
        let (rows, columns) = screen.size();
        let (mut all, mut above) = (Vec::new(), screen.scrollback_len());
        loop {
            screen.set_scrollback(above);
            let page = screen.rows(0, columns.get()).zip((0..rows.get()).map(|row| screen.row_wrapped(row)));
            if above == 0 {
                all.extend(page);
                return all;
            }
            all.extend(page.take(above));
            above = above.saturating_sub(rows.get().into());
        }
    }

    /// All lines since the beginning.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.all_rows().iter().map(|(row, _)| row.trim_end().to_owned()).collect();
        while lines.pop_if(|line| line.is_empty()).is_some() {}
        lines
    }

    /// The same as one text.
    pub(crate) fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The lines that are longer than the terminal is wide, whole.
    pub(crate) fn broken_lines(&self) -> Vec<String> {
        let rows = self.all_rows();
        let lines = rows.chunk_by(|(_, goes_on), _| *goes_on).filter(|rows| rows.len() > 1);
        lines.map(|rows| rows.iter().map(|(row, _)| row.as_str()).collect()).collect()
    }

    /// How much of the lane `name` is drawn on the screen, in cells; none if there is no such lane.
    pub(crate) fn lane(&self, name: &str) -> Option<usize> {
        let rows = self.rows();
        let lane = rows.iter().find(|row| row.split_whitespace().next() == Some(name) && row.contains(GLYPHS))?;
        Some(lane.matches(GLYPHS).count())
    }

    /// All bytes that were written to it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.written.iter().flat_map(|(_, bytes)| bytes).copied().collect()
    }

    /// What stood on the screen each time before it was erased from somewhere on.
    pub(crate) fn erased(&self) -> Vec<String> {
        const ERASE: &[u8] = b"\x1b[J";
        let (bytes, (rows, columns)) = (self.bytes(), self.screen().size());
        let mut again = Terminal { parser: vt100::Parser::new(rows, columns, 0), ..Terminal::none() };
        let (mut erased, mut from) = (Vec::new(), 0);
        while let Some(at) = bytes[from..].windows(ERASE.len()).position(|part| part == ERASE) {
            again.parser.process(&bytes[from..from + at]);
            erased.push(again.shown());
            again.parser.process(ERASE);
            from += at + ERASE.len();
        }
        erased
    }

    /// How many bytes had been written to it by when.
    pub(crate) fn written(&self) -> impl Iterator<Item = (Instant, usize)> {
        self.written.iter().scan(0, |sum, (when, bytes)| {
            *sum += bytes.len();
            Some((*when, *sum))
        })
    }
}

/// What lanes are drawn with.
pub(crate) const GLYPHS: [char; 5] = ['━', '╳', '▄', '▌', '█'];

impl std::ops::Deref for Ended {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl Ended {
    /// Checks that the terminal is as it was found: a cursor at the beginning of an empty row, no colour, nothing below,
    /// nothing pending.
    #[track_caller]
    pub(crate) fn check_terminal(&self) {
        let (screen, text) = (self.screen(), self.text());
        assert!(!screen.hide_cursor(), "the cursor is shown:\n{text}");
        assert!(!screen.alternate_screen() && !screen.application_cursor() && !screen.bracketed_paste(), "{text}");
        let plain = [screen.fgcolor(), screen.bgcolor()] == [vt100::Color::Default; 2];
        let plain = plain && !(screen.bold() || screen.dim() || screen.italic() || screen.underline());
        assert!(plain && !screen.inverse(), "what comes next is plain:\n{text}");
        let (row, column) = screen.cursor_position();
        let below = &self.rows()[row.into()..];
        assert!(column == 0 && below.iter().all(String::is_empty), "the cursor is below everything:\n{text}");
        self.check_modes();
    }

    /// Checks that the terminal reads and echoes as it did before.
    #[track_caller]
    pub(crate) fn check_modes(&self) {
        assert_eq!(self.modes[0], self.modes[1], "the terminal's modes");
    }

    /// Checks that so many lanes and so many axes are to be seen: those of the report, and none that grew.
    #[track_caller]
    pub(crate) fn check_pictures(&self, lanes: usize, axes: usize) {
        let lines = self.lines();
        let ends = ["done", "interrupted", "panicked", "cancelled"];
        let is_lane = |line: &&String| line.contains(GLYPHS) && !line.contains(": it ");
        let drawn = lines.iter().filter(is_lane);
        assert!(drawn.clone().all(|line| ends.iter().any(|end| line.ends_with(end))), "{}", self.text());
        let axis = lines.iter().filter(|line| line.contains('├'));
        assert_eq!((drawn.count(), axis.count()), (lanes, axes), "{}", self.text());
    }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a terminal has rows and columns")
}
