//! What a task was doing when, for every shape of polls and wakes that there is. `R`, `W` and `X` stand for ready,
//! waiting and running, as in `R0-5`.

use asyncguide::trace::{Builder, Nanos, Outcome, RunningPoll, SceneTrace, State, TaskId, TaskKind, ThreadId};

use crate::support::{apply, created, ended, polled, spawned, states, thread, woken};

/// One task on one thread, created at 10, in a recording of 100.
struct Made(Builder);

impl Made {
    fn spawned() -> Self {
        Made::awaited().executed()
    }

    fn awaited() -> Self {
        Made::of_kind(TaskKind::Future, Some(0))
    }

    fn of_kind(kind: TaskKind, parent: Option<u32>) -> Self {
        let mut builder = Builder::new();
        apply(&mut builder, thread(0, "main"));
        apply(&mut builder, created(0, 0, None, TaskKind::Scene, "scene"));
        apply(&mut builder, created(1, 10, parent, kind, "A"));
        Made(builder)
    }

    fn executed(mut self) -> Self {
        apply(&mut self.0, spawned(1));
        self
    }

    fn polled(mut self, start: u64, end: u64) -> Self {
        apply(&mut self.0, polled(1, 0, start, end));
        self
    }

    fn woken(mut self, at: u64) -> Self {
        apply(&mut self.0, woken(1, at));
        self
    }

    fn ended(mut self, at: u64, outcome: Outcome) -> Self {
        apply(&mut self.0, ended(1, at, outcome));
        self
    }

    fn done(self, at: u64) -> Self {
        self.ended(at, Outcome::Done)
    }

    fn cancelled(self, at: u64) -> Self {
        self.ended(at, Outcome::Cancelled)
    }

    fn trace(&self) -> SceneTrace {
        self.0.trace(Nanos(100), &[])
    }

    fn states(&self) -> String {
        drawn(&self.trace())
    }
}

/// A poll on the only thread that has not ended.
fn under_way(task: u32, since: u64) -> RunningPoll {
    RunningPoll { task: TaskId::new(task), thread: ThreadId(0), since: Nanos(since), blocked: false }
}

