//! Makes one recording of what the processes of a program wrote, and says what is missing from it.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use super::inbox::{Ending, Received};
use super::python::{is_python, isolating_option};
use crate::trace::{Clock, Nanos, Process, ProcessId, ProcessInfo, RunInputs, SceneTrace, Trace};

/// The recording of a program.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The scenes of all processes, in the order in which they began.
    pub(crate) trace: Trace,
    /// What is missing from it and why, a sentence each.
    pub(crate) gaps: Vec<String>,
}

impl Recording {
    /// Makes the recording of the program that `command` started with the number `pid`, and that the user calls `name`, if
    /// that is known. Of `refused` of its processes, nothing could be received.
    pub(super) fn new(
        command: &[OsString],
        name: Option<&str>,
        pid: u32,
        received: Vec<Received>,
        refused: usize,
        is_python: bool,
    ) -> Self {
        let own = ProcessInfo {
            pid,
            parent: Some(std::process::id()),
            command: command.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            folder: env::current_dir().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let mut gaps = Vec::new();
        let mut runs = Vec::new();
        for Received { mut trace, ending } in received {
            // A recorder calls a package `__main__.py`, for instance.
            if let (Some(run), Some(name)) = (&mut trace, name)
                && is_first(run, pid)
            {
                name.clone_into(&mut run.lesson);
            }
            let process = trace.as_ref().map(|trace| describe(trace, pid));
            gaps.extend(gap(&ending, process.as_deref().unwrap_or("a process")));
            runs.extend(trace);
        }
        if refused > 0 {
            gaps.push(format!("{refused} of its processes could not be recorded: there were too many at once"));
        }
        let inputs = RunInputs { tasks: 0, delay: Nanos::ZERO };
        let first = runs.iter().find(|run| is_first(run, pid)).or(runs.first());
        let recorded = first.map(|run| run.lesson.clone()).filter(|name| !name.is_empty());
        let typed = || name.map(str::to_owned).or_else(|| Some(file_name(own.command.first()?)));
        let clock = first.map_or(Clock::Real, |run| run.clock);
        let mut trace = Trace::new(recorded.or_else(typed).unwrap_or_default(), clock, inputs);
        trace.language = runs.iter().find_map(|run| run.language.clone());
        let silent = runs.is_empty() && !is_python;
        trace.scenes = scenes(runs, pid, &own.folder);
        trace.process = Some(own);
        if trace.scenes.iter().any(|scene| scene.runtime.name == "uvloop") {
            gaps.push(UNSEEN_ON_UVLOOP.to_owned());
        }
        if trace.scenes.is_empty() && gaps.is_empty() {
            gaps.push(nothing(command, silent));
        }
        Recording { trace, gaps }
    }
}

/// What the recorder cannot see where uvloop runs the tasks.
const UNSEEN_ON_UVLOOP: &str = "uvloop runs its callbacks in C, so those of the program that are no tasks, and what they hold \
                                the loop for, are not recorded";

/// Returns the scenes of all processes in the order in which they began. If there are several processes, each scene says
/// which one it is of.
fn scenes(runs: Vec<Trace>, pid: u32, folder: &str) -> Vec<SceneTrace> {
    let several = runs.iter().filter(|run| !run.scenes.is_empty()).count() > 1;
    let mut scenes = Vec::new();
    for run in runs {
        let process = describe(&run, pid);
        for mut scene in run.scenes {
            // As people call them who are in that folder.
            let of_sites = scene.sites.iter_mut().map(|site| &mut site.file);
            let of_marks = scene.marks.iter_mut().filter_map(|mark| mark.file.as_mut());
            for file in of_sites.chain(of_marks).chain([&mut scene.file]) {
                if let Ok(inside) = Path::new(&*file).strip_prefix(folder) {
                    *file = inside.to_string_lossy().into_owned();
                }
            }
            if several && scene.processes.is_empty() {
                scene.title = format!("{} in {process}", scene.title);
                scene.processes.push(Process { name: process.clone() });
                for thread in &mut scene.threads {
                    thread.process = Some(ProcessId(0));
                }
            }
            scenes.push(scene);
        }
    }
    // Stable: those of which no clock is known stay in the order in which their processes connected.
    scenes.sort_by_key(|scene| scene.started);
    scenes
}

/// Returns whether `run` is of the process with this number, or does not say which one it is of.
fn is_first(run: &Trace, pid: u32) -> bool {
    run.process.as_ref().is_none_or(|process| process.pid == pid)
}

/// Returns what a process is called in messages and titles.
fn describe(run: &Trace, pid: u32) -> String {
    match &run.process {
        Some(process) if !is_first(run, pid) => format!("{} (process {})", run.lesson, process.pid),
        _ => run.lesson.clone(),
    }
}

/// Returns what is missing from a stream with this ending.
fn gap(ending: &Ending, process: &str) -> Option<String> {
    match ending {
        Ending::Whole => None,
        Ending::Early => Some(format!(
            "the recording of {process} ends in the middle, as after a crash, os._exit or a kill: open tasks are \
             interrupted there"
        )),
        Ending::StillRuns => Some(format!("{process} still runs: its recording ends here")),
        Ending::Refused(wrong) => {
            Some(format!("the recording of {process} ends early, because its event stream is wrong: {wrong}"))
        }
        Ending::Full => Some(format!("the recording of {process} ends early: more than 256 MiB are not recorded")),
    }
}

/// Says why nothing was recorded. A `silent` program did not even connect.
fn nothing(command: &[OsString], silent: bool) -> String {
    let program = command.first().map(|word| file_name(&word.to_string_lossy())).unwrap_or_default();
    match isolating_option(command) {
        Some(option) => {
            format!("nothing was recorded: {program} {option} ignores PYTHONPATH, through which the recorder is loaded")
        }
        // The recorder is loaded with asyncio, so a Python that needs none is silent, too.
        None if silent && !command.first().is_some_and(|program| is_python(program)) => format!(
            "nothing was recorded: {program} started no Python with an event loop, or one with -I, -E or -S, which ignores \
             the recorder; a Rust program records itself with asyncguide::watch() in main"
        ),
        None => "nothing was recorded: the program ran no event loop".to_owned(),
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}
