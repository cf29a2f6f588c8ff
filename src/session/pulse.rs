//! Notices that a scene was held up from outside: that the process was stopped, as by Ctrl-Z, or got no processor.
//!
//! A thread wakes often and looks how late it is. Nothing that a scene does makes it late: only a stopped process, a
//! used-up quota of processor time, or other programs that have all processors.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::trace::Nanos;

/// The time from one beat to the next.
const BEAT: Duration = Duration::from_millis(20);
/// A beat that is later than this counts. Less is usual where the scene itself keeps the processors busy.
const LATE: Duration = Duration::from_millis(10);
/// A scene that was held up for less than this, in all, was not held up.
const LEAST: Nanos = Nanos::from_millis(100);

/// A thread that beats as long as this lives.
#[derive(Debug)]
pub(crate) struct Pulse {
    seen: Arc<Mutex<Seen>>,
    /// Stops the thread when it is dropped. Nothing is ever sent.
    _stop: Sender<()>,
}

#[derive(Debug)]
struct Seen {
    last: Instant,
    held_up: Nanos,
}

impl Pulse {
    /// Starts the thread, which calls `each_beat` with every beat.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(mut each_beat: impl FnMut() + Send + 'static) -> io::Result<Self> {
        let seen = Arc::new(Mutex::new(Seen { last: Instant::now(), held_up: Nanos::ZERO }));
        let (stop, stopped) = channel::<()>();
        let beating = Arc::clone(&seen);
        let beat = move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                lock(&beating).beat();
                each_beat();
            }
        };
        thread::Builder::new().name("pulse".to_owned()).spawn(beat)?;
        Ok(Pulse { seen, _stop: stop })
    }

    /// Returns for how long the scene was held up so far; zero if that is too little to matter.
    pub(crate) fn held_up(&self) -> Nanos {
        let mut seen = lock(&self.seen);
        // The end of the scene may come before the beat that is late.
        seen.beat();
        if seen.held_up < LEAST { Nanos::ZERO } else { seen.held_up }
    }
}

impl Seen {
    fn beat(&mut self) {
        let now = Instant::now();
        let late = (now - self.last).saturating_sub(BEAT);
        if late > LATE {
            self.held_up += Nanos::from(late);
        }
        self.last = now;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_late_beats_count() {
        let begun = Instant::now();
        let mut seen = Seen { last: begun, held_up: Nanos::ZERO };
        seen.beat();
        assert_eq!(seen.held_up, Nanos::ZERO);
        seen.last = begun.checked_sub(Duration::from_secs(2)).unwrap_or(begun);
        seen.beat();
        assert!(seen.held_up >= Nanos::from_millis(1_900), "{:?}", seen.held_up);
    }
}
