//! A lesson's claims on a recording of its twin in another language: checked apart from the lesson's own scenes, and never
//! held or failed for what the twin has not.

use asyncguide::lesson::Verdict;
use asyncguide::trace::{Builder, ClaimResult, Clock, Nanos, Outcome, RunInputs, SceneTrace, TaskKind, Trace};

use crate::lessons::SYLLABUS;
use crate::support::{apply, created, ended, polled, thread, woken};

const DELAY: u64 = 100_000_000;

/// Naps of one delay each, which begin at these moments, as the scene of this name in this language.
fn naps(name: &str, language: Option<&str>, begin: &[u64]) -> SceneTrace {
    let mut builder = Builder::new();
    apply(&mut builder, thread(0, "main"));
    apply(&mut builder, created(0, 0, None, TaskKind::Scene, name));
    for (task, &at) in (1..).zip(begin) {
        apply(&mut builder, created(task, at, Some(0), TaskKind::Future, "nap"));
        apply(&mut builder, polled(task, 0, at, at + 1));
        apply(&mut builder, woken(task, at + DELAY));
        apply(&mut builder, polled(task, 0, at + DELAY, at + DELAY + 1));
        apply(&mut builder, ended(task, at + DELAY + 1, Outcome::Done));
    }
    let wall = begin.iter().max().expect("a nap") + DELAY + 1;
    apply(&mut builder, ended(0, wall, Outcome::Done));
    let mut scene = builder.finish(Nanos(wall));
    scene.name = name.to_owned();
    scene.language = language.map(str::to_owned);
    scene
}

/// A run of the lesson about naps with these scenes, concluded.
fn concluded(scenes: Vec<SceneTrace>) -> Trace {
    let inputs = RunInputs { tasks: 2, delay: Nanos(DELAY) };
    let mut trace = Trace::new("gather", Clock::Real, inputs);
    trace.scenes = scenes;
    let lesson = SYLLABUS.iter().find(|lesson| lesson.name == "gather").expect("there is one");
    lesson.conclude(&mut trace);
    trace
}

/// The verdicts of the claims in this language, as words.
fn verdicts(trace: &Trace, language: Option<&str>) -> Vec<&'static str> {
    let claims = trace.claims.iter().filter(|claim| claim.language.as_deref() == language);
    let word = |claim: &ClaimResult| match claim.verdict {
        Verdict::Held(_) => "held",
        Verdict::Failed(_) => "failed",
        _ => "skipped",
    };
    claims.map(word).collect()
}

#[test]
fn claims_are_checked_on_the_twin_by_itself_and_fail_if_it_is_wrong() {
    let own = || vec![naps("in_turn", None, &[0, DELAY]), naps("together", None, &[0, 0])];
    let python =
        |begin: &[u64]| vec![naps("in_turn", Some("python"), &[0, DELAY]), naps("together", Some("python"), begin)];
    let right = concluded([own(), python(&[0, 0])].concat());
    assert_eq!(verdicts(&right, None), ["held", "held", "skipped"]);
    assert_eq!(verdicts(&right, Some("python")), ["held", "held", "skipped"]);
    let broken = concluded([own(), python(&[0, DELAY])].concat());
    assert_eq!(verdicts(&broken, None), ["held", "held", "skipped"]);
    assert_eq!(verdicts(&broken, Some("python")), ["held", "failed", "skipped"]);
    let order: Vec<_> = broken.scenes.iter().map(|scene| (scene.name.as_str(), scene.language.is_some())).collect();
    assert_eq!(order, [("in_turn", false), ("together", false), ("in_turn", true), ("together", true)]);
}

#[test]
fn a_lane_that_the_twin_has_not_is_a_reason_to_skip_and_in_the_lesson_itself_to_fail() {
    let lesson = SYLLABUS.iter().find(|lesson| lesson.name == "ways").expect("there is one");
    let verdict = |language| {
        let mut trace = Trace::new("ways", Clock::Real, RunInputs { tasks: 1, delay: Nanos(DELAY) });
        trace.scenes = vec![naps("awaited", language, &[0, DELAY])];
        lesson.conclude(&mut trace);
        verdicts(&trace, language)[1]
    };
    assert_eq!((verdict(None), verdict(Some("python"))), ("failed", "skipped"));
}

#[test]
fn a_claim_that_is_about_rust_alone_is_skipped_on_the_twin() {
    let lesson = SYLLABUS.iter().find(|lesson| lesson.name == "idle").expect("there is one");
    let mut trace = Trace::new("idle", Clock::Real, RunInputs { tasks: 10_000, delay: Nanos(DELAY) });
    trace.scenes = vec![naps("tasks", Some("python"), &[0])];
    lesson.conclude(&mut trace);
    let about_rust = lesson.claims.iter().filter(|claim| claim.only_in_rust.is_some()).count();
    assert_eq!(about_rust, 4);
    assert_eq!(verdicts(&trace, Some("python")), ["skipped"; 5]);
}

#[test]
fn a_scene_is_found_before_its_twin_wherever_that_stands() {
    let trace = concluded(vec![naps("together", Some("python"), &[0]), naps("together", None, &[0, 0])]);
    assert!(trace.scene("together").is_some_and(|scene| scene.language.is_none()));
    assert_eq!(trace.scenes[0].language, None, "the lesson's own scenes come first");
}
