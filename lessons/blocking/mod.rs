//! `blocking`: what a blocking call does to other tasks. Shows that it makes all tasks on its thread late, that
//! `spawn_blocking` cures that, and that more workers only hide it until all of them are blocked at once.

mod four_blockers;
mod on_the_loop;
mod one_blocker;
mod set_aside;
mod two_blockers;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Scene, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, Poll, SceneTrace, State, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "blocking",
    aliases: &["block", "spawn_blocking", "to_thread", "starvation", "workers"],
    summary: "never block the loop",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        with_tickers(scene!(on_the_loop, "On the loop")),
        with_tickers(scene!(set_aside, "Set aside")),
        with_tickers(scene!(one_blocker, "1 of 4 workers")).on_workers(4),
        with_tickers(scene!(two_blockers, "2 of 4 workers")).on_workers(4),
        with_tickers(scene!(four_blockers, "4 of 4 workers")).on_workers(4),
    ],
    question: Question {
        ask: "Four workers run twenty tickers, and some tasks that block a worker for half a second. How late do the \
              tickers get with one, two and four of those?",
        choices: &[
            Choice::wrong(
                "later with each: by a quarter of that time, by half of it, by all of it",
                "a worker that blocks takes its share of the speed away",
                "compare “1 of 4 workers” with “2 of 4 workers” in the table: “stall” says that nobody is late in either",
            ),
            Choice::wrong(
                "not at all: four workers are enough for that",
                "more workers cure blocking",
                "look at “4 of 4 workers”: every ticker is ready, and nobody is left to run it",
            ),
            Choice::wrong(
                "with each of them, those tickers stop that live on the same worker",
                "a task belongs to one worker",
                "look at “1 of 4 workers”: no ticker stops, since the free workers take them over",
            ),
            Choice::right("not at all with one or two; all of them by half a second with four"),
        ],
        measured,
    },
    claims: &[
        Claim::function("a call that blocked the loop made every ticker late by its length", loop_is_blocked),
        Claim::function("set aside, it made none late", set_aside_is_harmless),
        Claim::function("one worker of four that blocked made none late", one_is_harmless),
        Claim::function("nor did two", two_are_harmless),
        Claim::function("four of four made every ticker late: a cliff, not a slope", four_are_a_cliff),
    ],
    takes: Takes { tasks: Some(20), delay: Some(Duration::from_millis(500)), lines: false },
    calibrates: false,
};

/// Adds what all scenes of this lesson have in common. The blocking call takes one delay, and the beats go on for half
/// a delay more.
const fn with_tickers(scene: Scene) -> Scene {
    scene
        .lasting(|_, delay| delay.saturating_mul(3) / 2)
        .on_the_real_clock("a blocking call takes real time, which no virtual clock can hurry")
        .with_at_most(1_000, "ticking alone would keep the threads busy")
}

fn measured(trace: &Trace) -> Evidence {
    let late = |name| {
        let scene = trace.scene(name)?;
        Some(Time(tickers(scene).map(|ticker| lateness(scene, ticker)).max()?))
    };
    match (late("one_blocker"), late("two_blockers"), late("four_blockers")) {
        (Some(one), Some(two), Some(four)) => {
            let sentence = Evidence::new("With one, {one} at worst; with two, {two}; with four, {four}.");
            sentence.with("one", one).with("two", two).with("four", four)
        }
        _ => "They did not run.".into(),
    }
}

fn loop_is_blocked(trace: &Trace) -> Verdict {
    all_tickers_were_late(trace, "on_the_loop")
}

fn set_aside_is_harmless(trace: &Trace) -> Verdict {
    no_ticker_was_late(trace, "set_aside")
}

fn one_is_harmless(trace: &Trace) -> Verdict {
    no_ticker_was_late(trace, "one_blocker")
}

fn two_are_harmless(trace: &Trace) -> Verdict {
    no_ticker_was_late(trace, "two_blockers")
}

fn four_are_a_cliff(trace: &Trace) -> Verdict {
    all_tickers_were_late(trace, "four_blockers")
}

fn all_tickers_were_late(trace: &Trace, scene: &str) -> Verdict {
    check_lateness(trace, scene, |scene, calls| {
        let least = tickers(scene).map(|ticker| lateness(scene, ticker)).min()?;
        let apart = calls.iter().map(|call| call.start).max()? - calls.iter().map(|call| call.start).min()?;
        Some(match Verdict::at_least(least, 0.5, trace.inputs.delay) {
            Verdict::Failed(evidence) if 4 * apart > trace.inputs.delay => {
                Verdict::Skipped(evidence.but("the calls began {apart} apart").with("apart", Time(apart)))
            }
            verdict => verdict,
        })
    })
}

fn no_ticker_was_late(trace: &Trace, scene: &str) -> Verdict {
    check_lateness(trace, scene, |scene, calls| {
        let worst = tickers(scene).map(|ticker| lateness(scene, ticker)).max()?;
        let meanwhile = |poll: &&Poll| calls.iter().all(|call| (call.start..call.end).contains(&poll.start));
        let ticks = |ticker| scene.polls(ticker).iter().filter(meanwhile).count();
        let fewest = tickers(scene).map(ticks).min()?;
        Some(match Verdict::at_most(worst, 0.5, trace.inputs.delay) {
            Verdict::Failed(evidence) if 10 * fewest >= DUE => {
                Verdict::Skipped(evidence.but("all ticked during the call: something else held them up"))
            }
            verdict => verdict,
        })
    })
}

/// The number of beats that are due during the blocking call.
const DUE: usize = 50;

/// The shortest blocking call whose failures count. A shorter one takes no longer than the system and the ticks do
/// anyway.
const SHORTEST_CALL: Nanos = Nanos::from_millis(100);

/// Checks something about the tickers beside the calls that blocked. Skips a failure beside a very short call, which
/// says nothing.
fn check_lateness(
    trace: &Trace,
    scene: &str,
    check_it: impl FnOnce(&SceneTrace, &[Poll]) -> Option<Verdict>,
) -> Verdict {
    check(trace, [scene], |[scene]| {
        let calls = calls(scene);
        let blocked = calls.iter().all(|call| 2 * (call.end - call.start) >= trace.inputs.delay);
        match check_it(scene, &calls) {
            _ if calls.is_empty() || !blocked => Verdict::Failed("nothing blocked".into()),
            None => Verdict::Failed("there was no ticker".into()),
            Some(verdict) => unless_too_short(trace, SHORTEST_CALL, verdict),
        }
    })
}

fn tickers(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|task| !is_blocker(task))
}

fn is_blocker(task: &Task) -> bool {
    task.name.starts_with("blocker")
}

/// Returns the longest time that a ticker was ready at a stretch and got no thread.
fn lateness(scene: &SceneTrace, ticker: &Task) -> Nanos {
    let ready = scene.states(ticker).filter(|span| span.state == State::Ready);
    ready.map(|span| span.end - span.start).max().unwrap_or_default()
}

/// Returns each blocker's blocking call, which is its first poll.
fn calls(scene: &SceneTrace) -> Vec<Poll> {
    let blockers = scene.lanes().filter(|task| is_blocker(task));
    blockers.filter_map(|task| scene.polls(task).first().copied()).collect()
}
