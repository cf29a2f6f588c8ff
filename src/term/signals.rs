//! Ctrl-C, SIGTERM and SIGHUP: the first signal is reported, the second one ends the process at once. Ctrl-\ ends it at
//! once. A command that runs another program is told of every signal that would end it.
//!
//! A thread of its own waits for them, so that a lesson that blocks its event loop can still be interrupted. This
//! module knows nothing of what is interrupted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use std::{io, process, thread};

use tokio::time::timeout;

use crate::{leftovers, refusals};

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
    /// All of them.
    #[cfg(unix)]
    const ALL: [Signal; 4] = [Signal::Interrupt, Signal::Terminate, Signal::HangUp, Signal::Quit];
    #[cfg(not(unix))]
    const ALL: [Signal; 2] = [Signal::Interrupt, Signal::Terminate];

    /// Returns whether nothing is printed or saved any more after this signal.
    fn ends_at_once(self) -> bool {
        #[cfg(unix)]
        return self == Signal::Quit;
        #[cfg(not(unix))]
        return false;
    }

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

/// How long the command has to take up a signal. A command that does not, because it waits for something that never comes
/// or writes a long document, is ended. It is long, so that a busy machine costs nobody a recording; a second signal ends
/// the command at once.
const PATIENCE: Duration = Duration::from_secs(3);

/// Calls `report` with the first signal, on a thread of its own. The second signal ends the process at once, and so does
/// the first one if `taken` does not become true soon, or if it is Ctrl-\.
///
/// # Errors
/// If the signal handlers or the thread cannot be set up.
pub(crate) fn listen(report: impl Fn(Signal) + Send + 'static, taken: Arc<AtomicBool>) -> io::Result<()> {
    let heard = heard();
    start(&heard, move |mut signals| async move {
        let first = signals.next().await;
        if first.ends_at_once() {
            end(first);
        }
        report(first);
        match timeout(PATIENCE, signals.next()).await {
            Ok(second) => end(second),
            Err(_) if !taken.load(Ordering::Relaxed) => end(first),
            Err(_) => end(signals.next().await),
        }
    })?;
    remember(&heard)
}

/// Ends the process as `signal` asks for.
fn end(signal: Signal) -> ! {
    leave(signal.exit_code())
}

/// Ends the process at once with this exit code. The terminal is left as it was found, and no temporary file remains.
pub(crate) fn leave(code: u8) -> ! {
    super::keys::restore();
    leftovers::remove_for_good();
    process::exit(code.into())
}

/// The number of the latest signal that [`listen`] has caught; 0 if there was none.
static ARRIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
/// Whether the process was stopped and goes on, and nobody has asked yet.
static RESUMED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Returns the latest signal that has reached this process, even if it was not reported yet.
pub(crate) fn arrived() -> Option<Signal> {
    let number = ARRIVED.load(Ordering::Relaxed);
    Signal::ALL.into_iter().find(|signal| usize::from(signal.number()) == number)
}

/// Returns whether the process was stopped, as by Ctrl-Z, and goes on since the last call.
pub(crate) fn has_resumed() -> bool {
    RESUMED.swap(false, Ordering::Relaxed)
}

/// Has [`arrived`] and [`has_resumed`] know of signals from now on. Handlers note them before any other code runs.
#[cfg(unix)]
fn remember(heard: &[Signal]) -> io::Result<()> {
    use signal_hook::{consts::SIGCONT, flag};
    for signal in heard {
        let number = usize::from(signal.number());
        flag::register_usize(signal.number().into(), Arc::clone(&ARRIVED), number)?;
    }
    flag::register(SIGCONT, Arc::clone(&RESUMED)).map(drop)
}

#[cfg(not(unix))]
fn remember(_: &[Signal]) -> io::Result<()> {
    Ok(())
}

/// Calls `report` with each signal that would end the process, on a thread of its own. Signals that are ignored, such as
/// SIGHUP under `nohup`, stay ignored.
///
/// # Errors
/// If the signal handlers or the thread cannot be set up.
#[cfg(unix)]
pub(crate) fn listen_to_all(mut report: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    let ignored = ignored();
    let mut heard = Signal::ALL.to_vec();
    heard.retain(|signal| ignored & (1 << (signal.number() - 1)) == 0);
    start(&heard, move |mut signals| async move {
        loop {
            report(signals.next().await);
        }
    })
}

/// Returns the signals that interrupt a command. A SIGHUP or SIGQUIT that is ignored, as under `nohup`, stays ignored.
#[cfg(unix)]
fn heard() -> Vec<Signal> {
    let ignored = ignored();
    let mut heard = Signal::ALL.to_vec();
    let stays = |signal: &Signal| matches!(signal, Signal::HangUp | Signal::Quit);
    heard.retain(|signal| !stays(signal) || ignored & (1 << (signal.number() - 1)) == 0);
    heard
}

#[cfg(not(unix))]
fn heard() -> Vec<Signal> {
    Signal::ALL.to_vec()
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

/// Returns whether this process is in the foreground of the terminal that `stream` is. Streams without job control count
/// as in the foreground.
#[cfg(unix)]
pub(crate) fn in_foreground(stream: impl std::os::fd::AsFd) -> bool {
    rustix::termios::tcgetpgrp(stream).map_or(true, |group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
pub(crate) fn in_foreground<T>(_: T) -> bool {
    true
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

/// Catches these signals, and runs `handle` with them on a thread of its own.
fn start<F: Future>(heard: &[Signal], handle: impl FnOnce(Signals) -> F + Send + 'static) -> io::Result<()> {
    // Without a free descriptor, tokio panics.
    let (runtime, signals) = refusals::attempt(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        // The handlers are set up before the thread starts, so that a signal that comes before it runs is not lost.
        let context = runtime.enter();
        let signals = Signals::new(heard)?;
        drop(context);
        Ok((runtime, signals))
    })?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async { handle(signals).await });
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
