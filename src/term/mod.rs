//! The terminal: its width, its colours, its characters, and the one writer to standard output and standard error.
//!
//! [`Term::new`] decides everything once, from [`Options`], the environment and the streams; all other modules ask
//! [`Term`]. Results go to standard output through [`Term::print`], everything else to standard error through
//! [`Term::note`]. Both hide a live picture while they write. This module knows nothing of traces or lessons. Read
//! [`crate::style`] next for how text is drawn, and [`crate::live`] for the live picture.

pub(crate) mod keys;
pub(crate) mod signals;

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Height, Width, terminal_size_of};

use self::signals::in_foreground;
use crate::style::{Role, Style};

/// Widths that text is drawn at, in columns. Pictures need the lower bound, and the eye needs the upper one.
pub(crate) const WIDTHS: std::ops::RangeInclusive<usize> = 20..=500;
/// Size of the buffer for output, in bytes.
const BUFFER: usize = 64 * 1024;
/// Columns where neither the terminal nor `COLUMNS` gives a number.
const DEFAULT_WIDTH: usize = 80;
/// Rows where the terminal does not give a number.
const DEFAULT_HEIGHT: usize = 24;

/// The command line's options for output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// When to use colour.
    pub(crate) color: Color,
    /// Whether to write ASCII only, even if the locale has Unicode.
    pub(crate) ascii: bool,
    /// Columns to draw for; `None` for those of the terminal.
    pub(crate) width: Option<usize>,
    /// Whether to leave out prose and live pictures.
    pub(crate) quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that supports it, unless the environment says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A function that hides the live picture, calls the function it is given, and shows the picture again.
pub(crate) type HideWhile = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// What is known of the program's streams, and the only way to write to standard output and standard error.
pub(crate) struct Term {
    /// How text on standard output is drawn.
    pub(crate) style: Style,
    /// How text on standard error is drawn. Never wider than the terminal there.
    pub(crate) error_style: Style,
    /// Whether standard error is a terminal whose cursor can be moved, so that text on it can be redrawn in place.
    pub(crate) moves: bool,
    /// Whether live pictures are drawn on standard error: it is a terminal that this process is in the foreground of.
    pub(crate) live: bool,
    /// Whether questions can be asked and answered: standard input and standard error are terminals, and this process is
    /// in the foreground.
    pub(crate) asks: bool,
    /// Whether standard input is a terminal.
    pub(crate) keyboard: bool,
    /// Whether standard output is a terminal, so that results appear on the same screen as the live picture.
    pub(crate) reads_on_screen: bool,
    /// Whether prose is left out.
    pub(crate) quiet: bool,
    /// How the program is called: what to type in place of `asyncguide`.
    pub(crate) invocation: &'static str,
    /// The width that the command line asks for, in columns.
    width: Option<usize>,
    /// How to hide the live picture, while there is one.
    hide_while: Mutex<Option<HideWhile>>,
    /// What became of standard output.
    output: Mutex<Output>,
}

/// What becomes of a standard output that takes no more.
enum Output {
    /// Whoever prints gets the error, and the command ends.
    Needed,
    /// The command goes on, because its results are saved as well.
    Outlived,
    /// It has failed, and nothing more is written to it.
    Failed(io::Error),
}

impl Term {
    /// Decides how to write, from `options`, the environment and what the three standard streams are.
    pub(crate) fn new(options: Options) -> Self {
        let unicode = !options.ascii && locale_has_unicode();
        let term = env::var("TERM").ok();
        // Consoles on Windows can move the cursor, but TERM is not set there.
        let moves = cfg!(windows) || term.is_some_and(|term| !term.is_empty() && term != "dumb");
        let style = |width: usize, terminal: bool| Style {
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            color: color(options.color, terminal && moves),
            unicode,
        };
        let stdout = io::stdout();
        let stderr = io::stderr();
        let error_width = width(terminal_size_of(&stderr));
        let keyboard = io::stdin().is_terminal();
        // A program that a shell has started with “&” leaves the keyboard and the screen to others: the terminal would
        // stop it, or its picture would get into what the user types.
        let foreground = in_foreground(io::stdin()) && in_foreground(&stderr);
        Term {
            style: style(options.width.unwrap_or_else(|| width(terminal_size_of(&stdout))), stdout.is_terminal()),
            // Rows of the live picture that are wider than the terminal would wrap and could not be redrawn in place.
            error_style: style(options.width.map_or(error_width, |asked| asked.min(error_width)), stderr.is_terminal()),
            moves: stderr.is_terminal() && moves,
            live: stderr.is_terminal() && moves && !options.quiet && foreground,
            asks: keyboard && stderr.is_terminal() && foreground,
            keyboard,
            reads_on_screen: stdout.is_terminal(),
            quiet: options.quiet,
            invocation: invocation(),
            width: options.width,
            hide_while: Mutex::default(),
            output: Mutex::new(Output::Needed),
        }
    }

