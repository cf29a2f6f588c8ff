//! What a panic looks like to people.

use std::panic;
use std::sync::Arc;

use crate::observe::message;
use crate::style::Role;
use crate::term::Term;
use crate::trace::source_path;

/// Makes a panic one readable, harmless line on standard error that the live picture does not erase.
pub(super) fn install_hook(term: &Arc<Term>) {
    let term = Arc::clone(term);
    panic::set_hook(Box::new(move |info| {
        let place =
            info.location().map_or_else(String::new, |at| format!(" at {}:{}", source_path(at.file()), at.line()));
        let message = message(info.payload());
        let line = term.error_style.line(&format!("panicked{place}: {message}"));
        term.note(&format!("{}\n", term.error_style.paint(Role::Bad, line)));
    }));
}
