//! Proves a lesson's folder: its claims hold in several runs and beside busy threads, and fail for what must make them fail.
//!
//! Nothing here is printed. Read `commands/check.rs` for how it is shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::Failure;
use super::console::Console;
use super::plan::Plan;
use super::record::{record, record_scene};
use crate::lesson::Lesson;
use crate::lesson::folder::{Fault, Folder};
use crate::trace::{Outcome, Trace, Verdict};
use crate::units;

/// How often a claim must hold.
pub(crate) const RUNS: usize = 3;
/// How many threads are busy meanwhile when a machine is busy.
const BUSY_THREADS: usize = 2;

/// What is done at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// A run with this number, from 1.
    Run(usize),
    /// Runs of what must make claims fail.
    Counters,
    /// A run beside busy threads.
    Busy,
}

/// Runs the lesson of `folder` as `plan` says and returns what is wrong with it, or none if a signal came. `begin` is called
/// with each stage.
///
/// # Errors
/// If a scene cannot be started.
pub(crate) fn prove(
    folder: &Folder,
    plan: &Plan,
    console: &mut Console,
    mut begin: impl FnMut(Stage),
) -> Result<Option<Vec<Fault>>, Failure> {
    let mut faults = Vec::new();
    let mut first = None;
    for number in 1..=RUNS {
        begin(Stage::Run(number));
        let Some(trace) = record(plan, console)? else { return Ok(None) };
        faults.extend(failed_scenes(plan.lesson, &trace));
        if !faults.is_empty() {
            // The same would be wrong in each run, and nothing can be claimed of scenes that fail.
            return Ok(Some(faults));
        }
        let about = |evidence: &str| format!("it failed in run {number} of {RUNS}: {evidence}");
        faults.extend(failed_claims(folder, &trace, about));
        first.get_or_insert(trace);
    }
    begin(Stage::Counters);
    if let Some(trace) = first {
        match counters(folder, plan, &trace, console)? {
            Some(more) => faults.extend(more),
            None => return Ok(None),
        }
    }
    begin(Stage::Busy);
    let Some(trace) = beside_busy_threads(|| record(plan, console))? else { return Ok(None) };
    let about = |evidence: &str| format!("it failed beside {BUSY_THREADS} busy threads: {evidence}; allow for more");
    let on_busy = failed_claims(folder, &trace, about);
    faults.extend(
        on_busy.into_iter().filter(|fault| !faults.iter().any(|known| known.place == fault.place)).collect::<Vec<_>>(),
    );
    Ok(Some(faults))
}

/// Returns a fault for each scene that did not run to its end.
fn failed_scenes(lesson: &Lesson, trace: &Trace) -> Vec<Fault> {
    let fault = |scene: &crate::trace::SceneTrace| {
        let message = match &scene.outcome {
            Outcome::Panicked { message } => message.clone(),
            _ => return None,
        };
        let file = lesson.scenes.iter().find(|own| own.name == scene.name).map_or("", |own| own.file_name);
        Some(Fault::of_file(file, message))
    };
    trace.scenes.iter().filter_map(fault).collect()
}

/// Returns a fault for each claim that did not hold in `trace`; `about` makes its message of the evidence.
fn failed_claims(folder: &Folder, trace: &Trace, about: impl Fn(&str) -> String) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (claim, known) in trace.claims.iter().zip(&folder.claims) {
        let evidence = units::evidence(claim.verdict.evidence());
        let message = match claim.verdict {
            Verdict::Held(_) => continue,
            Verdict::Failed(_) => about(&evidence),
            Verdict::Skipped(_) => format!("it could not be checked: {evidence}"),
        };
        let message = format!("“{}”: {message}", claim.statement);
        faults.push(Fault { place: known.place.place, ..Fault::of_file(known.place.file.as_str(), message) });
    }
    faults
}

/// Runs what must make claims fail, and returns a fault for each claim that holds nevertheless; none if a signal came.
fn counters(folder: &Folder, plan: &Plan, trace: &Trace, console: &mut Console) -> Result<Option<Vec<Fault>>, Failure> {
    let mut faults = Vec::new();
    for (claim, known) in plan.lesson.claims.iter().zip(&folder.claims) {
        let Some((index, scene)) = &known.counter else { continue };
        let Some(recorded) = record_scene(scene, plan, console)? else { return Ok(None) };
        let at =
            |message: String| Fault { place: known.place.place, ..Fault::of_file(known.place.file.as_str(), message) };
        if let Outcome::Panicked { message } = &recorded.outcome {
            faults.push(at(format!("“{}”: its counter {} did not run: {message}", claim.statement, scene.file_name)));
            continue;
        }
        let mut replaced = trace.clone();
        replaced.scenes[*index] = recorded;
        let verdict = claim.verdict(&replaced);
        if !matches!(verdict, Verdict::Failed(_)) {
            let evidence = units::evidence(verdict.evidence());
            let message = format!(
                "“{}”: it must fail with {} in place of {}, and did not: {evidence}",
                claim.statement, scene.file_name, folder.lesson.scenes[*index].file_name
            );
            faults.push(at(message));
        }
    }
    Ok(Some(faults))
}

/// Calls `run` while threads are busy.
fn beside_busy_threads<T>(run: impl FnOnce() -> T) -> T {
    let over = Arc::new(AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..BUSY_THREADS {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let result = run();
        over.store(true, Ordering::Relaxed);
        result
    })
}
