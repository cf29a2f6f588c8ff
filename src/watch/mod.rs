//! Recordings that do not come from this process's recorder: a file that is played back, or another process that writes
//! an event stream.

mod playback;
mod process;

pub(crate) use self::playback::Playback;
pub(crate) use self::process::Process;
