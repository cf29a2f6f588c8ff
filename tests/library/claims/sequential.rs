//! `sequential`, on the real clock: its claims are about what the virtual one does not show.

use std::thread;

use asyncguide::Observe;
use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, Nanos, SceneTrace};
use tokio::time::sleep;

use super::{DELAY, claim, comes_up, failed, held, inputs, lesson, named, own, run};

const SAME_TIME: &str = "the awaited naps took as long as the blocking ones";
const FREE: &str = "the thread was free while naps were awaited";
const HELD: &str = "the blocking naps held the thread, which slept";

const TASKS: usize = 3;

fn verdict(statement: &str, awaited: SceneTrace, blocking: SceneTrace) -> Verdict {
    let mut trace = run(lesson("sequential"), Clock::Real, &inputs(TASKS));
    trace.scenes.extend([awaited, blocking]);
    claim(lesson("sequential"), statement).verdict(&trace)
}

fn own_scene(scene: &str) -> SceneTrace {
    own(lesson("sequential"), scene, Clock::Real, inputs(TASKS))
}

/// The lesson's own scene `scene`, passed off as `name`.
fn disguised(scene: &str, name: &str) -> SceneTrace {
    let mut scene = own_scene(scene);
    scene.name = name.to_owned();
    scene
}

fn gathered(name: &str) -> SceneTrace {
    named(name, Clock::Real, || async {
        tokio::join!(sleep(DELAY).observe("A"), sleep(DELAY).observe("B"), sleep(DELAY).observe("C"));
    })
}

#[test]
fn every_claim_holds_for_the_lessons_own_scenes() {
    for statement in [SAME_TIME, FREE, HELD] {
        comes_up(held, || verdict(statement, own_scene("awaited"), own_scene("blocking")));
    }
    assert_eq!(lesson("sequential").claims.len(), 3);
}

#[test]
fn both_take_the_same_time_fails_if_the_awaited_naps_are_gathered() {
    comes_up(failed, || verdict(SAME_TIME, gathered("awaited"), own_scene("blocking")));
}

#[test]
fn both_take_the_same_time_fails_if_the_blocking_naps_are_on_threads_of_their_own() {
    let threads = || {
        named("blocking", Clock::Real, || async {
            let nap = || tokio::task::spawn_blocking(|| thread::sleep(DELAY));
            let (a, b, c) = tokio::join!(nap(), nap(), nap());
            a.and(b).and(c).expect("none panics");
        })
    };
    comes_up(failed, || verdict(SAME_TIME, own_scene("awaited"), threads()));
}

#[test]
fn the_thread_was_free_fails_if_the_awaited_naps_block() {
    let blocks = || {
        named("awaited", Clock::Real, || async {
            for name in inputs(TASKS).names() {
                async { thread::sleep(DELAY) }.observe(name).await;
            }
        })
    };
    comes_up(failed, || verdict(FREE, blocks(), own_scene("blocking")));
    comes_up(failed, || verdict(FREE, disguised("blocking", "awaited"), own_scene("blocking")));
}

#[test]
fn a_blocking_sleep_held_the_thread_fails_if_the_naps_are_awaited() {
    comes_up(failed, || verdict(HELD, own_scene("awaited"), disguised("awaited", "blocking")));
}

#[test]
fn naps_too_short_to_tell_fail_no_claim() {
    let mut trace = run(lesson("sequential"), Clock::Real, &inputs(TASKS));
    trace.inputs.delay = Nanos::from_millis(1);
    trace.scenes.extend([disguised("blocking", "awaited"), gathered("blocking")]);
    for statement in [SAME_TIME, FREE, HELD] {
        assert!(!failed(&claim(lesson("sequential"), statement).verdict(&trace)), "{statement}");
    }
}

#[test]
fn on_the_virtual_clock_nothing_is_said_of_a_thread_that_is_never_held() {
    let mut trace = run(lesson("sequential"), Clock::Virtual, &inputs(TASKS));
    trace.scenes.push(own(lesson("sequential"), "awaited", Clock::Virtual, inputs(TASKS)));
    let verdict = claim(lesson("sequential"), FREE).verdict(&trace);
    assert!(matches!(verdict, Verdict::Skipped(_)), "{verdict:?}");
}
