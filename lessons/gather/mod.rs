//! `gather`: wait for many things at once.

mod in_turn;
mod together;
mod uneven;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Takes, Verdict, check, duration};
use asyncguide::scene;
use asyncguide::trace::Trace;

pub const LESSON: Lesson = Lesson {
    name: "gather",
    aliases: &["join", "together"],
    summary: "wait for many things at once",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(in_turn, "One after another").lasting(|tasks, delay| delay.saturating_mul(tasks as u32)),
        scene!(together, "Together"),
        scene!(uneven, "Together, one three times as long")
            .lasting(|_, delay| delay.saturating_mul(3))
            .with_at_most(100, "the one long nap would be lost among so many"),
    ],
    question: Question {
        ask: "Two naps of one second are awaited together, on one thread. How long do they take?",
        choices: &[
            Choice::wrong(
                "two seconds: one thread can only do one thing at a time",
                "waiting keeps the thread occupied",
                "look at “Together”: both lanes wait at the same time, and the table's “busy” says how little of \
                 the thread that took",
            ),
            Choice::right("one second: they wait at the same time"),
            Choice::wrong(
                "a bit over a second and a half: they share the thread's time",
                "concurrent tasks share the time between them, so each gets slower",
                "look at “Together”: each nap takes as long as it would alone",
            ),
        ],
        measured: |trace| match trace.scene("together") {
            Some(together) => format!("Together they took {}.", duration(together.wall)),
            None => "They did not run.".to_owned(),
        },
    },
    claims: &[
        Claim { statement: "together took as long as the longest nap", check: together_is_the_longest },
        Claim { statement: "one after another took the sum of the naps", check: in_turn_is_the_sum },
        Claim {
            statement: "uneven naps take as long as the longest, not a share of the sum",
            check: uneven_is_the_longest,
        },
    ],
    takes: Takes { tasks: Some(2), delay: Some(Duration::from_secs(1)), lines: false },
};

fn together_is_the_longest(trace: &Trace) -> Verdict {
    check(trace, ["together"], |[scene]| Verdict::at_most(scene.wall, 1.2, scene.longest_task()))
}

fn in_turn_is_the_sum(trace: &Trace) -> Verdict {
    check(trace, ["in_turn"], |[scene]| Verdict::at_least(scene.wall, 0.98, scene.task_time()))
}

fn uneven_is_the_longest(trace: &Trace) -> Verdict {
    check(trace, ["uneven"], |[scene]| Verdict::at_most(scene.wall, 1.2, scene.longest_task()))
}
