//! Runs a command that writes the event stream of one scene to its standard output.
//!
//! The stream is a stranger's: every line is bounded and checked, and the first wrong one ends the scene with a message
//! that names it. `docs/events.md` specifies the stream.

#[cfg(all(test, unix))]
mod tests;

use std::io::{self, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::trace::{
    Builder, Contradiction, Event, EventReader, Figure, Growing, Nanos, Order, Outcome, ReadError, RunningPoll,
    SceneEnd, SceneStart, SceneTrace, Snapshot, Source,
};

/// How much of what the command writes to standard error is kept, in bytes, to say why it failed.
const KEPT_ERROR: usize = 2_000;

/// The pause between two looks at whether the command has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the end of standard error is waited for once the command has ended.
const PATIENCE: Duration = Duration::from_millis(200);

/// A command that writes the events of a scene.
#[derive(Debug)]
pub(crate) struct Process {
    started: Instant,
    child: Mutex<Child>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    order: Order,
    growing: Growing<Stream>,
    /// The latest moment of the events so far.
    latest: Nanos,
    end: Option<SceneEnd>,
    figures: Vec<Figure>,
}

/// The events are applied as their lines come, so there is nothing to read from.
#[derive(Debug)]
struct Stream;

impl Source for Stream {
    fn read_into(&mut self, _: &mut Builder) -> Result<bool, Contradiction> {
        Ok(false)
    }

    fn read_rest_into(&mut self, _: &mut Builder) -> Result<(), Contradiction> {
        Ok(())
    }

    fn running(&self) -> Vec<RunningPoll> {
        Vec::new()
    }
}

impl Process {
    /// Starts `command`, whose first word is the program; `on_end` is called once its stream has ended.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub(crate) fn start(
        command: &[&str],
        start: SceneStart,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Process>> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the scene's command is empty"));
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let stderr = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let state = State {
            order: Order::default(),
            growing: Growing::new(start, Stream),
            latest: Nanos::ZERO,
            end: None,
            figures: Vec::new(),
        };
        let process = Arc::new(Process { started: Instant::now(), child: Mutex::new(child), state: Mutex::new(state) });
        let reading = Arc::clone(&process);
        let started = FirstBytes::of(stderr).and_then(|said| {
            thread::Builder::new().name("stream".to_owned()).spawn(move || {
                let read = reading.read(stdout);
                reading.finish_reading(read, &said);
                on_end();
            })
        });
        if started.is_err() {
            // Nobody would read what it writes.
            process.kill();
            let _ = process.wait();
        }
        started.map(|_| process)
    }

    /// Reads the stream to its end, or to its first wrong line.
    fn read(&self, stdout: ChildStdout) -> Result<(), String> {
        let mut reader = EventReader::new(BufReader::new(stdout));
        loop {
            match reader.next_event() {
                Ok(None) => return Ok(()),
                Ok(Some(event)) => {
                    let applied = self.state().apply(event);
                    applied.map_err(|contradiction| wrong(&reader.refuse(&contradiction)))?;
                }
                Err(error) => return Err(wrong(&error)),
            }
        }
    }

    /// Notes how the scene ended, once its stream is over.
    fn finish_reading(&self, read: Result<(), String>, said: &FirstBytes) {
        if read.is_err() {
            self.kill();
        }
        let status = self.wait();
        let said = said.text();
        let mut state = self.state();
        let read = read.and_then(|()| state.growing.check().map_err(|contradiction| contradiction.to_string()));
        let failure = match (read, status) {
            (Err(wrong), _) => Some(format!("its event stream is wrong: {wrong}")),
            (Ok(()), Ok(status)) if status.success() => None,
            (Ok(()), Ok(status)) => Some(format!("its command ended with {status}: {}", said.trim())),
            (Ok(()), Err(error)) => Some(format!("its command cannot be waited for: {error}")),
        };
        let latest = state.latest;
        match failure {
            Some(message) => state.end = Some(SceneEnd { wall: latest, outcome: Outcome::Panicked { message } }),
            None if state.end.is_none() => {
                state.end = Some(SceneEnd { wall: latest, outcome: Outcome::Interrupted });
            }
            None => {}
        }
    }

    /// Consumes the recording and returns it; [`Process::snapshot`] must not be called afterwards. A command that still
    /// runs is killed. Its scene is interrupted, unless its stream had ended.
    pub(crate) fn finish(&self) -> SceneTrace {
        self.kill();
        let now = self.now();
        let mut state = self.state();
        let end = state.end.clone();
        let mut trace = checked(state.growing.finish(now, end.as_ref()));
        trace.figures = std::mem::take(&mut state.figures);
        trace
    }

    /// Returns the scene at this moment, as it would go on until `horizon` if nothing more happened.
    pub(crate) fn snapshot(&self, last: Option<Snapshot>, horizon: Nanos) -> Snapshot {
        let now = self.now();
        let mut state = self.state();
        let end = state.end.clone();
        checked(state.growing.snapshot(last, end.as_ref().map_or(now, |end| end.wall), horizon, end.as_ref()))
    }

    /// Returns the nanoseconds since the command was started: about the time that its own clock shows.
    fn now(&self) -> Nanos {
        let nanos = Nanos::from(self.started.elapsed());
        nanos.max(self.state().latest)
    }

    /// Waits for the command to end. It can be killed meanwhile, which takes the child for itself too.
    fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child().try_wait()? {
                return Ok(status);
            }
            thread::sleep(PAUSE);
        }
    }

    fn kill(&self) {
        // It may have ended by itself.
        let _ = self.child().kill();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, event: Event) -> Result<(), Contradiction> {
        self.order.check(&event)?;
        match event {
            // What is known of the run and of other scenes is the lesson's.
            Event::Run(_) | Event::Claim(_) | Event::Skipped(_) => Ok(()),
            Event::Scene(_) if self.end.is_some() => {
                Err(Contradiction::OutOfPlace("a command tells of one scene, and this is a second"))
            }
            Event::Scene(start) => {
                // It is the lesson's own scene, and no twin, whatever it is written in.
                self.growing.describe(SceneStart { language: None, ..*start });
                Ok(())
            }
            Event::Figure(figure) => {
                self.figures.push(figure);
                Ok(())
            }
            Event::SceneEnd { wall, outcome, .. } => {
                self.end = Some(SceneEnd { wall, outcome });
                Ok(())
            }
            event => {
                self.latest = self.latest.max(event.at());
                self.growing.apply(event)
            }
        }
    }
}

