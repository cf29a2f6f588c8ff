//! `sequential`: one thing after another, with and without async. Shows what async does not do (make it faster)
//! and what it does (leave the thread free).

mod awaited;
mod blocking;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Takes, Verdict, check};
use asyncguide::scene;
use asyncguide::trace::{Clock, SceneTrace, Trace};
use asyncguide::units::duration;

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
        Claim { statement: "awaited naps took as long as blocking ones", check: both_ways_take_the_same_time },
        Claim { statement: "while naps were awaited, the thread was free", check: awaiting_leaves_the_thread_free },
        Claim { statement: "a blocking sleep held the thread", check: blocking_holds_the_thread },
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

fn in_turn(tasks: usize, delay: Duration) -> Duration {
    delay.saturating_mul(tasks as u32)
}

fn measured(trace: &Trace) -> String {
    let Some(scene) = trace.scene("awaited") else { return "They did not run.".to_owned() };
    let (tasks, delay, wall) = (trace.inputs.tasks, duration(trace.inputs.delay), duration(scene.wall));
    match trace.clock {
        Clock::Real => format!("{tasks} × {delay} took {wall}; the thread was busy for {}.", duration(scene.busy())),
        Clock::Virtual => format!("{tasks} × {delay} took {wall} of virtual time."),
    }
}

fn both_ways_take_the_same_time(trace: &Trace) -> Verdict {
    check(trace, ["awaited", "blocking"], |[awaited, blocking]| {
        let (a, b) = (awaited.wall, blocking.wall);
        let figure = format!("{} and {}; at most a fifth apart", duration(a), duration(b));
        unless_too_short(trace, Verdict::of(a.abs_diff(b) <= a.max(b) / 5, figure))
    })
}

fn awaiting_leaves_the_thread_free(trace: &Trace) -> Verdict {
    check(trace, ["awaited"], |[scene]| match trace.clock {
        Clock::Virtual => Verdict::Skipped("the virtual clock stands still while code runs".to_owned()),
        Clock::Real => {
            let held = Verdict::of(scene.busy() <= scene.wall / 5, format!("{}; at most a fifth", busy(scene)));
            unless_too_short(trace, held)
        }
    })
}

fn blocking_holds_the_thread(trace: &Trace) -> Verdict {
    check(trace, ["blocking"], |[scene]| {
        let free = scene.wall.saturating_sub(scene.busy());
        let held = Verdict::of(free <= scene.wall / 5, format!("{}; at least four fifths", busy(scene)));
        unless_too_short(trace, held)
    })
}

fn busy(scene: &SceneTrace) -> String {
    format!("busy for {} of {}", duration(scene.busy()), duration(scene.wall))
}

/// tokio's timers count whole milliseconds, and a busy machine is late by several. Of a shorter nap than this, that may
/// be a fifth.
const SHORTEST_NAP: u64 = 50_000_000;

/// What failed with very short naps says nothing about async.
fn unless_too_short(trace: &Trace, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Failed(figure) if trace.inputs.delay < SHORTEST_NAP => {
            Verdict::Skipped(format!("{figure}, but naps of {} are too short to tell", duration(trace.inputs.delay)))
        }
        verdict => verdict,
    }
}
