//! A recording as it was at an earlier moment: what a playback shows.

use super::holds::Holds;
use super::ids::TaskId;
use super::task::Slice;
use super::usage::{Usage, Usages};
use super::{Mark, Outcome, Poll, SceneTrace, Stand, Task};
use crate::nanos::Nanos;

impl SceneTrace {
    /// Returns the moments at which anything begins, ends or happens, in order.
    pub(crate) fn moments(&self) -> Vec<Nanos> {
        let of_tasks = self.tasks.iter().flat_map(|task| [Some(task.created), task.ended]).flatten();
        let of_polls = self.polls.iter().flat_map(|poll| [poll.start, poll.end]);
        let mut moments: Vec<Nanos> = of_tasks.chain(of_polls).chain(self.wakes.iter().copied()).collect();
        moments.sort_unstable();
        moments
    }

    /// Returns the scene as it was known at `now`, while it was still running: whatever was under way then lasts until
    /// `wall`. Tasks that did not exist yet are left out, and the others are numbered anew.
    pub(crate) fn until(&self, now: Nanos, wall: Nanos) -> SceneTrace {
        let mut cut = self.emptied(wall, Outcome::Interrupted);
        let mut numbers: Vec<Option<TaskId>> = vec![None; self.tasks.len()];
        for (id, (task, number)) in (0..).map(TaskId::new).zip(self.tasks.iter().zip(&mut numbers)) {
            let polled = self.polls(task).first().is_some_and(|poll| poll.start <= now);
            if task.created <= now || polled {
                let new = TaskId::new(cut.tasks.len() as u32);
                *number = Some(new);
                self.cut_task(task, now, &mut cut);
                let mut origin = self.origin(id);
                if task.ended.is_none_or(|ended| ended > now) {
                    origin.raised = None;
                }
                if !origin.is_unknown() {
                    cut.origins.push((new, origin));
                }
                let stands = self.stands(id).iter().take_while(|stand| stand.at <= now);
                cut.stands.extend(stands.map(|stand| Stand { task: new, ..stand.clone() }));
            }
        }
        let renumber = |task: Option<TaskId>| task.and_then(|task| numbers.get(task.index()).copied().flatten());
        for task in &mut cut.tasks {
            task.parent = renumber(task.parent);
        }
        for waker in &mut cut.wakers {
            *waker = renumber(*waker);
        }
        for stand in &mut cut.stands {
            stand.waits_for = renumber(stand.waits_for);
        }
        cut.usages = self.cut_usages(&numbers, &cut);
        let said = self.marks.iter().filter(|mark| mark.at <= now);
        cut.marks = said.map(|mark| Mark { task: renumber(mark.task), ..mark.clone() }).collect();
        cut.with_holds()
    }

    /// Returns the usages of the polls of `cut`, whose tasks have these `numbers` there. A poll that is under way is
    /// taken to go on as it did.
    fn cut_usages(&self, numbers: &[Option<TaskId>], cut: &SceneTrace) -> Usages {
        let length = |poll: &Poll| poll.end - poll.start;
        let told = self.usages().filter_map(|usage| {
            let whole = &self.polls[self.position_of_poll(usage.task, usage.start)?];
            let task = numbers.get(usage.task.index()).copied().flatten()?;
            let shown = &cut.polls[cut.position_of_poll(task, usage.start)?];
            Some(Usage { task, ..usage.scaled(length(whole), length(shown)) })
        });
        Usages::of(told.collect(), |task, start| cut.position_of_poll(task, start))
    }

    /// Returns the scene without anything that happened in it.
    fn emptied(&self, wall: Nanos, outcome: Outcome) -> SceneTrace {
        SceneTrace {
            name: self.name.clone(),
            title: self.title.clone(),
            file: self.file.clone(),
            language: self.language.clone(),
            runtime: self.runtime.clone(),
            helpers: self.helpers.clone(),
            wall,
            outcome,
            started: self.started,
            lost: self.lost,
            processes: self.processes.clone(),
            threads: self.threads.clone(),
            sites: self.sites.clone(),
            tasks: Vec::new(),
            marks: Vec::new(),
            figures: Vec::new(),
            polls: Vec::new(),
            wakes: Vec::new(),
            wakers: Vec::new(),
            origins: Vec::new(),
            stands: Vec::new(),
            usages: Usages::default(),
            holds: Holds::default(),
        }
    }

    /// Adds `task` to `cut`, as it was known at `now`.
    fn cut_task(&self, task: &Task, now: Nanos, cut: &mut SceneTrace) {
        let first_poll = cut.polls.len() as u32;
        let first_wake = cut.wakes.len() as u32;
        for poll in self.polls(task).iter().take_while(|poll| poll.start <= now) {
            // A poll of no length is over as soon as it has begun.
            let under_way = poll.end > now;
            let end = if under_way { cut.wall.max(now) } else { poll.end };
            cut.polls.push(Poll { end, ..*poll });
        }
        cut.wakes.extend(self.wakes(task).iter().take_while(|wake| **wake <= now));
        let known = cut.wakes.len() - first_wake as usize;
        cut.wakers.extend(self.wakers(task).iter().take(known));
        let polls = Slice { start: first_poll, len: cut.polls.len() as u32 - first_poll };
        let wakes = Slice { start: first_wake, len: cut.wakes.len() as u32 - first_wake };
        let ended = task.ended.filter(|ended| *ended <= now);
        let outcome = if ended.is_some() { task.outcome.clone() } else { Outcome::Interrupted };
        cut.tasks.push(Task { ended, outcome, polls, wakes, ..task.clone() });
    }
}
