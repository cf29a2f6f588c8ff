//! The console of a command that runs lessons: what the user types, signals, the end of a scene, and a standard output
//! that takes no more.
//!
//! A command opens one console, however many lessons it runs: signals can be listened to and standard input can be
//! read only once. Knows nothing of lessons. Read `mod.rs` beside this file next.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use super::failure::{FAILED, Failure};
use crate::refusals;
use crate::stdio::{InputLines, standard_input};
use crate::term::Term;
use crate::term::keys::{Keyboard, Keys};
use crate::term::signals::{self, Signal};

/// Something that a command which runs lessons waits for.
pub(crate) enum ConsoleEvent {
    /// A scene has ended.
    SceneEnded,
    /// The first signal that interrupts: Ctrl-C, SIGTERM, or a terminal that was closed.
    Signal(Signal),
    /// The user typed a line, or keys if the console was asked for keys.
    Typed(String),
    /// Standard input has ended.
    EndOfInput,
}

/// Reports events to the console from any thread. Clones report to the same console.
#[derive(Clone)]
pub(crate) struct EventSender(Sender<Result<ConsoleEvent, Failure>>);

impl EventSender {
    /// Reports `event`. Returns whether the console is still there.
    pub(crate) fn send(&self, event: ConsoleEvent) -> bool {
        self.0.send(Ok(event)).is_ok()
    }

    /// Reports that standard output failed with `error`, so that the command ends.
    pub(crate) fn output_failed(&self, error: io::Error) {
        // Once the console is gone, the command is over anyway.
        let _ = self.0.send(Err(Failure::Stdout(error)));
    }

    /// Reports that the system refused something, so that the command ends for this `reason`.
    fn refused(&self, reason: String) {
        // As above.
        let _ = self.0.send(Err(Failure::Other(anyhow::Error::msg(reason))));
    }

    /// Reports what was typed, or the end of the input. Returns whether the console is still there.
    fn send_typed(&self, typed: Option<String>) -> bool {
        match typed {
            Some(typed) => self.send(ConsoleEvent::Typed(typed)),
            None => self.send(ConsoleEvent::EndOfInput),
        }
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::Usage(format!("cannot read standard input: {error}"))
}

/// The events of one command.
pub(crate) struct Console {
    events: Receiver<Result<ConsoleEvent, Failure>>,
    sender: EventSender,
    /// The lines of standard input; none at all if the command does not read it.
    pub(crate) lines: InputLines,
    /// The signal that interrupted the command, if one did.
    pub(crate) interrupted: Option<Signal>,
    /// Becomes true when a signal is taken up. One that is not ends the process.
    taken: Arc<AtomicBool>,
    /// Whether a thread waits for what the user types next.
    listening: bool,
}

impl Console {
    /// Starts to listen to signals, and to read standard input if the command `reads`.
    ///
    /// # Errors
    /// If signals cannot be listened to, or no thread can be started. A usage error if standard input cannot be read.
    pub(crate) fn open(reads: bool, term: &Term) -> Result<Self, Failure> {
        let (sender, events) = channel();
        let sender = EventSender(sender);
        let signalled = sender.clone();
        let forward = move |signal| {
            signalled.send(ConsoleEvent::Signal(signal));
        };
        let taken = Arc::new(AtomicBool::new(false));
        signals::listen(forward, Arc::clone(&taken)).context("cannot listen to signals")?;
        let refused = sender.clone();
        refusals::listen(move |reason| refused.refused(reason));
        let lines = match reads {
            false => Ok(InputLines::none()),
            true if term.keyboard => InputLines::read_keyboard(Keyboard),
            true => InputLines::read(standard_input().map_err(|error| unreadable(&error))?),
        };
        let lines = lines.context("cannot start a thread")?;
        Ok(Console { events, sender, lines, interrupted: None, taken, listening: false })
    }

    /// Returns a sender that reports events to this console.
    pub(crate) fn sender(&self) -> EventSender {
        self.sender.clone()
    }

