//! The screen that indicatif draws on: it keeps what is drawn apart from what the terminal shows, and writes the
//! difference.
//!
//! indicatif writes every row anew each time, to the last column. Here that goes onto a [`Sheet`], which is a terminal
//! in memory, and nowhere else; [`Canvas::show`] then writes the cells that changed. So a frame takes some twenty bytes
//! a lane, comes whole, and is on the screen or off it as we say, whatever indicatif believes. Knows nothing of lanes;
//! read `strip.rs` next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use std::{fmt, io};

use indicatif::TermLike;

use super::strip::{Strip, moves};
use crate::term::Term;

/// At most so many redraws a second, whoever asks for them.
pub(super) const REDRAWS: usize = 15;

/// What indicatif draws on.
#[derive(Clone)]
pub(super) struct Sheet(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) strip: Strip,
    /// When the last redraws were, latest last.
    redrawn: VecDeque<Instant>,
    closed: bool,
}

/// A sheet on a terminal, shared by who draws and who has to write where it is.
#[derive(Clone)]
pub(super) struct Canvas {
    term: Arc<Term>,
    pub(super) sheet: Sheet,
    most_rows: usize,
}

impl Canvas {
    /// At most so many rows high, however high the terminal is.
    pub(super) fn new(term: &Arc<Term>, most_rows: usize) -> Self {
        Canvas { term: Arc::clone(term), sheet: Sheet::new(), most_rows }
    }

    /// Asks the terminal how many columns and rows there are for a picture at this moment, and begins anew if that
    /// is news.
    pub(super) fn fit(&self) -> (usize, usize) {
        let strip = &mut self.sheet.state().strip;
        self.fit_now(strip);
        (strip.columns.into(), strip.rows.into())
    }

    fn fit_now(&self, strip: &mut Strip) {
        let (columns, rows) = self.term.live_size();
        // One row is for the cursor.
        let (columns, rows) = (columns as u16, rows.saturating_sub(1).min(self.most_rows) as u16);
        if (strip.columns, strip.rows) != (columns, rows) {
            self.term.draw(&strip.resize(columns, rows));
        }
    }

    /// Brings the terminal up to date, unless it was only just; answers how many bytes that took.
    pub(super) fn show(&self) -> usize {
        let mut state = self.sheet.state();
        // The redraws that this saves are kept for whoever makes the picture step aside: without one it stays away.
        let only_just = state.redrawn.back().is_some_and(|at| at.elapsed() < Duration::from_secs(1) / REDRAWS as u32);
        if only_just { 0 } else { self.redraw(&mut state) }
    }

    fn redraw(&self, state: &mut State) -> usize {
        if state.closed || !state.may_redraw(Instant::now()) {
            return 0;
        }
        let changes = state.strip.changes();
        self.term.draw(&changes);
        changes.len()
    }

    /// Leaves what was drawn, and draws from where the cursor is.
    pub(super) fn begin_anew(&self) {
        let strip = &mut self.sheet.state().strip;
        *strip = Strip::new(strip.columns, strip.rows);
    }

    /// Brings the terminal to show `text`, which is all that is drawn from now on.
    pub(super) fn set(&self, text: &str) {
        let mut state = self.sheet.state();
        state.strip.set(text);
        let changes = state.strip.changes();
        self.term.draw(&changes);
    }

    /// From now on, whoever writes lines to the terminal makes the picture step aside; but not `drawer`, the thread that
    /// draws: should it panic, the panic's message must not wait for the sheet that it may hold.
    pub(super) fn make_way(&self, drawer: ThreadId) {
        let aside = self.clone();
        self.term.set_step_aside(Some(Arc::new(move |write| {
            if thread::current().id() == drawer { write() } else { aside.step_aside(write) }
        })));
    }

    /// Calls `write`, which writes lines to the terminal, with the picture out of the way.
    pub(super) fn step_aside(&self, write: &mut dyn FnMut()) {
        let mut state = self.sheet.state();
        self.fit_now(&mut state.strip);
        self.term.draw(&state.strip.erase());
        write();
        self.redraw(&mut state);
    }

    /// Takes the picture off the screen for good.
    pub(super) fn close(&self) {
        let mut state = self.sheet.state();
        state.closed = true;
        self.fit_now(&mut state.strip);
        self.term.draw(&state.strip.erase());
    }
}

impl State {
    /// Counts a redraw, if there may be one.
    pub(super) fn may_redraw(&mut self, now: Instant) -> bool {
        if self.redrawn.len() == REDRAWS {
            if self.redrawn[0] + Duration::from_secs(1) > now {
                return false;
            }
            self.redrawn.pop_front();
        }
        self.redrawn.push_back(now);
        true
    }
}

impl Sheet {
    pub(super) fn new() -> Self {
        let state = State { strip: Strip::new(1, 1), redrawn: VecDeque::new(), closed: false };
        Sheet(Arc::new(Mutex::new(state)))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self, escapes: &str) -> io::Result<()> {
        self.state().strip.feed(escapes);
        Ok(())
    }
}

impl fmt::Debug for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheet").finish_non_exhaustive()
    }
}

impl TermLike for Sheet {
    fn width(&self) -> u16 {
        self.state().strip.columns
    }

    fn height(&self) -> u16 {
        self.state().strip.rows
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.feed(&moves(n, 'A'))
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.feed(&moves(n, 'B'))
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.feed(&moves(n, 'C'))
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.feed(&moves(n, 'D'))
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)?;
        self.feed("\r\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.state().strip.write(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.feed("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        // Each bar that changes makes indicatif draw all of them; only the last time counts, and ends in `show`.
        Ok(())
    }
}
