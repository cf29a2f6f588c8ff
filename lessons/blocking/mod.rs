//! `blocking`: what a blocking call does to other tasks. Shows that it makes all tasks on its thread late, that
//! `spawn_blocking` cures that, and that more workers only hide it until all of them are blocked at once.

mod four_blockers;
mod on_the_loop;
mod one_blocker;
mod set_aside;
mod two_blockers;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, Poll, SceneTrace, State, Task, TaskKind, Trace};

pub const LESSON: Lesson = Lesson {
    name: "blocking",
    aliases: &["block", "spawn_blocking", "to_thread", "starvation", "workers"],
    summary: "never block the loop",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        with_tickers(scene!(on_the_loop, "On the loop"))
            .to_see("While “blocker” holds the thread, every ticker is ready and none can run."),
        with_tickers(scene!(set_aside, "Set aside")).to_see(
            "“blocker” takes as long as before, but it holds another thread: the tickers wait and tick as usual.",
        ),
        with_tickers(scene!(one_blocker, "1 of 4 workers"))
            .to_see("“blocker 1” holds one worker; the other three run the tickers, so no ticker stays ready.")
            .on_workers(4),
        with_tickers(scene!(two_blockers, "2 of 4 workers"))
            .to_see(
                "“blocker 1” and “blocker 2” hold two workers; the other two run the tickers, and none stays ready.",
            )
            .on_workers(4),
        with_tickers(scene!(four_blockers, "4 of 4 workers"))
            .to_see("The four blockers hold all four workers: meanwhile every ticker is ready, as in “On the loop”.")
            .on_workers(4),
    ],
    question: Question {
        ask: "Four workers run the tickers, which tick at every beat. Beside them, one task blocks its worker for \
              {delay}; then two tasks do that, then four. How late do the tickers get each time?",
        choices: &[
            Choice::wrong(
                "later with each blocked worker: by a quarter of {delay}, half of it, all of it",
                "each blocked worker takes its share of the speed away",
                "in “1 of 4 workers” and in “2 of 4 workers” no ticker stays ready: the free workers run all of them",
            ),
            Choice::wrong(
                "not late at all: four workers are enough for that",
                "more workers are a cure for blocking calls",
                "in “4 of 4 workers” every ticker is ready while the calls block: no worker is left to run it",
            ),
            Choice::wrong(
                "the tickers of each blocked worker are late by {delay}, the others are not",
                "each task belongs to one worker",
                "in “1 of 4 workers” no ticker stays ready: the free workers take over the tickers of the blocked one",
            ),
            Choice::right("not late with one or two; with four, all of them by about {delay}"),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function(
            "a call that blocked the loop made every ticker late by at least half its length",
            loop_is_blocked,
        ),
        Claim::function("a call that was set aside made no ticker late", set_aside_is_harmless),
        Claim::function("one blocked worker of four made no ticker late", one_is_harmless),
        Claim::function("two blocked workers of four made no ticker late", two_are_harmless),
        Claim::function("four blocked workers of four made every ticker late", four_are_a_cliff),
    ],
    takes: Takes { tasks: Some(20), delay: Some(Duration::from_millis(500)), lines: false },
    calibrates: false,
};

/// Adds what all scenes of this lesson have in common. The blocking call takes one delay, and the beats go on for half
/// a delay more.
const fn with_tickers(scene: Scene) -> Scene {
    scene
        .lasting(|_, delay| delay.saturating_mul(3) / 2)
        .on_the_real_clock("a blocking call takes real time, which a virtual clock cannot shorten")
        .with_at_most(1_000, "the ticks of more tickers would keep the threads busy")
}

fn measured(trace: &Trace) -> Evidence {
    let late = |name| {
        let scene = trace.scene(name)?;
        Some(Time(tickers(scene).map(|ticker| lateness(scene, ticker)).max()?))
    };
    match (late("one_blocker"), late("two_blockers"), late("four_blockers")) {
        (Some(one), Some(two), Some(four)) => {
            let sentence = Evidence::new(
                "The latest tick was {one} late with one blocked worker, {two} with two, {four} with four.",
            );
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
        Some(match Verdict::at_least(("late by at least", least), 0.5, ("call", trace.inputs.delay)) {
            Verdict::Failed(evidence) if 4 * apart > trace.inputs.delay => {
                Verdict::Skipped(evidence.but("the blocking calls began {apart} apart").with("apart", Time(apart)))
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
        Some(match Verdict::at_most(("late by at most", worst), 0.5, ("call", trace.inputs.delay)) {
            Verdict::Failed(evidence) if 10 * fewest >= DUE => {
                Verdict::Skipped(evidence.but("every ticker ticked during the call: the machine was busy"))
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
            _ if calls.is_empty() || !blocked => Verdict::Failed("no call blocked for the delay".into()),
            None => Verdict::Failed("there was no ticker".into()),
            Some(verdict) => unless_too_short(trace, SHORTEST_CALL, verdict),
        }
    })
}

fn tickers(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|task| task.kind == TaskKind::Future && !is_blocker(task))
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
