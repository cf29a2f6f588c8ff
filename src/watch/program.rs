//! A program of the user's own, run with a recorder inside. Its standard streams, its terminal, its signals and its exit
//! code are its own.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::inbox::{Inbox, LIMITS, Onlooker};
use super::injection::Injection;
use super::recording::Recording;
use crate::leftovers;
use crate::trace::Clock;

/// A program that runs, and that records itself.
#[derive(Debug)]
pub(crate) struct Watched {
    command: Vec<OsString>,
    /// What the user calls the program, if that is more than the command.
    name: Option<String>,
    child: Child,
    /// Whether it is the leader of a process group of its own.
    is_apart: bool,
    inbox: Inbox,
    injection: Injection,
    /// Threads that pass on what the program writes.
    passing: Vec<JoinHandle<()>>,
}

/// Takes what a program has written, and whether it was to standard error.
pub(crate) type PassOn = Arc<dyn Fn(&[u8], bool) + Send + Sync>;

/// Where a program's standard streams lead.
pub(crate) enum Streams {
    /// They are those of this process.
    Own,
    /// Its standard input is that of this process. What it writes is passed on, in whole lines where it writes lines.
    PassedOn(PassOn),
    /// What it writes is passed on, and it gets its input and its folder from here. Keys that send signals do not reach it.
    Apart(PassOn, Apart),
}

/// What a program gets that runs apart from this process.
pub(crate) struct Apart {
    /// What it reads from standard input.
    pub(crate) feed: Feed,
    /// The folder that it runs in; that of this process if there is none.
    pub(crate) folder: Option<PathBuf>,
}

/// Returns the next part of a program's standard input, and waits for it if need be; none at its end.
pub(crate) type Feed = Box<dyn FnMut() -> Option<String> + Send>;

impl Watched {
    /// Starts `command`, whose first word is the program, and which is called `name` in the recording; without a name, as
    /// the recorder calls it. `on_end` is called once the program has ended.
    ///
    /// # Errors
    /// If the command cannot be started, or what it needs to record itself cannot be made.
    pub(crate) fn start(
        command: Vec<OsString>,
        name: Option<String>,
        streams: Streams,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        Watched::start_on(Clock::Real, command, name, streams, on_end)
    }

