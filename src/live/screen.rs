//! The region of the terminal that a live picture is drawn in.
//!
//! indicatif rewrites every row to its last column each time. Here it writes to a [`DrawBuffer`], a terminal in memory,
//! and [`LiveRegion::show`] then sends only the cells that changed to the real terminal. A frame therefore takes about
//! twenty bytes a lane, arrives whole, and can be hidden and shown again without indicatif's knowledge. This module
//! knows nothing of lanes. Read [`super::strip`] next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use std::{fmt, io};

use indicatif::TermLike;

use super::strip::{ScreenDiff, moves};
use crate::term::Term;
use crate::term::signals::has_resumed;

/// Most redraws in any second, for all causes together.
pub(super) const REDRAWS: usize = 15;

/// The terminal in memory that indicatif draws on. Clones share it.
#[derive(Clone)]
pub(super) struct DrawBuffer(Arc<Mutex<BufferState>>);

/// What the clones of a [`DrawBuffer`] share.
pub(super) struct BufferState {
    pub(super) diff: ScreenDiff,
    /// Times of the latest redraws, oldest first. At most [`REDRAWS`] of them.
    redrawn: VecDeque<Instant>,
    /// Whether the region is off the screen for good.
    closed: bool,
}

/// A buffer and the terminal that shows it. Clones share both: the thread that draws has one, and threads that write
/// lines to the terminal use another to hide the picture meanwhile.
#[derive(Clone)]
pub(super) struct LiveRegion {
    term: Arc<Term>,
    pub(super) buffer: DrawBuffer,
    most_rows: usize,
}

impl LiveRegion {
    /// Creates a region of at most `most_rows` rows, even on a higher terminal. Writes nothing yet.
    pub(super) fn new(term: &Arc<Term>, most_rows: usize) -> Self {
        LiveRegion { term: Arc::clone(term), buffer: DrawBuffer::new(), most_rows }
    }

    /// Adapts the region to the terminal's current size and returns its columns and rows.
    ///
    /// After a resize, erases what was drawn, so that the next [`LiveRegion::show`] writes every cell.
    pub(super) fn fit(&self) -> (usize, usize) {
        let diff = &mut self.buffer.state().diff;
        self.fit_now(diff);
        (diff.columns.into(), diff.rows.into())
    }

    /// Leaves on the screen what was drawn before the process was stopped, if it was. The shell and the user have written
    /// below it meanwhile, so the cursor is no longer where it was.
    fn leave_if_stopped(&self, diff: &mut ScreenDiff) {
        if has_resumed() {
            *diff = ScreenDiff::new(diff.columns, diff.rows);
        }
    }

    fn fit_now(&self, diff: &mut ScreenDiff) {
        self.leave_if_stopped(diff);
        let (terminal_columns, terminal_rows) = self.term.live_size();
        let columns = terminal_columns as u16;
        // One row is for the cursor.
        let rows = terminal_rows.saturating_sub(1).min(self.most_rows) as u16;
        if (diff.columns, diff.rows) != (columns, rows) {
            self.term.draw(&diff.resize(columns, rows));
        }
    }

    /// Writes what changed in the buffer to the terminal and returns the number of bytes written.
    ///
    /// Does nothing, and returns 0, less than a fifteenth of a second after the last redraw.
    pub(super) fn show(&self) -> usize {
        let mut state = self.buffer.state();
        // This leaves redraws for `hide_while`: without one, the picture would stay hidden after a line was written.
        let interval = Duration::from_secs(1) / REDRAWS as u32;
        match state.redrawn.back() {
            Some(last) if last.elapsed() < interval => 0,
            _ => self.redraw(&mut state),
        }
    }

    fn redraw(&self, state: &mut BufferState) -> usize {
        if state.closed || !state.may_redraw(Instant::now()) {
            return 0;
        }
        let changes = state.diff.changes();
        self.term.draw(&changes);
        changes.len()
    }

    /// Leaves on the screen what was drawn there, and starts a new region at the cursor.
    pub(super) fn begin_anew(&self) {
        let diff = &mut self.buffer.state().diff;
        *diff = ScreenDiff::new(diff.columns, diff.rows);
    }

    /// Replaces the region's content with `text` and shows it at once, without counting it as a redraw.
    pub(super) fn set(&self, text: &str) {
        let mut state = self.buffer.state();
        self.leave_if_stopped(&mut state.diff);
        state.diff.set(text);
        let changes = state.diff.changes();
        self.term.draw(&changes);
    }

    /// Hides the region from now on whenever a thread other than `drawer` writes to the terminal through [`Term`].
    ///
    /// `drawer` is the thread that draws. It may hold the buffer's lock when it panics, and writing the panic's message
    /// must not wait for that lock.
    pub(super) fn hide_for_other_threads(&self, drawer: ThreadId) {
        let region = self.clone();
        self.term.set_hide_while(Some(Arc::new(move |write| {
            if thread::current().id() == drawer {
                write();
            } else {
                region.hide_while(write);
            }
        })));
    }

    /// Hides the region, calls `write`, which writes lines to the terminal, and shows the region again below them.
    ///
    /// The region stays hidden until the next [`LiveRegion::show`] where another redraw would be one too many.
    pub(super) fn hide_while(&self, write: &mut dyn FnMut()) {
        let mut state = self.buffer.state();
        self.fit_now(&mut state.diff);
        self.term.draw(&state.diff.erase());
        write();
        self.redraw(&mut state);
    }

    /// Erases the region from the screen. It is never shown again.
    pub(super) fn close(&self) {
        let mut state = self.buffer.state();
        state.closed = true;
        self.fit_now(&mut state.diff);
        self.term.draw(&state.diff.erase());
    }
}

impl BufferState {
    /// Returns whether there may be a redraw at `now`, and counts it if so. Fewer than [`REDRAWS`] may have happened
    /// in the second before.
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

impl DrawBuffer {
    /// Creates a buffer of one cell; [`LiveRegion::fit`] gives it its size.
    pub(super) fn new() -> Self {
        let state = BufferState { diff: ScreenDiff::new(1, 1), redrawn: VecDeque::new(), closed: false };
        DrawBuffer(Arc::new(Mutex::new(state)))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, BufferState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies cursor movements and erasures.
    fn feed(&self, escapes: &str) -> io::Result<()> {
        self.state().diff.feed(escapes);
        Ok(())
    }
}

impl fmt::Debug for DrawBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrawBuffer").finish_non_exhaustive()
    }
}

impl TermLike for DrawBuffer {
    fn width(&self) -> u16 {
        self.state().diff.columns
    }

    fn height(&self) -> u16 {
        self.state().diff.rows
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
        self.state().diff.write(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.feed("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        // indicatif flushes all bars whenever one of them changes. The frame is complete only after the last change,
        // and `LiveRegion::show` writes it then.
        Ok(())
    }
}
