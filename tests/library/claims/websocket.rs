//! `websocket`: pool and loop in each other's place, and a loop that asks its connections instead of waiting for them.

use std::thread;
use std::time::Duration;

use asyncguide::Inputs;
use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, SceneTrace};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{comes_up, failed, held, lesson, named, own, run, work};

/// A shorter one is too short to tell.
const DELAY: Duration = Duration::from_millis(250);

// How the lesson's claims start.
const ANSWERED_LATE: &str = "on the pool, the fifth client was answered";
const WAITED: &str = "on the pool, the fifth client waited";
const ANSWERED_AT_ONCE: &str = "on the loop, the fifth client was answered";
const IDLE: &str = "all idle connections";
const ECHO: &str = "an echo beside";

fn inputs() -> Inputs {
    Inputs::new(50, DELAY)
}

fn own_scene(name: &str) -> SceneTrace {
    own(lesson("websocket"), name, Clock::Real, inputs())
}

/// What the claim that starts so says of `scene`, which passes for the scene called `target`.
fn verdict(claim: &str, target: &str, mut scene: SceneTrace) -> Verdict {
    let lesson = lesson("websocket");
    let mut trace = run(lesson, Clock::Real, &inputs());
    scene.name = target.to_owned();
    trace.scenes.push(scene);
    let mut claims = lesson.claims.iter().filter(|own| own.statement.starts_with(claim));
    let found = claims.next().unwrap_or_else(|| panic!("it does not claim that {claim}"));
    assert!(claims.next().is_none(), "it has several claims that {claim}");
    found.verdict(&trace)
}

#[test]
fn each_claim_holds() {
    let cases = [
        (ANSWERED_LATE, "on_the_pool"),
        (WAITED, "on_the_pool"),
        (ANSWERED_AT_ONCE, "on_the_loop"),
        (IDLE, "mostly_idle"),
        (ECHO, "mostly_idle"),
    ];
    assert_eq!(lesson("websocket").claims.len(), cases.len());
    for (claim, scene) in cases {
        comes_up(held, || verdict(claim, scene, own_scene(scene)));
    }
}

#[test]
fn on_a_pool_that_is_a_loop_nobody_waits_and_on_a_loop_that_is_a_pool_somebody_does() {
    comes_up(failed, || verdict(ANSWERED_LATE, "on_the_pool", own_scene("on_the_loop")));
    comes_up(failed, || verdict(WAITED, "on_the_pool", own_scene("on_the_loop")));
    comes_up(failed, || verdict(ANSWERED_AT_ONCE, "on_the_loop", own_scene("on_the_pool")));
}

/// The scene with many idle connections, on a loop that `pesters` as well.
fn pestered<F: Future<Output = ()> + Send + 'static>(pesters: fn() -> F) -> SceneTrace {
    named("mostly_idle", Clock::Real, move || {
        tokio::spawn(pesters());
        work(lesson("websocket"), "mostly_idle", inputs())
    })
}

#[test]
fn a_loop_that_asks_again_and_again_is_not_idle() {
    let asks = || async {
        loop {
            sleep(Duration::from_millis(1)).await;
            std::hint::black_box((0..1_000_000u64).map(std::hint::black_box).sum::<u64>());
        }
    };
    comes_up(failed, || verdict(IDLE, "mostly_idle", pestered(asks)));
}

#[test]
fn an_echo_that_waits_for_all_the_others_is_late() {
    let asks = || async {
        // By then, they are all there and silent.
        sleep(DELAY).await;
        loop {
            thread::sleep(Duration::from_millis(1));
            yield_now().await;
        }
    };
    comes_up(failed, || verdict(ECHO, "mostly_idle", pestered(asks)));
}
