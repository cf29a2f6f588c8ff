//! When an event loop could not look at its timers and sockets, because polls kept all of its threads.
//!
//! Known from polls alone. A loop looks between two polls, so only a long poll matters. Read `states.rs` next, which cuts waits by these times.

use super::{SceneTrace, Task, TaskKind, ThreadId};
use crate::nanos::Nanos;

/// The shortest poll that holds a loop. What falls due during a shorter one is late by less than this, which hardly shows:
/// tokio's timers count whole milliseconds, and tasks that give the thread back often are not to be blamed.
const SHORTEST: Nanos = Nanos::from_millis(5);
/// Most holds that are kept for a thread: the longest ones. Each task's waits are cut by them.
const MOST: usize = 1_000;
/// Most pieces that waits are cut into in any recording, and for each of its tasks, polls and wakes: a small file with many
/// tasks and many holds would take gigabytes otherwise.
const MOST_PIECES: usize = 50_000;
const PIECES_PER_EVENT: usize = 10;

/// A time during which a loop could not look at anything: its start and its end.
pub(super) type Hold = (Nanos, Nanos);

/// When the loops of a scene were held, each in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Holds {
    /// No loop is known, or none was held.
    #[default]
    None,
    /// Each thread has a loop of its own. In the order of the scene's threads.
    ByThread(Vec<Vec<Hold>>),
    /// Workers share one loop: when all of them were held.
    Shared(Vec<Hold>),
}

impl Holds {
    /// Finds the holds of `scene` from its polls.
    pub(super) fn of(scene: &SceneTrace) -> Holds {
        // Several processes have a loop each, of which the recording does not say who polls where.
        if scene.processes.len() > 1 || scene.polls.iter().all(|poll| poll.end - poll.start < SHORTEST) {
            return Holds::None;
        }
        let mut by_thread = vec![Vec::new(); scene.threads.len()];
        let mut is_worker = vec![false; scene.threads.len()];
        for task in scene.tasks.iter().filter(|task| on_a_loop(task) || task.kind == TaskKind::Scene) {
            for poll in scene.polls(task) {
                let Some(holds) = by_thread.get_mut(poll.thread.index()) else { continue };
                // The thread that waits for a scene on several workers polls nothing but the scene's own function.
                is_worker[poll.thread.index()] |= task.kind != TaskKind::Scene;
                if poll.end - poll.start >= SHORTEST {
                    holds.push((poll.start, poll.end));
                }
            }
        }
        let by_thread = by_thread.into_iter().map(merged);
        let most = most_holds(scene);
        if scene.runtime.workers <= 1 {
            return Holds::ByThread(by_thread.map(|holds| longest(holds, most)).collect());
        }
        let workers: Vec<Vec<Hold>> =
            by_thread.zip(is_worker).filter(|(_, is_worker)| *is_worker).map(|(holds, _)| holds).collect();
        // A worker that has polled nothing is free, and looks.
        if workers.len() < scene.runtime.workers {
            return Holds::None;
        }
        Holds::Shared(longest(workers.into_iter().reduce(|a, b| both(&a, &b)).unwrap_or_default(), most))
    }

    /// Returns whether no loop was held.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Holds::None => true,
            Holds::ByThread(holds) => holds.iter().all(Vec::is_empty),
            Holds::Shared(holds) => holds.is_empty(),
        }
    }

    /// Returns the holds of the loop that this thread polls for.
    pub(super) fn on_thread(&self, thread: ThreadId) -> &[Hold] {
        match self {
            Holds::None => &[],
            Holds::Shared(holds) => holds,
            Holds::ByThread(holds) => holds.get(thread.index()).map_or(&[], Vec::as_slice),
        }
    }

    /// Returns the holds of the loop that `task` of `scene` waits for.
    pub(super) fn for_task(&self, scene: &SceneTrace, task: &Task) -> &[Hold] {
        match scene.polls(task).first() {
            Some(poll) if on_a_loop(task) => self.on_thread(poll.thread),
            _ => &[],
        }
    }
}

/// Returns whether a loop polls `task`. Threads and calls wait for no loop.
fn on_a_loop(task: &Task) -> bool {
    matches!(task.kind, TaskKind::Future | TaskKind::Span)
}

/// Returns the union of `holds`, in order. Holds that only touch stay apart, because the loop looks between two polls.
fn merged(mut holds: Vec<Hold>) -> Vec<Hold> {
    holds.sort_unstable();
    let mut union: Vec<Hold> = Vec::with_capacity(holds.len());
    for (start, end) in holds {
        match union.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => union.push((start, end)),
        }
    }
    union
}

/// Returns when both were held, for at least [`SHORTEST`] at a time.
fn both(a: &[Hold], b: &[Hold]) -> Vec<Hold> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut both = Vec::new();
    while let (Some(one), Some(other)) = (a.peek(), b.peek()) {
        let start = one.0.max(other.0);
        let end = one.1.min(other.1);
        if start + SHORTEST <= end {
            both.push((start, end));
        }
        if one.1 <= other.1 {
            a.next()
        } else {
            b.next()
        };
    }
    both
}

/// Returns how many holds are kept for a thread of `scene`, so that cutting the waits of all tasks by them costs no more than
/// the recording is large.
fn most_holds(scene: &SceneTrace) -> usize {
    let events = scene.tasks.len() + scene.polls.len() + scene.wakes.len();
    let pieces = MOST_PIECES.max(PIECES_PER_EVENT * events);
    (pieces / scene.tasks.len().max(1)).clamp(1, MOST)
}

/// Returns the `most` longest of `holds`, in order.
fn longest(mut holds: Vec<Hold>, most: usize) -> Vec<Hold> {
    if holds.len() > most {
        holds.sort_unstable_by_key(|(start, end)| std::cmp::Reverse(*end - *start));
        holds.truncate(most);
        holds.sort_unstable();
    }
    holds
}
