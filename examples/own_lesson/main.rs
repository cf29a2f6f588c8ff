//! A program with a lesson of its own: `cargo run --example own_lesson -- lesson ping-pong`.
//!
//! It has all commands of asyncguide, and this lesson in the place of asyncguide's own.
#![expect(unreachable_pub, reason = "a scene reads like ordinary code")]

mod ping_pong;

use std::process::ExitCode;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check};
use asyncguide::scene;
use asyncguide::trace::Evidence;

static LESSON: Lesson = Lesson {
    name: "ping-pong",
    aliases: &["pong"],
    summary: "two tasks and one ball",
    readme: include_str!("README.md"),
    twin: "print('a twin would stand here')\n",
    scenes: &[scene!(ping_pong, "One ball")],
    question: Question {
        ask: "Do the two players ever run at the same moment?",
        choices: &[
            Choice::right("no: on one thread they take turns"),
            Choice::wrong("yes: they are two tasks", "two tasks are two threads", "look at “threads” in the table"),
        ],
        measured: Reply::Function(|trace| {
            let threads = trace.scene("ping_pong").map_or(0, |scene| scene.threads_used());
            Evidence::new("They ran on {threads} thread.").with("threads", threads)
        }),
    },
    claims: &[Claim::function("two players needed one thread", |trace| {
        check(trace, ["ping_pong"], |[scene]| {
            let (players, threads) = (scene.lane_count(), scene.threads_used());
            let evidence = Evidence::new("{players} lanes, {threads} thread");
            Verdict::of(players == 2 && threads == 1, evidence.with("players", players).with("threads", threads))
        })
    })],
    takes: Takes { tasks: Some(10), delay: None, lines: false },
    calibrates: false,
};

fn main() -> ExitCode {
    asyncguide::run(&[&LESSON])
}
