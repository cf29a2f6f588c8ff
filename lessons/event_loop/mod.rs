//! `event-loop`: what stands behind every `await`. Shows that a loop sleeps until something happens, and that one
//! sleep serves everybody who waits. The loop to read is `hand_made.rs`.

mod by_hand;
mod hand_made;
mod outside;
mod ready_made;

use std::collections::HashSet;
use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Scene, Takes, Verdict, check};
use asyncguide::trace::{SceneTrace, State, Task, TaskKind, Trace};
use asyncguide::units::duration;
use asyncguide::{scene, source_file};

pub const LESSON: Lesson = Lesson {
    name: "event-loop",
    aliases: &["loop", "reactor", "mio", "epoll", "select"],
    summary: "what stands behind every await",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        on_real_sockets(scene!(by_hand, "A loop made by hand"))
            .beside(&[source_file!("hand_made.rs"), source_file!("outside.rs")]),
        on_real_sockets(scene!(ready_made, "tokio's loop")),
    ],
    question: Question {
        ask: "Five tasks wait: three for bytes on sockets, two for timers. What does their event loop do meanwhile?",
        choices: &[
            Choice::wrong(
                "it asks each of them again and again whether it can go on",
                "the loop keeps checking",
                "look at the lane of “the loop” in “A loop made by hand”: it is asleep but for a few moments",
            ),
            Choice::right("it sleeps, until the system wakes it for whichever comes first"),
            Choice::wrong(
                "nothing: each await has a thread of its own that waits",
                "await makes a thread",
                "look at “threads” in the table: tokio's loop had one for all five",
            ),
        ],
        measured,
    },
    claims: &[
        Claim { statement: "the hand-made loop slept in its one call nearly all the time", check: it_slept },
        Claim { statement: "so did tokio's", check: tokio_slept },
        Claim { statement: "the hand-made loop took no turn for nothing", check: no_turn_for_nothing },
        Claim { statement: "neither did tokio's", check: tokio_took_few_turns },
        Claim { statement: "all five tasks waited at once, on one thread", check: one_thread_for_all },
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(400)), lines: false },
    calibrates: false,
};

const fn on_real_sockets(scene: Scene) -> Scene {
    scene
        .with_figures(figures)
        .lasting(|_, delay| delay.saturating_mul(6))
        .on_the_real_clock("what comes in on a socket comes from outside, which no virtual clock can hurry")
}

fn figures(scene: &SceneTrace) -> Vec<(&'static str, String)> {
    let unknown = || "?".to_owned();
    let (asleep, whole) = asleep(scene);
    vec![
        ("turns", turns(scene).map_or_else(unknown, |turns| turns.to_string())),
        ("tasks resumed", polls(scene).to_string()),
        ("loop asleep", format!("{:.1} %", 100.0 * asleep as f64 / whole.max(1) as f64)),
    ]
}

fn measured(trace: &Trace) -> String {
    let Some(scene) = trace.scene("by_hand") else { return "It did not run.".to_owned() };
    let (asleep, whole) = asleep(scene);
    format!("It slept for {} of {}, and resumed tasks {} times.", duration(asleep), duration(whole), polls(scene))
}

fn it_slept(trace: &Trace) -> Verdict {
    check(trace, ["by_hand"], |[scene]| slept(trace, scene))
}

fn tokio_slept(trace: &Trace) -> Verdict {
    check(trace, ["ready_made"], |[scene]| slept(trace, scene))
}

/// Five tasks start, six messages come in and two timers are due: so often there is something to do.
const OCCASIONS: usize = 5 + 6 + 2;
/// tokio sorts its timers by how far off they are, and gets up now and then to sort again.
const TURNS_EACH: usize = 3;

fn slept(trace: &Trace, scene: &SceneTrace) -> Verdict {
    let (asleep, whole) = asleep(scene);
    let few = turns(scene).is_some_and(|turns| turns.max(polls(scene)) <= TURNS_EACH * OCCASIONS);
    match Verdict::at_least(asleep, 0.95, whole) {
        // It got up for what there was to do, and something else kept it from lying down again.
        Verdict::Failed(figure) if few && 2 * asleep >= whole => {
            Verdict::Skipped(format!("{figure}, but its turns were few: the machine is busy"))
        }
        verdict => unless_too_short(trace, verdict),
    }
}

