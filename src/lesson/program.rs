//! Programs that record themselves under the recorder of `watch` and print where scenes print: the scenes of a lesson's
//! folder, and a lesson's Python twin.
//!
//! [`Program`] says what is run, and [`ProgramRun`] is one that runs. Read `program/scene.rs` for how the recording of such a
//! program becomes that of a scene, and `run/twin.rs` for the twin.

#[cfg(unix)]
mod run;
#[cfg(unix)]
mod scene;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(unix)]
pub(crate) use self::run::{ProgramRun, Start};
#[cfg(unix)]
pub(crate) use self::scene::ProgramScene;

/// A program that does the work of a scene. It is run in the folder of its lesson, without a shell.
#[derive(Debug)]
pub struct Program {
    /// The folder of the lesson, as an absolute path.
    pub(crate) folder: PathBuf,
    /// A digest of all files in the folder.
    pub(crate) digest: String,
    pub(crate) runs: Runs,
    /// Whether it is given the number of tasks, beside the delay.
    pub(crate) takes_tasks: bool,
    /// Whether it is given standard input, line by line.
    pub(crate) takes_lines: bool,
}

/// What runs in place of a scene.
#[derive(Debug)]
pub(crate) enum Runs {
    /// A Python file of the lesson's folder.
    Python(String),
    /// A command: the program and its first arguments, at least one word.
    Command(Vec<String>),
}

impl Program {
    /// Returns the command as it is run with these inputs: the words that the lesson names, the delay in seconds, and the
    /// number of tasks if the lesson takes one.
    pub(crate) fn command(&self, tasks: usize, delay: Duration) -> Vec<OsString> {
        let mut command = self.words();
        command.push(delay.as_secs_f64().to_string().into());
        if self.takes_tasks {
            command.push(tasks.to_string().into());
        }
        command
    }

    /// Returns the words of the command without its inputs, with the program's whole path if that is known.
    pub(crate) fn words(&self) -> Vec<OsString> {
        match &self.runs {
            Runs::Python(file) => vec![found(&python()).into(), file.into()],
            Runs::Command(words) => {
                let (program, arguments) = words.split_first().map_or(("", &words[..]), |(first, rest)| (first, rest));
                let program = if program.contains('/') { self.folder.join(program) } else { found(Path::new(program)) };
                let arguments = arguments.iter().map(OsString::from);
                [program.into_os_string()].into_iter().chain(arguments).collect()
            }
        }
    }

    /// Checks that the program is there.
    ///
    /// # Errors
    /// Says which one is not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let words = self.words();
        let program = Path::new(words.first().map_or_else(Default::default, OsString::as_os_str));
        if program.is_absolute() && program.is_file() {
            return Ok(());
        }
        let needed = if matches!(self.runs, Runs::Python(_)) { "; Python 3.8 or later is needed" } else { "" };
        Err(format!("cannot run {}: there is no such program{needed}", program.display()))
    }
}

/// Returns the Python that runs scenes and twins: the one that the environment names, or else that of `watch`.
pub(crate) fn python() -> PathBuf {
    let named = env::var_os("ASYNCGUIDE_PYTHON").filter(|name| !name.is_empty());
    match named {
        Some(python) => PathBuf::from(python),
        #[cfg(unix)]
        None => crate::watch::find_python(),
        #[cfg(not(unix))]
        None => PathBuf::from("python3"),
    }
}

/// Returns the whole path of a program that is named as a shell would find it; its name if it is not found.
fn found(program: &Path) -> PathBuf {
    if program.components().count() > 1 {
        return std::path::absolute(program).unwrap_or_else(|_| program.to_owned());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates = env::split_paths(&path).map(|folder| folder.join(program));
    let found = candidates.into_iter().find(|candidate| candidate.is_absolute() && is_program(candidate));
    found.unwrap_or_else(|| program.to_owned())
}

/// Returns whether there is a file at `path` that can be run.
#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
