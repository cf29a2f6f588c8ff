//! `threads`: who interrupts whom. Shows that the operating system interrupts a thread that computes, and that a
//! runtime never interrupts a task.

mod os_threads;
mod tasks;
mod yielding;

use std::ops::Range;
use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, unless_too_short};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Nanos, SceneTrace, State, TaskId, Trace};

pub const LESSON: Lesson = Lesson {
    name: "threads",
    aliases: &["cooperative", "preemptive", "multitasking", "hog", "yield", "yield_now"],
    summary: "who interrupts whom",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(os_threads, "Two threads")
            .to_see("“ticker” and “hog” both hold a thread of their own from the left on, so neither stops the other.")
            .lasting(with_ticks_to_come)
            .on_the_real_clock(COMPUTING),
        scene!(tasks, "Two tasks")
            .to_see("While “hog” is running, “ticker” is ready: it wants the thread, and does not get it.")
            .lasting(with_ticks_to_come)
            .on_the_real_clock(COMPUTING),
        scene!(yielding, "A hog that yields")
            .to_see("“hog” takes as long as before, but “ticker” is mostly waiting: each yield lets it tick.")
            .lasting(with_ticks_to_come)
            .on_the_real_clock(COMPUTING),
    ],
    question: Question {
        ask: "A task computes for {delay}. Another task on the same thread should tick 50 times in this time. What \
              happens to the ticks?",
        choices: &[
            Choice::wrong(
                "they come on time: the runtime lets the two tasks take turns",
                "a runtime interrupts tasks, as the operating system interrupts threads",
                "in “Two tasks”, “ticker” is ready all the time that “hog” is running, and gets no turn",
            ),
            Choice::right("no tick comes until the computation is over; then all that were due come"),
            Choice::wrong(
                "no tick comes until the computation is over; those that were due are lost",
                "a task misses a beat if it is not waiting at that moment",
                "“ticker” in “Two tasks” ends about as early as in the other scenes: it made up for every late tick",
            ),
            Choice::wrong(
                "they come on time: each spawned task has a thread of its own",
                "tasks are threads",
                "“threads” in the table is 1 for “Two tasks”: both tasks ran on one thread",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("the ticker's thread went on ticking while the hog computed", threads_take_turns),
        Claim::function("the ticker's task made no tick until the hog ended", tasks_do_not),
        Claim::function("the ticker's task was ready from its first beat until the hog ended", the_ticker_was_ready),
        Claim::function("beside a hog that yields, the ticker's task went on ticking", yielding_lets_it_tick),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(500)), lines: false },
    calibrates: false,
};

const COMPUTING: &str = "computing takes real time, which no virtual clock can hurry";

/// Returns how long a scene lasts: the hog computes for one delay, and the ticks go on for half a delay more.
fn with_ticks_to_come(_: usize, delay: Duration) -> Duration {
    delay.saturating_mul(3) / 2
}

fn measured(trace: &Trace) -> Evidence {
    let figures = trace.scene("tasks").and_then(|scene| Some((ticks_beside_hog(scene)?, lateness(scene)?.0)));
    let Some((ticks, late)) = figures else { return "The two tasks did not run.".into() };
    let sentence = match ticks {
        0 => "While the hog computed for {hog}, no tick came. The first one was {late} late.",
        _ => "While the hog computed for {hog}, {ticks} of {due} ticks came. The next one was {late} late.",
    };
    let evidence = Evidence::new(sentence).with("hog", Time(trace.inputs.delay)).with("late", Time(late));
    evidence.with("ticks", ticks).with("due", DUE)
}

fn threads_take_turns(trace: &Trace) -> Verdict {
    check_scene(trace, "os_threads", ticks_beside_hog, went_on)
}

fn tasks_do_not(trace: &Trace) -> Verdict {
    check_scene(trace, "tasks", ticks_beside_hog, |ticks| Verdict::of(ticks == 0, of_those_due(ticks)))
}

