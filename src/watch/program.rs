//! A program of the user's own, run with a recorder inside. Its standard streams, its terminal, its signals and its exit
//! code are its own.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::{io, thread};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::inbox::Inbox;
use super::injection::Injection;
use super::recording::Recording;

/// A program that runs, and that records itself.
#[derive(Debug)]
pub(crate) struct Watched {
    command: Vec<OsString>,
    /// What the user calls the program, if that is more than the command.
    name: Option<String>,
    child: Child,
    inbox: Inbox,
    injection: Injection,
}

impl Watched {
    /// Starts `command`, whose first word is the program, and which is called `name` in the recording; without a name, as
    /// the recorder calls it. `on_end` is called once it has ended.
    ///
    /// # Errors
    /// If the command cannot be started, or what it needs to record itself cannot be made.
    pub(crate) fn start(
        command: Vec<OsString>,
        name: Option<String>,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let Some((program, arguments)) = command.split_first() else { return Err(io::ErrorKind::InvalidInput.into()) };
        let (injection, listener) = Injection::prepare()?;
        let inbox = Inbox::open(listener, injection.socket(), injection.running())?;
        let mut child = Command::new(program);
        child.args(arguments);
        injection.set_up(&mut child)?;
        let child = child.spawn()?;
        let pid = Pid::from_child(&child);
        let wait = move || {
            // The child is left to be waited for, so that its number stays its own until `finish`.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
            on_end();
        };
        thread::Builder::new().name("program".to_owned()).spawn(wait)?;
        Ok(Watched { command, name, child, inbox, injection })
    }

    /// Sends the program the signal with this number. Does nothing if it has ended.
    pub(crate) fn signal(&self, number: u8) {
        if let Some(signal) = Signal::from_named_raw(number.into()) {
            // It may have ended by itself.
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }

    /// Kills the program. Does nothing if it has ended.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
    }

    /// Waits for the program's end, and for the last of what was recorded. Removes the recorder.
    ///
    /// # Errors
    /// If the program cannot be waited for.
    pub(crate) fn finish(mut self) -> io::Result<(Recording, u8)> {
        let status = self.child.wait()?;
        let pid = self.child.id();
        let (received, refused) = self.inbox.close();
        let is_python = self.injection.was_loaded();
        drop(self.injection);
        Ok((Recording::new(&self.command, self.name.as_deref(), pid, received, refused, is_python), exit_code(status)))
    }
}

/// Returns the exit code of a program as shells report it: 128 and the number of the signal that ended it, if one did.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
    // A process can have no other codes than those of a byte.
    code as u8
}
