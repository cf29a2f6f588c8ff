//! Saves recordings of a program that ends without dropping its guards: by a signal or by `std::process::exit`.

use std::sync::{Arc, Mutex, Weak};

use super::{Recording, lock};
use crate::trace::Outcome;

/// The recordings that have not ended.
static LIVE: Mutex<Vec<Weak<Recording>>> = Mutex::new(Vec::new());

/// Sees to it that `recording` is saved however the program ends, as far as that can be seen.
pub(super) fn watch_over(recording: &Arc<Recording>) {
    let mut recordings = lock(&LIVE);
    recordings.retain(|known| known.strong_count() > 0);
    recordings.push(Arc::downgrade(recording));
    drop(recordings);
    exit::watch();
    #[cfg(all(unix, feature = "signals"))]
    if recording.target.is_some() {
        signals::watch();
    }
}

/// Returns the recordings that have not ended.
fn live() -> Vec<Arc<Recording>> {
    lock(&LIVE).iter().filter_map(Weak::upgrade).filter(|recording| !recording.has_ended()).collect()
}

/// The end of the process by [`std::process::exit`].
///
/// It drops no guard, but where threads have destructors of the system's own (Linux with glibc, macOS), it runs those of
/// the thread that calls it. Those of the main thread run at no other time than at the end of the process.
mod exit {
    use std::panic::catch_unwind;
    use std::thread;

    use super::{Outcome, live};

    thread_local! {
        static AT_END: AtEnd = const { AtEnd };
    }

    struct AtEnd;

    impl Drop for AtEnd {
        fn drop(&mut self) {
            // A panic in a destructor of a thread would abort the program.
            let _ = catch_unwind(|| live().iter().for_each(|recording| recording.end(Outcome::Interrupted)));
        }
    }

    /// Has all recordings end with the calling thread, if it is the main thread.
    pub(super) fn watch() {
        if thread::current().name() == Some("main") {
            AT_END.with(|_| ());
        }
    }
}

/// The end of the process by Ctrl-C or `kill`.
#[cfg(all(unix, feature = "signals"))]
mod signals {
    use std::io::{self, Read as _};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Once};
    use std::thread;
    use std::time::{Duration, Instant};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::live;

    /// How long a program has to catch signals by itself: then they are left to it.
    const SETTLE: Duration = Duration::from_millis(200);
    /// How long a program that catches them later has to end by itself. Where nothing says whether it catches them, each
    /// program has as long.
    const GRACE: Duration = Duration::from_millis(if cfg!(target_os = "linux") { 300 } else { 1_000 });
    /// The pause between two looks at whether it has ended.
    const PAUSE: Duration = Duration::from_millis(5);

    static ONCE: Once = Once::new();

    /// Saves all recordings when a signal ends the program, from now on.
    pub(super) fn watch() {
        ONCE.call_once(|| {
            let wait = || {
                // Without a handler, the signal does what it always did.
                let _ = wait_for_signals();
            };
            // Without a thread too.
            let _ = thread::Builder::new().name("asyncguide signals".to_owned()).spawn(wait);
        });
    }

    /// Waits for signals, saves what is recorded, and ends the program by the same signal.
    fn wait_for_signals() -> io::Result<()> {
        let signals = uncaught([SIGINT, SIGTERM]);
        if signals.is_empty() {
            return Ok(());
        }
        let (mut arrived, wake) = UnixStream::pair()?;
        let latest = Arc::new(AtomicUsize::new(SIGINT as usize));
        for signal in signals {
            // This one first: from then on the signal does not end the program any more.
            low_level::pipe::register(signal, wake.try_clone()?)?;
            flag::register_usize(signal, Arc::clone(&latest), signal as usize)?;
            // The second signal ends the program at once.
            let second = Arc::new(AtomicBool::new(false));
            flag::register_conditional_default(signal, Arc::clone(&second))?;
            flag::register(signal, second)?;
        }
        loop {
            arrived.read_exact(&mut [0])?;
            let recordings = live();
            recordings.iter().for_each(|recording| recording.save_so_far());
            let deadline = Instant::now() + GRACE;
            while !live().is_empty() && Instant::now() < deadline {
                thread::sleep(PAUSE);
            }
            // If its guards were dropped meanwhile, the program has caught the signal, and ends as it sees fit.
            if recordings.is_empty() || !live().is_empty() {
                low_level::emulate_default_handler(latest.load(Ordering::Relaxed) as i32)?;
            }
        }
    }

    /// Returns those of `signals` that the program neither ignores nor catches soon after its start. Only Linux says which.
    fn uncaught(signals: [i32; 2]) -> Vec<i32> {
        let Ok(_) = std::fs::metadata("/proc/self/status") else { return signals.to_vec() };
        thread::sleep(SETTLE);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let masks = status.lines().filter_map(|line| {
            let mask = line.strip_prefix("SigIgn:").or_else(|| line.strip_prefix("SigCgt:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        });
        let taken = masks.fold(0, |taken, mask| taken | mask);
        signals.into_iter().filter(|signal| taken & (1 << (signal - 1)) == 0).collect()
    }
}
