//! `gather`, mostly on the virtual clock: there its walls are exact.

use std::thread;
use std::time::Duration;

use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, SceneTrace};
use asyncguide::{Inputs, Observe};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{assert_failed, assert_held, claim, comes_up, failed, held, inputs, lesson, named, own, run};

const IN_TURN: &str = "naps one after another took the sum of their times";
const TOGETHER: &str = "naps started together took as long as the longest nap";
const UNEVEN: &str = "uneven naps took as long as the longest nap, not as long as an average nap";

/// What the claim says of three naps on this clock.
fn verdict(statement: &str, clock: Clock, scene: SceneTrace) -> Verdict {
    let mut trace = run(lesson("gather"), clock, &inputs(3));
    trace.scenes.push(scene);
    claim(lesson("gather"), statement).verdict(&trace)
}

/// The verdict on the lesson's own scene `scene`, passed off as `name`.
fn with_scene_as(statement: &str, scene: &str, name: &str, clock: Clock) -> Verdict {
    let mut scene = own(lesson("gather"), scene, clock, inputs(3));
    scene.name = name.to_owned();
    verdict(statement, clock, scene)
}

/// The delays of the uneven naps.
fn uneven(inputs: &Inputs) -> impl Iterator<Item = (String, Duration)> + use<> {
    let (tasks, delay) = (inputs.tasks, inputs.delay);
    inputs.names().enumerate().map(move |(index, name)| (name, if index + 1 == tasks { 3 * delay } else { delay }))
}

#[test]
fn every_claim_holds_for_the_lessons_own_scenes_on_both_clocks() {
    for (statement, scene) in [(IN_TURN, "in_turn"), (TOGETHER, "together"), (UNEVEN, "uneven")] {
        assert_held(with_scene_as(statement, scene, scene, Clock::Virtual));
        comes_up(held, || with_scene_as(statement, scene, scene, Clock::Real));
    }
    assert_eq!(lesson("gather").claims.len(), 3);
}

#[test]
fn in_turn_fails_if_the_naps_are_gathered() {
    assert_failed(with_scene_as(IN_TURN, "together", "in_turn", Clock::Virtual));
}

#[test]
fn together_fails_if_the_naps_are_awaited_in_turn() {
    assert_failed(with_scene_as(TOGETHER, "in_turn", "together", Clock::Virtual));
}

#[test]
fn uneven_fails_if_the_naps_are_awaited_in_turn() {
    let in_turn = named("uneven", Clock::Virtual, || async {
        for (name, delay) in uneven(&inputs(3)) {
            sleep(delay).observe(name).await;
        }
    });
    assert_failed(verdict(UNEVEN, Clock::Virtual, in_turn));
}

#[test]
fn together_and_uneven_fail_if_the_naps_block_the_thread() {
    for (statement, scene) in [(TOGETHER, "together"), (UNEVEN, "uneven")] {
        let blocking = || {
            named(scene, Clock::Real, || async {
                let mut naps = JoinSet::new();
                for (name, delay) in uneven(&inputs(3)) {
                    naps.spawn(async move { thread::sleep(delay) }.observe(name));
                }
                naps.join_all().await;
            })
        };
        comes_up(failed, || verdict(statement, Clock::Real, blocking()));
    }
}

#[test]
fn together_and_uneven_fail_if_nobody_waits_for_the_naps() {
    for (statement, scene) in [(TOGETHER, "together"), (UNEVEN, "uneven")] {
        let detached = || async {
            for (name, delay) in uneven(&inputs(3)) {
                drop(tokio::spawn(sleep(delay).observe(name)));
            }
        };
        assert_failed(verdict(statement, Clock::Virtual, named(scene, Clock::Virtual, detached)));
        comes_up(failed, || verdict(statement, Clock::Real, named(scene, Clock::Real, detached)));
        assert_failed(verdict(statement, Clock::Virtual, named(scene, Clock::Virtual, || async {})));
    }
}

#[test]
fn on_the_real_clock_naps_of_20_ms_are_too_short_to_fail() {
    let verdict = |clock| {
        let short = Inputs::new(3, Duration::from_millis(20));
        let mut trace = run(lesson("gather"), clock, &short);
        let mut in_turn = own(lesson("gather"), "in_turn", clock, short);
        in_turn.name = "together".to_owned();
        trace.scenes.push(in_turn);
        claim(lesson("gather"), TOGETHER).verdict(&trace)
    };
    assert_failed(verdict(Clock::Virtual));
    assert!(matches!(verdict(Clock::Real), Verdict::Skipped(_)));
}
