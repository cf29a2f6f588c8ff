//! `gather`: wait for many things at once. Shows that waiting at the same time takes neither more time nor more
//! threads.

mod in_turn;
mod together;
mod uneven;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Measure, Metric, Operand, Question, Relation, Takes, Verdict, check, unless_too_short,
};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Clock, Evidence, Nanos, SceneTrace, State, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "gather",
    aliases: &["join", "join_all", "joinset", "together"],
    summary: "wait for many things at once",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(in_turn, "One after another").lasting(|tasks, delay| delay.saturating_mul(tasks as u32)),
        scene!(together, "Together"),
        scene!(uneven, "Together, uneven")
            .lasting(|_, delay| delay.saturating_mul(3))
            .with_at_most(100, "the one long nap would be lost among so many"),
    ],
    question: Question {
        ask: "Two naps of one second are started together. How long until both are over?",
        choices: &[
            Choice::wrong(
                "two seconds: a thread does one thing at a time",
                "a nap occupies the thread until it is over",
                "look at “Together”: the lanes wait at the same time, and “busy” in the table says how little of \
                 the thread that takes",
            ),
            Choice::wrong(
                "one second: each nap gets a thread of its own",
                "two things at once take two threads",
                "look at “threads” in the table: one thread looked after all the naps",
            ),
            Choice::right("one second: both wait at the same time, on one thread"),
            Choice::wrong(
                "a second and a half: they share the thread, and so both get slower",
                "tasks slow each other down, even while they wait",
                "look at “Together”: every lane is one nap long",
            ),
        ],
        measured,
    },
    claims: &[
        Claim::relation("one after another took the sum of the naps", IN_TURN_IS_THE_SUM),
        Claim::function("together took as long as the longest nap", together_is_the_longest),
        Claim::function("uneven naps took as long as the longest, not a share of the sum", uneven_is_the_longest),
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("together") else { return "They did not run.".into() };
    Evidence::new("{tasks} × {delay} together took {wall}.")
        .with("tasks", trace.inputs.tasks)
        .with("delay", Time(trace.inputs.delay))
        .with("wall", Time(scene.wall))
}

const IN_TURN_IS_THE_SUM: Relation = Relation::at_least(Measure::of("in_turn", Metric::Wall), 0.98, Operand::Delays);

fn together_is_the_longest(trace: &Trace) -> Verdict {
    check(trace, ["together"], |[scene]| as_long_as_the_longest(trace, scene))
}

fn uneven_is_the_longest(trace: &Trace) -> Verdict {
    check(trace, ["uneven"], |[scene]| as_long_as_the_longest(trace, scene))
}

/// The time that starting and ending one nap may take on a slow machine. Where that adds up to a nap's length, the wall
/// measures it and not the naps.
const HANDLING: Nanos = Nanos::from_micros(100);
/// The shortest nap whose failures count on the real clock. A busy machine is late by several milliseconds, which may be
/// a fifth of a shorter one.
const SHORTEST_NAP: Nanos = Nanos::from_millis(50);

fn as_long_as_the_longest(trace: &Trace, scene: &SceneTrace) -> Verdict {
    let longest = scene.lanes().map(|nap| slept(scene, nap)).max().unwrap_or_default();
    match Verdict::at_most(scene.wall, 1.2, longest) {
        // On the virtual clock, naps that are not awaited take no time, and would pass the check below.
        _ if longest == Nanos::ZERO => Verdict::Failed("no nap waited".into()),
        Verdict::Failed(evidence) if HANDLING * trace.inputs.tasks as u64 >= trace.inputs.delay => {
            let evidence = evidence.but("starting and ending so many took {busy}");
            Verdict::Skipped(evidence.with("busy", Time(scene.busy())))
        }
        verdict if trace.clock == Clock::Real => unless_too_short(trace, SHORTEST_NAP, verdict),
        verdict => verdict,
    }
}

/// Returns how long a nap waited. The length of its lane would not do: naps that held each other up would all have
/// lanes as long as the wall, and the claim could not fail.
fn slept(scene: &SceneTrace, nap: &Task) -> Nanos {
    let waiting = scene.states(nap).filter(|span| span.state == State::Waiting);
    waiting.map(|span| span.end - span.start).sum()
}
