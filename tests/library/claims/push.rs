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
const SHORTEST: Duration = Duration::from_millis(240);
const SCENES: [&str; 4] = ["polling", "websocket", "events", "promises"];

/// The lesson's own scenes, in a run in which every claim held.
struct Run {
    scenes: Vec<SceneTrace>,
    delay: Duration,
}

impl Run {
    /// Runs the lesson until every claim holds. On a busy machine, news comes late; beside longer delays that is little.
    fn new() -> Run {
        let delays = (0..RUNS as u32).map(|run| SHORTEST + SHORTEST * run / 4);
        let mut runs = delays.map(|delay| {
            let inputs = || Inputs::new(2, delay);
            Run { scenes: SCENES.map(|scene| recorded(scene, inputs())).to_vec(), delay }
        });
        runs.find(|run| run.verdicts(&run.scenes).iter().all(super::held)).expect("the claims hold")
    }

    /// Runs a scene with so many clients.
    fn recorded(&self, scene: &str, clients: usize) -> SceneTrace {
        recorded(scene, Inputs::new(clients, self.delay))
    }

    /// What each claim says of these scenes.
    fn verdicts(&self, scenes: &[SceneTrace]) -> [Verdict; 4] {
        let lesson = lesson("push");
        let mut trace = run(lesson, Clock::Real, &Inputs::new(2, self.delay));
        trace.scenes = scenes.to_vec();
        let verdicts: Vec<Verdict> = lesson.claims.iter().map(|claim| claim.verdict(&trace)).collect();
        verdicts.try_into().expect("it has four claims")
    }

    /// What each claim says if another scene is in the place of `target`.
    fn verdicts_with(&self, target: &str, other: &SceneTrace) -> [Verdict; 4] {
        let place = SCENES.iter().position(|scene| *scene == target).expect("a scene");
        let mut scenes = self.scenes.clone();
        scenes[place] = other.clone();
        scenes[place].name = target.to_owned();
        self.verdicts(&scenes)
    }
}

fn recorded(scene: &str, inputs: Inputs) -> SceneTrace {
    own(lesson("push"), scene, Clock::Real, inputs)
}

#[test]
fn scenes_in_each_others_place_fail() {
    let run = Run::new();
    let [half, _, some_wasted, _] = run.verdicts_with("polling", &run.scenes[1]);
    assert_failed(half);
    assert_failed(some_wasted);
    for pushed in &SCENES[1..] {
        let [_, at_once, _, none_wasted] = run.verdicts_with(pushed, &run.scenes[0]);
        assert_failed(at_once);
        assert_failed(none_wasted);
    }
}

#[test]
fn news_that_one_client_never_had_fails_them() {
    let run = Run::new();
    let alone = |scene| run.recorded(scene, 1);
    let [half, at_once, some_wasted, _] = run.verdicts_with("polling", &alone("polling"));
    [half, at_once, some_wasted].into_iter().for_each(assert_failed);
    for pushed in &SCENES[1..] {
        let [_, at_once, _, none_wasted] = run.verdicts_with(pushed, &alone(pushed));
        [at_once, none_wasted].into_iter().for_each(assert_failed);
    }
}

#[test]
fn a_server_that_blocks_its_loop_fails() {
    let run = Run::new();
    let delay = run.delay;
    let blocked = || {
        named("websocket", Clock::Real, move || async move {
            let hog = async move {
                loop {
                    thread::sleep(delay / 12);
                    yield_now().await;
                }
            };
            let hog = tokio::spawn(hog.observe("hog"));
            work(lesson("push"), "websocket", Inputs::new(2, delay)).await;
            hog.abort();
        })
    };
    comes_up(failed, || {
        let [_, at_once, _, _] = run.verdicts_with("websocket", &blocked());
        at_once
    });
}

#[test]
fn news_that_only_sometimes_is_late_skips_the_claim_and_news_that_always_is_fails_it() {
    let run = Run::new();
    let late = |which: fn(usize) -> bool| {
        let mut late = run.scenes[1].clone();
        let had = late.marks.iter_mut().filter(|mark| mark.text.starts_with("has"));
        had.enumerate().filter(|(at, _)| which(*at)).for_each(|(_, mark)| mark.at += Nanos::from(run.delay));
        let [_, at_once, _, _] = run.verdicts_with("websocket", &late);
        at_once
    };
    let sometimes = late(|at| at % 2 == 0);
    assert!(matches!(sometimes, Verdict::Skipped(_)), "{sometimes:?}");
    assert_failed(late(|_| true));
}
