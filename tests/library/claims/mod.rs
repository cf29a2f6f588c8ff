//! Each claim of each lesson holds for the lesson's own scenes, and fails for a scene that goes about it wrongly: a
//! claim that cannot fail proves nothing.
//!
//! On the virtual clock verdicts are exact. On the real one a busy machine may come between, so a verdict has to come
//! up in one of several runs; a claim that is wrong gets it in none.

mod gateway;
mod gather;
mod hogs;
mod idle;
mod loops;
mod pools;
mod push;
mod sequential;
mod spawn;
mod swapped;
mod trial;
mod websocket;

use std::pin::Pin;
use std::time::Duration;

use asyncguide::lesson::{Claim, Lesson, Verdict, Work};
use asyncguide::trace::{Clock, RunInputs, SceneTrace, Skipped, Trace};
use asyncguide::{Inputs, session, units};

use crate::lessons::SYLLABUS;
use crate::support::ONE_THREAD;

/// Long enough for claims about it, short enough for tests.
const DELAY: Duration = Duration::from_millis(60);
/// In how many runs a verdict may come up.
const RUNS: usize = 20;

fn lesson(name: &str) -> &'static Lesson {
    SYLLABUS.iter().find(|lesson| lesson.name == name).unwrap_or_else(|| panic!("there is no lesson {name}"))
}

#[track_caller]
fn claim(lesson: &'static Lesson, statement: &str) -> &'static Claim {
    let claim = lesson.claims.iter().find(|claim| claim.statement == statement);
    claim.unwrap_or_else(|| panic!("{} does not claim that {statement}", lesson.name))
}

/// So many tasks of [`DELAY`] each, and nothing to read.
fn inputs(tasks: usize) -> Inputs {
    Inputs::new(tasks, DELAY)
}

/// A run of `lesson` with these inputs, of no scene yet.
fn run(lesson: &'static Lesson, clock: Clock, inputs: &Inputs) -> Trace {
    Trace::new(lesson.name, clock, RunInputs { tasks: inputs.tasks, delay: inputs.delay.into() })
}

/// The lesson's own scene of this name.
fn own(lesson: &'static Lesson, scene: &str, clock: Clock, inputs: Inputs) -> SceneTrace {
    let scene = lesson.scenes.iter().find(|own| own.name == scene).expect("a scene of the lesson");
    scene.record(inputs, clock).expect("it can run")
}

/// The future that does the work of the lesson's scene of this name.
fn work(lesson: &'static Lesson, scene: &str, inputs: Inputs) -> Pin<Box<dyn Future<Output = ()>>> {
    let scene = lesson.scenes.iter().find(|own| own.name == scene).expect("a scene of the lesson");
    match scene.work {
        Work::Native(work) => work(inputs),
        other => panic!("a lesson of this program is done by {other:?}"),
    }
}

/// `work`, passed off as the scene of this name.
fn named<F: Future>(scene: &str, clock: Clock, work: impl FnOnce() -> F + Send + 'static) -> SceneTrace {
    let work = || async move { drop(work().await) };
    let mut trace = session::record(ONE_THREAD, clock, work).expect("a thread and a runtime can be had").trace;
    trace.name = scene.to_owned();
    trace
}

#[track_caller]
fn assert_held(verdict: Verdict) {
    assert!(matches!(verdict, Verdict::Held(_)), "{verdict:?}");
}

#[track_caller]
fn assert_failed(verdict: Verdict) {
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
}

/// Runs until `wanted` comes up.
#[track_caller]
fn comes_up(wanted: fn(&Verdict) -> bool, run: impl Fn() -> Verdict) {
    let verdicts: Vec<Verdict> = (0..RUNS).map(|_| run()).take_while(|verdict| !wanted(verdict)).collect();
    assert!(verdicts.len() < RUNS, "{verdicts:?}");
}

fn held(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Held(_))
}

fn failed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Failed(_))
}

/// What a test could not show on this machine.
#[expect(clippy::print_stderr, reason = "a test has no other way to say it")]
fn note(text: &str) {
    eprintln!("{text}");
}

#[test]
fn a_claim_about_scenes_that_did_not_run_to_their_end_is_skipped() {
    for lesson in SYLLABUS {
        let nothing_ran = run(lesson, Clock::Real, &inputs(2));
        let mut skipped = run(lesson, Clock::Real, &inputs(2));
        let mut panicked = run(lesson, Clock::Real, &inputs(2));
        for scene in lesson.scenes {
            let (name, title) = (scene.name.to_owned(), scene.title.to_owned());
            skipped.skipped.push(Skipped { scene: name, title, language: None, reason: "it rained".to_owned() });
            panicked.scenes.push(named(scene.name, Clock::Real, || async { panic!("no") }));
        }
        for claim in lesson.claims {
            let reason = |trace| match claim.verdict(trace) {
                Verdict::Skipped(reason) => units::evidence(&reason),
                verdict => panic!("{}: {verdict:?}", claim.statement),
            };
            assert!(reason(&skipped).ends_with("it rained"));
            assert!(!reason(&nothing_ran).is_empty() && !reason(&panicked).is_empty());
        }
    }
}
