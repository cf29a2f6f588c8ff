//! A scene is read from its form in the document, and checked while its tasks are taken apart into the scene's lists.

use serde::{Deserialize, Deserializer, Serialize};

use crate::nanos::Nanos;
use crate::trace::contradiction::{
    check_end, check_figures, check_helpers, check_known, check_mark, check_poll, check_sites,
};
use crate::trace::holds::Holds;
use crate::trace::ids::{SiteId, TaskId, ThreadId};
use crate::trace::short;
use crate::trace::task::Slice;
use crate::trace::usage::{Usage, Usages};
use crate::trace::{
    Contradiction, Figure, Mark, Name, Origin, Outcome, Poll, Process, RuntimeInfo, SceneTrace, Site, Stand, Task,
    TaskKind, Thread, limits,
};

/// A scene's form in the file: each task holds its own polls and wakes.
#[derive(Deserialize)]
struct SceneForm {
    #[serde(deserialize_with = "short::name")]
    name: String,
    #[serde(deserialize_with = "short::text")]
    title: String,
    #[serde(deserialize_with = "short::path")]
    file: String,
    #[serde(default)]
    #[serde(deserialize_with = "short::maybe_name")]
    language: Option<String>,
    runtime: RuntimeInfo,
    #[serde(default)]
    #[serde(deserialize_with = "short::names")]
    helpers: Vec<String>,
    wall: Nanos,
    outcome: Outcome,
    #[serde(default)]
    started: Option<Nanos>,
    #[serde(default)]
    lost: u64,
    #[serde(default)]
    processes: Vec<Process>,
    threads: Vec<Thread>,
    #[serde(default)]
    sites: Vec<Site>,
    tasks: Vec<TaskForm>,
    #[serde(default)]
    usages: Vec<Usage>,
    marks: Vec<Mark>,
    #[serde(default)]
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct TaskForm {
    name: Name,
    kind: TaskKind,
    #[serde(default)]
    parent: Option<TaskId>,
    created: Nanos,
    #[serde(default)]
    spawned: bool,
    #[serde(default)]
    ended: Option<Nanos>,
    outcome: Outcome,
    /// The polls, each as its start, its end and its thread.
    polls: Vec<(Nanos, Nanos, ThreadId)>,
    wakes: Vec<Nanos>,
    #[serde(default)]
    wakers: Vec<Option<TaskId>>,
    #[serde(default)]
    site: Option<SiteId>,
    #[serde(default)]
    code: Option<SiteId>,
    #[serde(default)]
    raised: Option<SiteId>,
    #[serde(default)]
    stands: Vec<StandForm>,
}

/// The beginning of a wait, within its task.
#[derive(Serialize, Deserialize)]
pub(super) struct StandForm {
    at: Nanos,
    site: SiteId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaits: Option<Name>,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    waits_for: Option<TaskId>,
}

impl StandForm {
    pub(super) fn of(stand: &Stand) -> Self {
        let Stand { task: _, at, site, ref awaits, waits_for } = *stand;
        StandForm { at, site, awaits: awaits.clone(), waits_for }
    }
}

impl<'de> Deserialize<'de> for SceneTrace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SceneForm::deserialize(deserializer)?.check().map_err(serde::de::Error::custom)
    }
}

impl SceneForm {
    fn check(self) -> Result<SceneTrace, Contradiction> {
        let task_count = self.tasks.len();
        let thread_count = self.threads.len();
        if task_count > limits::TASKS {
            return Err(Contradiction::TooManyTasks);
        }
        check_helpers(&self.helpers)?;
        check_figures(self.figures.len())?;
        let process_count = self.processes.len();
        let lost = |thread: &Thread| thread.process.is_some_and(|process| process.index() >= process_count);
        if let Some(thread) = self.threads.iter().position(lost) {
            return Err(Contradiction::UnknownProcess(ThreadId(thread as u32)));
        }
        check_sites(self.sites.len())?;
        let any_waker = self.tasks.iter().any(|task| task.wakers.iter().any(Option::is_some));
        let mut lists = Lists { any_waker, ..Lists::default() };
        let mut tasks = Vec::with_capacity(task_count);
        for (id, form) in (0..).map(TaskId::new).zip(self.tasks) {
            form.check(id, task_count, thread_count, self.sites.len())?;
            tasks.push(lists.take(id, form)?);
        }
        for (index, mark) in self.marks.iter().enumerate() {
            let task_exists = mark.task.is_none_or(|task| task.index() < task_count);
            check_mark(index, mark.thread, thread_count, task_exists)?;
        }
        let mut marks = self.marks;
        marks.sort_by_key(|mark| (mark.at, mark.thread));
        let Lists { polls, wakes, wakers, origins, mut stands, .. } = lists;
        stands.sort_by_key(Stand::order);
        let mut scene = SceneTrace {
            name: self.name,
            title: self.title,
            file: self.file,
            language: self.language,
            runtime: self.runtime,
            helpers: self.helpers,
            wall: self.wall,
            outcome: self.outcome,
            started: self.started,
            lost: self.lost,
            processes: self.processes,
            threads: self.threads,
            sites: self.sites,
            tasks,
            marks,
            figures: self.figures,
            polls,
            wakes,
            wakers,
            origins,
            stands,
            usages: Usages::default(),
            holds: Holds::default(),
        };
        scene.usages = Usages::of(self.usages, |task, start| scene.position_of_poll(task, start));
        Ok(scene.with_holds())
    }
}

