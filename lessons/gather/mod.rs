//! `gather`: wait for many things at once. Shows that waiting at the same time takes neither more time nor more
//! threads.

mod in_turn;
mod together;
mod uneven;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Measure, Metric, Operand, Question, Relation, Reply, Takes, Verdict, check, unless_too_short,
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
        scene!(in_turn, "One after another")
            .to_see("Each lane begins where the lane above it ends: a nap starts only when the nap before it is over.")
            .lasting(|tasks, delay| delay.saturating_mul(tasks as u32)),
        scene!(together, "Together").to_see("Every lane begins at the left: all naps wait at the same time."),
        scene!(uneven, "Together, uneven")
            .to_see("Only the last lane is longer than in “Together”; every other nap ends as early as there.")
            .lasting(|_, delay| delay.saturating_mul(3))
            .with_at_most(100, "the one long nap is hard to find among the others"),
    ],
    question: Question {
        ask: "A nap takes {delay}. A program starts its naps together: {tasks} of them. How long until all are over?",
        choices: &[
            Choice::wrong(
                "{total}: a thread does one thing at a time",
                "a nap keeps the thread until it is over",
                "the lanes in “Together” all wait at the same time, and none of them keeps the thread",
            ),
            Choice::wrong(
                "{delay}: each nap gets a thread of its own",
                "each thing that happens at the same time needs its own thread",
                "“threads” in the table is 1: one thread ran all the naps",
            ),
            Choice::right("{delay}: all naps wait at the same time, on one thread"),
            Choice::wrong(
                "much longer than {delay}: naps that share a thread get slower",
                "tasks slow each other down, even while they wait",
                "in “Together”, every lane is only as long as one nap",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::relation("naps one after another took the sum of their times", IN_TURN_IS_THE_SUM),
        Claim::function("naps started together took as long as the longest nap", together_is_the_longest),
        Claim::function(
            "uneven naps took as long as the longest nap, not as long as an average nap",
            uneven_is_the_longest,
        ),
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("together") else { return "The scene “Together” did not run.".into() };
    let over = match trace.inputs.tasks {
        1 => Evidence::new("The one nap was over after {wall}."),
        2 => Evidence::new("Both naps were over after {wall}."),
        tasks => Evidence::new("All {tasks} naps were over after {wall}.").with("tasks", tasks),
    };
    over.with("wall", Time(scene.wall))
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
    match Verdict::at_most(("wall", scene.wall), 1.2, ("longest nap", longest)) {
        // On the virtual clock, naps that are not awaited take no time, and would pass the check below.
        _ if longest == Nanos::ZERO => Verdict::Failed("no nap waited".into()),
        Verdict::Failed(evidence) if HANDLING * trace.inputs.tasks as u64 >= trace.inputs.delay => {
            let evidence = evidence.but("starting and ending all these naps took {busy}");
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
