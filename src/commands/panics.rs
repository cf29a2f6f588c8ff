//! What a panic looks like to people.

use std::sync::Arc;
use std::{panic, thread};

use super::fail;
use crate::observe::message;
use crate::refusals;
use crate::run::Failure;
use crate::run::failure::FAILED;
use crate::style::Role;
use crate::term::Term;
use crate::term::signals::leave;
use crate::trace::source_path;

/// Makes a panic one readable, harmless line on standard error that the live picture does not erase. Must be called on the
/// thread of the command. If another thread panics because the system refuses it something, the command ends with that
/// reason instead.
pub(super) fn install_hook(term: &Arc<Term>) {
    let term = Arc::clone(term);
    let command = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        let refused = refusals::reason(message(info.payload()));
        if refusals::is_attempting() {
            if let Some(reason) = refused {
                // A runtime that was built in part waits for its threads when it unwinds, and they never end.
                fail(&Failure::Other(anyhow::Error::msg(reason)), &term);
                leave(FAILED);
            }
            return;
        }
        let is_command = thread::current().id() == command;
        if refused.filter(|_| !is_command).is_some_and(refusals::report) {
            return;
        }
        let place =
            info.location().map_or_else(String::new, |at| format!(" at {}:{}", source_path(at.file()), at.line()));
        let message = message(info.payload());
        let line = term.error_style.line(&format!("panicked{place}: {message}"));
        term.note(&format!("{}\n", term.error_style.paint(Role::Bad, line)));
    }));
}
