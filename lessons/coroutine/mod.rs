//! `coroutine`: what calling and awaiting do. Shows that a call runs nothing, that awaiting a future that is ready does
//! not give the thread back, and what `yield_now` is for.

mod made;
mod ready;
mod yields;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Scene, Takes, Verdict, check, check_lanes, unless_too_short,
};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, SceneTrace, State, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "coroutine",
    aliases: &["coroutines", "future", "futures", "poll", "yield", "yield_now", "sleep(0)"],
    summary: "what a call starts, and what an await gives back",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(made, "Made, then awaited").lasting(twice),
        real(scene!(ready, "Awaits what is ready")).lasting(twice),
        real(scene!(yields, "Yields")),
    ],
    question: Question {
        ask: "A loop computes for half a second, in 500 pieces, and awaits each of them. A ticker on the same thread is \
              due after 50 ms. When does it tick?",
        choices: &[
            Choice::wrong(
                "after 50 ms: each await gives the thread back",
                "every await yields",
                "look at “Awaits what is ready”: the ticker is ready, and the hog goes on; its pieces are never pending",
            ),
            Choice::right("after half a second: no await of what is ready gives the thread back"),
            Choice::wrong(
                "soon after 50 ms: the runtime interrupts what runs for too long",
                "a runtime shares the thread out, as a system does with its processors",
                "look at “stall” in the table: for so long the ticker was ready, and nobody interrupted the hog",
            ),
            Choice::wrong(
                "after 50 ms: the pieces run in the background",
                "calling an async function starts it",
                "look at “Made, then awaited”: made at the left, A begins with its await, and B never ran",
            ),
        ],
        measured,
    },
    claims: &[
        Claim::function("a future ran only once it was awaited; one that was not never ran", made_is_not_begun),
        Claim::function("awaiting what was ready gave nothing back", ready_gives_nothing_back),
        Claim::function("so the ticker was ready, and had no turn until the hog had ended", ticker_had_no_turn),
        Claim::function("between yields, the ticker had its turn when it was due", ticker_was_on_time),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(500)), lines: false },
    calibrates: false,
};

const fn real(scene: Scene) -> Scene {
    scene.on_the_real_clock("computing takes real time, which no virtual clock can hurry")
}

fn twice(_: usize, delay: Duration) -> Duration {
    delay.saturating_mul(2)
}

fn measured(trace: &Trace) -> Evidence {
    let kept_waiting = || {
        let scene = trace.scene("ready")?;
        Some((scene.polls(scene.lane("hog")?).len(), longest_ready(scene, scene.lane("ticker")?)))
    };
    match kept_waiting() {
        Some((1, longest)) => {
            let sentence = Evidence::new("The hog was polled once; the ticker was ready for {ready}.");
            sentence.with("ready", Time(longest))
        }
        Some((polls, longest)) => {
            let sentence = Evidence::new("The hog was polled {polls} times; the ticker was ready for {ready}.");
            sentence.with("polls", polls).with("ready", Time(longest))
        }
        None => "The scene with the hog and the ticker did not run.".into(),
    }
}

fn made_is_not_begun(trace: &Trace) -> Verdict {
    check(trace, ["made"], |[scene]| {
        check_lanes(scene, ["A", "B", "tea"], |[a, b, tea]| {
            let awaited = scene.ended(tea);
            let early = scene.polls(a).iter().filter(|poll| poll.start < awaited).count();
            let never = scene.polls(b).len();
            let evidence = Evidence::new("polls before its await, in {awaited}: {early}; of the other: {other}")
                .with("awaited", Time(awaited))
                .with("early", early)
                .with("other", never);
            Verdict::of(early == 0 && never == 0 && !scene.polls(a).is_empty(), evidence)
        })
    })
}

fn ready_gives_nothing_back(trace: &Trace) -> Verdict {
    check(trace, ["ready"], |[scene]| {
        check_lanes(scene, ["hog"], |[hog]| {
            let polls = scene.polls(hog).len();
            let evidence = Evidence::new("the hog's polls in {lifetime}: {polls}")
                .with("lifetime", Time(scene.lifetime(hog)))
                .with("polls", polls);
            Verdict::of(polls == 1, evidence)
        })
    })
}

fn ticker_had_no_turn(trace: &Trace) -> Verdict {
    check(trace, ["ready"], |[scene]| {
        check_lanes(scene, ["hog", "ticker"], |[hog, ticker]| {
            let kept = Verdict::at_least(longest_ready(scene, ticker), 0.5, scene.lifetime(hog));
            // The first tick is due after a tenth of the hog's time. On a busy machine it may come late.
            let halfway = scene.ended(hog) - scene.lifetime(hog) / 2;
            match (kept, scene.wakes(ticker).first()) {
                (Verdict::Failed(evidence), Some(due)) if *due > halfway => {
                    Verdict::Skipped(evidence.but("the first tick came only after {due}").with("due", Time(*due)))
                }
                (verdict, _) => unless_too_short(trace, SHORTEST_HOG, verdict),
            }
        })
    })
}

fn ticker_was_on_time(trace: &Trace) -> Verdict {
    check(trace, ["yields"], |[scene]| {
        check_lanes(scene, ["hog", "ticker"], |[hog, ticker]| {
            let (longest, hog) = (longest_ready(scene, ticker), scene.lifetime(hog));
            match Verdict::at_most(longest, 0.1, hog) {
                // Without the yields, the ticker would be ready for nearly all of the hog's time.
                Verdict::Failed(evidence) if 2 * longest < hog => {
                    Verdict::Skipped(evidence.but("the machine was busy with something else"))
                }
                verdict => unless_too_short(trace, SHORTEST_HOG, verdict),
            }
        })
    })
}

/// Returns the longest time that a task was ready at a stretch and did not get the thread.
fn longest_ready(scene: &SceneTrace, task: &Task) -> Nanos {
    let ready = scene.states(task).filter(|span| span.state == State::Ready);
    ready.map(|span| span.end - span.start).max().unwrap_or_default()
}

/// The shortest hog whose failures count. Beside a shorter one, the time that a thread takes to tick or to get its turn
/// is no longer small.
const SHORTEST_HOG: Nanos = Nanos::from_millis(100);