    /// Writes `text` to standard output and flushes it.
    ///
    /// # Errors
    /// If it cannot be written, also if that is because the reader has closed the pipe.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        self.print_as_it_comes(|out| out.write_all(text.as_bytes()))
    }

    /// Writes to standard output what `text` writes, in pieces of 64 KiB, so that a long document is never held whole.
    ///
    /// # Errors
    /// If it cannot be written, also if that is because the reader has closed the pipe; none after
    /// [`Term::outlive_output`].
    pub(crate) fn print_as_it_comes(&self, mut text: impl FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if matches!(*self.output(), Output::Failed(_)) {
            return Ok(());
        }
        let mut result = Ok(());
        let mut print = || result = write(io::stdout().lock(), self.style.color, &mut text);
        // Output to a file or a pipe does not meet the picture. Its reader may be slow, and the picture must not wait
        // for that.
        if self.reads_on_screen {
            self.with_picture_hidden(&mut print)
        } else {
            print()
        }
        let mut output = self.output();
        match (result, &*output) {
            (Err(error), Output::Outlived) => {
                *output = Output::Failed(error);
                Ok(())
            }
            (result, _) => result,
        }
    }

    /// Lets the command go on if standard output fails, because its results are saved as well. From then on, nothing is
    /// written there; [`Term::output_error`] returns the error.
    pub(crate) fn outlive_output(&self) {
        *self.output() = Output::Outlived;
    }

    /// Returns with which error standard output failed, if the command outlived that.
    pub(crate) fn output_error(&self) -> Option<io::Error> {
        match std::mem::replace(&mut *self.output(), Output::Needed) {
            Output::Failed(error) => Some(error),
            Output::Needed | Output::Outlived => None,
        }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `text` to standard error. Ignores write errors: there is nowhere left to report them.
    pub(crate) fn note(&self, text: &str) {
        self.with_picture_hidden(&mut || {
            let _ = write(io::stderr().lock(), self.error_style.color, |out| out.write_all(text.as_bytes()));
        });
    }

    /// Writes `text` to standard error as a warning, sanitised and in one line.
    pub(crate) fn warn(&self, text: &str) {
        let style = &self.error_style;
        self.note(&format!("{} {}\n", style.paint(Role::Warn, "warning:"), style.line(text)));
    }

    /// Passes on what a program of the user's own has written, byte for byte, to standard output or `to_error`. Ignores
    /// write errors: the program cannot be told of them.
    #[cfg(unix)]
    pub(crate) fn pass_on(&self, bytes: &[u8], to_error: bool) {
        self.with_picture_hidden(&mut || {
            let _ = match to_error {
                true => io::stderr().lock().write_all(bytes),
                false => io::stdout().lock().write_all(bytes).and_then(|()| io::stdout().flush()),
            };
        });
    }

    /// Writes a part of the live picture, with the escape sequences that place it, to standard error. Ignores errors.
    pub(crate) fn draw(&self, picture: &str) {
        let _ = write(io::stderr().lock(), true, |out| out.write_all(picture.as_bytes()));
    }

    /// Returns the columns and rows that a live picture may take up now. Asks the terminal each time, since it may have
    /// been resized.
    pub(crate) fn live_size(&self) -> (usize, usize) {
        let (columns, rows) = match terminal_size_of(io::stderr()) {
            Some((Width(columns), Height(rows))) => (columns.into(), rows.into()),
            None => (DEFAULT_WIDTH, DEFAULT_HEIGHT),
        };
        (columns.min(self.width.unwrap_or(*WIDTHS.end())), rows)
    }

    /// Sets how the live picture is hidden while something else is written; `None` once there is no picture.
    pub(crate) fn set_hide_while(&self, hide_while: Option<HideWhile>) {
        *self.hide_while.lock().unwrap_or_else(PoisonError::into_inner) = hide_while;
    }

    fn with_picture_hidden(&self, write: &mut dyn FnMut()) {
        let hide_while = self.hide_while.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match hide_while {
            Some(hide_while) => hide_while(write),
            None => write(),
        }
    }
}

/// Returns what the user types to run this program. After `cargo run`, there is no `asyncguide` on the path.
fn invocation() -> &'static str {
    let by_cargo = env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let program = env::current_exe().unwrap_or_default();
    let profile = program.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    match by_cargo {
        true if profile == "release" => "cargo run --release --",
        true if profile == "debug" => "cargo run --",
        _ => "asyncguide",
    }
}

/// Writes what `text` writes to `stream` and flushes it. Removes escape sequences unless `color` is set.
fn write(
    stream: impl anstream::stream::RawStream + anstream::stream::AsLockedWrite,
    color: bool,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let choice = if color { ColorChoice::Always } else { ColorChoice::Never };
    let mut stream = BufWriter::with_capacity(BUFFER, AutoStream::new(stream, choice));
    text(&mut stream)?;
    stream.flush()
}

/// Returns whether to use colour. What decides is, in this order: `--color`, `NO_COLOR`, `CLICOLOR_FORCE` or
/// `FORCE_COLOR`, and whether the stream is a `terminal` that can show it.
fn color(choice: Color, terminal: bool) -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let forced = |name| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") || terminal,
    }
}

/// Returns the width in columns: the terminal's own, else that in `COLUMNS`, else 80.
fn width(terminal: Option<(Width, Height)>) -> usize {
    // A terminal whose size was never set reports 0 columns.
    if let Some((Width(columns), _)) = terminal
        && columns > 0
    {
        return columns.into();
    }
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    match columns {
        None | Some(0) => DEFAULT_WIDTH,
        Some(columns) => columns,
    }
}

/// Returns whether the locale is a UTF-8 one. Without any locale, assumes that the terminal shows UTF-8.
fn locale_has_unicode() -> bool {
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    let Some(locale) = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")) else {
        return true;
    };
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// A writer for log records: sanitises each and writes it with [`Term::note`].
pub(crate) struct Log(pub(crate) Arc<Term>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.note(&self.0.error_style.text(&String::from_utf8_lossy(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