    /// Waits for the next event. After a signal, the run counts as interrupted.
    ///
    /// # Errors
    /// [`Failure::Stdout`] if standard output has failed, and [`Failure::Other`] if the system refused something.
    pub(crate) fn next_event(&mut self) -> Result<ConsoleEvent, Failure> {
        // This console holds a sender itself, so the channel is never closed.
        let event = self.events.recv().context("the console is closed")?;
        self.take(event)
    }

    /// Waits for the next event, but at most for `time`: `None` if nothing has happened by then.
    ///
    /// # Errors
    /// [`Failure::Stdout`] if standard output has failed, and [`Failure::Other`] if the system refused something.
    pub(crate) fn next_event_within(&mut self, time: Duration) -> Result<Option<ConsoleEvent>, Failure> {
        match self.events.recv_timeout(time) {
            Ok(event) => self.take(event).map(Some),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    fn take(&mut self, event: Result<ConsoleEvent, Failure>) -> Result<ConsoleEvent, Failure> {
        let event = event?;
        match event {
            ConsoleEvent::Signal(signal) => {
                self.interrupted = Some(signal);
                self.taken.store(true, Ordering::Relaxed);
            }
            ConsoleEvent::Typed(_) | ConsoleEvent::EndOfInput => self.listening = false,
            ConsoleEvent::SceneEnded => {}
        }
        Ok(event)
    }

    /// Checks that standard input could be read to its end, as far as it was read.
    ///
    /// # Errors
    /// A usage error if it could not, unless a signal interrupted the command.
    pub(crate) fn check_input(&self) -> Result<(), Failure> {
        match self.lines.error() {
            Some(error) if self.interrupted.is_none() => Err(unreadable(error)),
            _ => Ok(()),
        }
    }

    /// Returns the exit code of a command that ran lessons: that of the signal which interrupted it, or which came while
    /// it printed or saved the results, or else whether anything `failed`.
    pub(crate) fn exit_code(&self, failed: bool) -> ExitCode {
        match self.interrupted.or_else(signals::arrived) {
            Some(signal) => ExitCode::from(signal.exit_code()),
            None if failed => ExitCode::from(FAILED),
            None => ExitCode::SUCCESS,
        }
    }

    /// Makes standard input arrive key by key, as long as the returned [`Keys`] live; `None` if it gives whole lines only.
    /// [`Console::listen`] reports what is typed.
    pub(crate) fn keys(&self) -> Option<Keys> {
        Keys::of(&self.lines)
    }

    /// Reports what the user types next, once. Does nothing if that is being waited for already.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn listen(&mut self) -> Result<(), Failure> {
        if self.listening {
            return Ok(());
        }
        let lines = self.lines.clone();
        let sender = self.sender();
        let answer = move || {
            sender.send_typed(lines.blocking_next_line());
        };
        thread::Builder::new().name("answer".to_owned()).spawn(answer).context("cannot start a thread")?;
        self.listening = true;
        Ok(())
    }

    /// Discards what was typed until now, because it was not meant for what is shown next.
    ///
    /// # Errors
    /// [`Failure::Stdout`] if standard output has failed, and [`Failure::Other`] if the system refused something.
    pub(crate) fn forget_typed(&mut self) -> Result<(), Failure> {
        while let Ok(event) = self.events.try_recv() {
            self.take(event)?;
        }
        self.lines.forget();
        Ok(())
    }

    /// Asks with `prompt`, behind which the cursor stays. Returns the typed line; `None` if a signal or the end of the
    /// input came instead.
    ///
    /// # Errors
    /// If no thread can be started, or standard output has failed.
    pub(crate) fn ask(&mut self, prompt: &str, term: &Term) -> Result<Option<String>, Failure> {
        term.note(prompt);
        self.listen()?;
        let ConsoleEvent::Typed(line) = self.next_event()? else {
            // Enter was not pressed, so the prompt's line has not ended.
            term.note("\n\n");
            return Ok(None);
        };
        term.note("\n");
        Ok(Some(line))
    }
}
