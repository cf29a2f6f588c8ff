//! `sequential`: one thing after another, with and without async. Shows what async does not do (make it faster)
//! and what it does (leave the thread free).

mod awaited;
mod blocking;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Clock, Evidence, Nanos, SceneTrace, Trace};

pub const LESSON: Lesson = Lesson {
    name: "sequential",
    aliases: &["sleep", "await", "serial"],
    summary: "one thing after another, with and without async",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(awaited, "Awaited in turn").lasting(in_turn),
        scene!(blocking, "Blocking functions")
            .lasting(in_turn)
            .on_the_real_clock("a blocking sleep takes real time, which no virtual clock can hurry"),
    ],
    question: Question {
        ask: "Two async naps of one second are awaited one after the other. What happens?",
        choices: &[
            Choice::wrong(
                "they take one second: async functions run side by side",
                "async makes things happen at the same time",
                "look at “Awaited in turn”: no lane begins before the one above it has ended",
            ),
            Choice::wrong(
                "they take two seconds, and hold the thread all that time",
                "whoever waits holds the thread",
                "compare the two pictures: awaited naps are drawn as waiting, blocking ones as running",
            ),
            Choice::right("they take two seconds, and leave the thread free"),
            Choice::wrong(
                "they take no time: the naps are started, and the program goes on",
                "an await only starts the work",
                "look at “wall” in the table: the scene went on only when each nap was over",
            ),
        ],
        measured,
    },
    claims: &[
        Claim::function("awaited naps took as long as blocking ones", both_ways_take_the_same_time),
        Claim::function("while naps were awaited, the thread was free", awaiting_leaves_the_thread_free),
        Claim::function("a blocking sleep held the thread", blocking_holds_the_thread),
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

fn in_turn(tasks: usize, delay: Duration) -> Duration {
    delay.saturating_mul(tasks as u32)
}

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("awaited") else { return "They did not run.".into() };
    let took = Evidence::new("{tasks} × {delay} took {wall}")
        .with("tasks", trace.inputs.tasks)
        .with("delay", Time(trace.inputs.delay))
        .with("wall", Time(scene.wall));
    match trace.clock {
        Clock::Real => took.append("; the thread was busy for {busy}.").with("busy", Time(scene.busy())),
        Clock::Virtual => took.append(" of virtual time."),
    }
}

fn both_ways_take_the_same_time(trace: &Trace) -> Verdict {
    check(trace, ["awaited", "blocking"], |[awaited, blocking]| {
        let (a, b) = (awaited.wall, blocking.wall);
        let evidence = Evidence::new("{awaited} and {blocking}; at most a fifth apart")
            .with("awaited", Time(a))
            .with("blocking", Time(b));
        unless_too_short(trace, SHORTEST_NAP, Verdict::of(a.abs_diff(b) <= a.max(b) / 5, evidence))
    })
}

fn awaiting_leaves_the_thread_free(trace: &Trace) -> Verdict {
    check(trace, ["awaited"], |[scene]| match trace.clock {
        Clock::Virtual => Verdict::Skipped("the virtual clock stands still while code runs".into()),
        Clock::Real => {
            let held = Verdict::of(scene.busy() <= scene.wall / 5, busy(scene).append("; at most a fifth"));
            unless_too_short(trace, SHORTEST_NAP, held)
        }
    })
}

fn blocking_holds_the_thread(trace: &Trace) -> Verdict {
    check(trace, ["blocking"], |[scene]| {
        let free = scene.wall - scene.busy();
        let held = Verdict::of(free <= scene.wall / 5, busy(scene).append("; at least four fifths"));
        unless_too_short(trace, SHORTEST_NAP, held)
    })
}

fn busy(scene: &SceneTrace) -> Evidence {
    Evidence::new("busy for {busy} of {wall}").with("busy", Time(scene.busy())).with("wall", Time(scene.wall))
}

/// The shortest nap whose failures count. tokio's timers count whole milliseconds, and a busy machine is late by
/// several: that may be a fifth of a shorter nap.
const SHORTEST_NAP: Nanos = Nanos::from_millis(50);
