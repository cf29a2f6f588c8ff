//! `gateway`: one small application behind Python's two server interfaces, WSGI and ASGI. Shows that a pool answers as
//! many requests at once as it has threads, that a loop answers all of them at once on one thread, and that a loop
//! whose handlers block answers one at a time.

mod app_asgi;
mod app_wsgi;
mod blocked_loop;
mod client;
mod on_the_loop;
mod pool_of_4;
mod pool_of_40;
mod queue;
mod stays_up;
mod wsgi;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Measure, Metric, Operand, Question, Relation, Reply, Scene, Takes, Verdict, check,
};
use asyncguide::trace::Quantity::{Time, Unknown};
use asyncguide::trace::{Evidence, Figure, Nanos, Outcome, SceneTrace, Task, Trace};
use asyncguide::{scene, source_file};

pub const LESSON: Lesson = Lesson {
    name: "gateway",
    aliases: &["wsgi", "asgi", "server", "uvicorn", "gunicorn"],
    summary: "one thread for each request, or one for all",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        with_clients(scene!(pool_of_4, "Pool: 4"))
            .to_see("At most four lanes have a thread at a time, and sleep on it; the others are ready until a thread is free for them.")
            .lasting(|tasks, delay| delay.saturating_mul(tasks.div_ceil(4) as u32))
            .beside(&[
                source_file!("wsgi.rs"),
                source_file!("app_wsgi.rs"),
                source_file!("queue.rs"),
                source_file!("client.rs"),
            ]),
        with_clients(scene!(pool_of_40, "Pool: 40"))
            .to_see("Up to 40 lanes sleep at the same time, each on a thread of its own, which is blocked.")
            .lasting(|tasks, delay| delay.saturating_mul(tasks.div_ceil(40) as u32)),
        with_clients(scene!(on_the_loop, "Loop"))
            .to_see("All requests wait at the same time, and none of them holds the only thread for long.")
            .beside(&[
                source_file!("app_asgi.rs"),
                source_file!("../../src/serve/asgi.rs"),
                source_file!("../../src/serve/event.rs"),
            ]),
        with_clients(scene!(blocked_loop, "Blocked"))
            .to_see("One lane at a time is blocked and holds the only thread; all other requests are ready until their turn.")
            .lasting(|tasks, delay| delay.saturating_mul(tasks as u32)),
        scene!(stays_up, "Loop, for clients of your own").on_the_real_clock(SOCKETS).served(),
    ],
    question: Question {
        ask: "Many clients send a request at once, and each answer waits for a slow database. Which server is the \
              last to have answered all requests?",
        choices: &[
            Choice::wrong(
                "the loop: a single thread has to serve all requests",
                "a thread serves one request at a time",
                "in “Loop” all requests wait at the same time, although “threads” in the table says 1",
            ),
            Choice::wrong(
                "the pool of 4: a loop is faster than that, whatever its handlers call",
                "a handler cannot block an async server",
                "in “Blocked” one request after the other holds the thread, and all others are ready, as in a pool of 1",
            ),
            Choice::wrong(
                "the pool of 40: its many threads slow each other down",
                "threads that wait slow each other down",
                "in “Pool: 40” up to 40 requests have a thread at the same time, each for about {delay}",
            ),
            Choice::right("the loop whose handlers block: it answers one request at a time"),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("the pool of 4 took one delay for every 4 requests", pool_of_4_took_its_rounds),
        Claim::function("the pool of 40 took one delay for every 40 requests", pool_of_40_took_its_rounds),
        Claim::function("the loop took one delay for all requests", loop_took_one_delay),
        Claim::relation("the pool of 40 used 41 threads, the loop used 1", THREADS_APART),
        Claim::function("the loop whose handlers block took longer than the pool of 4", blocked_was_slower),
    ],
    takes: Takes { tasks: Some(40), delay: Some(Duration::from_millis(100)), lines: false },
    calibrates: false,
};

const SOCKETS: &str = "sockets and threads take real time, which a virtual clock cannot shorten";

const fn with_clients(scene: Scene) -> Scene {
    scene
        .on_the_real_clock(SOCKETS)
        .with_at_most(400, "both ends of more connections would take more open files than many systems allow")
        .with_figures(|scene| {
            let answered = answered(scene);
            let by = |index: usize| answered.get(index).map_or(Unknown, |at| Time(*at));
            vec![
                Figure::new("first answer", by(0)),
                Figure::new("half of them", by(answered.len().saturating_sub(1) / 2)),
                Figure::new("last answer", by(answered.len().saturating_sub(1))),
            ]
        })
}

/// Returns when each request was answered, in order of time. Requests that got no answer are left out.
fn answered(scene: &SceneTrace) -> Vec<Nanos> {
    // The twin has lanes of the server, too.
    let is_request = |lane: &&Task| scene.language.is_none() || lane.name.starts_with("request ");
    let done = scene.lanes().filter(is_request).filter(|request| request.outcome == Outcome::Done);
    let mut times: Vec<Nanos> = done.map(|request| scene.ended(request)).collect();
    times.sort_unstable();
    times
}

