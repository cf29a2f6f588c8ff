//! Whoever sits in front of the program: what they type, when they press Ctrl-C, and whether anybody reads what is
//! printed any more.
//!
//! Opened once by a command that runs lessons, however many it runs: signals can be listened to and standard input
//! can be read only once. Knows nothing of lessons. Read `run.rs` next.

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use super::{FAILED, Failure};
use crate::keys::Keys;
use crate::signals::{self, Signal};
use crate::stdio::InputLines;
use crate::term::Term;

/// What a command that runs lessons waits for.
pub(super) enum Event {
    /// A scene has ended.
    Ended,
    Signal(Signal),
    /// Somebody has typed a line, or keys if that is what was asked for, or ended the input.
    Answered(Option<String>),
    OutputFailed(io::Error),
}

/// The events of one command.
pub(super) struct Console {
    events: Receiver<Event>,
    tell: Sender<Event>,
    /// Standard input, if it is read at all.
    pub(super) lines: InputLines,
    /// The signal that came, if one did.
    pub(super) interrupted: Option<Signal>,
}

impl Console {
    /// Listens to signals, and reads standard input from now on if the command `reads`.
    pub(super) fn open(reads: bool, term: &Term) -> Result<Self, Failure> {
        let (tell, events) = channel();
        let signalled = tell.clone();
        signals::listen(move |signal| drop(signalled.send(Event::Signal(signal))))
            .context("cannot listen to signals")?;
        let lines = match reads {
            false => InputLines::none(),
            true if term.keyboard => InputLines::read_keyboard(io::stdin()),
            true => InputLines::read(io::stdin()),
        };
        Ok(Console { events, tell, lines, interrupted: None })
    }

    /// Where to tell of events.
    pub(super) fn teller(&self) -> Sender<Event> {
        self.tell.clone()
    }

    /// Waits for what happens next. A signal is an event like others, and the run is interrupted from then on.
    pub(super) fn next_event(&mut self) -> Result<Event, Failure> {
        // This console holds a sender itself, so the channel is never closed.
        let event = self.events.recv().unwrap_or(Event::Ended);
        self.take(event)
    }

    /// The same, but not for ever: what is late is taken for a scene's end.
    pub(super) fn next_event_within(&mut self, time: Duration) -> Result<Event, Failure> {
        let event = self.events.recv_timeout(time).unwrap_or(Event::Ended);
        self.take(event)
    }

    fn take(&mut self, event: Event) -> Result<Event, Failure> {
        match event {
            Event::OutputFailed(error) => return Err(Failure::Stdout(error)),
            Event::Signal(signal) => self.interrupted = Some(signal),
            _ => {}
        }
        Ok(event)
    }

    /// What a command that ran lessons exits with: the signal that interrupted it, or else whether anything `failed`.
    pub(super) fn exit_code(&self, failed: bool) -> ExitCode {
        match self.interrupted {
            Some(signal) => ExitCode::from(signal.exit_code()),
            None if failed => ExitCode::from(FAILED),
            None => ExitCode::SUCCESS,
        }
    }

    /// Tells of what is typed key by key, for as long as the answer lives; none where only lines can be had.
    pub(super) fn keys(&self) -> Result<Option<Keys>, Failure> {
        let Some(keys) = Keys::of(&self.lines) else { return Ok(None) };
        let (lines, tell) = (self.lines.clone(), self.tell.clone());
        let follow = move || {
            let next = || lines.blocking_next_line();
            let told = |typed| tell.send(Event::Answered(Some(typed))).is_ok();
            while let Some(typed) = next() {
                if !told(typed) {
                    return;
                }
            }
            // The keyboard is gone.
            drop(tell.send(Event::Answered(None)));
        };
        thread::Builder::new().name("keys".to_owned()).spawn(follow).context("cannot start a thread")?;
        Ok(Some(keys))
    }

    /// Asks with `prompt`, behind which the cursor stays: the line that was typed; none if there was a signal or the
    /// input's end instead.
    pub(super) fn ask(&mut self, prompt: &str, term: &Term) -> Result<Option<String>, Failure> {
        term.note(prompt);
        let (lines, tell) = (self.lines.clone(), self.tell.clone());
        let answer = move || drop(tell.send(Event::Answered(lines.blocking_next_line())));
        thread::Builder::new().name("answer".to_owned()).spawn(answer).context("cannot start a thread")?;
        let Event::Answered(Some(line)) = self.next_event()? else {
            // Nobody pressed Enter, so the prompt's line has not ended.
            term.note("\n\n");
            return Ok(None);
        };
        term.note("\n");
        Ok(Some(line))
    }
}
