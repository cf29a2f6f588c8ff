//! Ctrl-C and SIGTERM: the first signal is reported, the second one ends the process at once.
//!
//! A thread of its own waits for them, so that a lesson that blocks its event loop can still be interrupted. This
//! module knows nothing of what is interrupted.

use std::{io, process, thread};

/// A signal that interrupts a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT, which Ctrl-C sends.
    Interrupt,
    /// SIGTERM, which `kill` and service managers send.
    Terminate,
}

impl Signal {
    /// Returns the exit code of a process that this signal has ended, as shells report it: 128 plus its number.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

/// Calls `report` with the first signal, on a thread of its own. The second signal ends the process at once.
///
/// # Errors
/// If the signal handlers or the thread cannot be set up.
pub(crate) fn listen(report: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // The handlers are set up before the thread starts, so that a signal that comes before it runs is not lost.
    let mut signals = {
        let _context = runtime.enter();
        Signals::new()?
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            report(signals.next().await);
            process::exit(signals.next().await.exit_code().into());
        });
    })?;
    Ok(())
}

/// The signals that reach this process, one after the other.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts to catch both signals. Must be called within a runtime.
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal.
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

/// The signals that reach this process, one after the other. Ctrl-C is the only one.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals)
    }

    /// Waits for the next signal.
    async fn next(&mut self) -> Signal {
        // An error means that Ctrl-C cannot be caught, so there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