fn no_turn_for_nothing(trace: &Trace) -> Verdict {
    check(trace, ["by_hand"], |[scene]| match turns(scene) {
        None | Some(0) => Verdict::Failed("nobody took a turn".to_owned()),
        Some(turns) => {
            let figure = format!("{turns} turns; at most {OCCASIONS}: one for each start, message and timer");
            Verdict::of(turns <= OCCASIONS, figure)
        }
    })
}

fn tokio_took_few_turns(trace: &Trace) -> Verdict {
    check(trace, ["ready_made"], |[scene]| {
        let (Some(turns), polls) = (turns(scene), polls(scene)) else {
            return Verdict::Failed("nobody counted its turns".to_owned());
        };
        let figure = format!("{turns} turns, {polls} resumed tasks; at most {TURNS_EACH} × {OCCASIONS}");
        Verdict::of(turns.max(polls) <= TURNS_EACH * OCCASIONS, figure)
    })
}

fn one_thread_for_all(trace: &Trace) -> Verdict {
    check(trace, ["by_hand", "ready_made"], |[by_hand, ready_made]| {
        let both = [by_hand, ready_made].map(|scene| (waiting_at_once(scene), threads(scene)));
        let figure = both.map(|(tasks, threads)| format!("{tasks} tasks, threads: {threads}"));
        let figure = format!("by hand {}; on tokio's loop {}", figure[0], figure[1]);
        unless_too_short(trace, Verdict::of(both == [(5, 1); 2], figure))
    })
}

/// The tasks on a loop: everything with a lane but the loop itself.
fn tasks(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|lane| lane.kind == TaskKind::Future)
}

fn polls(scene: &SceneTrace) -> usize {
    tasks(scene).map(|task| scene.polls(task).len()).sum()
}

/// The hand-made loop says when a turn begins. tokio counts how often its loop went to sleep, and the scene says that.
fn turns(scene: &SceneTrace) -> Option<usize> {
    let said = |start| scene.marks.iter().filter_map(move |mark| mark.text.strip_prefix(start));
    match scene.lane("the loop") {
        Some(_) => Some(said("turn ").count()),
        None => said("tokio's loop went to sleep ").find_map(|rest| rest.split(' ').next()?.parse().ok()),
    }
}

/// How long the loop was asleep, and of how long a time: as its lane says, or as nobody held tokio's thread.
fn asleep(scene: &SceneTrace) -> (u64, u64) {
    let Some(the_loop) = scene.lane("the loop") else {
        return (scene.wall.saturating_sub(scene.busy()), scene.wall);
    };
    let asleep = scene.states(the_loop).filter(|span| span.state == State::Waiting);
    (asleep.map(|span| span.end - span.start).sum(), scene.lifetime(the_loop))
}

/// How many tasks had begun before the first of them ended.
fn waiting_at_once(scene: &SceneTrace) -> usize {
    let first_end = tasks(scene).map(|task| scene.ended(task)).min().unwrap_or(0);
    tasks(scene).filter(|task| scene.began(task).is_some_and(|began| began < first_end)).count()
}

/// How many threads the tasks were polled on.
fn threads(scene: &SceneTrace) -> usize {
    tasks(scene).flat_map(|task| scene.polls(task)).map(|poll| poll.thread).collect::<HashSet<_>>().len()
}

/// With shorter delays than this, starting and ending is what the figures tell of.
const SHORTEST_DELAY: u64 = 50_000_000;

fn unless_too_short(trace: &Trace, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Failed(figure) if trace.inputs.delay < SHORTEST_DELAY => {
            Verdict::Skipped(format!("{figure}, but delays of {} are too short to tell", duration(trace.inputs.delay)))
        }
        verdict => verdict,
    }
}