    /// Starts `command` as [`Watched::start`] does. On the virtual clock, loops of asyncio do not wait for timers: see
    /// `_asyncguide_clock.py`.
    ///
    /// # Errors
    /// As [`Watched::start`].
    pub(crate) fn start_on(
        clock: Clock,
        command: Vec<OsString>,
        name: Option<String>,
        streams: Streams,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let Some((program, arguments)) = command.split_first() else { return Err(io::ErrorKind::InvalidInput.into()) };
        let (injection, listener) = Injection::prepare()?;
        let inbox = Inbox::open(listener, injection.socket(), injection.running(), LIMITS)?;
        let mut child = Command::new(program);
        child.args(arguments);
        injection.set_up(&mut child, clock)?;
        let (pass_on, input) = match streams {
            Streams::Own => (None, None),
            Streams::PassedOn(pass_on) => (Some(pass_on), None),
            Streams::Apart(pass_on, apart) => {
                // Nothing is left in a folder that is looked at before it is run.
                child.env("PYTHONDONTWRITEBYTECODE", "1");
                if let Some(folder) = &apart.folder {
                    child.current_dir(folder);
                }
                (Some(pass_on), Some(apart.feed))
            }
        };
        if pass_on.is_some() {
            // Python keeps back what it writes to a pipe otherwise.
            child.stdout(Stdio::piped()).stderr(Stdio::piped()).env("PYTHONUNBUFFERED", "1");
        }
        if input.is_some() {
            child.stdin(Stdio::piped()).process_group(0);
        }
        let is_apart = input.is_some();
        let mut child = if is_apart { leftovers::start_group(|| child.spawn())? } else { child.spawn()? };
        match attend(&mut child, input, pass_on, on_end) {
            Ok(passing) => Ok(Watched { command, name, child, is_apart, inbox, injection, passing }),
            Err(error) => {
                // Nobody would take what it writes, or notice its end. It may have ended by itself.
                let _ = child.kill();
                leftovers::forget_group(Pid::from_child(&child));
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Returns what looks at the program while it runs.
    pub(crate) fn onlooker(&self) -> Onlooker {
        self.inbox.onlooker()
    }

    /// Sends the program the signal with this number. Does nothing if it has ended.
    pub(crate) fn signal(&self, number: u8) {
        if let Some(signal) = Signal::from_named_raw(number.into()) {
            // It may have ended by itself.
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }

    /// Kills the program, and what it has started if its streams lead apart. Does nothing if it has ended.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        if self.is_apart {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
    }

    /// Waits for the program's end, and for the last of what was recorded. Removes the recorder.
    ///
    /// # Errors
    /// If the program cannot be waited for.
    pub(crate) fn finish(mut self) -> io::Result<(Recording, u8)> {
        let leader = Pid::from_child(&self.child);
        wait_for_end(leader);
        leftovers::forget_group(leader);
        let status = self.child.wait()?;
        // Programs that it has left running may keep the pipes open, and go on writing into them.
        let deadline = Instant::now() + PATIENCE;
        while self.passing.iter().any(|thread| !thread.is_finished()) && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        let pid = self.child.id();
        let (received, refused) = self.inbox.close();
        let is_python = self.injection.was_loaded();
        drop(self.injection);
        Ok((Recording::new(&self.command, self.name.as_deref(), pid, received, refused, is_python), exit_code(status)))
    }
}

/// Starts the threads that give `child` its input, pass on what it writes, and call `on_end` once it has ended. Returns
/// those that pass something on.
///
/// # Errors
/// If a thread cannot be started.
fn attend(
    child: &mut Child,
    input: Option<Feed>,
    pass_on: Option<PassOn>,
    on_end: impl FnOnce() + Send + 'static,
) -> io::Result<Vec<JoinHandle<()>>> {
    if let (Some(stdin), Some(input)) = (child.stdin.take(), input) {
        write_all_to(stdin, input)?;
    }
    let passing = pass_on.map(|pass_on| pass_on_from(child, &pass_on)).transpose()?.unwrap_or_default();
    let pid = Pid::from_child(child);
    let wait = move || {
        wait_for_end(pid);
        on_end();
    };
    thread::Builder::new().name("program".to_owned()).spawn(wait)?;
    Ok(passing)
}

/// Waits until the child has ended. It is left to be waited for, so that its number stays its own until `finish`.
fn wait_for_end(child: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(child), options) {}
}

/// How long the last of what a program wrote is waited for.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(2);

/// Writes `input` to a program's standard input, on a thread of its own, and ends it.
fn write_all_to(mut stdin: ChildStdin, mut input: Feed) -> io::Result<()> {
    let write = move || {
        while let Some(part) = input() {
            // A program that does not read it has closed it.
            if stdin.write_all(part.as_bytes()).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("input".to_owned()).spawn(write).map(drop)
}

/// Passes on what `child` writes to its pipes, each on a thread of its own.
fn pass_on_from(child: &mut Child, pass_on: &PassOn) -> io::Result<Vec<JoinHandle<()>>> {
    let stdout = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    let stderr = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    let streams = [(stdout, false), (stderr, true)].into_iter().filter_map(|(stream, error)| Some((stream?, error)));
    let start = |(stream, to_error)| {
        let pass_on = Arc::clone(pass_on);
        let pass = move || pass_lines(stream, &|bytes| pass_on(bytes, to_error));
        thread::Builder::new().name("output".to_owned()).spawn(pass)
    };
    streams.map(start).collect()
}

/// Calls `pass_on` with what `stream` gives: a line at a time, and long lines in pieces.
fn pass_lines(stream: impl Read, pass_on: &dyn Fn(&[u8])) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = stream.by_ref().take(LONGEST_PIECE).read_until(b'\n', &mut line) {
        pass_on(&line);
        line.clear();
    }
}

/// The longest piece of a line that is passed on at once, in bytes.
const LONGEST_PIECE: u64 = 64 * 1024;

/// Returns the exit code of a program as shells report it: 128 and the number of the signal that ended it, if one did.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
    // A process can have no other codes than those of a byte.
    code as u8
}
