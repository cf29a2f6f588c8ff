//! A recording taken apart into its events, in the order of time.

use super::ids::{ProcessId, SiteId, TaskId, ThreadId};
use super::{Event, Origin, Poll, SceneTrace, Site, Stand};
use crate::nanos::Nanos;

/// Where in a recording an event is found, and when it happened. Places are sorted rather than events, which would
/// take several times the memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: Nanos,
    rank: u8,
    /// None for a mark and for the usage of a poll.
    task: Option<TaskId>,
    /// Which event of the task, or which of those without one.
    index: u32,
}

impl SceneTrace {
    /// Returns everything that happened in the scene, in the order of time; at the same moment, in the order of the
    /// tasks. Processes, threads and sites come first, then how much was lost.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let processes = (0..).map(ProcessId).zip(&self.processes);
        let processes = processes.map(|(process, known)| Event::Process { process, name: known.name.clone() });
        let threads = (0..).map(ThreadId).zip(&self.threads);
        let threads =
            threads.map(|(thread, known)| Event::Thread { thread, name: known.name.clone(), process: known.process });
        let sites = (0..).map(SiteId).zip(self.sites.iter().cloned());
        let sites = sites.map(|(site, Site { file, line, function })| Event::Site { site, file, line, function });
        let lost = (self.lost > 0).then_some(Event::Lost { records: self.lost });
        let others = self.places().into_iter().map(|place| self.event(place));
        processes.chain(threads).chain(sites).chain(lost).chain(others)
    }

    /// Returns where to find each event of tasks and marks, in the order of time.
    fn places(&self) -> Vec<Place> {
        let of_tasks = self.tasks.iter().zip((0..).map(TaskId::new)).flat_map(|(task, number)| {
            let of_life = 1 + u32::from(task.spawned) + u32::from(task.ended.is_some());
            let count = of_life + task.polls.len + task.wakes.len + self.stands(number).len() as u32;
            (0..count).map(move |index| (Some(number), index))
        });
        let of_no_task = self.marks.len() + self.usages().len();
        let marks = (0..of_no_task as u32).map(|index| (None, index));
        let place = |(task, index)| {
            let place = Place { at: Nanos::ZERO, rank: 0, task, index };
            let event = self.event(place);
            Place { at: event.at(), rank: event.rank(), ..place }
        };
        let mut places: Vec<Place> = of_tasks.chain(marks).map(place).collect();
        places.sort_unstable();
        places
    }

    /// Returns the event at a place without a task: the marks come first, then the usages of polls.
    fn event_of_no_task(&self, index: usize) -> Event {
        match self.marks.get(index) {
            Some(mark) => Event::Mark(mark.clone()),
            None => Event::Usage(self.usages.nth(index - self.marks.len(), &self.polls)),
        }
    }

    /// Returns the event at `place`. Of a task, its creation comes first, then its spawning, its polls, its wakes, its
    /// waits and its end.
    fn event(&self, place: Place) -> Event {
        let index = place.index as usize;
        let Some(id) = place.task else { return self.event_of_no_task(index) };
        let task = &self.tasks[id.index()];
        if index == 0 {
            let name = task.name.clone();
            let (at, parent, kind) = (task.created, task.parent, task.kind);
            let Origin { site, code, .. } = self.origin(id);
            return Event::Created { task: id, at, parent, kind, name, site, code };
        }
        let index = index - 1;
        if task.spawned && index == 0 {
            return Event::Spawned { task: id, at: task.created };
        }
        let index = index - usize::from(task.spawned);
        let polls = self.polls(task);
        if let Some(Poll { start, end, thread }) = polls.get(index).copied() {
            return Event::Poll { task: id, thread, start, end };
        }
        let index = index - polls.len();
        let wakes = self.wakes(task);
        if let Some(at) = wakes.get(index).copied() {
            let by = self.wakers(task).get(index).copied().flatten();
            return Event::Wake { task: id, at, by };
        }
        match self.stands(id).get(index - wakes.len()).cloned() {
            Some(Stand { at, site, awaits, waits_for, .. }) => Event::Stands { task: id, at, site, awaits, waits_for },
            None => Event::End {
                task: id,
                at: task.ended.unwrap_or_default(),
                outcome: task.outcome.clone(),
                site: self.origin(id).raised,
            },
        }
    }
}
