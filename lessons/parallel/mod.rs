//! `parallel`: what computes at the same time. Shows that joined computations never do, on any runtime; that spawned
//! computations do if there are enough cores; and that waits overlap even on one thread.

mod joined;
mod joined_on_workers;
mod once;
mod spawned;
mod waiting;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, check_lanes, unless_too_short,
};
use asyncguide::scene;
use asyncguide::trace::Quantity::{Factor, Time};
use asyncguide::trace::{Evidence, Nanos, Poll, SceneTrace, State, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "parallel",
    aliases: &["parallelism", "cpu", "cores", "workers", "multi-thread"],
    summary: "who computes at the same time",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(once, "Once")
            .to_see("A runs from its beginning to its end: a computation does not wait, so it holds the thread.")
            .on_the_real_clock(COMPUTING),
        scene!(joined, "Join").in_python("gather")
            .to_see("B begins when A ends: the two computations take turns on one thread.")
            .on_the_real_clock(COMPUTING),
        scene!(joined_on_workers, "Join, 2 workers").in_python("Two threads")
            .to_see("Again B begins when A ends, although two workers are free: workers take tasks, and `join!` makes none.")
            .on_workers(2)
            .on_the_real_clock(COMPUTING),
        scene!(spawned, "Spawn, 2 workers").in_python("Two processes")
            .to_see("A and B run at the same time: each is a task, and each has a worker.")
            .on_workers(2)
            .on_the_real_clock(COMPUTING),
        scene!(waiting, "Join of waits").in_python("gather of waits")
            .to_see("A and B wait at the same time, although they are joined on one thread: waiting needs no thread."),
    ],
    question: Question {
        ask: "Each of two computations takes one second. They are joined with `join!`, on a runtime with two workers \
              and a machine with two cores. How long until both are done?",
        choices: &[
            Choice::right("two seconds: `join!` polls both on one thread, one after the other"),
            Choice::wrong(
                "one second: the runtime gives each computation its own worker",
                "a runtime with several workers makes joined computations parallel",
                "in “Join, 2 workers” B begins only when A ends: workers take tasks, and `join!` makes none",
            ),
            Choice::wrong(
                "one second: what is joined takes as long as its longest part",
                "`join!` makes things happen at the same time, whatever they do",
                "in “Join” B begins only when A ends; the waits in “Join of waits” overlap, computations do not",
            ),
            Choice::wrong(
                "two seconds: async code never computes in parallel",
                "all async code runs on one thread",
                "in “Spawn, 2 workers” A and B run at the same time, on two threads",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("on one thread, joined computations never ran at the same time", joined_in_turn),
        Claim::function("on two workers, joined computations never ran at the same time", joined_in_turn_despite_workers)
            .only_in_rust("the recording does not tell which of two Python threads has the interpreter's lock"),
        Claim::function("on two workers, spawned computations ran at the same time", spawned_in_parallel)
            .only_in_rust("Python computes in other processes, which are not recorded"),
        Claim::function("on one thread, joined waits overlapped", waiting_overlaps),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(300)), lines: false },
    calibrates: true,
};

const COMPUTING: &str = "computing takes real time, which a virtual clock cannot shorten";

fn measured(trace: &Trace) -> Evidence {
    let both = trace.scene("joined_on_workers").and_then(|joined| Some((joined, joined.lane("A")?, joined.lane("B")?)));
    let Some((joined, a, b)) = both else {
        return "They did not run.".into();
    };
    Evidence::new("Joined on two workers, A took {a} and B took {b}; both were done after {joined}.")
        .with("a", Time(joined.lifetime(a)))
        .with("b", Time(joined.lifetime(b)))
        .with("joined", Time(joined.wall))
}

fn joined_in_turn(trace: &Trace) -> Verdict {
    check(trace, ["joined"], |[scene]| never_together(scene))
}

fn joined_in_turn_despite_workers(trace: &Trace) -> Verdict {
    check(trace, ["joined_on_workers"], |[scene]| never_together(scene))
}

