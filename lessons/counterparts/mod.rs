//! `counterparts`: std's blocking calls and their async counterparts in tokio. Shows that an async function blocks the
//! loop as soon as it makes a blocking call, and what to call instead.

mod channel;
mod file;
mod lock;
mod program;
mod sleep;
mod socket;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::{Time, Unknown};
use asyncguide::trace::{Evidence, Figure, Nanos, SceneTrace, State, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "counterparts",
    aliases: &["equivalents", "blocking-calls", "std"],
    summary: "what waits in std, and what waits in tokio",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        twice(scene!(sleep, "Sleep"))
            .to_see("While “std” sleeps, it holds the thread and “ticker” is ready; while “tokio” sleeps, “ticker” can run.")
            .with_figures(|scene| names(scene, ["thread::sleep", "time::sleep", "sleep"])),
        twice(scene!(file, "File"))
            .to_see("“std” holds the thread for all its reads; “tokio” waits while other threads read, so “ticker” can run.")
            .with_figures(|scene| names(scene, ["fs::read", "fs::read", "to_thread"])),
        twice(scene!(socket, "Socket"))
            .to_see("Both answers are late: “std” holds the thread until its answer comes, “tokio” waits and lets “ticker” run.")
            .with_figures(|scene| names(scene, ["TcpStream", "TcpStream", "open_connection"])),
        twice(scene!(lock, "Lock"))
            .to_see("Until “std” gets its lock, it holds the thread and “ticker” is ready; “tokio” waits for its lock.")
            .with_figures(|scene| names(scene, ["Mutex", "Mutex", "Lock"])),
        twice(scene!(channel, "Channel"))
            .to_see("Both messages are late: until they come, “std” holds the thread, and “tokio” waits without it.")
            .with_figures(|scene| names(scene, ["mpsc", "mpsc", "Queue"])),
        twice(scene!(program, "Program"))
            .to_see("Until the program ends, “std” holds the thread and “ticker” is ready; “tokio” waits, and “ticker” can run.")
            .with_figures(|scene| names(scene, ["Command", "Command", "subprocess"])),
    ],
    question: Question {
        ask: "An async function calls std's `lock()` on a lock that another thread holds. What do the other tasks on the \
              loop do?",
        choices: &[
            Choice::wrong(
                "they go on: in an async function, the call waits in the background",
                "an async function cannot block",
                "in “Lock” the ticker is ready, and cannot run, as long as “std” holds the thread",
            ),
            Choice::wrong(
                "they go on: the runtime takes the thread away from a task that blocks",
                "the runtime interrupts a task that takes too long",
                "in “Lock” the lane “std” is blocked from its beginning to its end, without a break",
            ),
            Choice::right("they stop until the function has the lock"),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("sleep: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "sleep")),
        Claim::function("file: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "file")),
        Claim::function("socket: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "socket")),
        Claim::function("lock: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "lock")),
        Claim::function("channel: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "channel")),
        Claim::function("program: the blocking call made the ticker late, the async one did not", |trace| compare(trace, "program")),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(300)), lines: false },
    calibrates: false,
};

/// Adds what all scenes of this lesson have in common. They make two waits of a delay each, a quarter of a delay apart.
const fn twice(scene: Scene) -> Scene {
    scene
        .lasting(|_, delay| delay.saturating_mul(9) / 4)
        .on_the_real_clock("it blocks its thread, and a virtual clock cannot shorten what it waits for")
}

/// Returns a row of the table: the names of the calls in std, tokio and asyncio, and how long the ticker stood still
/// beside the first two.
fn names(scene: &SceneTrace, [std, tokio, asyncio]: [&'static str; 3]) -> Vec<Figure> {
    let stall = |name| scene.lane(name).map_or(Unknown, |call| Time(stall_beside(scene, call)));
    vec![
        Figure::new("std", std),
        Figure::new("std stall", stall("std")),
        Figure::new("tokio", tokio),
        Figure::new("tokio stall", stall("tokio")),
        Figure::new("asyncio", asyncio),
    ]
}

fn measured(trace: &Trace) -> Evidence {
    let of = |name| {
        let scene = trace.scene("lock")?;
        Some(Time(stall_beside(scene, scene.lane(name)?)))
    };
    match (of("std"), of("tokio")) {
        (Some(std), Some(tokio)) => {
            let sentence = "The ticker was ready and could not run for {std} beside std's lock, and for {tokio} beside \
                            tokio's.";
            Evidence::new(sentence).with("std", std).with("tokio", tokio)
        }
        _ => "It did not run.".into(),
    }
}

fn compare(trace: &Trace, scene: &str) -> Verdict {
    check(trace, [scene], |[scene]| match (blocking_call(scene), async_call(scene)) {
        (Some(std), Some(tokio)) => unless_too_short(trace, SHORTEST_DELAY, stalls(trace, scene, std, tokio)),
        _ => Verdict::Failed("lane “std” or lane “tokio” is missing".into()),
    })
}

/// Returns the lane of the call that blocks: std's, or that of Python's plain library.
fn blocking_call(scene: &SceneTrace) -> Option<&Task> {
    scene.lane("std").or_else(|| scene.lane("plain"))
}

/// Returns the lane of the call that waits: tokio's, or asyncio's.
fn async_call(scene: &SceneTrace) -> Option<&Task> {
    scene.lane("tokio").or_else(|| scene.lane("asyncio"))
}

/// Checks that std's call stalled the ticker for at least half of the time that the call took, and that tokio's call
/// stalled it for at most a fifth of that stall.
///
/// Skips if a call took less than half a delay, because it then had nothing to wait for. This happens on Windows, where
/// there is no program named `sleep`.
fn stalls(trace: &Trace, scene: &SceneTrace, std: &Task, tokio: &Task) -> Verdict {
    let (stall, took) = (stall_beside(scene, std), scene.lifetime(std));
    let shorter = took.min(scene.lifetime(tokio));
    if 2 * shorter < trace.inputs.delay {
        let evidence = Evidence::new("one of the calls took only {took}: it had hardly anything to wait for");
        return Verdict::Skipped(evidence.with("took", Time(shorter)));
    }
    if 2 * stall < took {
        let evidence = Evidence::new("the blocking call took {took}, the ticker was late by {stall}")
            .with("took", Time(took))
            .with("stall", Time(stall));
        // If the call did hold the loop, no beat came meanwhile: the ticker had nothing to do and could not be stalled.
        let held = 2 * held_by(scene, std) >= took;
        if held {
            return Verdict::Skipped(evidence.append(": the beats came late"));
        }
        return Verdict::Failed(evidence);
    }
    match Verdict::at_most(
        ("beside the async call", stall_beside(scene, tokio)),
        0.2,
        ("beside the blocking one", stall),
    ) {
        // tokio's call hardly held the loop, so the ticker was late for another reason: the machine was busy.
        Verdict::Failed(evidence) if 5 * held_by(scene, tokio) <= stall => {
            let held = Time(held_by(scene, tokio));
            Verdict::Skipped(
                evidence
                    .but("the async call held the loop for at most {held}: the machine was busy")
                    .with("held", held),
            )
        }
        verdict => verdict,
    }
}

/// Returns the longest time that `call` held the loop at a stretch.
fn held_by(scene: &SceneTrace, call: &Task) -> Nanos {
    scene.polls(call).iter().map(|poll| poll.end - poll.start).max().unwrap_or_default()
}

/// Returns the longest time that the ticker was ready at a stretch, of which only the part during `call` counts.
fn stall_beside(scene: &SceneTrace, call: &Task) -> Nanos {
    let (began, ended) = (scene.began(call).unwrap_or_default(), scene.ended(call));
    let ticker = scene.lane("ticker").into_iter();
    let ready = ticker.flat_map(|ticker| scene.states(ticker)).filter(|span| span.state == State::Ready);
    ready.map(|span| span.end.min(ended) - span.start.max(began)).max().unwrap_or_default()
}

/// The shortest delay whose failures count. With a shorter one, the figures measure the calls themselves, not the
/// waits.
const SHORTEST_DELAY: Nanos = Nanos::from_millis(50);
