//! Recordings that come from elsewhere than this process: for now, from a file, played back.

mod playback;

pub(crate) use self::playback::Playback;