fn drawn(scene: &SceneTrace) -> String {
    let letter = |state| match state {
        State::Ready => 'R',
        State::Waiting => 'W',
        State::Running => 'X',
        _ => '?',
    };
    let spans = states(scene, &scene.tasks[1]).into_iter();
    spans.map(|(state, start, end)| format!("{}{start}-{end}", letter(state))).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_spawned_task_is_ready_from_its_creation_and_an_awaited_one_begins_with_its_first_poll() {
    assert_eq!(Made::spawned().polled(20, 30).done(30).states(), "R10-20 X20-30");
    assert_eq!(Made::awaited().polled(20, 30).done(30).states(), "X20-30");
    assert_eq!(
        Made::awaited().polled(20, 30).woken(50).polled(60, 61).done(61).states(),
        "X20-30 W30-50 R50-60 X60-61"
    );
}

#[test]
fn a_future_that_was_made_in_no_lane_begins_with_its_first_poll_whoever_polls_it() {
    let made = Made::of_kind(TaskKind::Future, None).executed();
    assert_eq!(made.polled(20, 30).done(30).states(), "X20-30");
    // A thread is never made before it is started.
    let made = Made::of_kind(TaskKind::Thread, None).executed();
    assert_eq!(made.polled(20, 30).done(30).states(), "R10-20 X20-30");
}

#[test]
fn who_wakes_itself_during_its_poll_is_ready_right_after_it() {
    assert_eq!(
        Made::spawned().polled(20, 30).woken(25).polled(40, 50).done(50).states(),
        "R10-20 X20-30 R30-40 X40-50"
    );
    assert_eq!(Made::awaited().polled(20, 30).woken(30).polled(40, 50).done(50).states(), "X20-30 R30-40 X40-50");
}

#[test]
fn without_a_wake_it_waited_until_it_was_polled_again() {
    // As under `join!`, where a sibling was woken.
    assert_eq!(Made::awaited().polled(20, 30).polled(40, 50).done(50).states(), "X20-30 W30-40 X40-50");
    assert_eq!(Made::awaited().polled(20, 30).woken(60).polled(40, 50).polled(70, 71).done(71).states(), {
        "X20-30 W30-40 X40-50 W50-60 R60-70 X70-71"
    });
}

#[test]
fn of_several_wakes_the_first_counts() {
    let made = || Made::awaited().polled(20, 30).polled(80, 81).done(81);
    assert_eq!(made().woken(50).woken(60).woken(70).states(), "X20-30 W30-50 R50-80 X80-81");
    assert_eq!(made().woken(70).woken(22).woken(50).states(), "X20-30 R30-80 X80-81");
}

#[test]
fn a_wake_counts_for_one_poll_only() {
    let made = Made::awaited().polled(20, 30).woken(40).woken(45).polled(50, 60).polled(70, 80).done(80);
    assert_eq!(made.states(), "X20-30 W30-40 R40-50 X50-60 W60-70 X70-80");
    // Too early to mean anything: before its creation, before its first poll.
    assert_eq!(Made::spawned().woken(5).woken(15).polled(20, 30).polled(40, 50).done(50).states(), {
        "R10-20 X20-30 W30-40 X40-50"
    });
}

#[test]
fn a_wake_at_the_moment_of_a_poll_is_what_it_was_polled_for() {
    let made = Made::awaited().polled(20, 20).woken(40).polled(40, 40).woken(60).polled(60, 60).done(60);
    assert_eq!(made.states(), "W20-40 W40-60");
    // Twice at the same moment, by two timers.
    let made = Made::awaited().polled(20, 20).woken(40).woken(40).polled(40, 40).woken(60).polled(60, 60).done(60);
    assert_eq!(made.states(), "W20-40 W40-60");
}

#[test]
fn a_task_that_was_never_polled() {
    for never_spawned in [Made::awaited(), Made::awaited().cancelled(50), Made::awaited().woken(20)] {
        assert_eq!(never_spawned.states(), "");
        let scene = never_spawned.trace();
        assert_eq!(
            (scene.began(&scene.tasks[1]), scene.lifetime(&scene.tasks[1]), scene.stall()),
            (None, Nanos::ZERO, Nanos::ZERO)
        );
    }
    assert_eq!(Made::spawned().states(), "R10-100");
    assert_eq!(Made::spawned().cancelled(50).states(), "R10-50");
    assert_eq!(Made::spawned().cancelled(50).trace().stall(), Nanos(40));
}

#[test]
fn a_task_that_is_dropped_ends_in_the_state_it_was_in() {
    assert_eq!(Made::spawned().polled(20, 30).cancelled(70).states(), "R10-20 X20-30 W30-70");
    assert_eq!(Made::spawned().polled(20, 30).woken(50).cancelled(70).states(), "R10-20 X20-30 W30-50 R50-70");
    assert_eq!(Made::spawned().polled(20, 30).woken(21).cancelled(70).states(), "R10-20 X20-30 R30-70");
    // Nobody could be ready for what is over.
    assert_eq!(Made::spawned().polled(20, 30).woken(80).cancelled(70).states(), "R10-20 X20-30 W30-70");
}

#[test]
fn a_task_that_outlives_the_recording_lasts_until_its_end() {
    let made = Made::spawned().polled(20, 30).woken(90);
    assert_eq!(made.states(), "R10-20 X20-30 W30-90 R90-100");
    assert_eq!(made.trace().tasks[1].outcome, Outcome::Interrupted);
    // What still happens after the scene's end belongs to the lane, too.
    assert_eq!(Made::spawned().polled(20, 130).done(130).states(), "R10-20 X20-130");
}

#[test]
fn a_poll_under_way_lasts_until_now_and_joins_the_others() {
    let made = Made::spawned().polled(20, 30).woken(50);
    assert_eq!(drawn(&made.0.trace(Nanos(100), &[under_way(1, 60)])), "R10-20 X20-30 W30-50 R50-60 X60-100");
    assert_eq!(
        drawn(&made.0.trace(Nanos(60), &[under_way(1, 70)])),
        "R10-20 X20-30 W30-50 R50-70",
        "it began after this look"
    );
    assert_eq!(made.0.trace(Nanos(100), &[under_way(7, 60)]), made.trace(), "a lane that nobody has told of yet");
    // The same builder goes on.
    assert_eq!(made.polled(60, 80).done(80).states(), "R10-20 X20-30 W30-50 R50-60 X60-80");
}

#[test]
fn clocks_that_disagree_by_a_few_ticks_leave_neither_gaps_nor_overlaps() {
    // Polled on one core before it was created on another, and ended before its last poll did.
    assert_eq!(Made::spawned().polled(8, 30).done(28).states(), "X8-30");
    // Polled again on another core before the poll on the first was over.
    assert_eq!(Made::awaited().polled(20, 30).woken(24).polled(28, 40).done(40).states(), "X20-30 X30-40");
}

#[test]
fn what_came_first_is_how_it_ended() {
    let panicked = || Outcome::Panicked { message: "no".to_owned() };
    let told = |first: (u64, Outcome), second: (u64, Outcome)| {
        let made = Made::spawned().polled(20, 30).ended(first.0, first.1).ended(second.0, second.1);
        let task = &made.trace().tasks[1];
        (task.ended, task.outcome.clone())
    };
    for later in [30, 50] {
        assert_eq!(told((30, panicked()), (later, Outcome::Cancelled)), (Some(Nanos(30)), panicked()));
        assert_eq!(told((later, Outcome::Cancelled), (30, panicked())), (Some(Nanos(30)), panicked()));
    }
}
