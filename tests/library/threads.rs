//! The same recording by thread: who held it where, each moment counted once, for the innermost.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use asyncguide::chart::threads::thread_lanes;
use asyncguide::chart::{Axis, Cell, Holding, Share, ThreadLane};
use asyncguide::trace::{Nanos, Poll, SceneTrace, State, TaskKind};
use asyncguide::{Observe, observe_call};
use proptest::prelude::*;

use crate::arbitrary::{LONGEST, script};
use crate::support::{record, record_virtually};

/// A thread's polls with their tasks' indices, in the order in which they can lie within each other.
fn polls_on(scene: &SceneTrace, thread: usize) -> Vec<(Poll, usize)> {
    let of_task = |task: usize| scene.polls(&scene.tasks[task]).iter().map(move |poll| (*poll, task));
    let polls = (0..scene.tasks.len()).flat_map(of_task);
    let mut polls: Vec<_> = polls.filter(|(poll, _)| poll.thread.index() == thread).collect();
    polls.sort_by_key(|(poll, task)| (poll.start, Reverse(poll.end), *task));
    polls
}

fn name(scene: &SceneTrace, task: usize) -> String {
    let task = &scene.tasks[task];
    if task.kind == TaskKind::Scene { "(scene)".to_owned() } else { task.name.to_string() }
}

/// How long each task held the thread in nanoseconds `from..to`: of those that hold it, the last to begin.
fn held(polls: &[(Poll, usize)], from: Nanos, to: Nanos) -> BTreeMap<usize, Nanos> {
    let innermost = |at| polls.iter().rfind(|(poll, _)| poll.start <= at && at < poll.end);
    let mut held = BTreeMap::new();
    for (_, task) in (from.0..to.0).map(Nanos).filter_map(innermost) {
        *held.entry(*task).or_default() += Nanos(1);
    }
    held
}

/// Who is polled for no time at all within `from..to`, once for each such poll.
fn moments(polls: &[(Poll, usize)], from: Nanos, to: Nanos) -> Vec<usize> {
    let moment = |poll: &Poll| poll.start == poll.end && from <= poll.start && poll.start < to;
    polls.iter().filter(|(poll, _)| moment(poll)).map(|(_, task)| *task).collect()
}

/// A lane made by looking at each nanosecond by itself.
fn expected(scene: &SceneTrace, thread: usize, axis: Axis) -> ThreadLane {
    let polls = polls_on(scene, thread);
    let mut shares: Vec<(usize, Nanos)> = held(&polls, Nanos::ZERO, Nanos(4 * LONGEST)).into_iter().collect();
    shares.sort_by_key(|(task, time)| (Reverse(*time), *task));

    let (mut cells, mut owners) = (Vec::new(), Vec::new());
    for cell in 0..axis.cells {
        let (from, to) = (axis.start(cell), axis.start(cell + 1));
        let mut here = held(&polls, from, to);
        // A poll of no length counts as a nanosecond. What happens at the very end is in the last cell.
        for task in moments(&polls, from, to + Nanos(u64::from(cell + 1 == axis.cells))) {
            *here.entry(task).or_default() += Nanos(1);
        }
        let time: Nanos = here.values().copied().sum();
        cells.push(match time {
            Nanos::ZERO => Cell::Empty,
            time if 2 * time >= axis.width(cell) => Cell::In(State::Running),
            _ => Cell::Moment,
        });
        owners.push(here.into_iter().max_by_key(|(task, time)| (*time, Reverse(*task))).map(|(task, _)| task));
    }
    let mut holdings = Vec::new();
    for run in owners.iter().enumerate().collect::<Vec<_>>().chunk_by(|a, b| a.1 == b.1) {
        if let (first_cell, Some(task)) = run[0] {
            holdings.push(Holding { first_cell, cells: run.len(), task: name(scene, *task) });
        }
    }
    ThreadLane {
        name: scene.threads[thread].name.clone(),
        cells,
        holdings,
        held: shares.iter().map(|(_, time)| *time).sum(),
        shares: shares.into_iter().map(|(task, time)| Share { task: name(scene, task), time }).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn each_moment_of_a_thread_is_the_innermosts(
        (script, extent, cells) in (script(), 1..LONGEST, 1..40usize)
    ) {
        let (scene, axis) = (script.scene(), Axis::new(Nanos(extent), cells));
        let used = |thread: &usize| !polls_on(&scene, *thread).is_empty();
        let expected: Vec<ThreadLane> =
            (0..scene.threads.len()).filter(used).map(|thread| expected(&scene, thread, axis)).collect();
        let lanes = thread_lanes(&scene, axis);
        prop_assert_eq!(&lanes, &expected);
        prop_assert_eq!(lanes.iter().map(|lane| lane.held).sum::<Nanos>(), scene.occupied());
    }
}

#[test]
fn the_scene_holds_the_thread_but_for_what_runs_within_it() {
    let scene = record(|| async {
        observe_call("A", || observe_call("within A", || ()));
        async { observe_call("within B", || ()) }.observe("B").await;
    });
    let lanes = thread_lanes(&scene, Axis::new(scene.wall, 40));
    assert_eq!(lanes.len(), 1);
    let whole = scene.polls(&scene.tasks[0])[0];
    assert_eq!((&*lanes[0].name, lanes[0].held), ("main", whole.end - whole.start));
    let share =
        |name: &str| lanes[0].shares.iter().find(|share| share.task == name).map_or(Nanos::ZERO, |share| share.time);
    let length = |name: &str| scene.polls(scene.lane(name).expect("a lane"))[0];
    let length = |name: &str| length(name).end - length(name).start;
    assert_eq!(share("A"), length("A") - length("within A"));
    let scene_alone = whole.end - whole.start - length("A") - length("B");
    assert_eq!(share("(scene)"), scene_alone);
}

#[test]
fn on_the_virtual_clock_a_thread_is_held_for_moments_from_the_first_to_the_last() {
    let scene = record_virtually(|| async {
        let nap = || tokio::time::sleep(std::time::Duration::from_secs(1));
        tokio::join!(nap().observe("A"), nap().observe("B"));
    });
    let lanes = thread_lanes(&scene, Axis::new(scene.wall, 10));
    let shown: Vec<usize> = (0..10).filter(|cell| lanes[0].cells[*cell] == Cell::Moment).collect();
    assert_eq!((shown, lanes[0].held), (vec![0, 9], Nanos::ZERO));
}
