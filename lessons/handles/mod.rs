//! `handles`: what happens to work when its handle is awaited, aborted or dropped, when its future is dropped, and when
//! it times out. Shows that an abort takes effect at an await, and that dropping a handle does not cancel the task.

mod abort_computing;
mod abort_waiting;
mod drop_future;
mod drop_handle;
mod joined;
mod timed_out;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, check_lanes, unless_too_short,
};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, Outcome, SceneTrace, Task, Trace};

pub const LESSON: Lesson = Lesson {
    name: "handles",
    aliases: &["handle", "abort", "cancel", "cancellation", "drop", "timeout"],
    summary: "wait, abort or drop: what becomes of the work",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(joined, "Await the handle")
            .helpers(&["before", "after"])
            .to_see("“work” and “after” end together: awaiting the handle waits until the task has ended.")
            .lasting(|_, delay| delay.saturating_mul(2)),
        scene!(abort_waiting, "Abort, waiting")
            .helpers(&["before", "after"])
            .to_see("“work” ends as cancelled where “before” ends: a waiting task can be stopped at once."),
        scene!(abort_computing, "Abort, computing")
            .helpers(&["before", "after"])
            .to_see("“work” is still running when “before” ends: it ends at its next await, together with “after”.")
            .on_workers(2)
            .lasting(|_, delay| delay.saturating_mul(2))
            .on_the_real_clock("computing takes real time, which no virtual clock can hurry"),
        scene!(drop_handle, "Drop the handle")
            .helpers(&["before", "after"])
            .to_see("“work” goes on after “before” has ended, and ends as done: the task does not need its handle.")
            .lasting(|_, delay| delay.saturating_mul(3)),
        scene!(drop_future, "Drop the future")
            .helpers(&["before", "after"])
            .to_see("“work” ends as cancelled where “before” ends: dropping the future ends its work.")
            .lasting(|_, delay| delay.saturating_mul(3)),
        scene!(timed_out, "Two timeouts")
            .helpers(&["before", "after"])
            .to_see("“future” ends as cancelled where “before” ends, but “task” goes on and ends as done.")
            .lasting(|_, delay| delay.saturating_mul(3)),
    ],
    question: Question {
        ask: "A task is computing when other code calls abort() on its handle. When does the task end?",
        choices: &[
            Choice::right("at its next await: the runtime can stop it only there"),
            Choice::wrong(
                "at once, in the middle of its computation",
                "an abort stops a task at any point, as the system stops a process",
                "in “Abort, computing”, “work” goes on running after “before” has ended",
            ),
            Choice::wrong(
                "when all its work is done: abort is only a request",
                "a task can ignore an abort",
                "in “Abort, computing”, “work” ends as “cancelled”, without the sleep that follows its computation",
            ),
            Choice::wrong(
                "when its handle is dropped: a task without a handle is cancelled",
                "dropping a handle cancels its task",
                "in “Drop the handle”, “work” goes on after “before” has ended, and ends as “done”",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("awaiting the handle lasted until the task had ended", handle_lasts_as_long),
        Claim::function("a task that was aborted while it waited ended at once", waiting_ended_at_once),
        Claim::function("a task that was aborted while it computed ran on to its next await", computing_ran_on),
        Claim::function("a task whose handle was dropped still finished its work", task_finished_all_the_same),
        Claim::function("a future that was dropped never finished", future_never_finished),
        Claim::function("a timeout ended the future, but not the task", timeout_drops_what_it_has),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(200)), lines: false },
    calibrates: false,
};

// The marks that the scenes make at the moments that the claims are about begin with these words.
const GETS: &str = "gets";
const ABORTS: &str = "aborts";
const DROPS: &str = "drops";
const TIME_IS_OUT: &str = "time is out";

fn measured(trace: &Trace) -> Evidence {
    let ran_on = || {
        let scene = trace.scene("abort_computing")?;
        let work = scene.lane("work")?;
        Some((scene.ended(work) - said(scene, ABORTS)?, work.outcome == Outcome::Cancelled))
    };
    match ran_on() {
        Some((ran_on, cancelled)) => {
            let sentence = if cancelled {
                "After the abort, the task went on for {ran_on}, and ended at its next await."
            } else {
                "The computing task ended {ran_on} after the abort."
            };
            Evidence::new(sentence).with("ran_on", Time(ran_on))
        }
        None => "The scene with the computing task did not run.".into(),
    }
}

fn handle_lasts_as_long(trace: &Trace) -> Verdict {
    check_work(trace, "joined", GETS, |scene, work, got| match work.outcome {
        Outcome::Done if got >= scene.ended(work) => at_once(trace, got - scene.ended(work)),
        _ => Verdict::Failed(became(scene, work)),
    })
}

fn waiting_ended_at_once(trace: &Trace) -> Verdict {
    check_work(trace, "abort_waiting", ABORTS, |scene, work, aborted| cancelled_at(trace, scene, work, aborted))
}

fn computing_ran_on(trace: &Trace) -> Verdict {
    check_work(trace, "abort_computing", ABORTS, |scene, work, aborted| {
        let polls = scene.polls(work);
        match polls.iter().find(|poll| poll.start <= aborted && aborted < poll.end) {
            Some(poll) => match cancelled_at(trace, scene, work, poll.end) {
                Verdict::Held(evidence) => {
                    let evidence = evidence.prepend("ran on for {ran_on}, then ended after ");
                    Verdict::Held(evidence.with("ran_on", Time(poll.end - aborted)))
                }
                verdict => verdict,
            },
            None if scene.threads_used() > 1 && scene.longest_poll() >= trace.inputs.delay => {
                Verdict::Skipped("the abort came only after the computation".into())
            }
            None => Verdict::Failed("the task was not computing when it was aborted".into()),
        }
    })
}

