//! The Python twin of a lesson: what becomes of its recording, and how the lesson's claims are checked on it.
//!
//! The twin's scenes have the names of the lesson's scenes and the language [`PYTHON`]. They stand behind the lesson's
//! own ones in a trace. Nothing here runs Python: see `run/twin.rs`.

#![cfg_attr(not(unix), allow(dead_code, reason = "no twin can be recorded there yet"))]

use std::mem::take;
use std::path::Path;

use super::{Lesson, Scene, Work};
use crate::trace::{ClaimResult, Name, SceneTrace, Skipped, Task, TaskKind, Trace};

/// The name of the language of the lessons' twins.
pub(crate) const PYTHON: &str = "python";
/// The name of the file of each lesson's twin, in the lesson's folder.
const FILE: &str = "twin.py";
/// Functions of asyncio, and what the recorder calls the loop's own work: their lanes only help to show the others.
const LIBRARY: &[&str] = &["to_thread", "wait_for", "the loop"];
/// The event loops of Python.
const RUNTIMES: &[&str] = &["asyncio", "uvloop", "trio"];
/// The most digits of a number that is a part of a name; a port has more.
const MOST_DIGITS: usize = 4;
/// What the recorder sets before the text of a log record.
const LOGGED: &str = "INFO: ";
/// What the titles of a twin's scenes end with.
pub(crate) const TWIN_MARK: &str = " (Python)";

impl Lesson {
    /// Returns the number of the scene with this name, counted from 1; `None` if there is none. The scenes of the twin
    /// are numbered after those that run with it.
    pub(crate) fn number_in(&self, scene: &str, language: Option<&str>) -> Option<usize> {
        match language {
            None => self.number(scene),
            Some(PYTHON) => Some(self.scenes_with_twin().count() + self.number(scene)?),
            Some(_) => None,
        }
    }

    /// Returns the scenes that can have a twin: all but servers that stay up, which run alone.
    pub(crate) fn scenes_with_twin(&self) -> impl Iterator<Item = &'static Scene> {
        self.scenes.iter().filter(|scene| !scene.served)
    }

    /// Returns the path of the lesson's twin, from the project's root; empty if the lesson has no scenes.
    pub(crate) fn twin_file(&self) -> String {
        self.scenes.first().map_or_else(String::new, |scene| scene.file_beside(FILE))
    }

    /// Makes the recorded scenes of the twin, which ran as the file `ran_as`, scenes of this lesson: with the titles and the
    /// file that people know. Lanes are called as in the lesson: see [`lane_name`], and marks say what they say
    /// there: see [`said`].
    pub(crate) fn adopt_twin(&self, scenes: &mut [SceneTrace], ran_as: &str) {
        for scene in scenes {
            scene.language = Some(PYTHON.to_owned());
            if let Some(own) = self.scenes.iter().find(|own| own.name == scene.name) {
                scene.title = title(own);
                scene.helpers = own.helpers.iter().chain(LIBRARY).map(|name| (*name).to_owned()).collect();
            }
            let of_sites = scene.sites.iter_mut().map(|site| &mut site.file);
            let of_marks = scene.marks.iter_mut().filter_map(|mark| mark.file.as_mut());
            for file in of_sites.chain(of_marks).chain([&mut scene.file]) {
                if file.ends_with(ran_as) {
                    *file = self.twin_file();
                }
            }
            call_as_in_lessons(scene);
        }
    }

    /// Returns the scenes of the twin that are not among those in `trace`, as skipped for `reason`.
    pub(crate) fn missing_in_twin(&self, trace: &Trace, reason: &str) -> Vec<Skipped> {
        let ran = |own: &&Scene| trace.scenes.iter().any(|scene| is_twin(scene) && scene.name == own.name);
        let missing = self.scenes_with_twin().filter(|own| !ran(own));
        let skipped = |own: &Scene| Skipped {
            scene: own.name.to_owned(),
            title: title(own),
            language: Some(PYTHON.to_owned()),
            reason: reason.to_owned(),
        };
        missing.map(skipped).collect()
    }

    /// Checks the lesson's claims on its own scenes and, if there are any, on those of its twin. Stores the results in
    /// `trace` in place of those that it holds.
    ///
    /// Nothing is claimed of a run in which a server stayed up, since its clients were not the lesson's.
    pub(crate) fn check_claims(&self, trace: &mut Trace) {
        let stayed_up = |scene: &Scene| scene.served && trace.scene(scene.name).is_some();
        if self.scenes.iter().any(stayed_up) {
            trace.claims.clear();
            return;
        }
        // A claim names scenes, and a scene and its twin have the same name.
        let (own, twins) = take(&mut trace.scenes).into_iter().partition(|scene| !is_twin(scene));
        let (own_skipped, twins_skipped) = take(&mut trace.skipped).into_iter().partition(|one| one.language.is_none());
        trace.scenes = own;
        trace.skipped = own_skipped;
        let mut claims: Vec<ClaimResult> =
            self.claims.iter().map(|claim| ClaimResult::new(claim.statement, claim.verdict_on_run(trace))).collect();
        let own = std::mem::replace(&mut trace.scenes, twins);
        let own_skipped = std::mem::replace(&mut trace.skipped, twins_skipped);
        let language = trace.scenes.first().and_then(|scene| scene.language.clone());
        if language.is_some() {
            claims.extend(self.claims.iter().map(|claim| ClaimResult {
                language: language.clone(),
                ..ClaimResult::new(claim.statement, claim.verdict_on_twin(trace))
            }));
        }
        trace.scenes.splice(0..0, own);
        trace.skipped.splice(0..0, own_skipped);
        trace.claims = claims;
    }
}

