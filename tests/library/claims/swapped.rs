//! `ways`, `handles` and `coroutine`, on the real clock: a scene of the lesson that goes about it another way takes the
//! place of the one that a claim is about.

use std::time::Duration;

use asyncguide::lesson::{Lesson, Verdict};
use asyncguide::trace::{Clock, SceneTrace};
use asyncguide::{Inputs, Observe};
use tokio::time::sleep;

use super::{DELAY, comes_up, failed, held, lesson, named, own, run};

/// A hog has to hold the thread for much longer than a busy machine would, or its claims are skipped.
const HOG: Duration = Duration::from_millis(300);

fn inputs(lesson: &Lesson) -> Inputs {
    Inputs::new(2, if lesson.name == "coroutine" { HOG } else { DELAY })
}

/// What the lesson's claim that starts so says of its own scenes, `target` taken from `by`.
fn verdict(name: &str, claim: &str, target: &str, by: impl Fn() -> SceneTrace) -> Verdict {
    let lesson = lesson(name);
    let mut trace = run(lesson, Clock::Real, &inputs(lesson));
    for scene in lesson.scenes {
        let mut ran = if scene.name == target { by() } else { own(lesson, scene.name, Clock::Real, inputs(lesson)) };
        ran.name = scene.name.to_owned();
        trace.scenes.push(ran);
    }
    let mut claims = lesson.claims.iter().filter(|own| own.statement.starts_with(claim));
    let found = claims.next().unwrap_or_else(|| panic!("{name} does not claim that {claim}"));
    assert!(claims.next().is_none(), "{name} has several claims that {claim}");
    (found.check)(&trace)
}

/// Each claim, with a scene of the lesson's and one that fails it in that scene's place.
fn holds_and_fails(name: &str, cases: &[(&str, &str, &str)]) {
    for &(claim, target, by) in cases {
        let lesson = lesson(name);
        let own = |scene: &str| own(lesson, scene, Clock::Real, inputs(lesson));
        comes_up(held, || verdict(name, claim, target, || own(target)));
        comes_up(failed, || verdict(name, claim, target, || own(by)));
    }
}

#[test]
fn ways() {
    let cases = [
        ("block_on held its thread", "awaited", "joined"),
        ("awaited in turn", "awaited", "spawned"),
        ("join! began both", "joined", "spawned"),
        ("spawned jobs began", "spawned", "joined"),
        ("awaited handles gave", "join_set", "spawned"),
    ];
    assert_eq!(lesson("ways").claims.len(), cases.len());
    holds_and_fails("ways", &cases);
}

#[test]
fn handles() {
    let cases = [
        ("awaiting the handle", "joined", "drop_handle"),
        ("aborted while it waited", "abort_waiting", "joined"),
        ("aborted while it computed", "abort_computing", "abort_waiting"),
        ("with its handle dropped", "drop_handle", "drop_future"),
        ("a future that was dropped", "drop_future", "drop_handle"),
        ("a timeout ended the future", "timed_out", "joined"),
    ];
    assert_eq!(lesson("handles").claims.len(), cases.len());
    holds_and_fails("handles", &cases);
}

#[test]
fn coroutine() {
    let cases = [
        ("awaiting what was ready", "ready", "yields"),
        ("so the ticker was ready", "ready", "yields"),
        ("between yields", "yields", "ready"),
    ];
    assert_eq!(lesson("coroutine").claims.len(), cases.len() + 1);
    holds_and_fails("coroutine", &cases);
}

#[test]
fn coroutine_fails_if_a_is_spawned_before_the_tea() {
    let claim = "a future ran only once it was awaited";
    comes_up(held, || verdict("coroutine", claim, "", || unreachable!("no scene is called that")));
    let spawned = || {
        named("made", Clock::Real, || async {
            let (a, b) = (tokio::spawn(sleep(DELAY).observe("A")), sleep(DELAY).observe("B"));
            sleep(DELAY).observe("tea").await;
            let _ = a.await;
            drop(b);
        })
    };
    comes_up(failed, || verdict("coroutine", claim, "made", spawned));
}