/// A scene's lists, which grow with each of its tasks.
#[derive(Default)]
struct Lists {
    /// Whether any task says who woke it.
    any_waker: bool,
    polls: Vec<Poll>,
    wakes: Vec<Nanos>,
    wakers: Vec<Option<TaskId>>,
    origins: Vec<(TaskId, Origin)>,
    stands: Vec<Stand>,
}

impl Lists {
    /// Takes what is the lists' from a task that was checked, and returns the task.
    fn take(&mut self, id: TaskId, form: TaskForm) -> Result<Task, Contradiction> {
        let origin = Origin { site: form.site, code: form.code, raised: form.raised };
        if !origin.is_unknown() {
            self.origins.push((id, origin));
        }
        let stand = |StandForm { at, site, awaits, waits_for }| Stand { task: id, at, site, awaits, waits_for };
        self.stands.extend(form.stands.into_iter().map(stand));
        if self.any_waker {
            let none = form.wakes.len() - form.wakers.len();
            self.wakers.extend(form.wakers.into_iter().chain(std::iter::repeat_n(None, none)));
        }
        let own = form.polls.iter().map(|&(start, end, thread)| Poll { start, end, thread });
        let polls = append(&mut self.polls, own)?;
        let wakes = append(&mut self.wakes, form.wakes)?;
        let TaskForm { name, kind, parent, created, spawned, ended, outcome, .. } = form;
        Ok(Task { name, kind, parent, created, spawned, ended, outcome, announced: true, polls, wakes })
    }
}

impl TaskForm {
    fn check(&self, id: TaskId, tasks: usize, threads: usize, sites: usize) -> Result<(), Contradiction> {
        let places = [self.site, self.code, self.raised].into_iter().flatten();
        let named = places.chain(self.stands.iter().map(|stand| stand.site));
        check_known(id, named, sites)?;
        if !self.wakers.is_empty() && self.wakers.len() != self.wakes.len() {
            return Err(Contradiction::WakersDiffer(id));
        }
        let mut peers = self.wakers.iter().copied().chain(self.stands.iter().map(|stand| stand.waits_for)).flatten();
        if peers.any(|peer| peer.index() >= tasks) {
            return Err(Contradiction::UnknownPeer(id));
        }
        if self.parent.is_some_and(|parent| parent.index() >= tasks) {
            return Err(Contradiction::UnknownParent(id));
        }
        match self.ended {
            Some(ended) => check_end(id, self.created, ended)?,
            None if self.outcome != Outcome::Interrupted => return Err(Contradiction::OutcomeWithoutEnd(id)),
            None => {}
        }
        for &(start, end, thread) in &self.polls {
            check_poll(id, start, end, thread, threads)?;
        }
        if self.polls.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            return Err(Contradiction::PollsOverlap(id));
        }
        if !self.wakes.is_sorted() {
            return Err(Contradiction::WakesOutOfOrder(id));
        }
        Ok(())
    }
}

/// Appends a task's own items to those of all tasks, and returns where they are.
fn append<T>(all: &mut Vec<T>, own: impl IntoIterator<Item = T>) -> Result<Slice, Contradiction> {
    let start = all.len() as u32;
    all.extend(own);
    if all.len() > limits::POLLS {
        return Err(Contradiction::TooManyPolls);
    }
    Ok(Slice { start, len: all.len() as u32 - start })
}
