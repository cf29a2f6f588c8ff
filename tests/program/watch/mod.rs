//! `watch`: programs of somebody's own, run as they are, and what is drawn of them.
//!
//! The scripts are Python's, so without a `python3` these tests are skipped.

mod clock;
mod endings;
mod findings;
mod live;
mod pictures;
mod processes;
mod pythons;
mod scripts;
mod streams;
mod unchanged;

use std::path::{Path, PathBuf};
use std::process::Command;

use asyncguide::trace::{SceneTrace, Trace};

use crate::program::{Ran, asyncguide, command, run, there_is};

/// The first script of the article that the lessons follow.
const NAPS: &str = r#"
import asyncio

async def nap(name, delay):
    await asyncio.sleep(delay)
    print("napped", name)

async def main():
    await nap("A", 0.1)
    await nap("B", 0.1)
    await asyncio.gather(nap("C", 0.1), nap("D", 0.1))

asyncio.run(main())
"#;

/// A folder with scripts, and one for temporary files.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// A folder with a script of this name; none, and a word about it, if there is no Python to run it.
    fn with(name: &str, script: &str) -> Option<Self> {
        let python = there_is("python3");
        let folder = tempfile::tempdir().expect("a folder can be made");
        let desk = Desk { folder };
        desk.add(name, script);
        std::fs::create_dir(desk.temporary()).expect("a folder can be made");
        python.then_some(desk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn temporary(&self) -> PathBuf {
        self.path("temporary")
    }

    fn add(&self, name: &str, script: &str) {
        std::fs::write(self.path(name), script).expect("it can be written");
    }

    /// A command of these words here, which keeps temporary files here too.
    fn command(&self, program: impl AsRef<Path>, words: &[&str]) -> Command {
        let mut command = command(program, words);
        command.current_dir(&self.folder).env("TMPDIR", self.temporary());
        // What Python writes beside a script would be seen as a change.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// `asyncguide watch` with these words.
    fn watching(&self, words: &[&str]) -> Command {
        self.command(asyncguide(), &[&["watch"], words].concat())
    }

    /// What `asyncguide watch` with these words says.
    fn watch(&self, words: &[&str]) -> Ran {
        run(self.watching(words))
    }

    /// What is recorded with these words, and what was said meanwhile.
    #[track_caller]
    fn record(&self, words: &[&str]) -> (Trace, Ran) {
        let ran = self.watch(&[&["--save", "recorded.json"], words].concat());
        let saved = std::fs::read(self.path("recorded.json")).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        (Trace::from_json(&saved).expect("it is a recording"), ran)
    }
}

/// The only scene of a recording.
#[track_caller]
fn only_scene(trace: &Trace) -> &SceneTrace {
    assert_eq!(trace.scenes.len(), 1, "{trace:?}");
    &trace.scenes[0]
}

/// The warnings in what was said.
fn warnings(ran: &Ran) -> Vec<&str> {
    ran.err.lines().filter_map(|line| line.strip_prefix("warning: ")).collect()
}
