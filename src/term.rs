//! The terminal: the one place that decides width, colour, Unicode and what is a terminal at all, and the one writer.
//!
//! Decided once, from [`Options`], the environment and the streams; everybody else asks [`Term`]. Results go to
//! standard output through [`Term::print`], everything else to standard error through [`Term::note`]. Both step
//! around the live picture if there is one. Knows nothing of traces or lessons. Read `live.rs` next.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, panic};

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Height, Width, terminal_size_of};

use crate::page::{Page, Role};

/// Narrower than this nothing is drawn well, and wider than that nothing is read well.
pub(crate) const WIDTHS: std::ops::RangeInclusive<usize> = 20..=500;
/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;
const USUAL_WIDTH: usize = 80;
const USUAL_HEIGHT: usize = 24;

/// What the command line says about output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) color: Color,
    pub(crate) ascii: bool,
    pub(crate) width: Option<usize>,
    pub(crate) quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that has it, unless the environment says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Calls what it is given while the live picture is out of the way.
pub(crate) type HideWhile = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// Where the program's words go.
pub(crate) struct Term {
    /// Standard output, as a page to draw on.
    pub(crate) page: Page,
    /// Standard error, likewise.
    pub(crate) error_page: Page,
    /// Whether standard error is a terminal whose cursor can be moved: what was drawn there can be drawn anew.
    pub(crate) moves: bool,
    /// Whether a live picture is to be drawn there.
    pub(crate) live: bool,
    /// Whether somebody is there to answer: standard input and standard error are terminals.
    pub(crate) asks: bool,
    /// Whether standard input is a keyboard.
    pub(crate) keyboard: bool,
    /// Whether standard output is a terminal: what is printed is read by a person, not by a program.
    pub(crate) reads_on_screen: bool,
    /// Whether prose is to be left out.
    pub(crate) quiet: bool,
    /// The width that was asked for.
    width: Option<usize>,
    hide_while: Mutex<Option<HideWhile>>,
}

impl Term {
    /// Decides everything there is to decide.
    pub(crate) fn new(options: Options) -> Self {
        let unicode = !options.ascii && locale_has_unicode();
        let term = env::var("TERM").ok();
        // Windows' consoles move the cursor without a TERM.
        let moves = cfg!(windows) || term.is_some_and(|term| !term.is_empty() && term != "dumb");
        let page = |width: usize, terminal: bool| Page {
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            color: color(options.color, terminal && moves),
            unicode,
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let error_width = width(terminal_size_of(&stderr));
        let keyboard = io::stdin().is_terminal();
        Term {
            page: page(options.width.unwrap_or_else(|| width(terminal_size_of(&stdout))), stdout.is_terminal()),
            // The live picture is drawn here, and one that is wider than its terminal would fall apart.
            error_page: page(options.width.map_or(error_width, |asked| asked.min(error_width)), stderr.is_terminal()),
            moves: stderr.is_terminal() && moves,
            live: stderr.is_terminal() && moves && !options.quiet,
            asks: keyboard && stderr.is_terminal(),
            keyboard,
            reads_on_screen: stdout.is_terminal(),
            quiet: options.quiet,
            width: options.width,
            hide_while: Mutex::default(),
        }
    }

    /// Writes `text` to standard output, whole and at once.
    ///
    /// # Errors
    /// If it cannot be written, a closed pipe included.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        self.print_as_it_comes(|out| out.write_all(text.as_bytes()))
    }

    /// Writes to standard output what `text` writes, which may be long, in pieces.
    ///
    /// # Errors
    /// If it cannot be written, a closed pipe included.
    pub(crate) fn print_as_it_comes(&self, mut text: impl FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut result = Ok(());
        let mut print = || result = write(io::stdout().lock(), self.page.color, &mut text);
        // Elsewhere there is no picture in the way; and whoever stops reading there must not stop the drawing too.
        if self.reads_on_screen {
            self.with_picture_hidden(&mut print)
        } else {
            print()
        }
        result
    }

    /// Writes `text` to standard error. That nobody can be told of an error there is no error.
    pub(crate) fn note(&self, text: &str) {
        self.with_picture_hidden(&mut || {
            let _ = write(io::stderr().lock(), self.error_page.color, |out| out.write_all(text.as_bytes()));
        });
    }

    /// Warns on standard error, in one line.
    pub(crate) fn warn(&self, text: &str) {
        let page = &self.error_page;
        self.note(&format!("{} {}\n", page.paint(Role::Warn, "warning:"), page.line(text)));
    }

    /// Writes a piece of the live picture to standard error: escape sequences that move the cursor, and what is to
    /// stand there.
    pub(crate) fn draw(&self, picture: &str) {
        let _ = write(io::stderr().lock(), true, |out| out.write_all(picture.as_bytes()));
    }

    /// How many columns and rows a live picture has at this moment: people resize their terminals.
    pub(crate) fn live_size(&self) -> (usize, usize) {
        let size = terminal_size_of(io::stderr());
        let (columns, rows) = size.map_or((USUAL_WIDTH, USUAL_HEIGHT), |(Width(columns), Height(rows))| {
            (usize::from(columns), usize::from(rows))
        });
        (columns.min(self.width.unwrap_or(*WIDTHS.end())), rows)
    }

    /// While `hide_while` is set, what is written goes through it.
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

fn write(
    stream: impl anstream::stream::RawStream + anstream::stream::AsLockedWrite,
    color: bool,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let choice = if color { ColorChoice::Always } else { ColorChoice::Never };
    let mut stream = BufWriter::with_capacity(PIECE, AutoStream::new(stream, choice));
    text(&mut stream)?;
    stream.flush()
}

/// Makes a panic one readable, harmless line on standard error that the live picture does not erase.
pub(crate) fn install_panic_hook(term: &Arc<Term>) {
    let term = Arc::clone(term);
    panic::set_hook(Box::new(move |info| {
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", crate::trace::source_path(at.file()), at.line()));
        let message = crate::observe::message(info.payload());
        let line = term.error_page.line(&format!("panicked{place}: {message}"));
        term.note(&format!("{}\n", term.error_page.paint(Role::Bad, line)));
    }));
}

/// `--color`, then `NO_COLOR`, then `CLICOLOR_FORCE` and `FORCE_COLOR`, then whether it is a terminal.
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

/// A terminal's own width, then `COLUMNS`, then what is usual.
fn width(terminal: Option<(Width, Height)>) -> usize {
    // A terminal that nobody gave a size says 0.
    let terminal = terminal.map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0);
    let columns = || env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    terminal.or_else(columns).unwrap_or(USUAL_WIDTH)
}

/// Whether the locale's characters are Unicode's. Where no locale is set at all, they usually are.
fn locale_has_unicode() -> bool {
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The log's way out: each line through the one writer.
pub(crate) struct Log(pub(crate) Arc<Term>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.note(&self.0.error_page.text(&String::from_utf8_lossy(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
