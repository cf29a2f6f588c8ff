//! The threads that a runtime asks the system for, and what becomes of a scene that misses one.
//!
//! If the system refuses a thread, tokio panics or says nothing at all, and what waits for the thread would wait for ever.
//! So the threads are counted. Read `refusals.rs` for what ends a command then.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::refusals::{self, NO_THREAD};

/// How long a thread takes at most to start, on a busy machine. One that takes longer was refused.
const THREAD_START: Duration = Duration::from_secs(2);
/// How often it is looked whether the threads of a runtime that is being built have started.
const LOOK: Duration = Duration::from_millis(20);
/// How many looks in a row find a thread missing that was refused, at one look a beat of the pulse: about two seconds.
const MOST_LOOKS: usize = 100;

/// Counts the threads that a runtime asks the system for. If the system refuses one while others run, tokio says
/// nothing, and the work goes on with fewer.
#[derive(Debug, Default)]
pub(super) struct ThreadCount {
    asked: AtomicUsize,
    started: AtomicUsize,
    /// Whether one of them was refused.
    refused: AtomicBool,
}

impl ThreadCount {
    /// Counts a thread that is asked for. Returns how many were before.
    pub(super) fn ask(&self) -> usize {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a thread that has started.
    pub(super) fn start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns whether all threads have started that were asked for. Waits for those that are about to start.
    pub(super) fn have_started(&self) -> bool {
        let deadline = Instant::now() + THREAD_START;
        while self.is_one_missing() {
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_micros(100));
        }
        true
    }

    fn is_one_missing(&self) -> bool {
        self.started.load(Ordering::Relaxed) < self.asked.load(Ordering::Relaxed)
    }

    /// Notes that a thread was refused, and ends the command if there is one.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
        refusals::report(NO_THREAD.to_owned());
    }

    /// Checks that no thread was refused so far.
    ///
    /// # Errors
    /// If one was. The scene may wait for it for ever.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.refused.load(Ordering::Relaxed) { Err(no_thread()) } else { Ok(()) }
    }
}

/// Returns the error of a thread that was refused.
pub(super) fn no_thread() -> io::Error {
    io::Error::other(NO_THREAD)
}

/// Waits until the runtime is built, on another thread. A runtime that was refused its first threads may never be: tokio
/// panics then, and waits for threads that never come while it unwinds.
///
/// # Errors
/// Those of the building, and [`NO_THREAD`] if it does not end because a thread is missing.
pub(super) fn wait_until_built(is_built: &Receiver<io::Result<()>>, threads: &ThreadCount) -> io::Result<()> {
    loop {
        match is_built.recv_timeout(LOOK) {
            Ok(built) => return built,
            Err(RecvTimeoutError::Timeout) if threads.have_started() => {}
            Err(_) => return Err(no_thread()),
        }
    }
}

/// Returns a function that looks, each time it is called, whether a thread is missing that was asked for. Once one has been
/// missing for long, nothing goes on that waits for it: the command ends, or what waits for the end of the scene.
pub(super) fn look_for_missing(threads: Arc<ThreadCount>, on_end: Arc<OnEnd>) -> impl FnMut() + Send {
    let mut looks = 0;
    move || {
        looks = if threads.is_one_missing() { looks + 1 } else { 0 };
        if looks == MOST_LOOKS {
            threads.refuse();
            on_end.call();
        }
    }
}

/// A function to call at the end of a scene. It is called once.
pub(super) struct OnEnd(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl OnEnd {
    pub(super) fn new(on_end: impl FnOnce() + Send + 'static) -> Self {
        OnEnd(Mutex::new(Some(Box::new(on_end))))
    }

    /// Calls the function, unless it was called before.
    pub(super) fn call(&self) {
        let on_end = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(on_end) = on_end {
            on_end();
        }
    }
}
