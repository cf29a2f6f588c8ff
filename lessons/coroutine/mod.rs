//! `coroutine`: what calling and awaiting do. Shows that a call runs nothing, that awaiting a future that is ready does
//! not give the thread back, and what `yield_now` is for.

mod made;
mod ready;
mod yields;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check, check_lanes, unless_too_short,
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
        scene!(made, "Made, then awaited")
            .helpers(&["tea"])
            .to_see("A begins only where “tea” ends, because it is awaited there; B was never awaited, and never ran.")
            .lasting(twice),
        real(scene!(ready, "Awaits what is ready"))
            .to_see("“ticker” soon becomes ready, and stays ready until “hog” ends: “hog” never gives the thread back.")
            .lasting(twice),
        real(scene!(yields, "Yields"))
            .to_see("“ticker” is mostly waiting, not ready: it gets the thread whenever “hog” yields."),
    ],
    question: Question {
        ask: "A loop computes for {delay} in 500 pieces, and awaits each piece. A ticker on the same thread is due \
              after a tenth of that time. When does its first tick come?",
        choices: &[
            Choice::wrong(
                "when it is due: each await gives the thread back",
                "every await gives the thread back",
                "in “Awaits what is ready”, “ticker” is ready and gets no turn until “hog” has ended",
            ),
            Choice::right("after {delay}: awaiting what is ready does not give the thread back"),
            Choice::wrong(
                "soon after it is due: the runtime interrupts tasks that run for too long",
                "a runtime interrupts tasks, as the operating system interrupts threads",
                "“stall” of “Awaits what is ready” is nearly as long as “hog”: the runtime did not interrupt it",
            ),
            Choice::wrong(
                "when it is due: the pieces run in the background",
                "calling an async function starts it",
                "in “Made, then awaited”, A begins only where “tea” ends, and B, which was not awaited, never ran",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("a future ran only once it was awaited; one that was not awaited never ran", made_is_not_begun),
        Claim::function("awaiting what was ready did not give the thread back", ready_gives_nothing_back),
        Claim::function("the ticker was ready, but had no turn until the hog had ended", ticker_had_no_turn),
        Claim::function("beside a hog that yields, the ticker had its turn when it was due", ticker_was_on_time),
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

/// The text of the mark that the ticker makes for each tick.
const TICKS: &str = "ticks";

fn measured(trace: &Trace) -> Evidence {
    let kept_waiting = || {
        let scene = trace.scene("ready")?;
        let first_tick = scene.marks.iter().find(|mark| mark.text == TICKS)?.at;
        Some((first_tick, longest_ready(scene, scene.lane("ticker")?)))
    };
    match kept_waiting() {
        Some((tick, longest)) => {
            Evidence::new("The first tick came after {tick}. The ticker had been ready for {ready}.")
                .with("tick", Time(tick))
                .with("ready", Time(longest))
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
            let evidence = Evidence::new("polls of A in the {awaited} before its await: {early}; polls of B: {other}")
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
            let kept = Verdict::at_least(
                ("ticker ready for", longest_ready(scene, ticker)),
                0.5,
                ("hog took", scene.lifetime(hog)),
            );
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
            match Verdict::at_most(("ticker ready for", longest), 0.1, ("hog took", hog)) {
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
