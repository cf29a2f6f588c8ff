//! Judges a learner's file: runs it under the recorder on the exact clock, and checks the claims against the recording.
//!
//! The file is a stranger's program: what it prints and how long it runs are bounded, and it is killed together with what
//! it has started. The verdict is about overlap, order and outcome; times are those of the exact clock.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Deserialize;
use tempfile::TempDir;

use super::sheet::SCENE;
use super::{Exercise, Sheet};
use crate::leftovers;
use crate::trace::{
    ClaimResult, Clock, Evidence, Figure, Nanos, Outcome, Quantity, RunInputs, SceneTrace, Trace, Verdict,
};
use crate::units;
use crate::watch::{Apart, PassOn, Recording, Streams, Watched};

/// How long a file may run. `judge.py` gives up earlier.
const PATIENCE: Duration = Duration::from_secs(14);
/// How often it is asked meanwhile whether the verdict is still wanted.
const PAUSE: Duration = Duration::from_millis(20);
/// The most bytes that are kept of what a file prints.
const MOST_PRINTED: usize = 16 * 1024;
/// The most bytes of a result.
const MOST_RESULT: u64 = 64 * 1024;
/// The files in the private folder.
const JUDGE: &str = "judge.py";
const CHECK: &str = "asyncguide_check.py";
const RESULT: &str = "result.json";
const GO: &str = "go";

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    Passed,
    NotYet,
    CannotTell,
}

/// A verdict on a learner's file.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) ruling: Ruling,
    /// What is still missing, or why nothing can be told; empty if the file has passed.
    pub(crate) sentence: String,
    /// The line of the file that it is about.
    pub(crate) line: Option<u64>,
    /// The claims, as far as they were checked.
    pub(crate) claims: Vec<ClaimResult>,
    /// What was recorded; none if the file did not come that far.
    pub(crate) scene: Option<SceneTrace>,
    /// What the file has printed, cut to its beginning.
    pub(crate) printed: String,
}

/// What `judge.py` found.
#[derive(Debug, Deserialize)]
struct Found {
    verdict: String,
    #[serde(default)]
    sentence: String,
    line: Option<u64>,
    #[serde(default)]
    figures: BTreeMap<String, Quantity>,
}

/// A Python that is ready to run a learner's file. Its start takes longer than the run, so it is started ahead.
pub(crate) struct Judge {
    path: PathBuf,
    folder: TempDir,
    program: Watched,
    /// Is closed when the program has ended.
    ended: Receiver<()>,
    printed: Arc<Mutex<Printed>>,
}

impl Judge {
    /// Starts this Python for the file at `path`, which is not looked at yet.
    ///
    /// # Errors
    /// If the judge cannot be written or started.
    pub(crate) fn start(exercise: &Exercise, python: &Path, path: &Path) -> anyhow::Result<Judge> {
        let folder = write_judge(exercise).context("cannot write the judge of the exercise")?;
        let inside = |name: &str| folder.path().join(name);
        let words = [python, Path::new("-B"), &inside(JUDGE), path, &inside(CHECK), &inside(RESULT), &inside(GO)];
        let command: Vec<OsString> = words.iter().map(|word| word.as_os_str().to_owned()).collect();
        let printed: Arc<Mutex<Printed>> = Arc::default();
        let (sender, ended) = mpsc::channel();
        let on_end = move || drop(sender);
        // It reads nothing.
        let apart = Apart { feed: Box::new(|| None), folder: None };
        let streams = Streams::Apart(keep(&printed), apart);
        let program = Watched::start_on(Clock::Virtual, command, Some(exercise.file()), streams, on_end);
        let program = program.with_context(|| format!("cannot start {}", python.display()))?;
        Ok(Judge { path: path.to_owned(), folder, program, ended, printed })
    }