fn the_ticker_was_ready(trace: &Trace) -> Verdict {
    check_scene(trace, "tasks", lateness, |(late, woken)| {
        Verdict::at_least(("ready for", late), 0.9, ("from its beat to the hog's end", woken))
    })
}

fn yielding_lets_it_tick(trace: &Trace) -> Verdict {
    check_scene(trace, "yielding", ticks_beside_hog, went_on)
}

/// The number of ticks that are due while the hog computes.
const DUE: usize = 50;

/// Checks that at least a tenth of the ticks came while the hog computed. The bound is low, because on a busy machine
/// the beats come late as well.
fn went_on(ticks: usize) -> Verdict {
    Verdict::of(10 * ticks >= DUE, of_those_due(ticks).append("; at least a tenth"))
}

fn of_those_due(ticks: usize) -> Evidence {
    Evidence::new("{ticks} of {due} ticks").with("ticks", ticks).with("due", DUE)
}

/// The shortest hog whose failures count. A shorter one may end before the system or the ticker have had their turn.
const SHORTEST_HOG: Nanos = Nanos::from_millis(100);

/// Checks a figure of a scene. Skips a failure beside a very short hog, which says nothing.
fn check_scene<T>(
    trace: &Trace,
    scene: &str,
    figure: fn(&SceneTrace) -> Option<T>,
    check_it: impl FnOnce(T) -> Verdict,
) -> Verdict {
    let delay = trace.inputs.delay;
    check(trace, [scene], |[scene]| match figure(scene).map(check_it) {
        None => Verdict::Failed("there was no hog, or no ticker that waits for beats".into()),
        Some(_) if 20 * held_by_hog(scene) < delay => Verdict::Failed("the hog did not compute".into()),
        // Between its yields, a busy machine gives the core to others.
        Some(_) if 2 * held_by_hog(scene) < delay => {
            let evidence = Evidence::new("the hog had a core for only {held} of {delay}: the machine was busy");
            Verdict::Skipped(evidence.with("held", Time(held_by_hog(scene))).with("delay", Time(delay)))
        }
        Some(verdict) => unless_too_short(trace, SHORTEST_HOG, verdict),
    })
}

/// Returns the time from the hog's first poll to its end.
fn hog(scene: &SceneTrace) -> Option<Range<Nanos>> {
    let hog = scene.lane("hog")?;
    Some(scene.polls(hog).first()?.start..scene.ended(hog))
}

/// Returns how long the hog held its thread.
fn held_by_hog(scene: &SceneTrace) -> Nanos {
    scene.lane("hog").map_or(Nanos::ZERO, |hog| scene.polls(hog).iter().map(|poll| poll.end - poll.start).sum())
}

/// Counts the ticks from the hog's first poll to its end.
fn ticks_beside_hog(scene: &SceneTrace) -> Option<usize> {
    let (hog, ticker) = (hog(scene)?, scene.tasks.iter().position(|task| &*task.name == "ticker")?);
    let ticks = scene.marks.iter().filter(|mark| mark.task == Some(TaskId::new(ticker as u32)));
    Some(ticks.filter(|tick| hog.contains(&tick.at)).count())
}

/// Returns the longest time that the ticker was ready at a stretch, and the time from when it was first ready beside
/// the hog to the hog's end.
///
/// The second time never begins before the hog does, although the beat that woke the ticker may have come a moment
/// earlier.
fn lateness(scene: &SceneTrace) -> Option<(Nanos, Nanos)> {
    let (hog, ticker) = (hog(scene)?, scene.lane("ticker")?);
    let ready = || scene.states(ticker).filter(|span| span.state == State::Ready);
    let woken = ready().find(|span| span.start < hog.end && hog.start < span.end)?.start.max(hog.start);
    Some((ready().map(|span| span.end - span.start).max()?, hog.end - woken))
}