fn measured(trace: &Trace) -> Evidence {
    let wall = |name| trace.scene(name).map(|scene| Time(scene.wall));
    match (wall("pool_of_4"), wall("pool_of_40"), wall("on_the_loop"), wall("blocked_loop")) {
        (Some(four), Some(forty), Some(free), Some(blocked)) => {
            let sentence = "The pool of 4 took {four}, the pool of 40 took {forty}, the loop took {free}, and the loop \
                            whose handlers block took {blocked}.";
            Evidence::new(sentence).with("four", four).with("forty", forty).with("free", free).with("blocked", blocked)
        }
        _ => "They did not run.".into(),
    }
}

fn pool_of_4_took_its_rounds(trace: &Trace) -> Verdict {
    took_its_rounds(trace, "pool_of_4", 4, held_at_once)
}

fn pool_of_40_took_its_rounds(trace: &Trace) -> Verdict {
    took_its_rounds(trace, "pool_of_40", 40, held_at_once)
}

fn loop_took_one_delay(trace: &Trace) -> Verdict {
    took_its_rounds(trace, "on_the_loop", trace.inputs.tasks.max(1), waited_at_once)
}

/// Checks that a scene with `places` places took one delay for each round of requests.
///
/// Skips a scene that was late because a busy machine woke its threads or its loop late. `at_once` tells: such a scene
/// still served many requests at the same moment, while a smaller pool or a blocked loop serves fewer.
fn took_its_rounds(trace: &Trace, scene: &str, places: usize, at_once: fn(&SceneTrace, Nanos) -> usize) -> Verdict {
    let due = trace.inputs.delay * trace.inputs.tasks.div_ceil(places) as u64;
    let late = |scene: &&SceneTrace| scene.wall > due && answered(scene).len() == trace.inputs.tasks;
    let served = trace.scene(scene).filter(late).map_or(0, |scene| at_once(scene, trace.inputs.delay));
    match took_about(trace, scene, due) {
        Verdict::Failed(evidence) if served > 0 && 2 * served >= places.min(trace.inputs.tasks) => {
            let evidence = evidence.but("{served} requests were served at once: the machine was busy");
            Verdict::Skipped(evidence.with("served", served))
        }
        verdict => verdict,
    }
}

/// The most that a scene may take, as a multiple of the time that is due. It leaves time to accept connections, and to
/// start and wake threads.
const MOST: f64 = 2.5;

fn took_about(trace: &Trace, scene: &str, due: Nanos) -> Verdict {
    check(trace, [scene], |[scene]| match Verdict::at_least(("wall", scene.wall), 0.98, ("due", due)) {
        _ if answered(scene).len() < trace.inputs.tasks => {
            Verdict::Failed(Evidence::new("requests answered: only {answered}").with("answered", answered(scene).len()))
        }
        Verdict::Held(_) => unless_too_short(trace, due, Verdict::at_most(("wall", scene.wall), MOST, ("due", due))),
        verdict => verdict,
    })
}

/// Returns the largest number of requests that held a thread for their delay at the same moment.
fn held_at_once(scene: &SceneTrace, delay: Nanos) -> usize {
    let polls = scene.lanes().flat_map(|request| scene.polls(request));
    let held: Vec<_> = polls.filter(|poll| 2 * (poll.end - poll.start) >= delay).collect();
    let at = |moment| held.iter().filter(|poll| (poll.start..poll.end).contains(&moment)).count();
    held.iter().map(|poll| at(poll.start)).max().unwrap_or_default()
}

/// Returns the largest number of requests that were open at the same moment, or 0 if one of them held the loop.
fn waited_at_once(scene: &SceneTrace, delay: Nanos) -> usize {
    if 2 * scene.longest_poll() < delay { scene.peak_tasks() } else { 0 }
}

const THREADS_APART: Relation = Relation::at_least(
    Measure::of("pool_of_40", Metric::Threads),
    41.0,
    Operand::Measure(Measure::of("on_the_loop", Metric::Threads)),
)
.with_evidence("threads {value} against {base}; at least {factor} against 1");

fn blocked_was_slower(trace: &Trace) -> Verdict {
    check(trace, ["blocked_loop", "pool_of_4"], |[blocked, pool]| {
        if trace.inputs.tasks < 2 {
            return Verdict::Skipped("with a single request, none has to wait for another".into());
        }
        unless_too_short(
            trace,
            trace.inputs.delay,
            Verdict::at_least(("wall", blocked.wall), 1.2, ("of the pool", pool.wall)),
        )
    })
}

/// The time that a connection may take on a slow machine beside the handler's wait: to open it, and to read and write
/// at both ends. Where that adds up to the time that is due, the wall measures the handling and not the waits.
const HANDLING: Nanos = Nanos::from_millis(1);

fn unless_too_short(trace: &Trace, due: Nanos, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Failed(evidence) if HANDLING * trace.inputs.tasks as u64 >= due => {
            let evidence = evidence.but("handling the requests ({tasks}) takes long compared with a delay of {delay}");
            Verdict::Skipped(evidence.with("tasks", trace.inputs.tasks).with("delay", Time(trace.inputs.delay)))
        }
        verdict => verdict,
    }
}
