//! `event-loop`: what makes every `await` work. Shows that a loop sleeps until something happens, and that one sleep
//! serves all tasks that wait. The loop to read is in `hand_made.rs`.

mod by_hand;
mod hand_made;
mod outside;
mod ready_made;

use std::collections::HashSet;
use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check, unless_too_short};
use asyncguide::trace::Quantity::{Time, Unknown};
use asyncguide::trace::{Evidence, Figure, Nanos, Quantity, SceneTrace, State, Task, TaskKind, Trace};
use asyncguide::{scene, source_file};

pub const LESSON: Lesson = Lesson {
    name: "event-loop",
    aliases: &["loop", "reactor", "mio", "epoll", "select"],
    summary: "what makes every await work",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        on_real_sockets(scene!(by_hand, "A loop made by hand"))
            .helpers(&["the loop"])
            .to_see("“the loop” waits like the five tasks above it: it sleeps until a socket or a timer wakes it.")
            .beside(&[source_file!("hand_made.rs"), source_file!("outside.rs")]),
        on_real_sockets(scene!(ready_made, "tokio's loop").in_python("asyncio's loop"))
            .to_see("The tasks wait for as long as in “A loop made by hand”; tokio's loop has no lane of its own."),
    ],
    question: Question {
        ask: "Five tasks wait: three for bytes on sockets, two for timers. What does their event loop do meanwhile?",
        choices: &[
            Choice::wrong(
                "it asks each task again and again whether the task can go on",
                "an event loop keeps checking its tasks",
                "“the loop” in “A loop made by hand” is waiting nearly all the time: it sleeps",
            ),
            Choice::right("it sleeps until the system wakes it: for bytes on a socket, or for a timer"),
            Choice::wrong(
                "nothing: for each await, a thread of its own waits",
                "each await needs its own thread",
                "“threads” in the table is 1 for “tokio's loop”: one thread ran all five tasks",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("the hand-made loop slept in its one call nearly all the time", it_slept),
        Claim::function("the ready-made loop slept nearly all the time, too", tokio_slept),
        Claim::function("the hand-made loop took no turn without a reason", no_turn_for_nothing),
        Claim::function("the ready-made loop took only few turns, too", tokio_took_few_turns),
        Claim::function("all five tasks waited at the same time, on one thread", one_thread_for_all),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_millis(400)), lines: false },
    calibrates: false,
};

const fn on_real_sockets(scene: Scene) -> Scene {
    scene
        .with_figures(figures)
        .lasting(|_, delay| delay.saturating_mul(6))
        .on_the_real_clock("bytes on a socket come from outside, and the virtual clock cannot make them come earlier")
}

fn figures(scene: &SceneTrace) -> Vec<Figure> {
    let (asleep, whole) = asleep(scene);
    vec![
        Figure::new("turns", turns(scene).map_or(Unknown, Quantity::from)),
        Figure::new("tasks resumed", polls(scene)),
        Figure::new("loop asleep", Quantity::Share(asleep.ratio(whole))),
    ]
}

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("by_hand") else { return "The scene with the hand-made loop did not run.".into() };
    let (asleep, whole) = asleep(scene);
    Evidence::new("The hand-made loop slept for {asleep} of {whole}, and resumed tasks {polls} times.")
        .with("asleep", Time(asleep))
        .with("whole", Time(whole))
        .with("polls", polls(scene))
}

fn it_slept(trace: &Trace) -> Verdict {
    check(trace, ["by_hand"], |[scene]| slept(trace, scene))
}

fn tokio_slept(trace: &Trace) -> Verdict {
    check(trace, ["ready_made"], |[scene]| slept(trace, scene))
}

/// How often there is something to do: five tasks start, six messages come in and two timers are due.
const OCCASIONS: usize = 5 + 6 + 2;
/// The most turns that tokio may take for each occasion. It sorts its timers by how far off they are, and wakes up now
/// and then to sort them again.
const TURNS_EACH: usize = 3;
/// Why a claim about turns is skipped: recordings made before marks had fields do not count them.
const NOT_COUNTED: &str = "the recording does not say how many turns the loop took";

fn slept(trace: &Trace, scene: &SceneTrace) -> Verdict {
    let (asleep, whole) = asleep(scene);
    let few = turns(scene).is_some_and(|turns| turns.max(polls(scene)) <= TURNS_EACH * OCCASIONS);
    match Verdict::at_least(("asleep", asleep), 0.95, ("in all", whole)) {
        // The loop woke only for what there was to do, but a busy machine kept it from going back to sleep.
        Verdict::Failed(evidence) if few && 2 * asleep >= whole => {
            Verdict::Skipped(evidence.but("the loop took few turns, so the machine was busy"))
        }
        verdict => unless_too_short(trace, SHORTEST_DELAY, verdict),
    }
}

