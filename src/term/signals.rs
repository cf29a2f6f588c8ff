//! Ctrl-C and SIGTERM: the first signal is reported, the second one ends the process at once. A command that runs another
//! program is told of every signal that would end it.
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
    /// SIGHUP, which a terminal sends that is closed.
    #[cfg(unix)]
    HangUp,
    /// SIGQUIT, which Ctrl-\ sends.
    #[cfg(unix)]
    Quit,
}

impl Signal {
    /// Returns the signal's number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Signal::Interrupt => 2,
            Signal::Terminate => 15,
            #[cfg(unix)]
            Signal::HangUp => 1,
            #[cfg(unix)]
            Signal::Quit => 3,
        }
    }

    /// Returns the exit code of a process that this signal has ended, as shells report it: 128 plus its number.
    pub(crate) fn exit_code(self) -> u8 {
        128 + self.number()
    }
}

/// Calls `report` with the first signal, on a thread of its own. The second signal ends the process at once.
///
/// # Errors
/// If the signal handlers or the thread cannot be set up.
pub(crate) fn listen(report: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    let mut reported = false;
    handle(&[Signal::Interrupt, Signal::Terminate], move |signal| {
        if reported {
            super::keys::restore();
            process::exit(signal.exit_code().into());
        }
        reported = true;
        report(signal);
    })
}

/// Calls `report` with each signal that would end the process, on a thread of its own. Signals that are ignored, such as
/// SIGHUP under `nohup`, stay ignored.
///
/// # Errors
/// If the signal handlers or the thread cannot be set up.
#[cfg(unix)]
pub(crate) fn listen_to_all(report: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    let all = [Signal::Interrupt, Signal::Terminate, Signal::HangUp, Signal::Quit];
    let ignored = ignored();
    let heard: Vec<Signal> = all.into_iter().filter(|signal| ignored & (1 << (signal.number() - 1)) == 0).collect();
    handle(&heard, report)
}

/// Returns the set of signals that this process ignores, a bit each. Where that cannot be known, SIGHUP counts as
/// ignored.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(1)
}

/// Returns whether a terminal sends its signals to this process and to those that it has started. Such a signal has
/// reached all of them already.
#[cfg(unix)]
pub(crate) fn come_from_terminal() -> bool {
    let foreground = |terminal: std::fs::File| rustix::termios::tcgetpgrp(terminal).ok();
    let group = std::fs::File::open("/dev/tty").ok().and_then(foreground);
    group == Some(rustix::process::getpgrp())
}

/// Lets a write beyond the limit of a file's size (`ulimit -f`) fail with an error. By default it would end the process,
/// which would leave a temporary file behind. Programs that are started from here are ended as they would be alone.
pub(crate) fn outlive_file_size_limit() {
    #[cfg(unix)]
    {
        use signal_hook::consts::SIGXFSZ;
        // If it cannot be caught, such a write ends the process.
        let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
    }
}

/// Calls `handle` with each of these signals, on a thread of its own.
fn handle(heard: &[Signal], mut handle: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // The handlers are set up before the thread starts, so that a signal that comes before it runs is not lost.
    let mut signals = {
        let _context = runtime.enter();
        Signals::new(heard)?
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            loop {
                handle(signals.next().await);
            }
        });
    })?;
    Ok(())
}

/// The signals that reach this process, one after the other.
#[cfg(unix)]
struct Signals(Vec<(tokio::signal::unix::Signal, Signal)>);

#[cfg(unix)]
impl Signals {
    /// Starts to catch these signals. Must be called within a runtime.
    fn new(heard: &[Signal]) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let catch = |known: &Signal| Ok((signal(SignalKind::from_raw(known.number().into()))?, *known));
        heard.iter().map(catch).collect::<io::Result<_>>().map(Signals)
    }

    /// Waits for the next signal.
    async fn next(&mut self) -> Signal {
        std::future::poll_fn(|cx| {
            let ready = self.0.iter_mut().find_map(|(signal, known)| signal.poll_recv(cx).is_ready().then_some(*known));
            ready.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

/// The signals that reach this process, one after the other. Ctrl-C is the only one.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new(_: &[Signal]) -> io::Result<Self> {
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
