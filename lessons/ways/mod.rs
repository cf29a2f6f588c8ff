//! `ways`: await, join, spawn, a `JoinSet` and `block_on` side by side. Shows that they differ in when the work starts,
//! and in what waits for it: a task, or a whole thread.

mod awaited;
mod join_set;
mod joined;
mod spawned;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, check_lanes, unless_too_short,
};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, SceneTrace, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "ways",
    aliases: &["block_on", "block-on", "start", "starting"],
    summary: "await, join and spawn: what starts when, and who waits",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(awaited, "block_on and await")
            .in_python("await in turn")
            .helpers(&["block_on", "tea", "1st result", "2nd result"])
            .to_see("A begins where “tea” ends, B where A ends, and “block_on” is blocked from beginning to end.")
            .lasting(|_, delay| delay.saturating_mul(6))
            .on_the_real_clock("block_on keeps its own thread, and the virtual clock cannot skip that thread's time"),
        scene!(joined, "join!")
            .in_python("gather")
            .helpers(&["tea", "1st result", "2nd result"])
            .to_see("A and B begin together, but only where “tea” ends: the code reaches join! only then.")
            .lasting(|_, delay| delay.saturating_mul(4)),
        scene!(spawned, "spawn, then await")
            .in_python("create_task")
            .helpers(&["tea", "1st result", "2nd result"])
            .to_see("A and B begin beside “tea”, but “1st result” lasts until A ends, although B ends earlier.")
            .lasting(|_, delay| delay.saturating_mul(3)),
        scene!(join_set, "JoinSet")
            .in_python("as_completed")
            .helpers(&["tea", "1st result", "2nd result"])
            .to_see("A and B begin beside “tea” again, but “1st result” lasts only until B ends.")
            .lasting(|_, delay| delay.saturating_mul(3)),
    ],
    question: Question {
        ask: "You make two jobs, have a cup of tea, and then wait for both: with await, join!, spawn or a JoinSet. \
              Which jobs begin before the tea is over?",
        choices: &[
            Choice::wrong(
                "all jobs: calling the async functions has started them",
                "an async function runs as soon as it is called",
                "in “join!”, A and B begin only where “tea” ends, although they were made before it",
            ),
            Choice::wrong(
                "the jobs of join! and of spawn: both run things at the same time",
                "join! and spawn are two words for the same thing",
                "in “join!”, A and B begin only where “tea” ends; in “spawn, then await”, they begin beside it",
            ),
            Choice::right("only jobs that were spawned, with tokio::spawn or in a JoinSet"),
            Choice::wrong(
                "no jobs: nothing runs without an await",
                "spawn only makes a handle, and awaiting the handle starts the work",
                "in “spawn, then await”, A and B begin at the left, long before “1st result” does",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("block_on held its thread while it waited, and join! gave its thread back", block_on_held),
        Claim::function("with one await after another, B began when A had ended", awaited_in_turn),
        Claim::function("joined jobs began together, and only after the tea", join_began_both),
        Claim::function("spawned jobs began before their results were awaited", spawned_began_by_themselves),
        Claim::function(
            "awaited handles gave A's result first, although B ended earlier; the set gave B's result first",
            results_in_order,
        ),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(300)), lines: false },
    calibrates: false,
};

fn measured(trace: &Trace) -> Evidence {
    let made_to_begun = |name| {
        let scene = trace.scene(name)?;
        let job = scene.lane("A")?;
        Some(Time(first_poll(scene, job)? - job.created))
    };
    match (made_to_begun("joined"), made_to_begun("spawned")) {
        (Some(joined), Some(spawned)) => {
            Evidence::new("The tea took {tea}. With join!, A began after {joined}; with spawn, after {spawned}.")
                .with("tea", Time(trace.inputs.delay))
                .with("joined", joined)
                .with("spawned", spawned)
        }
        _ => "The scenes with join! and spawn did not both run.".into(),
    }
}

fn block_on_held(trace: &Trace) -> Verdict {
    check(trace, ["awaited", "joined"], |[awaited, joined]| {
        check_lanes(awaited, ["block_on"], |[block_on]| {
            let held: Nanos = awaited.polls(block_on).iter().map(|poll| poll.end - poll.start).sum();
            let evidence =
                Evidence::new("block_on: {held} of {awaited}, at least 90 %; join!: {given} of {joined}, at most 10 %")
                    .with("held", Time(held))
                    .with("awaited", Time(awaited.wall))
                    .with("given", Time(joined.held()))
                    .with("joined", Time(joined.wall));
            let both = 10 * held >= 9 * awaited.wall && 10 * joined.held() <= joined.wall;
            unless_too_short(trace, SHORTEST_WAIT, Verdict::of(both, evidence))
        })
    })
}