fn task_finished_all_the_same(trace: &Trace) -> Verdict {
    check_work(trace, "drop_handle", DROPS, |scene, work, dropped| {
        Verdict::of(work.outcome == Outcome::Done && scene.ended(work) > dropped, became(scene, work))
    })
}

fn future_never_finished(trace: &Trace) -> Verdict {
    check_work(trace, "drop_future", DROPS, |scene, work, dropped| cancelled_at(trace, scene, work, dropped))
}

fn timeout_drops_what_it_has(trace: &Trace) -> Verdict {
    check_moment(trace, "timed_out", TIME_IS_OUT, |scene, _| {
        check_lanes(scene, ["future", "task"], |[future, task]| {
            let held = future.outcome == Outcome::Cancelled && task.outcome == Outcome::Done;
            let evidence = Evidence::new("future {future} at {future_ended}, task {task} at {task_ended}")
                .with("future", outcome(future))
                .with("future_ended", Time(scene.ended(future)))
                .with("task", outcome(task))
                .with("task_ended", Time(scene.ended(task)));
            Verdict::of(held, evidence)
        })
    })
}

/// Checks that the work was cancelled, and that it ended at the moment `at`.
fn cancelled_at(trace: &Trace, scene: &SceneTrace, work: &Task, at: Nanos) -> Verdict {
    match work.outcome {
        Outcome::Cancelled => at_once(trace, scene.ended(work) - at),
        _ => Verdict::Failed(became(scene, work)),
    }
}

/// Checks that something that took `took` happened at once: within a twentieth of a delay.
///
/// The work has one more delay to go at that moment, so half a delay or more is a failure. Times in between are
/// skipped: they show only that the machine was busy.
fn at_once(trace: &Trace, took: Nanos) -> Verdict {
    match Verdict::at_most(("took", took), 0.05, ("delay", trace.inputs.delay)) {
        Verdict::Failed(evidence) if 2 * took < trace.inputs.delay => {
            Verdict::Skipped(evidence.but("the machine was busy with something else"))
        }
        verdict => verdict,
    }
}

fn became(scene: &SceneTrace, work: &Task) -> Evidence {
    Evidence::new("{outcome} at {ended}").with("outcome", outcome(work)).with("ended", Time(scene.ended(work)))
}

fn outcome(work: &Task) -> &'static str {
    match work.outcome {
        Outcome::Done => "done",
        Outcome::Cancelled => "cancelled",
        Outcome::Panicked { .. } => "panicked",
        _ => "interrupted",
    }
}

/// Checks something about the task “work” of a scene and the time of the mark that starts with `moment`.
fn check_work(
    trace: &Trace,
    scene: &str,
    moment: &str,
    check_it: impl FnOnce(&SceneTrace, &Task, Nanos) -> Verdict,
) -> Verdict {
    check_moment(trace, scene, moment, |scene, at| check_lanes(scene, ["work"], |[work]| check_it(scene, work, at)))
}

/// Checks something about a scene and the time of the mark that starts with `moment`. Fails if there is no such mark.
fn check_moment(
    trace: &Trace,
    scene: &str,
    moment: &str,
    check_it: impl FnOnce(&SceneTrace, Nanos) -> Verdict,
) -> Verdict {
    check(trace, [scene], |[scene]| match said(scene, moment) {
        None => Verdict::Failed(Evidence::new("the scene did not log “{moment} …”").with("moment", moment.to_owned())),
        Some(at) => unless_late(trace, scene, check_it(scene, at)),
    })
}

fn said(scene: &SceneTrace, start: &str) -> Option<Nanos> {
    scene.marks.iter().find(|mark| mark.text.starts_with(start)).map(|mark| mark.at)
}

/// The shortest wait whose failures count. A shorter one is no longer long beside the rounding of timers, nor beside the
/// time for which a busy machine takes the thread away from a poll.
const SHORTEST_WAIT: Nanos = Nanos::from_millis(50);

/// Corrects the verdict on a scene whose first wait, of one delay, took more than one and a half delays.
///
/// If something held the scene's only thread, that is a failure. If nothing did, the machine was busy, which says
/// nothing about async: a failure is then skipped. So is any failure with a wait below [`SHORTEST_WAIT`].
fn unless_late(trace: &Trace, scene: &SceneTrace, verdict: Verdict) -> Verdict {
    let delay = trace.inputs.delay;
    let came = scene.lane("before").map_or(Nanos::ZERO, |before| scene.ended(before));
    let late = 2 * came > 3 * delay;
    let held_up = scene.threads_used() == 1 && 2 * scene.longest_poll() >= delay;
    let took_long = |evidence: Evidence| {
        let evidence = evidence.but("a wait of {delay} took {came}");
        evidence.with("delay", Time(delay)).with("came", Time(came))
    };
    match unless_too_short(trace, SHORTEST_WAIT, verdict) {
        Verdict::Failed(evidence) if late && !held_up => Verdict::Skipped(took_long(evidence)),
        Verdict::Held(evidence) if late && held_up && delay >= SHORTEST_WAIT => {
            Verdict::Failed(took_long(evidence).append(": something held the thread"))
        }
        verdict => verdict,
    }
}