fn never_together(scene: &SceneTrace) -> Verdict {
    check_both(scene, |together, shorter| {
        let evidence = Evidence::new("both ran for {together}, the shorter one for {shorter}; at most 5 %")
            .with("together", Time(together))
            .with("shorter", Time(shorter));
        Verdict::of(20 * together <= shorter, evidence)
    })
}

fn spawned_in_parallel(trace: &Trace) -> Verdict {
    check(trace, ["joined_on_workers", "spawned"], |[joined, spawned]| {
        check_both(spawned, |together, shorter| {
            let gain = joined.wall.as_f64() / spawned.wall.as_f64();
            let both = Evidence::new("both ran for {together}, the shorter one for {shorter}; at least half")
                .with("together", Time(together))
                .with("shorter", Time(shorter));
            let faster = |both: Evidence| both.append("; {gain} × as fast as joined ones").with("gain", Factor(gain));
            // This overlap alone proves nothing: two threads hold two tasks even while they take turns on one core.
            match trace.machine.and_then(|machine| machine.no_second_core()) {
                _ if 2 * together < shorter => Verdict::Failed(both),
                Some(reason) => Verdict::Skipped(reason.into()),
                None if gain < LEAST_GAIN => Verdict::Skipped(faster(both).append(": the cores had other work")),
                None => Verdict::Held(faster(both)),
            }
        })
    })
}

/// The least speed-up that shows a second core. With less, something else kept the second core busy.
const LEAST_GAIN: f64 = 1.2;

/// Checks something about how long A and B both held a thread, and how long the shorter of them held one.
fn check_both(scene: &SceneTrace, check_it: impl FnOnce(Nanos, Nanos) -> Verdict) -> Verdict {
    check_lanes(scene, ["A", "B"], |[a, b]| check_two(scene, a, b, check_it))
}

fn check_two(scene: &SceneTrace, a: &Task, b: &Task, check_it: impl FnOnce(Nanos, Nanos) -> Verdict) -> Verdict {
    let held = |task: &Task| scene.polls(task).iter().map(|poll| poll.end - poll.start).sum::<Nanos>();
    let together = together(scene.polls(a), scene.polls(b));
    match held(a).min(held(b)) {
        Nanos::ZERO => Verdict::Failed("a computation took no time".into()),
        shorter => check_it(together, shorter),
    }
}

/// Returns for how long a poll of both was under way. The polls of each are in the order of time.
fn together(a: &[Poll], b: &[Poll]) -> Nanos {
    let mut together = Nanos::ZERO;
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(one), Some(other)) = (a.peek(), b.peek()) {
        together += one.end.min(other.end) - one.start.max(other.start);
        if one.end <= other.end {
            a.next();
        } else {
            b.next();
        }
    }
    together
}

/// The shortest wait whose failures count. Starting and ending two waits may take a large part of a shorter one on a
/// busy machine, and tokio's timers count whole milliseconds.
const SHORTEST_WAIT: Nanos = Nanos::from_millis(50);

fn waiting_overlaps(trace: &Trace) -> Verdict {
    check(trace, ["waiting"], |[scene]| {
        let waited = |task| scene.states(task).filter(|span| span.state == State::Waiting);
        let waited = |task| waited(task).map(|span| span.end - span.start).sum::<Nanos>();
        let longest = scene.lanes().map(waited).max().unwrap_or_default();
        let (waits, threads) = (scene.lane_count(), scene.threads_used());
        match unless_too_short(
            trace,
            SHORTEST_WAIT,
            Verdict::at_most(("wall", scene.wall), 1.2, ("longest wait", longest)),
        ) {
            Verdict::Held(evidence) if (waits, threads) != (2, 1) => {
                let evidence = evidence.append("; waits {waits}, threads {threads}");
                Verdict::Failed(evidence.with("waits", waits).with("threads", threads))
            }
            verdict => verdict,
        }
    })
}