/// Returns what is wrong with a stream, and where.
fn wrong(error: &ReadError) -> String {
    format!("{}{}", error.message, error.place())
}

/// Events are checked when they are applied, so there is nothing left that could be wrong.
fn checked<T>(result: Result<T, Contradiction>) -> T {
    result.unwrap_or_else(|contradiction| panic!("an event was applied that contradicts others: {contradiction}"))
}

/// The first bytes of a stream, which a thread reads to its end.
struct FirstBytes {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Is disconnected at the end of the stream; nothing is ever sent.
    end: Receiver<()>,
}

impl FirstBytes {
    /// Starts to read `stream`. All of it is read, or the command would wait until there is room for more.
    ///
    /// # Errors
    /// If no thread can be started.
    fn of(mut stream: impl Read + Send + 'static) -> io::Result<Self> {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (ended, end) = mpsc::channel::<()>();
        let keeps = Arc::clone(&kept);
        thread::Builder::new().name("stderr".to_owned()).spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                let mut kept = keeps.lock().unwrap_or_else(PoisonError::into_inner);
                let room = KEPT_ERROR - kept.len();
                kept.extend_from_slice(&bytes[..count.min(room)]);
            }
            drop(ended);
        })?;
        Ok(FirstBytes { kept, end })
    }

    /// Returns what was read so far, as text. Waits a little for the end of the stream, but not for programs that the
    /// command has left running.
    fn text(&self) -> String {
        let _ = self.end.recv_timeout(PATIENCE);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}