impl Scene {
    /// Makes what a program of the lesson's folder recorded this scene: with its name and title, with lanes that are called
    /// as in other lessons if they are Python's, and with files as people know them.
    pub(crate) fn adopt(&self, scene: &mut SceneTrace) {
        let Work::Program(program) = self.work else { return };
        if RUNTIMES.contains(&scene.runtime.name.as_str()) {
            scene.helpers = LIBRARY.iter().map(|name| (*name).to_owned()).collect();
            call_as_in_lessons(scene);
        }
        scene.helpers.extend(self.helpers.iter().map(|name| (*name).to_owned()));
        self.name.clone_into(&mut scene.name);
        self.title.clone_into(&mut scene.title);
        scene.language = None;
        let of_sites = scene.sites.iter_mut().map(|site| &mut site.file);
        let of_marks = scene.marks.iter_mut().filter_map(|mark| mark.file.as_mut());
        for file in of_sites.chain(of_marks) {
            let inside = Path::new(&*file).strip_prefix(&program.folder).ok().and_then(Path::to_str);
            if let Some(inside) = inside {
                *file = self.file_beside(inside);
            }
        }
        scene.file = self.file();
    }
}

/// Calls lanes as lessons call them: see [`lane_name`], and lets marks say what they say there: see [`said`].
fn call_as_in_lessons(scene: &mut SceneTrace) {
    for task in &mut scene.tasks {
        if let Some(name) = lane_name(&task.name, task.kind) {
            task.name = Name::from(name.as_str());
        }
    }
    for mark in &mut scene.marks {
        let lane = mark.task.and_then(|task| scene.tasks.get(task.index())).map_or("", |task| &task.name);
        mark.text = said(&mark.text, lane).to_owned();
    }
    hide_own_functions(scene);
}

/// Takes the lane from the scene's own function, as in a lesson, and from functions whose names begin with an underscore:
/// those start others, or are asyncio's own. A scene without any other lane than helpers keeps that of its
/// function.
fn hide_own_functions(scene: &mut SceneTrace) {
    let SceneTrace { name, tasks, .. } = scene;
    let is_internal = |task: &Task| task.kind == TaskKind::Future && task.name.starts_with('_');
    let is_main = |task: &Task| *task.name == **name && task.parent.is_none();
    let is_helper = |task: &Task| LIBRARY.contains(&&*task.name);
    let is_hidden = |task: &Task| task.kind == TaskKind::Scene || is_internal(task) || is_helper(task);
    let other_lanes = tasks.iter().any(|task| !is_hidden(task) && !is_main(task));
    for task in tasks {
        if is_internal(task) || is_main(task) && other_lanes {
            task.kind = TaskKind::Scene;
        }
    }
}

/// Returns what a mark of the lane of this name says in a lesson: what was printed without its indent and without the name,
/// or what was logged without its level.
fn said<'a>(text: &'a str, lane: &str) -> &'a str {
    let text = text.trim();
    let text = text.strip_prefix(LOGGED).unwrap_or(text);
    match text.strip_prefix(lane) {
        Some(rest) if rest.starts_with(' ') => rest.trim_start(),
        _ => text,
    }
}

/// Returns whether a recorded scene is one of a twin.
fn is_twin(scene: &SceneTrace) -> bool {
    scene.language.is_some()
}

/// Returns the title of the twin of a scene.
fn title(own: &Scene) -> String {
    let title = if own.title_in_python.is_empty() { own.title } else { own.title_in_python };
    format!("{title}{TWIN_MARK}")
}

/// Returns what the lane of a Python call is called in a lesson: `nap('A', 0.2)` is “A”, `client(1)` is “client 1”, and
/// `ticker()` or `hog(False)` are called as the function is. So are functions that run on threads, and those whose names begin
/// with an underscore. None if `text` is no call, as the name of a task that was given one.
fn lane_name(text: &str, kind: TaskKind) -> Option<String> {
    let (function, arguments) = text.strip_suffix(')')?.split_once('(')?;
    let function = function.rsplit('.').next()?;
    if function.is_empty() || !function.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    if kind != TaskKind::Future || function.starts_with('_') {
        return Some(function.to_owned());
    }
    let first = arguments.split(',').next().unwrap_or_default();
    let is_number = (1..=MOST_DIGITS).contains(&first.len()) && first.chars().all(|c| c.is_ascii_digit());
    let quoted = first.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(name) if !name.is_empty() => Some(name.to_owned()),
        _ if is_number => Some(format!("{function} {first}")),
        _ => Some(function.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_neither_who_says_it_nor_how() {
        assert_eq!((said("  A falls asleep", "A"), said("INFO: ticks", "ticker")), ("falls asleep", "ticks"));
        assert_eq!((said("Anna is here", "A"), said("  tea is over", "")), ("Anna is here", "tea is over"));
    }

    #[test]
    fn a_call_is_called_by_its_first_argument_or_else_by_its_function() {
        let name = |text| lane_name(text, TaskKind::Future).unwrap_or_default();
        assert_eq!((name("nap('A', 0.2)"), name("nap('A')")), ("A".to_owned(), "A".to_owned()));
        assert_eq!((name("client(1)"), name("made.client(12, …)")), ("client 1".to_owned(), "client 12".to_owned()));
        assert_eq!((name("hog(False)"), name("time.sleep(0.5)")), ("hog".to_owned(), "sleep".to_owned()));
        for text in ["1st result", "before", "", "(a line)", "say(", "two words(1)"] {
            assert_eq!(lane_name(text, TaskKind::Future), None, "{text}");
        }
        assert_eq!((name("connect(36747)"), name("_open('::')")), ("connect".to_owned(), "_open".to_owned()));
        assert_eq!(lane_name("put('hello')", TaskKind::Thread).as_deref(), Some("put"));
    }
}