    /// Judges the file as it is now. Returns `None` if `is_unwanted` said before the end that nobody waits for the verdict
    /// any more.
    ///
    /// # Errors
    /// If Python cannot be told to begin, or waited for.
    pub(crate) fn judge(
        mut self,
        sheet: &Sheet,
        is_unwanted: &mut dyn FnMut() -> bool,
    ) -> anyhow::Result<Option<Judgement>> {
        fs::write(self.folder.path().join(GO), "").context("cannot begin to judge")?;
        let end = wait(&self.ended, is_unwanted);
        // Also what it has started and left running.
        self.program.kill();
        let (recording, code) = self.program.finish().context("cannot wait for Python")?;
        if end == End::Unwanted {
            return Ok(None);
        }
        let printed = std::mem::take(&mut *self.printed.lock().unwrap_or_else(PoisonError::into_inner));
        let dump = Dump::find(&self.path, &String::from_utf8_lossy(&printed.last_errors));
        let mut judgement = match (read_result(&self.folder.path().join(RESULT)), &dump) {
            (Some(found), _) => ruled(sheet, found, recording)?,
            (None, None) if end == End::Ended => without_result(code, recording),
            (None, dump) => without_end(dump.as_ref(), recording),
        };
        if dump.is_none() {
            judgement.printed = String::from_utf8_lossy(&printed.first).into_owned();
        }
        Ok(Some(judgement))
    }

    /// Ends a Python that is not needed any more.
    pub(crate) fn dismiss(mut self) {
        self.program.kill();
        // It was killed, so there is nothing to be told of it.
        let _ = self.program.finish();
    }
}

/// Writes what runs the file to a private folder, which is removed when it is dropped.
fn write_judge(exercise: &Exercise) -> std::io::Result<TempDir> {
    let folder = leftovers::private_folder(&env::temp_dir())?;
    fs::write(folder.path().join(JUDGE), include_str!("judge.py"))?;
    fs::write(folder.path().join(CHECK), exercise.check)?;
    Ok(folder)
}

/// What is kept of what a file prints, each at most `MOST_PRINTED` bytes.
#[derive(Debug, Default)]
struct Printed {
    /// The beginning.
    first: Vec<u8>,
    /// The end of what it printed to standard error.
    last_errors: Vec<u8>,
}

/// Returns what keeps a part of what a file prints.
fn keep(printed: &Arc<Mutex<Printed>>) -> PassOn {
    let printed = Arc::clone(printed);
    Arc::new(move |bytes, to_error| {
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_PRINTED.saturating_sub(printed.first.len());
        printed.first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if to_error {
            printed.last_errors.extend_from_slice(bytes);
            let excess = printed.last_errors.len().saturating_sub(MOST_PRINTED);
            printed.last_errors.drain(..excess);
        }
    })
}

/// Why the judge stopped waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Ended,
    Unwanted,
    TooLong,
}

