//! `parallel`: what computes at the same time. Shows that joined computations never do, on any runtime; that spawned
//! computations do if there are enough cores; and that waits overlap even on one thread.

mod joined;
mod joined_on_workers;
mod once;
mod spawned;
mod waiting;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Takes, Verdict, check, unless_too_short};
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
        scene!(once, "Once").on_the_real_clock(COMPUTING),
        scene!(joined, "Join").on_the_real_clock(COMPUTING),
        scene!(joined_on_workers, "Join, 2 workers").on_workers(2).on_the_real_clock(COMPUTING),
        scene!(spawned, "Spawn, 2 workers").on_workers(2).on_the_real_clock(COMPUTING),
        scene!(waiting, "Join of waits"),
    ],
    question: Question {
        ask: "Two computations of a second are joined with join!, on a runtime of two workers, on two cores. \
              How long until both are through?",
        choices: &[
            Choice::right("two seconds: join! polls both on one thread, one after the other"),
            Choice::wrong(
                "one second: the runtime gives each a worker",
                "a multi-threaded runtime makes whatever is joined parallel",
                "compare “Join, 2 workers” with “Spawn, 2 workers”: only what is spawned can go to a worker",
            ),
            Choice::wrong(
                "one second: things that are joined take as long as the longest",
                "join makes things happen at the same time, whatever they do",
                "compare “Join” with “Join of waits”: waits overlap, computations don't",
            ),
            Choice::wrong(
                "two seconds: async code never computes in parallel",
                "async is for waiting, and one thread does all the work",
                "look at “Spawn, 2 workers”: both lanes run at the same time, on two threads",
            ),
        ],
        measured,
    },
    claims: &[
        Claim::function("what was joined on one thread never computed at the same time", joined_in_turn),
        Claim::function("nor did it where two workers stood by", joined_in_turn_despite_workers),
        Claim::function("what was spawned did compute at the same time", spawned_in_parallel),
        Claim::function("waiting overlapped, on one thread", waiting_overlaps),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(300)), lines: false },
    calibrates: true,
};

const COMPUTING: &str = "computing takes real time, which no virtual clock can hurry";

fn measured(trace: &Trace) -> Evidence {
    let (Some(once), Some(joined)) = (trace.scene("once"), trace.scene("joined_on_workers")) else {
        return "They did not run.".into();
    };
    Evidence::new("One took {once}; two, joined where two workers stood by, took {joined}.")
        .with("once", Time(once.wall))
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
        let evidence = Evidence::new("{together} of {shorter}; at most 5 %")
            .with("together", Time(together))
            .with("shorter", Time(shorter));
        Verdict::of(20 * together <= shorter, evidence)
    })
}

fn spawned_in_parallel(trace: &Trace) -> Verdict {
    check(trace, ["joined_on_workers", "spawned"], |[joined, spawned]| {
        check_both(spawned, |together, shorter| {
            let gain = joined.wall.as_f64() / spawned.wall.as_f64();
            let both = Evidence::new("{together} of {shorter}; at least half")
                .with("together", Time(together))
                .with("shorter", Time(shorter));
            let faster = |both: Evidence| both.append("; {gain} × as fast as joined").with("gain", Factor(gain));
            // This overlap alone proves nothing: two threads hold two tasks even while they take turns on one core.
            match trace.machine.and_then(|machine| machine.no_second_core()) {
                _ if 2 * together < shorter => Verdict::Failed(both),
                Some(reason) => Verdict::Skipped(reason.into()),
                None if gain < LEAST_GAIN => Verdict::Skipped(faster(both).append(": something else is on the cores")),
                None => Verdict::Held(faster(both)),
            }
        })
    })
}

/// The least speed-up that shows a second core. With less, something else kept the second core busy.
const LEAST_GAIN: f64 = 1.2;

/// Checks something about how long A and B both held a thread, and how long the shorter of them held one.
fn check_both(scene: &SceneTrace, check_it: impl FnOnce(Nanos, Nanos) -> Verdict) -> Verdict {
    let (Some(a), Some(b)) = (scene.lane("A"), scene.lane("B")) else {
        return Verdict::Failed("there were no two computations".into());
    };
    let held = |task: &Task| scene.polls(task).iter().map(|poll| poll.end - poll.start).sum::<Nanos>();
    let both = |a: &Poll, b: &Poll| a.end.min(b.end) - a.start.max(b.start);
    let together = scene.polls(a).iter().flat_map(|a| scene.polls(b).iter().map(move |b| both(a, b))).sum();
    match held(a).min(held(b)) {
        Nanos::ZERO => Verdict::Failed("there was nothing to compute".into()),
        shorter => check_it(together, shorter),
    }
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
        match unless_too_short(trace, SHORTEST_WAIT, Verdict::at_most(scene.wall, 1.2, longest)) {
            Verdict::Held(evidence) if (waits, threads) != (2, 1) => {
                let evidence = evidence.append("; waits: {waits}, threads: {threads}");
                Verdict::Failed(evidence.with("waits", waits).with("threads", threads))
            }
            verdict => verdict,
        }
    })
}
