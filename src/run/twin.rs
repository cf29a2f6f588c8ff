//! `--python`: runs the lesson's Python twin under the recorder of `watch`, after the lesson's own scenes.
//!
//! The twin is one program that runs all scenes, each in an event loop of its own. It is written to a private folder, and
//! gets the delay, the number of tasks and the lines that the lesson's own scenes were given. Read `lesson/twin.rs` for
//! what becomes of its recording.

use std::path::PathBuf;

use super::plan::Request;
use super::{Failure, Run};
use crate::lesson::Lesson;
use crate::trace::{Clock, Skipped};

/// The oldest Python that runs the twins.
#[cfg(unix)]
const OLDEST: (u32, u32) = (3, 11);

/// Returns the Python that can run the lesson's twin. `skipped` are the lesson's own scenes that do not run.
///
/// # Errors
/// A usage error if the twin cannot be run as requested, or there is no such Python.
pub(super) fn python_for(lesson: &Lesson, request: &Request, skipped: &[Skipped]) -> Result<PathBuf, Failure> {
    let refuse = |why: String| Err(Failure::Usage(format!("--python: {why}")));
    if lesson.twin.is_empty() {
        return refuse(format!("lesson {} has no Python twin", lesson.name));
    }
    if request.serve.is_some() {
        return refuse("the Python twin runs after the lesson's scenes, and --serve runs none of them".to_owned());
    }
    if request.clock == Clock::Virtual {
        return refuse("the Python twin runs on the real clock".to_owned());
    }
    if let Some(Skipped { title, reason, .. }) = skipped.first() {
        return refuse(format!(
            "the Python twin of {} runs all scenes, but “{title}” cannot run: {reason}",
            lesson.name
        ));
    }
    find_python().or_else(refuse)
}

/// Returns the Python that the user would get, if it runs and is not too old.
///
/// # Errors
/// Says what is wrong with it.
#[cfg(unix)]
fn find_python() -> Result<PathBuf, String> {
    use std::process::{Command, Stdio};

    let python = crate::lesson::program::python();
    let (major, minor) = OLDEST;
    let needed = format!("Python {major}.{minor} or later is needed");
    let check = format!("import asyncio, sys; sys.exit(sys.version_info < ({major}, {minor}))");
    let mut command = Command::new(&python);
    command.args(["-c", &check]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(python),
        Ok(_) => Err(format!("{} cannot run the twin: {needed}", python.display())),
        Err(error) => Err(format!("cannot run {}: {error}; {needed}", python.display())),
    }
}

/// Says that there is no recorder for Python here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
fn find_python() -> Result<PathBuf, String> {
    Err("the Python twin cannot be recorded on Windows yet; it can on Linux and macOS, and under WSL".to_owned())
}

/// Runs the twin if the plan says so, below `heading`, which names the scenes that are over. Adds its scenes to the run,
/// and those that it has not, as skipped.
///
/// # Errors
/// If the twin cannot be started, or standard output takes no more.
pub(super) fn run(run: &mut Run<'_>, heading: &str) -> Result<(), Failure> {
    let Some(python) = &run.plan.python else { return Ok(()) };
    run.twin_ran = true;
    let reason = match run.console.interrupted {
        Some(_) => "the run was interrupted",
        None => record::record(run, python, heading)?,
    };
    let missing = run.plan.lesson.missing_in_twin(&run.trace, reason);
    run.trace.skipped.extend(missing);
    Ok(())
}

#[cfg(not(unix))]
mod record {
    use std::path::Path;

    use super::{Failure, Run};

    /// Does nothing: there is no Python that the plan could name.
    ///
    /// # Errors
    /// Never.
    pub(super) fn record(_: &mut Run<'_>, _: &Path, _: &str) -> Result<&'static str, Failure> {
        Ok("it cannot be recorded here")
    }
}

#[cfg(unix)]
mod record {
    use std::ffi::OsString;
    use std::path::Path;
    use std::slice::from_mut;
    use std::sync::Arc;
    use std::time::Duration;
    use std::{env, fs};

    use anyhow::Context as _;
    use tempfile::TempDir;

    use super::{Failure, Run};
    use crate::chart::Shown;
    use crate::leftovers;
    use crate::lesson::program::{ProgramRun, Start};
    use crate::live::Live;
    use crate::run::console::ConsoleEvent;
    use crate::run::follow::print_event;
    use crate::session::Pulse;
    use crate::stdio::Kept;
    use crate::term::Term;
    use crate::trace::SceneTrace;
    use crate::watch::Recording;

    /// The name of the twin's file.
    const FILE: &str = "twin.py";