/// Waits until the program has `ended`, but not for ever.
fn wait(ended: &Receiver<()>, is_unwanted: &mut dyn FnMut() -> bool) -> End {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ended.recv_timeout(PAUSE) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return End::Ended,
            Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => return End::TooLong,
            Err(RecvTimeoutError::Timeout) if is_unwanted() => return End::Unwanted,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Reads what `judge.py` wrote; `None` if it wrote nothing, or nothing that it would write.
fn read_result(path: &Path) -> Option<Found> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MOST_RESULT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Returns the verdict on a file that ran.
fn ruled(sheet: &Sheet, found: Found, recording: Recording) -> anyhow::Result<Judgement> {
    let scene = scene_of(recording, found.figures);
    let ruling = if found.verdict == "cannot tell" { Ruling::CannotTell } else { Ruling::NotYet };
    let unchecked = |ruling, sentence: String, scene| Judgement {
        ruling,
        sentence,
        line: found.line,
        claims: Vec::new(),
        scene,
        printed: String::new(),
    };
    if found.verdict != "ran" {
        return Ok(unchecked(ruling, found.sentence, scene));
    }
    let Some(scene) = scene else {
        let reason = "Nothing was recorded: this Python does not load the recorder, or the file replaces asyncio.";
        return Ok(unchecked(Ruling::CannotTell, reason.to_owned(), None));
    };
    if scene.runtime.name == "uvloop" {
        let reason = "The event loop is uvloop's, which has no exact clock. Take asyncio's own.";
        return Ok(unchecked(Ruling::CannotTell, reason.to_owned(), Some(scene)));
    }
    let mut trace = Trace::new(String::new(), Clock::Virtual, RunInputs { tasks: 0, delay: Nanos::ZERO });
    trace.scenes.push(scene);
    let mut judgement = unchecked(Ruling::Passed, String::new(), None);
    for claim in &sheet.claims {
        let verdict = claim.relation()?.verdict(&trace);
        let first = judgement.ruling == Ruling::Passed;
        match &verdict {
            Verdict::Failed(_) if first => {
                judgement.ruling = Ruling::NotYet;
                judgement.sentence = filled_in(&claim.missing, &trace.scenes[0]);
            }
            Verdict::Skipped(reason) if first => {
                judgement.ruling = Ruling::CannotTell;
                judgement.sentence = units::evidence(reason);
            }
            _ => {}
        }
        judgement.claims.push(ClaimResult::new(claim.says.clone(), verdict));
    }
    judgement.scene = trace.scenes.pop();
    Ok(judgement)
}

/// Returns the scene that is judged, with the figures that the check told.
fn scene_of(recording: Recording, figures: BTreeMap<String, Quantity>) -> Option<SceneTrace> {
    // The file may run loops of its own before.
    let mut scene = recording.trace.scenes.into_iter().rfind(|scene| scene.name == SCENE)?;
    scene.figures.extend(figures.into_iter().map(|(name, quantity)| Figure::new(name, quantity)));
    // How the check ended is said in a sentence.
    scene.outcome = Outcome::Done;
    Some(scene)
}

/// Returns `template` with the figures of the scene in it.
fn filled_in(template: &str, scene: &SceneTrace) -> String {
    let evidence = Evidence::new(template.to_owned()).with("wall", Quantity::Time(scene.wall));
    let with = |evidence: Evidence, figure: &Figure| evidence.with(figure.name.clone(), figure.quantity.clone());
    units::evidence(&scene.figures.iter().fold(evidence, with))
}

/// Returns the verdict on a file that ended by itself before anything was found out.
fn without_result(code: u8, recording: Recording) -> Judgement {
    Judgement {
        ruling: Ruling::CannotTell,
        sentence: format!("Python ended with exit code {code} before anything could be checked."),
        line: None,
        claims: Vec::new(),
        scene: scene_of(recording, BTreeMap::new()),
        printed: String::new(),
    }
}

/// Returns the verdict on a file that ran for too long. The `dump` says where it was.
fn without_end(dump: Option<&Dump>, recording: Recording) -> Judgement {
    let line = dump.and_then(|dump| dump.line);
    Judgement {
        ruling: Ruling::NotYet,
        sentence: "It has no end: it computes, or blocks, and goes on doing so.".to_owned(),
        line,
        claims: Vec::new(),
        scene: scene_of(recording, BTreeMap::new()),
        printed: String::new(),
    }
}

/// What `faulthandler` tells of a file that ran for too long.
#[derive(Debug)]
struct Dump {
    /// The line of the learner's file that it was in, if it was in it.
    line: Option<u64>,
}

impl Dump {
    /// Finds the last one in what was printed to standard error.
    fn find(path: &Path, errors: &str) -> Option<Dump> {
        let (_, dump) = errors.rsplit_once("(most recent call first):")?;
        let path = std::path::absolute(path).ok()?;
        let place = format!("File \"{}\", line ", path.display());
        let number = dump.split_once(&place).map(|(_, number)| number);
        let line = number.and_then(|number| number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        Some(Dump { line })
    }
}
