//! `gateway`, on the real clock: another scene of the lesson in the place of the one that a claim is about, and servers
//! that answer nobody.

use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, SceneTrace};
use asyncguide::{Inputs, Observe};
use tokio::time::sleep;

use super::{DELAY, claim, comes_up, failed, held, inputs, lesson, named, own, run};

/// Four rounds for a pool of 4.
const REQUESTS: usize = 16;

fn verdict(statement: &str, target: &str, by: impl Fn() -> SceneTrace) -> Verdict {
    let lesson = lesson("gateway");
    let mut trace = run(lesson, Clock::Real, &inputs(REQUESTS));
    for scene in lesson.scenes.iter().filter(|scene| !scene.served) {
        let mut ran = if scene.name == target { by() } else { scene_of(scene.name, inputs(REQUESTS)) };
        ran.name = scene.name.to_owned();
        trace.scenes.push(ran);
    }
    claim(lesson, statement).verdict(&trace)
}

fn scene_of(name: &str, inputs: Inputs) -> SceneTrace {
    own(lesson("gateway"), name, Clock::Real, inputs)
}

const CASES: [(&str, &str, &str); 5] = [
    ("the pool of 4 took one delay for every 4 requests", "pool_of_4", "pool_of_40"),
    ("the pool of 40 took one delay for every 40 requests", "pool_of_40", "pool_of_4"),
    ("the loop took one delay for all requests", "on_the_loop", "blocked_loop"),
    ("the pool of 40 used 41 threads, the loop used 1", "pool_of_40", "pool_of_4"),
    ("the loop whose handlers block took longer than the pool of 4", "blocked_loop", "on_the_loop"),
];

#[test]
fn holds_and_fails_with_another_scene() {
    assert_eq!(lesson("gateway").claims.len(), CASES.len());
    for (statement, target, by) in CASES {
        comes_up(held, || verdict(statement, target, || scene_of(target, inputs(REQUESTS))));
        comes_up(failed, || verdict(statement, target, || scene_of(by, inputs(REQUESTS))));
    }
}

#[test]
fn a_loop_that_took_a_thread_of_the_pool_took_more_than_one() {
    let set_aside = || {
        named("on_the_loop", Clock::Real, || async {
            let asleep = tokio::task::spawn_blocking(|| std::thread::sleep(DELAY));
            asleep.observe("A").await.expect("it sleeps");
        })
    };
    comes_up(failed, || verdict(CASES[3].0, "on_the_loop", set_aside));
}

#[test]
fn fails_if_requests_were_dropped_or_answered_at_once() {
    for (statement, target, _) in &CASES[..3] {
        let rounds = if *target == "pool_of_4" { 4 } else { 1 };
        let dropped = || {
            named(target, Clock::Real, move || async move {
                drop(sleep(DELAY).observe("A"));
                sleep(rounds * DELAY).observe("B").await;
            })
        };
        comes_up(failed, || verdict(statement, target, dropped));
        let at_once = Inputs::new(REQUESTS, DELAY / 10);
        comes_up(failed, || verdict(statement, target, || scene_of(target, at_once.clone())));
    }
}
