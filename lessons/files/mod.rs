//! `files`: reading files without blocking the loop. Shows that tokio's file calls are std's calls on other threads:
//! they take longer, but they leave the loop free.

mod all_in_one;
mod in_place;
mod one_by_one;
mod slow_pipe;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Figure, Nanos, Poll, SceneTrace, State, Task, TaskKind, Thread, Trace};

pub const LESSON: Lesson = Lesson {
    name: "files",
    aliases: &["file", "fs", "pool", "aiofiles"],
    summary: "reading files without holding up the loop",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        reads(scene!(in_place, "In place"))
            .to_see("“reads” holds the loop from the first read to the last, and “ticker” is ready all that time."),
        reads(scene!(one_by_one, "tokio fs").in_python("Trip by trip"))
            .to_see("“reads” mostly waits for threads of the pool, so the loop is free and “ticker” can run."),
        reads(scene!(all_in_one, "One trip"))
            .to_see("The thread in lane “pool” makes all the reads; “reads” waits for it once, and “ticker” can run."),
        beside_a_ticker(scene!(slow_pipe, "A pipe")).to_see(
            "“pool” holds its thread until the bytes come; “reads” and “ticker” wait without holding the loop.",
        ),
    ],
    question: Question {
        ask: "A task reads a small file again and again: first with `std::fs::read`, then with `tokio::fs::read` and \
              an await for each read. Which is faster?",
        choices: &[
            Choice::wrong(
                "tokio's: async reads overlap",
                "async reads are faster",
                "“took” in the last table is longer for “tokio fs” than for “In place”: each await sends one read to \
                 another thread and waits for it",
            ),
            Choice::right("std's, but tokio's leaves the loop free meanwhile"),
            Choice::wrong(
                "neither: the disk decides how long they take",
                "an await takes no time compared with a read",
                "“took” in the last table is longer for “tokio fs” than for “In place”: the trip to another thread takes \
                 longer than a small read",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("reads on the loop held it from the first read to the last", std_held_the_loop),
        Claim::function("single reads were made on threads of the pool", they_were_trips),
        Claim::function("a typical trip to the pool took longer than a typical read", trips_take_time)
            .only_in_rust("the recording of a Python thread does not tell one read from the next"),
        Claim::function("one trip to the pool was enough for all reads", one_trip_was_enough),
        Claim::function("reads on the pool did not make the ticker late", the_ticker_was_on_time),
        Claim::function("the slow pipe kept a thread of the pool until its bytes came", the_pipe_kept_a_thread),
    ],
    takes: Takes { tasks: Some(2000), delay: Some(Duration::from_millis(100)), lines: false },
    calibrates: false,
};

const fn beside_a_ticker(scene: Scene) -> Scene {
    scene.with_figures(figures).on_the_real_clock("reading files takes real time, which a virtual clock cannot shorten")
}

/// Adds what the scenes with many reads have in common. They make one read for each of `tasks`.
const fn reads(scene: Scene) -> Scene {
    beside_a_ticker(scene)
        .lasting(|tasks, _| Duration::from_micros(50).saturating_mul(tasks as u32))
        .with_at_most(100_000, "more reads would not change the picture")
}

fn figures(scene: &SceneTrace) -> Vec<Figure> {
    vec![
        Figure::new("took", Time(took(scene))),
        Figure::new("held the loop", Time(held(scene))),
        Figure::new("ticker late", Time(late(scene))),
        Figure::new("pool threads", pool_threads(scene)),
    ]
}

fn measured(trace: &Trace) -> Evidence {
    let of = |name| trace.scene(name).map(|scene| Time(took(scene)));
    match (of("in_place"), of("one_by_one")) {
        (Some(std), Some(tokio)) => {
            Evidence::new("With std, all {reads} reads took {std}; with tokio, they took {tokio}.")
                .with("reads", trace.inputs.tasks)
                .with("std", std)
                .with("tokio", tokio)
        }
        _ => "They did not run.".into(),
    }
}

fn std_held_the_loop(trace: &Trace) -> Verdict {
    check_reads(trace, ["in_place"], |[scene]| {
        Verdict::at_least(("loop held for", held(scene)), 0.9, ("reads took", took(scene)))
    })
}

/// Checks that the reads ran on threads of the pool, and that the task was woken for at least a tenth of them.
///
/// The other reads may be so quick that they are over before the task waits for them.
fn they_were_trips(trace: &Trace) -> Verdict {
    check_reads(trace, ["one_by_one"], |[scene]| {
        let many = 10 * waits(scene) >= trace.inputs.tasks;
        Verdict::of(many && pool_threads(scene) > 0, trips(trace, scene))
    })
}

/// Checks that a typical trip took longer than a typical read. It compares medians, because other work of the machine
/// changes the sums but not the medians.
fn trips_take_time(trace: &Trace) -> Verdict {
    check_reads(trace, ["one_by_one", "all_in_one"], |[one_by_one, all_in_one]| {
        match (typical_trip(one_by_one), typical_read(all_in_one)) {
            (Some(trip), Some(read)) => Verdict::at_least(("a trip", trip), 1.5, ("a read", read)),
            _ => Verdict::Failed("there were no trips or reads to compare".into()),
        }
    })
}

fn one_trip_was_enough(trace: &Trace) -> Verdict {
    check_reads(trace, ["all_in_one"], |[scene]| {
        Verdict::of(waits(scene) <= 1 && pool_threads(scene) == 1, trips(trace, scene))
    })
}

fn trips(trace: &Trace, scene: &SceneTrace) -> Evidence {
    Evidence::new("reads {reads}, waits {waits}, threads of the pool {threads}")
        .with("reads", trace.inputs.tasks)
        .with("waits", waits(scene))
        .with("threads", pool_threads(scene))
}

fn the_ticker_was_on_time(trace: &Trace) -> Verdict {
    check_reads(trace, ["one_by_one", "all_in_one", "slow_pipe"], |scenes| {
        let verdicts = scenes.map(was_on_time);
        let worst = |verdict: &&Verdict| match verdict {
            Verdict::Failed(_) => 2,
            Verdict::Skipped(_) => 1,
            Verdict::Held(_) => 0,
        };
        verdicts.iter().max_by_key(worst).cloned().unwrap_or_else(|| Verdict::Failed("no scene".into()))
    })
}

/// Checks that the ticker was late for at most half as long as the reads took. Skips if it was late although no task
/// held the loop: then the machine was busy.
fn was_on_time(scene: &SceneTrace) -> Verdict {
    match Verdict::at_most(("ticker late by", late(scene)), 0.5, ("reads took", took(scene))) {
        Verdict::Failed(evidence) if 2 * held(scene) <= took(scene) => {
            let evidence = evidence.but("no task held the loop for more than {held}: the machine was busy");
            Verdict::Skipped(evidence.with("held", Time(held(scene))))
        }
        verdict => verdict,
    }
}

fn the_pipe_kept_a_thread(trace: &Trace) -> Verdict {
    let is_of_the_pool =
        |scene: &SceneTrace, poll: &Poll| scene.threads.get(poll.thread.index()).is_some_and(Thread::is_of_the_pool);
    // The twin's call is named by its function.
    check(trace, ["slow_pipe"], |[scene]| {
        let call = scene.lanes().find(|lane| lane.kind == TaskKind::Call);
        match scene.lane("pool").or(call) {
            Some(pool) if scene.polls(pool).iter().all(|poll| is_of_the_pool(scene, poll)) => {
                // The bytes come a delay after the scene has begun, however late the pool's thread starts.
                let until = ("thread kept until", scene.ended(pool));
                let kept = Verdict::at_least(until, 0.9, ("bytes came at", trace.inputs.delay));
                unless_too_short(trace, SHORTEST_DELAY, kept)
            }
            _ => Verdict::Failed("no thread of the pool was kept".into()),
        }
    })
}

/// The fewest reads whose failures count. With fewer, the figures measure how the reads start and end.
const FEWEST_READS: usize = 500;
/// The shortest delay whose failures count. With a shorter one, the pipe has its bytes before the read begins.
const SHORTEST_DELAY: Nanos = Nanos::from_millis(50);

fn check_reads<const N: usize>(
    trace: &Trace,
    scenes: [&str; N],
    check_it: impl FnOnce([&SceneTrace; N]) -> Verdict,
) -> Verdict {
    match check(trace, scenes, check_it) {
        Verdict::Failed(evidence) if trace.inputs.tasks < FEWEST_READS => {
            let evidence = evidence.but("fewer than {fewest} reads are too few to tell");
            Verdict::Skipped(evidence.with("fewest", FEWEST_READS))
        }
        verdict => verdict,
    }
}

/// Returns how long the reads took, from their first poll to their end.
fn took(scene: &SceneTrace) -> Nanos {
    let began = |reads: &Task| scene.polls(reads).first().map_or(Nanos::ZERO, |poll| poll.start);
    scene.lane("reads").map_or(Nanos::ZERO, |reads| scene.ended(reads) - began(reads))
}

/// Returns the median time from the start of one trip to the start of the next.
fn typical_trip(scene: &SceneTrace) -> Option<Nanos> {
    let polls = scene.polls(scene.lane("reads")?);
    median(polls.windows(2).map(|pair| pair[1].start - pair[0].start).collect())
}

/// Returns the median time of a read on the pool's thread.
fn typical_read(scene: &SceneTrace) -> Option<Nanos> {
    let reads = scene.polls(scene.lane("pool")?);
    median(reads.iter().map(|poll| poll.end - poll.start).collect())
}

fn median(mut times: Vec<Nanos>) -> Option<Nanos> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Counts how often the task with the reads was woken.
fn waits(scene: &SceneTrace) -> usize {
    scene.lane("reads").map_or(0, |reads| scene.wakes(reads).len())
}

/// Returns the longest time that any task held the loop at a stretch.
fn held(scene: &SceneTrace) -> Nanos {
    let tasks = scene.lanes().filter(|lane| lane.kind == TaskKind::Future);
    tasks.flat_map(|task| scene.polls(task)).map(|poll| poll.end - poll.start).max().unwrap_or_default()
}

/// Returns the longest time that the ticker was ready at a stretch.
fn late(scene: &SceneTrace) -> Nanos {
    let ready = scene.lane("ticker").into_iter().flat_map(|ticker| scene.states(ticker));
    let ready = ready.filter(|span| span.state == State::Ready);
    ready.map(|span| span.end - span.start).max().unwrap_or_default()
}

fn pool_threads(scene: &SceneTrace) -> usize {
    scene.threads.iter().filter(|thread| thread.is_of_the_pool()).count()
}
