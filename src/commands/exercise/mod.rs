//! `asyncguide exercise`: lists the exercises, or has the learner change a file until the recording shows what is asked for.
//!
//! `practice.rs` has the loop of saving and judging, `screen.rs` what is printed, `own_file.rs` the learner's file.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::args::filled;
use super::names::exercise_names;
use crate::exercise::Exercise;
use crate::run::Failure;
use crate::term::Term;

#[cfg(unix)]
mod own_file;
#[cfg(unix)]
mod practice;
#[cfg(unix)]
mod screen;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
KEYS:
  h shows a hint, three of them   s shows a solution   r begins anew, and keeps
  the old file   n goes on to the next exercise   o opens the file in $EDITOR
  q stops

EXIT CODES WITH --once:
  0 passed   1 not yet   2 usage or bad input   3 cannot tell

EXAMPLES:
  asyncguide exercise
  asyncguide exercise overlap
  asyncguide exercise overlap --once";

#[derive(Args, Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "a program cannot be recorded there yet"))]
pub(super) struct ExerciseArgs {
    /// The exercise: its file is written here if it is not there yet, and judged each time it is saved
    #[arg(value_parser = exercise_names(), hide_possible_values = true)]
    name: Option<String>,
    /// Judge the file as it is, and exit
    #[arg(long, requires = "name")]
    once: bool,
    /// The Python to run it with [default: that of $VIRTUAL_ENV or ./.venv, or python3]
    #[arg(long, env = filled("ASYNCGUIDE_PYTHON"), hide_env_values = true, value_name = "PROGRAM")]
    python: Option<PathBuf>,
}

/// Refuses to run: a program cannot be recorded here yet.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub(super) fn exercise(_: &'static [Exercise], _: &ExerciseArgs, _: &Arc<Term>) -> Result<ExitCode, Failure> {
    Err(Failure::Usage("exercises do not run on Windows yet; they run on Linux and macOS, and under WSL".to_owned()))
}

#[cfg(unix)]
pub(super) use self::unix::exercise;

#[cfg(unix)]
mod unix {
    use super::own_file::OwnFile;
    use super::practice::Practice;
    use super::{Arc, Exercise, ExerciseArgs, ExitCode, Failure, Term, screen};
    use crate::exercise::{Judge, Ruling, Sheet};
    use crate::render::paragraph;
    use crate::run::console::Console;
    use crate::run::failure::FAILED;
    use crate::run::progress::Progress;
    use crate::run::store::Store;
    use crate::watch::find_python;

    /// The exit code if nothing can be told of the file.
    const CANNOT_TELL: u8 = 3;

    /// Lists the exercises, judges one once, or judges it whenever it is saved.
    ///
    /// # Errors
    /// A usage error if there is no such exercise, no file to judge, or no terminal for the loop.
    pub(in crate::commands) fn exercise(
        exercises: &'static [Exercise],
        args: &ExerciseArgs,
        term: &Arc<Term>,
    ) -> Result<ExitCode, Failure> {
        let python = args.python.clone().unwrap_or_else(find_python);
        let Some(name) = &args.name else {
            let progress = read_progress(term);
            let text = screen::list(exercises, &progress, term)?;
            term.print(&text).map_err(Failure::Stdout)?;
            return Ok(ExitCode::SUCCESS);
        };
        let known = exercises.iter().position(|exercise| exercise.name == name);
        let index = known.ok_or_else(|| Failure::Usage(format!("there is no exercise {name:?}")))?;
        if args.once {
            return once(&exercises[index], &python, term);
        }
        if !term.asks {
            return write_file(exercises, index, term);
        }
        let console = Console::open(true, term)?;
        Practice::new(exercises, index, python, term, console).run()
    }

    /// Writes the file of an exercise where nobody can be asked anything, and says what is to be done.
    fn write_file(exercises: &'static [Exercise], index: usize, term: &Term) -> Result<ExitCode, Failure> {
        let exercise = &exercises[index];
        let sheet = Sheet::of(exercise)?;
        let file = OwnFile::of(exercise);
        let written = file.write_new(exercise.starter).map_err(Failure::Usage)?;
        let text = screen::introduction(exercise, &sheet, (index, exercises.len()), written, &term.style);
        let (program, name) = (term.invocation, exercise.name);
        let judge = paragraph(&term.style, "  ", &format!("{program} exercise {name} --once judges it."));
        term.print(&format!("{text}{judge}")).map_err(Failure::Stdout)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Judges the file as it is.
    fn once(exercise: &'static Exercise, python: &std::path::Path, term: &Arc<Term>) -> Result<ExitCode, Failure> {
        let sheet = Sheet::of(exercise)?;
        let file = OwnFile::of(exercise);
        let program = term.invocation;
        file.read().map_err(|error| {
            let name = exercise.name;
            Failure::Usage(format!("{error}; {program} exercise {name} writes it"))
        })?;
        let mut console = Console::open(false, term)?;
        let mut is_unwanted = || {
            // A signal ends the wait, and the exit code says so.
            matches!(console.next_event_within(std::time::Duration::ZERO), Ok(Some(_)) | Err(_))
        };
        let judged = Judge::start(exercise, python, file.path())?.judge(&sheet, &mut is_unwanted)?;
        let Some(judgement) = judged else { return Ok(console.exit_code(true)) };
        let text = screen::verdict(exercise, &sheet, &judgement, &term.style, usize::MAX);
        term.print(&text).map_err(Failure::Stdout)?;
        Ok(match judgement.ruling {
            Ruling::Passed => ExitCode::SUCCESS,
            Ruling::NotYet => ExitCode::from(FAILED),
            Ruling::CannotTell => ExitCode::from(CANNOT_TELL),
        })
    }

    /// Returns which exercises were passed. Says if that cannot be read.
    fn read_progress(term: &Term) -> Progress {
        let stored = Store::find().map_or_else(|| Ok(Progress::default()), |store| store.read());
        stored.unwrap_or_else(|error| {
            term.warn(&format!("{error:#}"));
            Progress::default()
        })
    }
}
