//! A text that is redrawn in place, so that the eye can follow what changes in it.
//!
//! It uses a [`LiveRegion`], as the lanes do: only cells that changed are written, and after a resize the whole text
//! is. This module knows nothing of what the text says. Read [`super::screen`] next.

use std::sync::Arc;
use std::thread;

use super::screen::LiveRegion;
use crate::term::Term;

/// A text on standard error that can be replaced. It is erased when this is dropped.
pub(crate) struct RedrawnText {
    term: Arc<Term>,
    region: LiveRegion,
}

impl RedrawnText {
    /// Starts an empty text at the cursor, drawn by the calling thread. Returns `None` if standard error is not a
    /// terminal whose cursor can be moved.
    pub(crate) fn on(term: &Arc<Term>) -> Option<Self> {
        if !term.moves {
            return None;
        }
        let region = LiveRegion::new(term, usize::MAX);
        region.hide_for_other_threads(thread::current().id());
        Some(RedrawnText { term: Arc::clone(term), region })
    }

    /// Returns the columns and rows that there are for the text now. After a resize, erases the text as well.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.region.fit()
    }

    /// Leaves the text on the screen as it is; the next one is drawn from the cursor on.
    pub(crate) fn begin_anew(&self) {
        self.region.begin_anew();
    }

    /// Replaces the text with `text`. Lines beyond the last row of the terminal are left out.
    pub(crate) fn show(&self, text: &str) {
        self.region.set(text);
    }
}

impl Drop for RedrawnText {
    fn drop(&mut self) {
        // The cursor is below the panic's message now. Erasing counts rows from the cursor, so it would hit the
        // message.
        if !thread::panicking() {
            self.region.close();
        }
        self.term.set_hide_while(None);
    }
}
