//! The figures, and what they are made of, against looking at each nanosecond by itself.

use asyncguide::trace::{Nanos, SceneTrace, State, Task, TaskKind, ThreadId};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary::script;
use crate::support::{lane, parent};

/// Later than anything in a script.
const END: u64 = 1_600;

fn alive(scene: &SceneTrace, task: &Task, at: Nanos) -> bool {
    scene.began(task).is_some_and(|began| began <= at && at < scene.ended(task))
}

/// What `task` does in the nanosecond that begins at `at`, from the definitions of the states alone.
fn state_at(scene: &SceneTrace, task: &Task, at: Nanos) -> Option<State> {
    let polls = scene.polls(task);
    if !alive(scene, task, at) {
        return None;
    }
    if polls.iter().any(|poll| poll.start <= at && at < poll.end) {
        return Some(State::Running);
    }
    let Some(before) = polls.iter().rfind(|poll| poll.end <= at) else { return Some(State::Ready) };
    let woken = scene.wakes(task).iter().any(|wake| before.start < *wake && *wake <= at);
    Some(if woken { State::Ready } else { State::Waiting })
}

fn lanes(scene: &SceneTrace) -> Vec<&Task> {
    scene.tasks.iter().filter(|task| task.kind != TaskKind::Scene).collect()
}

/// Nanoseconds in which somebody is polled on `thread`.
fn held(scene: &SceneTrace, thread: ThreadId) -> Nanos {
    let polls: Vec<_> = scene.tasks.iter().flat_map(|task| scene.polls(task)).collect();
    let held = |at: Nanos| polls.iter().any(|poll| poll.thread == thread && poll.start <= at && at < poll.end);
    Nanos((0..END).filter(|at| held(Nanos(*at))).count() as u64)
}

/// The longest stretch in which `task` is in `state`.
fn longest(scene: &SceneTrace, task: &Task, state: State) -> Nanos {
    let states: Vec<_> = (0..END).map(|at| state_at(scene, task, Nanos(at))).collect();
    let stretches = states.chunk_by(|a, b| a == b).filter(|stretch| stretch[0] == Some(state));
    stretches.map(|stretch| Nanos(stretch.len() as u64)).max().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn threads_may_tell_their_events_in_any_order(script in script(), turns in vec(any::<u8>(), 1..50)) {
        prop_assert_eq!(script.told_in_turns(&turns), script.scene());
    }

    #[test]
    fn states_follow_each_other_without_gap_or_overlap_from_beginning_to_end(script in script()) {
        let scene = script.scene();
        for task in &scene.tasks {
            let mut now = scene.began(task);
            for span in scene.states(task) {
                prop_assert!(span.start < span.end);
                prop_assert_eq!(Some(span.start), now);
                now = Some(span.end);
            }
            prop_assert_eq!(now, scene.began(task).map(|_| scene.ended(task)));
            let sum: Nanos = scene.states(task).map(|span| span.end - span.start).sum();
            prop_assert_eq!(sum, scene.lifetime(task));
        }
    }

    #[test]
    fn each_nanosecond_is_in_the_state_that_the_definitions_say(script in script()) {
        let scene = script.scene();
        for task in &scene.tasks {
            let mut states = vec![None; END as usize];
            for span in scene.states(task) {
                states[span.start.0 as usize..span.end.0 as usize].fill(Some(span.state));
            }
            for at in 0..END {
                prop_assert_eq!(states[at as usize], state_at(&scene, task, Nanos(at)), "{} at {}", &task.name, at);
            }
        }
    }

    #[test]
    fn the_figures_are_what_counting_says(script in script()) {
        let scene = script.scene();
        let lanes = lanes(&scene);
        let alive_at = |at: u64| lanes.iter().filter(|task| alive(&scene, task, Nanos(at))).count();
        let nanoseconds_alive = |task: &&Task| (0..END).filter(|at| alive(&scene, task, Nanos(*at))).count() as u64;
        let lifetimes: Vec<Nanos> = lanes.iter().map(nanoseconds_alive).map(Nanos).collect();
        // A task within which another one is alive does not count.
        let has_inner = |outer: &Task, at: u64| {
            let is_outer = |task: &Task| std::ptr::eq(task, outer);
            let polled_there = |task: &&&Task| task.kind == TaskKind::Future && !task.spawned;
            let inner = |task: &&&Task| parent(&scene, task).is_some_and(is_outer);
            lanes.iter().filter(polled_there).filter(inner).any(|task| alive(&scene, task, Nanos(at)))
        };
        let innermost = |at: u64| {
            let counts = |task: &&&Task| alive(&scene, task, Nanos(at)) && !has_inner(task, at);
            lanes.iter().filter(counts).count() as u64
        };
        prop_assert_eq!(scene.task_time(), Nanos((0..END).map(innermost).sum()));
        prop_assert_eq!(scene.longest_task(), lifetimes.iter().copied().max().unwrap_or_default());
        prop_assert_eq!(scene.peak_tasks(), (0..END).map(alive_at).max().unwrap_or(0));
        let stalls = lanes.iter().map(|task| longest(&scene, task, State::Ready));
        prop_assert_eq!(scene.stall(), stalls.max().unwrap_or_default());

        let occupied = (0..scene.threads.len() as u32).map(|thread| held(&scene, ThreadId(thread)));
        prop_assert_eq!(scene.occupied(), occupied.sum::<Nanos>());
        prop_assert_eq!(scene.busy_by_thread().into_iter().sum::<Nanos>(), scene.busy());
        prop_assert!(scene.busy() <= scene.occupied());
        prop_assert!(scene.usages().len() > 0 || scene.busy() == scene.occupied());

        let polls: Vec<_> = scene.tasks.iter().flat_map(|task| scene.polls(task)).collect();
        let lengths = polls.iter().map(|poll| poll.end - poll.start);
        prop_assert_eq!(scene.longest_poll(), lengths.max().unwrap_or_default());
        let used = (0..4).filter(|thread| polls.iter().any(|poll| poll.thread == ThreadId(*thread))).count();
        prop_assert_eq!(scene.threads_used(), used);

        let of_lanes: usize = lanes.iter().map(|task| scene.polls(task).len()).sum();
        prop_assert_eq!((scene.poll_count(), scene.lane_count()), (of_lanes, lanes.len()));
        let ratio = |a: f64, b: f64| if b == 0.0 { 0.0 } else { a / b };
        prop_assert_eq!(scene.polls_per_task(), ratio(of_lanes as f64, lanes.len() as f64));
        prop_assert_eq!(scene.overlap(), ratio(scene.task_time().as_f64(), scene.wall.as_f64()));
    }
}

#[test]
fn the_scene_itself_is_no_lane_but_what_it_does_with_the_thread_counts() {
    let scene = crate::support::record(|| async {
        // Longer than the rest of the scene takes, whatever machine this is.
        let since = std::time::Instant::now();
        while since.elapsed() < std::time::Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        asyncguide::observe_call("A", || ());
    });
    let whole = scene.polls(&scene.tasks[0])[0];
    assert_eq!((scene.lane_count(), scene.poll_count(), scene.peak_tasks()), (1, 1, 1));
    assert_eq!((scene.occupied(), scene.longest_poll()), (whole.end - whole.start, whole.end - whole.start));
    assert!(scene.lifetime(lane(&scene, "A")) < scene.longest_poll());
    assert_eq!(scene.task_time(), scene.lifetime(lane(&scene, "A")));
}
