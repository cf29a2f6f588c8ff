//! `push`: each claim holds for the lesson's own scenes, and fails where a scene that goes about it another way, loses
//! news or blocks its loop takes the place of the one that it is about.

use std::thread;
use std::time::Duration;

use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, Nanos, SceneTrace};
use asyncguide::{Inputs, Observe};
use tokio::task::yield_now;

use super::{RUNS, assert_failed, comes_up, failed, lesson, named, own, run, work};

/// Short, but with shorter ones the claims are skipped.
const DELAY: Duration = Duration::from_millis(240);
const SCENES: [&str; 4] = ["polling", "websocket", "events", "promises"];

fn inputs() -> Inputs {
    Inputs::new(2, DELAY)
}

/// What each claim says of these scenes.
fn verdicts(scenes: &[SceneTrace]) -> [Verdict; 4] {
    let lesson = lesson("push");
    let mut trace = run(lesson, Clock::Real, &inputs());
    trace.scenes = scenes.to_vec();
    let verdicts: Vec<Verdict> = lesson.claims.iter().map(|claim| claim.verdict(&trace)).collect();
    verdicts.try_into().expect("it has four claims")
}

fn recorded(scene: &str, inputs: Inputs) -> SceneTrace {
    own(lesson("push"), scene, Clock::Real, inputs)
}

/// The lesson's own scenes, in a run in which every claim held.
fn scenes() -> Vec<SceneTrace> {
    let all_held = |scenes: &Vec<SceneTrace>| verdicts(scenes).iter().all(super::held);
    let mut runs = (0..RUNS).map(|_| SCENES.map(|scene| recorded(scene, inputs())).to_vec());
    runs.find(all_held).expect("the claims hold")
}

/// `scenes` with another one in the place of `target`.
fn with(scenes: &[SceneTrace], target: &str, other: &SceneTrace) -> Vec<SceneTrace> {
    let place = SCENES.iter().position(|scene| *scene == target).expect("a scene");
    let mut scenes = scenes.to_vec();
    scenes[place] = other.clone();
    scenes[place].name = target.to_owned();
    scenes
}

#[test]
fn scenes_in_each_others_place_fail() {
    let scenes = scenes();
    let [half, _, some_wasted, _] = verdicts(&with(&scenes, "polling", &scenes[1]));
    assert_failed(half);
    assert_failed(some_wasted);
    for pushed in &SCENES[1..] {
        let [_, at_once, _, none_wasted] = verdicts(&with(&scenes, pushed, &scenes[0]));
        assert_failed(at_once);
        assert_failed(none_wasted);
    }
}

#[test]
fn news_that_one_client_never_had_fails_them() {
    let scenes = scenes();
    let alone = |scene| recorded(scene, Inputs::new(1, DELAY));
    let [half, at_once, some_wasted, _] = verdicts(&with(&scenes, "polling", &alone("polling")));
    [half, at_once, some_wasted].into_iter().for_each(assert_failed);
    for pushed in &SCENES[1..] {
        let [_, at_once, _, none_wasted] = verdicts(&with(&scenes, pushed, &alone(pushed)));
        [at_once, none_wasted].into_iter().for_each(assert_failed);
    }
}

#[test]
fn a_server_that_blocks_its_loop_fails() {
    let scenes = scenes();
    let blocked = || {
        named("websocket", Clock::Real, || async {
            let hog = async {
                loop {
                    thread::sleep(DELAY / 12);
                    yield_now().await;
                }
            };
            let hog = tokio::spawn(hog.observe("hog"));
            work(lesson("push"), "websocket", inputs()).await;
            hog.abort();
        })
    };
    comes_up(failed, || {
        let [_, at_once, _, _] = verdicts(&with(&scenes, "websocket", &blocked()));
        at_once
    });
}

#[test]
fn news_that_only_sometimes_is_late_skips_the_claim_and_news_that_always_is_fails_it() {
    let scenes = scenes();
    let late = |which: fn(usize) -> bool| {
        let mut late = scenes[1].clone();
        let had = late.marks.iter_mut().filter(|mark| mark.text.starts_with("has"));
        had.enumerate().filter(|(at, _)| which(*at)).for_each(|(_, mark)| mark.at += Nanos::from(DELAY));
        let [_, at_once, _, _] = verdicts(&with(&scenes, "websocket", &late));
        at_once
    };
    let sometimes = late(|at| at % 2 == 0);
    assert!(matches!(sometimes, Verdict::Skipped(_)), "{sometimes:?}");
    assert_failed(late(|_| true));
}
