//! A text that is drawn again and again in the same place, so that what changes in it is seen to move.
//!
//! It goes onto the same [`Canvas`] as the lanes do: only cells that changed are written, and a terminal that is
//! resized gets it whole. Knows nothing of what the text says.

use std::sync::Arc;
use std::thread;

use super::screen::Canvas;
use crate::term::Term;

/// Draws on standard error; what it drew goes when this is dropped.
pub(crate) struct InPlace {
    term: Arc<Term>,
    canvas: Canvas,
}

impl InPlace {
    /// None where the terminal's cursor cannot be moved.
    pub(crate) fn on(term: &Arc<Term>) -> Option<Self> {
        if !term.moves {
            return None;
        }
        let canvas = Canvas::new(term, usize::MAX);
        canvas.make_way(thread::current().id());
        Some(InPlace { term: Arc::clone(term), canvas })
    }

    /// How many columns and rows there are at this moment.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.canvas.fit()
    }

    /// What was drawn is to stay as it is; from now on, drawing begins where the cursor is.
    pub(crate) fn begin_anew(&self) {
        self.canvas.begin_anew();
    }

    /// Draws `text` instead of whatever was there.
    pub(crate) fn show(&self, text: &str) {
        self.canvas.set(text);
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        // The message of a panic stands below, and erasing would begin there.
        if !thread::panicking() {
            self.canvas.close();
        }
        self.term.set_step_aside(None);
    }
}