fn no_turn_for_nothing(trace: &Trace) -> Verdict {
    check(trace, ["by_hand"], |[scene]| match turns(scene) {
        None | Some(0) => Verdict::Skipped(NOT_COUNTED.into()),
        Some(turns) => {
            let evidence = Evidence::new("{turns} turns; at most {occasions}: one for each start, message and timer")
                .with("turns", turns)
                .with("occasions", OCCASIONS);
            Verdict::of(turns <= OCCASIONS, evidence)
        }
    })
}

fn tokio_took_few_turns(trace: &Trace) -> Verdict {
    check(trace, ["ready_made"], |[scene]| {
        let (Some(turns), polls) = (turns(scene), polls(scene)) else {
            return Verdict::Skipped(NOT_COUNTED.into());
        };
        let evidence = Evidence::new("{turns} turns, {polls} resumed tasks; at most {each} × {occasions}")
            .with("turns", turns)
            .with("polls", polls)
            .with("each", TURNS_EACH)
            .with("occasions", OCCASIONS);
        Verdict::of(turns.max(polls) <= TURNS_EACH * OCCASIONS, evidence)
    })
}

fn one_thread_for_all(trace: &Trace) -> Verdict {
    check(trace, ["by_hand", "ready_made"], |[by_hand, ready_made]| {
        let both = [by_hand, ready_made].map(|scene| (waiting_at_once(scene), threads(scene)));
        let [(tasks, threads), (tokio_tasks, tokio_threads)] = both;
        let evidence = Evidence::new(
            "by hand: {tasks} tasks, threads: {threads}; tokio's loop: {tokio_tasks} tasks, threads: {tokio_threads}",
        )
        .with("tasks", tasks)
        .with("threads", threads)
        .with("tokio_tasks", tokio_tasks)
        .with("tokio_threads", tokio_threads);
        unless_too_short(trace, SHORTEST_DELAY, Verdict::of(both == [(5, 1); 2], evidence))
    })
}

/// Returns the tasks on a loop: all lanes except the loop's own.
fn tasks(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|lane| lane.kind == TaskKind::Future)
}

fn polls(scene: &SceneTrace) -> usize {
    tasks(scene).map(|task| scene.polls(task).len()).sum()
}

/// Returns how many turns the loop took. A recording that does not count them gives `None` or 0.
///
/// The hand-made loop makes a mark when a turn begins. tokio counts how often its loop went to sleep, and the scene
/// makes a mark with that count.
fn turns(scene: &SceneTrace) -> Option<usize> {
    match scene.lane("the loop") {
        Some(_) => Some(scene.marks.iter().filter(|mark| mark.count("turn").is_some()).count()),
        None => scene.marks.iter().find_map(|mark| usize::try_from(mark.count("times")?).ok()),
    }
}

/// Returns how long the loop was asleep, and how long it was there.
///
/// The hand-made loop has a lane that says so. tokio's loop has none: it counts as asleep while no task held its
/// thread. So does asyncio's, but the twin also has a thread that keeps another one.
fn asleep(scene: &SceneTrace) -> (Nanos, Nanos) {
    let Some(the_loop) = scene.lane("the loop") else {
        let polls = tasks(scene).flat_map(|task| scene.polls(task));
        let by_tasks = polls.map(|poll| poll.end - poll.start).sum();
        let held = if scene.language.is_some() { by_tasks } else { scene.held() };
        return (scene.wall - held, scene.wall);
    };
    let asleep = scene.states(the_loop).filter(|span| span.state == State::Waiting);
    (asleep.map(|span| span.end - span.start).sum(), scene.lifetime(the_loop))
}

/// Counts the tasks that had begun before the first of them ended.
fn waiting_at_once(scene: &SceneTrace) -> usize {
    let first_end = tasks(scene).map(|task| scene.ended(task)).min().unwrap_or_default();
    tasks(scene).filter(|task| scene.began(task).is_some_and(|began| began < first_end)).count()
}

/// Counts the threads that polled the tasks.
fn threads(scene: &SceneTrace) -> usize {
    tasks(scene).flat_map(|task| scene.polls(task)).map(|poll| poll.thread).collect::<HashSet<_>>().len()
}

/// The shortest delay whose failures count. With a shorter one, the figures measure how tasks start and end.
const SHORTEST_DELAY: Nanos = Nanos::from_millis(50);
