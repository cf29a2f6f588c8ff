//! Lessons that are folders: run, shown, trusted, refused, and proved.

mod broken;
mod hostile;
mod listed;
mod run;
mod shapes;
mod translated;

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ran, asyncguide, command, run as run_to_its_end, there_is};
use tempfile::TempDir;

/// The lesson that `asyncguide new` writes, with a short delay, in a folder of its own beside the state of its user.
pub(super) struct Lesson {
    home: TempDir,
}

impl Lesson {
    /// Makes the lesson. Nothing of it is trusted.
    pub(super) fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let lesson = Lesson { home };
        let ran = lesson.in_another_state(&["new", "lesson", "naps"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        lesson.replace("lesson.toml", "delay = \"500ms\"", "delay = \"100ms\"");
        lesson
    }

    pub(super) fn path(&self) -> PathBuf {
        self.home.path().join("naps")
    }

    /// The path of one of its files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Replaces a part of a file, which must be there.
    #[track_caller]
    pub(super) fn replace(&self, file: &str, part: &str, by: &str) {
        let text = fs::read_to_string(self.file(file)).expect("it is there");
        assert!(text.contains(part), "{part} is not in {text}");
        fs::write(self.file(file), text.replacen(part, by, 1)).expect("it can be written");
    }

    /// What asyncguide says to these arguments, beside the lesson's folder.
    pub(super) fn ag(&self, arguments: &[&str]) -> Ran {
        run_to_its_end(self.command(arguments))
    }

    /// The command that does so.
    pub(super) fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = command(asyncguide(), arguments);
        command.current_dir(&self.home).env("XDG_STATE_HOME", self.home.path().join("state"));
        command
    }

    /// The same as a user who has trusted nothing.
    fn in_another_state(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        run_to_its_end(command.env("XDG_STATE_HOME", self.home.path().join("another")))
    }
}

/// Whether lessons of Python scenes can be run here.
pub(super) fn can_run() -> bool {
    cfg!(unix) && there_is("python3")
}

/// The names of the files in a folder and below it.
pub(super) fn files_in(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read")) {
        if entry.path().is_dir() {
            files.extend(files_in(&entry.path()));
        } else {
            files.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    files.sort();
    files
}
