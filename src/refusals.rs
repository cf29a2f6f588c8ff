//! What the system refuses this process: threads, and descriptors of files and sockets.
//!
//! Most code gets an error then. tokio and `std::thread::spawn` panic instead, on whatever thread that happens, and a
//! scene that waits for the thread would wait for ever. So such a panic is told from others here, and the command ends
//! with one line. Read `commands/panics.rs` for the hook that sees the panics.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::observe::message;

thread_local! {
    /// Whether a panic of this thread becomes an error, so that nothing is said of it.
    static ATTEMPTS: Cell<bool> = const { Cell::new(false) };
}

/// A function that ends the command, for the reason that it is given.
type Listener = Box<dyn Fn(String) + Send>;

static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// Calls `build`, which may panic where it is refused something. Returns such a panic as an error.
///
/// # Errors
/// Those of `build`, and its panics.
pub(crate) fn attempt<T>(build: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = ATTEMPTS.replace(true);
    let built = catch_unwind(AssertUnwindSafe(build));
    ATTEMPTS.set(before);
    built.unwrap_or_else(|panic| {
        let message = message(&*panic);
        Err(io::Error::other(reason(message).unwrap_or_else(|| message.to_owned())))
    })
}

/// Returns whether the calling thread is within [`attempt`].
pub(crate) fn is_attempting() -> bool {
    ATTEMPTS.get()
}

/// Returns why a panic with this message is the system's refusal; `None` if it is a panic like any other.
pub(crate) fn reason(message: &str) -> Option<String> {
    // The messages of std and tokio name the thread that could not be spawned; sockets and files give their own error.
    if message.contains("spawn") && message.contains("thread") {
        return Some(NO_THREAD.to_owned());
    }
    message.contains("Too many open files").then(|| NO_DESCRIPTOR.to_owned())
}

/// Why something needs a thread and has none.
pub(crate) const NO_THREAD: &str = "cannot start a thread: the system gives no more (see ulimit -u and ulimit -v)";
/// Why something needs a file or a socket and has none.
const NO_DESCRIPTOR: &str = "cannot open another file or socket: too many are open (see ulimit -n)";

/// Sets what ends the command when it is refused something.
pub(crate) fn listen(listener: impl Fn(String) + Send + 'static) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
}

/// Ends the command for this reason. Returns `false` if no command runs that can be ended so.
pub(crate) fn report(reason: String) -> bool {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    listener.as_ref().is_some_and(|listener| {
        listener(reason);
        true
    })
}

/// Ends the command if `error` says that the system refuses a thread or a descriptor.
pub(crate) fn report_error(error: &io::Error) {
    if let Some(reason) = reason(&error.to_string()) {
        report(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_an_attempt_is_an_error() {
        let error =
            attempt(|| -> io::Result<()> { panic!("OS can't spawn worker thread: no") }).expect_err("it panics");
        assert_eq!(error.to_string(), NO_THREAD);
        assert!(!is_attempting());
        assert_eq!(attempt(|| Ok(1)).ok(), Some(1));
    }

    #[test]
    fn other_panics_are_told_apart() {
        assert_eq!(reason("index out of bounds"), None);
        let of_a_socket = "a server: Os { code: 24, kind: Uncategorized, message: \"Too many open files\" }";
        assert_eq!(reason(of_a_socket).as_deref(), Some(NO_DESCRIPTOR));
    }
}
