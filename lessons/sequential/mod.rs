//! `sequential`: one thing after another, with and without async. Shows what async does not do (make it faster)
//! and what it does (leave the thread free).

mod awaited;
mod blocking;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, unless_too_short};
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
        scene!(awaited, "Awaited in turn")
            .to_see("Each lane begins where the lane above it ends, and all are waiting: naps give the thread back.")
            .lasting(in_turn),
        scene!(blocking, "Blocking functions")
            .to_see("The lanes have the same places as in “Awaited in turn”, but are blocked: naps keep the thread.")
            .lasting(in_turn)
            .on_the_real_clock("a blocking sleep takes real time, and the virtual clock cannot skip it"),
    ],
    question: Question {
        ask: "An async nap takes {delay}. A function awaits {tasks} of them, one after another. How long does it take, \
              and what does the thread do meanwhile?",
        choices: &[
            Choice::wrong(
                "{delay}: async functions run at the same time",
                "async functions run at the same time, however they are awaited",
                "in “Awaited in turn”, no lane begins before the lane above it has ended",
            ),
            Choice::wrong(
                "{total}, and the naps keep the thread all that time",
                "an awaited nap keeps its thread",
                "the lanes in “Awaited in turn” are waiting, not blocked: each nap gave the thread back",
            ),
            Choice::right("{total}, and the thread is free for other tasks"),
            Choice::wrong(
                "almost no time: the naps are started, and the function goes on",
                "an await only starts the work",
                "“wall” in the table shows that “Awaited in turn” took as long as all its naps together",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("the awaited naps took as long as the blocking ones", both_ways_take_the_same_time),
        Claim::function("the thread was free while naps were awaited", awaiting_leaves_the_thread_free),
        Claim::function("the blocking naps held the thread, which slept", blocking_holds_the_thread),
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

fn in_turn(tasks: usize, delay: Duration) -> Duration {
    delay.saturating_mul(tasks as u32)
}

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("awaited") else { return "The scene with the awaited naps did not run.".into() };
    let took = Evidence::new("The awaited naps took {wall}").with("wall", Time(scene.wall));
    match trace.clock {
        Clock::Real => took.append(", and the thread was held for {held} of it.").with("held", Time(scene.held())),
        Clock::Virtual => took.append(" of virtual time, which passes only while the thread is free."),
    }
}

fn both_ways_take_the_same_time(trace: &Trace) -> Verdict {
    check(trace, ["awaited", "blocking"], |[awaited, blocking]| {
        let (a, b) = (awaited.wall, blocking.wall);
        let evidence = Evidence::new("awaited {awaited}, blocking {blocking}; at most a fifth apart")
            .with("awaited", Time(a))
            .with("blocking", Time(b));
        unless_too_short(trace, SHORTEST_NAP, Verdict::of(a.abs_diff(b) <= a.max(b) / 5, evidence))
    })
}

fn awaiting_leaves_the_thread_free(trace: &Trace) -> Verdict {
    check(trace, ["awaited"], |[scene]| match trace.clock {
        Clock::Virtual => Verdict::Skipped("the virtual clock does not move while code runs".into()),
        Clock::Real => {
            let held = Verdict::of(scene.held() <= scene.wall / 5, held(scene).append("; at most a fifth"));
            unless_too_short(trace, SHORTEST_NAP, held)
        }
    })
}

fn blocking_holds_the_thread(trace: &Trace) -> Verdict {
    check(trace, ["blocking"], |[scene]| {
        // Not every system tells computing from sleeping in a call.
        let slept = scene.usages().len() == 0 || scene.busy() <= scene.wall / 5;
        let held_it = scene.wall - scene.held() <= scene.wall / 5;
        let evidence = held(scene).append(", at least four fifths; computed for {busy}, at most a fifth");
        let evidence = evidence.with("busy", Time(scene.busy()));
        unless_too_short(trace, SHORTEST_NAP, Verdict::of(held_it && slept, evidence))
    })
}

fn held(scene: &SceneTrace) -> Evidence {
    Evidence::new("held for {held} of {wall}").with("held", Time(scene.held())).with("wall", Time(scene.wall))
}

/// The shortest nap whose failures count. tokio's timers count whole milliseconds, and a busy machine is late by
/// several: that may be a fifth of a shorter nap.
const SHORTEST_NAP: Nanos = Nanos::from_millis(50);