    /// Runs the twin to its end or to the first signal, and adds its scenes to the run. Returns why scenes are missing, if
    /// any are.
    ///
    /// # Errors
    /// If the twin cannot be started, or standard output takes no more.
    pub(super) fn record(run: &mut Run<'_>, python: &Path, heading: &str) -> Result<&'static str, Failure> {
        let folder = write_twin(run.plan.lesson.twin).context("cannot write the Python twin")?;
        let path = folder.path().join(FILE);
        let mut command: Vec<OsString> = vec![python.into(), path.clone().into()];
        command.push(Duration::from(run.plan.given.delay).as_secs_f64().to_string().into());
        if run.plan.lesson.takes.tasks.is_some() {
            command.push(run.plan.given.tasks.to_string().into());
        }
        // A walk shows one scene at a time, but the twin prints the lines of all of them.
        let prints = !run.term.quiet && !run.plan.walks;
        let Kept { text, is_cut } = run.inputs.lines.kept();
        if is_cut {
            run.term.warn("the input is long: the Python twin gets the first MiB of it only");
        }
        let mut input = Some(text);
        let term = Arc::clone(run.term);
        let start = Start {
            command,
            folder: None,
            feed: Box::new(move || input.take()),
            out: prints.then(|| run.inputs.out.clone()),
            errors: Box::new(move |line| term.note(&format!("{}\n", term.error_style.text(line)))),
        };
        let sender = run.console.sender();
        let on_end = move || {
            sender.send(ConsoleEvent::SceneEnded);
        };
        // Whatever holds up this process holds up the twin.
        let pulse = Pulse::start(|| ()).context("cannot start a thread")?;
        let started = ProgramRun::start(start, on_end);
        let twin = started.with_context(|| format!("cannot start {}", python.display()))?;
        let ran_as = Path::new(folder.path().file_name().unwrap_or_default()).join(FILE);
        let ran_as = ran_as.to_string_lossy().into_owned();
        let waited = wait(run, &twin, heading, ran_as.clone());
        let held_up = pulse.held_up();
        let interrupted = run.console.interrupted.is_some();
        if interrupted || waited.is_err() {
            twin.kill();
        }
        let writer = twin.writer();
        let (Recording { mut trace, gaps }, code) = twin.finish().context("cannot wait for the Python twin")?;
        if let Some(writer) = writer {
            // The report follows.
            writer.blocking_print_line(String::new());
        }
        waited?;
        run.plan.lesson.adopt_twin(&mut trace.scenes, &ran_as);
        trace.scenes.iter_mut().for_each(|scene| scene.runtime.held_up = held_up);
        if run.plan.streams {
            trace.scenes.iter().try_for_each(|scene| print_scene(scene, run.term))?;
        }
        run.trace.scenes.append(&mut trace.scenes);
        if interrupted {
            return Ok("the run was interrupted");
        }
        for gap in &gaps {
            run.term.warn(gap);
        }
        if code != 0 {
            run.term.warn(&format!("the Python twin ended with exit code {code}"));
        }
        run.twin_failed = code != 0 || !gaps.is_empty();
        Ok(if run.twin_failed { "the Python twin ended early" } else { "it runs without an event loop" })
    }

    /// Writes the twin to a private folder, which is removed when it is dropped.
    fn write_twin(twin: &str) -> std::io::Result<TempDir> {
        let folder = leftovers::private_folder(&env::temp_dir())?;
        fs::write(folder.path().join(FILE), twin)?;
        Ok(folder)
    }

    /// Draws the scenes of the twin, which runs as the file `ran_as`, while they run. Waits for its end or for the first
    /// signal.
    fn wait(run: &mut Run<'_>, twin: &ProgramRun, heading: &str, ran_as: String) -> Result<(), Failure> {
        let onlooker = twin.onlooker();
        let lesson = run.plan.lesson;
        let snapshot = move |_, horizon| {
            let mut snapshot = onlooker.snapshot(horizon);
            lesson.adopt_twin(from_mut(&mut snapshot.trace), &ran_as);
            snapshot
        };
        let keys = if run.term.live { run.console.keys() } else { None };
        let heading = format!("{heading}The same in Python");
        let shown = Shown { lanes: run.plan.request.lanes, ..Shown::FOLDED };
        let live = Live::start(run.term, &heading, run.plan.lasts(), usize::MAX, &shown, snapshot);
        let ended = run.wait_for_end(false, Some(&live).filter(|_| keys.is_some()));
        live.finish();
        ended
    }

    /// Prints all events of a scene.
    fn print_scene(scene: &SceneTrace, term: &Term) -> Result<(), Failure> {
        let events = [scene.scene_start()].into_iter().chain(scene.events()).chain(scene.scene_end());
        events.into_iter().try_for_each(|event| print_event(term, &event))
    }
}
