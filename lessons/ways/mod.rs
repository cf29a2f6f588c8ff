//! `ways`: await, join, spawn, a `JoinSet` and `block_on` side by side. Shows that they differ in when the work starts,
//! and in what waits for it: a task, or a whole thread.

mod awaited;
mod join_set;
mod joined;
mod spawned;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Takes, Verdict, check, check_lanes, unless_too_short};
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
            .lasting(|_, delay| delay.saturating_mul(6))
            .on_the_real_clock("block_on holds a thread of its own, whose time no virtual clock can hurry"),
        scene!(joined, "join!").lasting(|_, delay| delay.saturating_mul(4)),
        scene!(spawned, "spawn, then await").lasting(|_, delay| delay.saturating_mul(3)),
        scene!(join_set, "JoinSet").lasting(|_, delay| delay.saturating_mul(3)),
    ],
    question: Question {
        ask: "You make two jobs, have a cup of tea, and then wait for both. When are they under way during the tea?",
        choices: &[
            Choice::wrong(
                "always: calling the async functions has started them",
                "an async function runs when it is called",
                "look at “block_on and await” and “join!”: made before the tea, A and B begin where it ends",
            ),
            Choice::wrong(
                "with join! and with spawn: both are there to run things at once",
                "join! and spawn are two words for one thing",
                "look at “join!”: A and B run at once, but only from the join! on, which comes after the tea",
            ),
            Choice::right("only where they were spawned, by themselves or in a JoinSet"),
            Choice::wrong(
                "never: without an await, nothing runs",
                "spawn only makes a handle, and awaiting that starts the work",
                "look at “spawn, then await”: A and B begin at the left, long before “1st result”",
            ),
        ],
        measured,
    },
    claims: &[
        Claim::function("block_on held its thread while it waited; join! gave it back", block_on_held),
        Claim::function("awaited in turn, B began when A had ended", awaited_in_turn),
        Claim::function("join! began both together, and not before it was reached", join_began_both),
        Claim::function("spawned jobs began before anybody awaited them", spawned_began_by_themselves),
        Claim::function(
            "awaited handles gave A's result first, though B was done before it; the JoinSet gave B's first",
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
            Evidence::new("From its making to its first poll, A took {joined} with join!, and {spawned} with spawn.")
                .with("joined", joined)
                .with("spawned", spawned)
        }
        _ => "They did not run.".into(),
    }
}

fn block_on_held(trace: &Trace) -> Verdict {
    check(trace, ["awaited", "joined"], |[awaited, joined]| {
        check_lanes(awaited, ["block_on"], |[block_on]| {
            let held: Nanos = awaited.polls(block_on).iter().map(|poll| poll.end - poll.start).sum();
            let evidence =
                Evidence::new("held for {held} of {awaited}; at least 90 %; busy for {busy} of {joined}; at most 10 %")
                    .with("held", Time(held))
                    .with("awaited", Time(awaited.wall))
                    .with("busy", Time(joined.busy()))
                    .with("joined", Time(joined.wall));
            let both = 10 * held >= 9 * awaited.wall && 10 * joined.busy() <= joined.wall;
            unless_too_short(trace, SHORTEST_WAIT, Verdict::of(both, evidence))
        })
    })
}

fn awaited_in_turn(trace: &Trace) -> Verdict {
    check(trace, ["awaited"], |[scene]| {
        check_begun(scene, |[a, _], [_, b_began]| {
            let in_turn = scene.ended(a) <= b_began;
            let evidence = Evidence::new(if in_turn { "{apart} after that" } else { "{apart} before that" });
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
                let evidence = Evidence::new("from {first}, {apart} apart; the tea took {tea}")
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
                let evidence = Evidence::new("both by {begun}; awaited from {awaited}")
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
                let evidence = Evidence::new("first result after {spawned} and {join_set}")
                    .with("spawned", Time(first))
                    .with("join_set", Time(set_first));
                match Verdict::of(held, evidence) {
                    // If both jobs ended in the same turn of the loop, there is no order to see.
                    Verdict::Failed(_)
                        if 2 * join_set.ended(set_a).abs_diff(join_set.ended(set_b)) < trace.inputs.delay =>
                    {
                        Verdict::Skipped("the machine was too busy: A and B were done at once".into())
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
