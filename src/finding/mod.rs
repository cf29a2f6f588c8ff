//! What a recording of somebody's own program shows, as sentences: what held its loop, what waited in turn, what failed.
//!
//! A [`Finding`] says no more than the recording bears out, with figures and places in the source. Where a lesson
//! explains it, it has a topic: a word that lessons are known by. Each kind of finding has a file of its own, with the
//! least that it takes to be worth a sentence. Knows no lesson, and nothing of how findings are shown.

mod by_name;
mod destroyed;
mod failed;
mod held;
mod in_turn;
mod limit;
mod lock;
mod lost;
mod pool;
mod queue;
mod uneven;

use std::cmp::Reverse;
use std::collections::BTreeMap;

pub use self::by_name::{NamedTasks, by_name};
pub use self::limit::Limit;

use crate::trace::{Nanos, Outcome, Poll, SceneTrace, Site, SiteId, Task, TaskId, TaskKind};

/// Most findings of a scene that are told: those that cost the most time.
const MOST: usize = 8;

/// A statement about a program, made from a recording of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was found, in one or two sentences, with figures and places.
    pub statement: String,
    /// How much time it is about: findings are told in this order.
    pub time: Nanos,
    /// A word by which a lesson that explains it is known; none if no lesson does.
    pub topic: Option<&'static str>,
    /// A lane that it speaks of, so that a picture can show it; none if it is about none in particular.
    pub lane: Option<TaskId>,
}

/// Returns what is found in `scene`, what takes the most time first.
pub fn findings(scene: &SceneTrace) -> Vec<Finding> {
    let mut found: Vec<Finding> = [
        held::find,
        in_turn::find,
        lock::find,
        pool::find,
        queue::find,
        uneven::find,
        failed::find,
        lost::find,
        destroyed::find,
    ]
    .into_iter()
    .flat_map(|find| find(scene))
    .collect();
    found.sort_by_key(|finding| Reverse(finding.time));
    found.truncate(MOST);
    found
}

/// Returns whether the task ended as the task around it did: an exception passes through all that await each other.
fn ended_with_outer(scene: &SceneTrace, task: &Task) -> bool {
    let outer = scene.outer(task).and_then(|outer| scene.task(outer));
    outer.is_some_and(|outer| outer.outcome == task.outcome)
}

/// Tasks of one function that were started at one place, and the words for them in a sentence.
struct Started {
    tasks: Vec<TaskId>,
    /// What begins the sentence: `fetch(), started at app.py:5,` or `3 tasks of fetch(), started at app.py:5,`.
    subject: String,
    /// `was` for one task, `were` for several.
    were: &'static str,
    /// `it` for one task, `they` for several.
    they: &'static str,
    /// `it` for one task, `them` for several.
    them: &'static str,
}

/// Groups `tasks` by their function and by the place where they were started, if that is known.
fn group_by_start<'a>(scene: &SceneTrace, tasks: impl Iterator<Item = (TaskId, &'a Task)>) -> Vec<Started> {
    let mut groups: BTreeMap<(String, Option<SiteId>), Vec<TaskId>> = BTreeMap::new();
    for (id, task) in tasks {
        groups.entry((task.kind_name(), scene.origin(id).site)).or_default().push(id);
    }
    let describe = |((name, site), tasks): ((String, Option<SiteId>), Vec<TaskId>)| {
        let started = place(scene, site).map_or_else(String::new, |place| format!(", started at {place},"));
        let (of_tasks, were, they, them) = match tasks.len() {
            1 => (name, "was", "it", "it"),
            count => (format!("{} of {name}", counted(count, "task")), "were", "they", "them"),
        };
        Started { tasks, subject: format!("{of_tasks}{started}"), were, they, them }
    };
    groups.into_iter().map(describe).collect()
}

/// Returns whether a loop polls the task.
fn on_a_loop(task: &Task) -> bool {
    matches!(task.kind, TaskKind::Future | TaskKind::Span | TaskKind::Scene)
}

/// Returns a place as people write it; nothing if it is not known.
fn place(scene: &SceneTrace, site: Option<SiteId>) -> Option<String> {
    let Site { file, line, .. } = scene.site(site?)?;
    Some(format!("{file}:{line}"))
}

/// Returns the function that a place is in, as `fetch()`; nothing if it is not known.
fn function(scene: &SceneTrace, site: Option<SiteId>) -> Option<String> {
    let Site { function, .. } = scene.site(site?)?;
    (!function.is_empty()).then(|| format!("{function}()"))
}

/// Returns where a poll of a task ran: from the await that it went on from to the one at which it ended, as far as they are
/// known, or else in which function.
fn place_of_poll(scene: &SceneTrace, id: TaskId, poll: Poll) -> Option<String> {
    let (before, after) = scene.sites_of_poll(id, poll);
    match (place(scene, before), place(scene, after)) {
        (Some(from), Some(to)) => Some(format!("after the await at {from}, before the one at {to}")),
        (Some(from), None) => Some(format!("after the await at {from}")),
        (None, Some(to)) => Some(format!("before the await at {to}")),
        (None, None) => place(scene, scene.origin(id).code).map(|code| format!("in the function at {code}")),
    }
}

/// Returns a word in its plural unless `count` is 1, with the number.
fn counted(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {word}{ending}", crate::units::grouped(count))
}

/// Returns whether the task ended by itself.
fn is_done(task: &Task) -> bool {
    task.outcome == Outcome::Done
}