fn awaited_in_turn(trace: &Trace) -> Verdict {
    check(trace, ["awaited"], |[scene]| {
        check_begun(scene, |[a, _], [_, b_began]| {
            let in_turn = scene.ended(a) <= b_began;
            let evidence = Evidence::new(if in_turn { "{apart} after A" } else { "{apart} before A" });
            Verdict::of(in_turn, evidence.with("apart", Time(b_began.abs_diff(scene.ended(a)))))
        })
    })
}

fn join_began_both(trace: &Trace) -> Verdict {
    check(trace, ["joined"], |[scene]| {
        check_begun(scene, |[a, b], [a_began, b_began]| {
            check_lanes(scene, ["tea"], |[tea]| {
                let (first, last, reached) = (a_began.min(b_began), a_began.max(b_began), scene.ended(tea));
                let together = last < scene.ended(a).min(scene.ended(b));
                let evidence = Evidence::new("first job at {first}, second {apart} later; tea over at {tea}")
                    .with("first", Time(first))
                    .with("apart", Time(last - first))
                    .with("tea", Time(reached));
                Verdict::of(together && reached <= first, evidence)
            })
        })
    })
}

fn spawned_began_by_themselves(trace: &Trace) -> Verdict {
    let both_began = |scene: &SceneTrace| {
        check_begun(scene, |_, [a_began, b_began]| {
            check_lanes(scene, ["1st result"], |[result]| {
                let (last, awaited) = (a_began.max(b_began), scene.began(result).unwrap_or_default());
                let evidence = Evidence::new("both begun at {begun}, awaited from {awaited} on")
                    .with("begun", Time(last))
                    .with("awaited", Time(awaited));
                Verdict::of(last < awaited, evidence)
            })
        })
    };
    check(trace, ["spawned", "join_set"], |[spawned, join_set]| match both_began(spawned) {
        Verdict::Held(_) => both_began(join_set),
        other => other,
    })
}

fn results_in_order(trace: &Trace) -> Verdict {
    check(trace, ["spawned", "join_set"], |[spawned, join_set]| {
        let lanes = ["A", "B", "1st result"];
        check_lanes(spawned, lanes, |[a, _, handle]| {
            check_lanes(join_set, lanes, |[set_a, set_b, set_first]| {
                let (first, set_first) = (spawned.ended(handle), join_set.ended(set_first));
                let held = first >= spawned.ended(a) && set_first < join_set.ended(set_a);
                let evidence = Evidence::new("first result with handles at {spawned}, with JoinSet at {join_set}")
                    .with("spawned", Time(first))
                    .with("join_set", Time(set_first));
                match Verdict::of(held, evidence) {
                    // If both jobs ended in the same turn of the loop, there is no order to see.
                    Verdict::Failed(_)
                        if 2 * join_set.ended(set_a).abs_diff(join_set.ended(set_b)) < trace.inputs.delay =>
                    {
                        Verdict::Skipped("the machine was too busy: A and B ended at the same time".into())
                    }
                    verdict => verdict,
                }
            })
        })
    })
}

/// Checks something about the jobs A and B and when each was first polled. Fails if a job was never polled.
fn check_begun(scene: &SceneTrace, check_it: impl FnOnce([&Task; 2], [Nanos; 2]) -> Verdict) -> Verdict {
    check_lanes(scene, ["A", "B"], |[a, b]| match (first_poll(scene, a), first_poll(scene, b)) {
        (Some(a_began), Some(b_began)) => check_it([a, b], [a_began, b_began]),
        _ => Verdict::Failed("a job never ran".into()),
    })
}

/// Returns when a job was first polled. The lane of a spawned job begins before that.
fn first_poll(scene: &SceneTrace, job: &Task) -> Option<Nanos> {
    scene.polls(job).first().map(|poll| poll.start)
}

/// The shortest wait whose failures count. Beside a shorter one, the thread's work and the lateness of a busy machine are
/// no longer small.
const SHORTEST_WAIT: Nanos = Nanos::from_millis(50);
