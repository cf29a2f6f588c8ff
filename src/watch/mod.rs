//! Recordings that do not come from this process's recorder: a file that is played back, or another process that writes
//! an event stream.
//!
//! [`Process`] is a command that a lesson runs as a scene. [`Watched`] is a program of the user's own: its standard
//! streams are its own, and a recorder inside it writes to a socket.

#[cfg(unix)]
mod inbox;
#[cfg(unix)]
mod injection;
mod playback;
mod process;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod python;
#[cfg(unix)]
mod recording;

#[cfg(unix)]
pub(crate) use self::inbox::Onlooker;
pub(crate) use self::playback::Playback;
pub(crate) use self::process::Process;
#[cfg(unix)]
pub(crate) use self::program::{Apart, Feed, PassOn, Streams, Watched};
#[cfg(unix)]
pub(crate) use self::python::find_python;
#[cfg(unix)]
pub(crate) use self::recording::Recording;
