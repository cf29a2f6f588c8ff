//! The tasks of a scene by the name of their function: how many there were, and how they fared.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::is_done;
use crate::trace::{Nanos, SceneTrace, State, Task};

/// The tasks of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedTasks {
    /// The name without arguments, such as `fetch()`.
    pub name: String,
    /// How many lanes have it.
    pub lanes: usize,
    /// How many of them were cancelled, failed, or were still there at the end.
    pub not_done: usize,
    /// How many polls they had.
    pub polls: usize,
    /// For how long threads computed in these polls, as far as is known.
    pub busy: Nanos,
    /// The longest poll.
    pub longest_poll: Nanos,
    /// For how long a task was ready before each poll, in order of length.
    ready: Vec<Nanos>,
}

impl NamedTasks {
    /// Returns the time that tasks were ready before a poll in `share` of the cases, at most: 0.5 gives the median. 0 if
    /// there was no poll.
    pub fn ready(&self, share: f64) -> Nanos {
        let last = self.ready.len().saturating_sub(1);
        let index = (share * last as f64).round() as usize;
        self.ready.get(index.min(last)).copied().unwrap_or_default()
    }

    fn add(&mut self, scene: &SceneTrace, task: &Task) {
        self.lanes += 1;
        self.not_done += usize::from(!is_done(task));
        let polls = scene.polls(task);
        self.polls += polls.len();
        self.busy += scene.busy_of(task);
        let longest = polls.iter().map(|poll| poll.end - poll.start).max().unwrap_or_default();
        self.longest_poll = self.longest_poll.max(longest);
        let mut ready = Nanos::ZERO;
        for span in scene.states(task) {
            match span.state {
                State::Ready => ready = span.end - span.start,
                State::Running | State::Blocked => self.ready.push(std::mem::take(&mut ready)),
                _ => {}
            }
        }
    }
}

/// Returns the tasks of `scene` by name; those that computed the most come first.
pub fn by_name(scene: &SceneTrace) -> Vec<NamedTasks> {
    let mut groups: BTreeMap<String, NamedTasks> = BTreeMap::new();
    for task in scene.work() {
        let name = task.kind_name();
        let group = groups.entry(name.clone()).or_insert_with(|| NamedTasks {
            name,
            lanes: 0,
            not_done: 0,
            polls: 0,
            busy: Nanos::ZERO,
            longest_poll: Nanos::ZERO,
            ready: Vec::new(),
        });
        group.add(scene, task);
    }
    let mut groups: Vec<NamedTasks> = groups.into_values().collect();
    groups.iter_mut().for_each(|group| group.ready.sort_unstable());
    groups.sort_by_key(|group| Reverse(group.busy));
    groups
}
