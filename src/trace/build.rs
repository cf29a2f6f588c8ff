//! Folds the events of one scene into a [`SceneTrace`], and refuses those that contradict each other.
//!
//! Events of one thread come in the order of time; those of several threads come in any order. The same builder serves
//! a running scene, an interrupted one and a finished one. Its work is linear in the number of events but for a sort,
//! and what it collects becomes the trace without being copied: a copy of a million tasks takes a hundred megabytes.
//! Read `states.rs` next for what polls and wakes mean.

mod whole;

use super::contradiction::{check_end, check_known, check_mark, check_poll, check_sites};
use super::group::{PollRecord, WakeRecord, group_polls, group_wakes};
use super::holds::Holds;
use super::ids::{SiteId, TaskId, ThreadId};
use super::limits;
use super::order::WITHIN_SCENE;
use super::source::RunningPoll;
use super::{
    Contradiction, Event, Mark, Origin, Outcome, Process, SceneStart, SceneTrace, Site, Stand, Task, Thread, Usage,
};
use crate::nanos::Nanos;

/// Collects the events of one scene.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    processes: Vec<Process>,
    threads: Vec<Thread>,
    /// The tasks by their numbers. A task is in here before its creation is reported if another thread named it first.
    tasks: Vec<Task>,
    /// How many tasks were created so far.
    created: usize,
    /// Numbers below this are trusted, however few tasks were created so far.
    expected: usize,
    polls: Vec<PollRecord>,
    wakes: Vec<WakeRecord>,
    usages: Vec<Usage>,
    marks: Vec<Mark>,
    sites: Vec<Site>,
    origins: Vec<(TaskId, Origin)>,
    stands: Vec<Stand>,
    /// How many records the recorder had to drop.
    lost: u64,
}

impl Builder {
    /// Returns a builder without events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reserves capacity for `tasks` tasks, so that the vector does not regrow, and trusts their numbers. For recorders
    /// of this process only: a number from a stranger must not allocate anything.
    pub(crate) fn expect_tasks(&mut self, tasks: usize) {
        self.expected = self.expected.max(tasks);
        self.tasks.reserve(tasks.saturating_sub(self.tasks.len()));
    }

    /// Applies one event. Events of one thread must arrive in time order.
    ///
    /// # Errors
    /// If the event contradicts those before it or is beyond a limit. The builder is as it was before, then; of a
    /// packed event, those before the wrong one are applied.
    pub fn apply(&mut self, event: Event) -> Result<(), Contradiction> {
        match event {
            Event::Created { task: id, at, parent, kind, name, site, code } => {
                check_known(id, site.into_iter().chain(code), self.sites.len())?;
                let task = self.create(id, at, parent)?;
                task.name = name;
                task.kind = kind;
                self.add_origin(id, Origin { site, code, raised: None });
            }
            Event::Spawned { task, .. } => self.task(task)?.spawned = true,
            Event::Poll { task, thread, start, end } => {
                check_poll(task, start, end, thread, self.threads.len())?;
                if self.polls.len() >= limits::POLLS {
                    return Err(Contradiction::TooManyPolls);
                }
                self.task(task)?;
                self.polls.push(PollRecord { start, end, thread, task });
            }
            Event::Wake { task, at, by } => {
                if self.wakes.len() >= limits::POLLS {
                    return Err(Contradiction::TooManyPolls);
                }
                self.check_peer(by)?;
                self.task(task)?;
                self.wakes.push(WakeRecord { task, by, at });
            }
            Event::End { task, at, outcome, site } => {
                check_known(task, site, self.sites.len())?;
                self.end(task, at, outcome)?;
                self.add_origin(task, Origin { raised: site, ..Origin::default() });
            }
            rare => self.apply_rare(rare)?,
        }
        Ok(())
    }

    /// Applies an event of a kind of which a scene has few. Millions of others need not carry the code that drops what
    /// these may own.
    #[inline(never)]
    fn apply_rare(&mut self, event: Event) -> Result<(), Contradiction> {
        match event {
            Event::Process { process, name } => {
                if process.index() != self.processes.len() || self.processes.len() >= limits::PROCESSES {
                    return Err(Contradiction::ProcessOutOfOrder(process));
                }
                self.processes.push(Process { name });
            }
            Event::Thread { thread, name, process } => self.add_thread(thread, Thread { name, process })?,
            Event::Usage(usage) => {
                if self.usages.len() >= limits::USAGES {
                    return Err(Contradiction::TooManyUsages);
                }
                self.task(usage.task)?;
                self.usages.push(usage);
            }
            Event::Mark(mark) => {
                let task_exists = mark.task.is_none_or(|task| self.check_number(task).is_ok());
                check_mark(self.marks.len(), mark.thread, self.threads.len(), task_exists)?;
                self.marks.push(mark);
            }
            Event::Site { site, file, line, function } => self.add_site(site, Site { file, line, function })?,
            Event::Stands { task, at, site, awaits, waits_for } => {
                check_known(task, [site], self.sites.len())?;
                self.check_peer(waits_for)?;
                if self.stands.len() >= limits::POLLS {
                    return Err(Contradiction::TooManyPolls);
                }
                self.task(task)?;
                self.stands.push(Stand { task, at, site, awaits, waits_for });
            }
            Event::Renamed { task, name } => {
                let renamed = self.tasks.get_mut(task.index()).filter(|task| task.announced);
                renamed.ok_or(Contradiction::NeverCreated(task))?.name = name;
            }
            Event::Lost { records } => self.lost = self.lost.saturating_add(records),
            Event::Packed(packed) => {
                let mut events = packed.unpack()?;
                while let Some(event) = events.next_event()? {
                    self.apply(event)?;
                }
            }
            Event::Unknown => {}
            // Named one by one, so that a new kind of event has to be decided about here.
            Event::Created { .. }
            | Event::Spawned { .. }
            | Event::Poll { .. }
            | Event::Wake { .. }
            | Event::End { .. }
            | Event::Run(_)
            | Event::Scene(_)
            | Event::Figure(_)
            | Event::SceneEnd { .. }
            | Event::Skipped(_)
            | Event::Claim(_) => return Err(WITHIN_SCENE),
        }
        Ok(())
    }

    fn add_site(&mut self, id: SiteId, site: Site) -> Result<(), Contradiction> {
        if id.index() != self.sites.len() {
            return Err(Contradiction::SiteOutOfOrder(id));
        }
        check_sites(self.sites.len() + 1)?;
        self.sites.push(site);
        Ok(())
    }

    fn add_thread(&mut self, id: ThreadId, thread: Thread) -> Result<(), Contradiction> {
        if id.index() != self.threads.len() {
            return Err(Contradiction::ThreadOutOfOrder(id));
        }
        if self.threads.len() >= limits::THREADS {
            return Err(Contradiction::TooManyThreads);
        }
        if thread.process.is_some_and(|process| process.index() >= self.processes.len()) {
            return Err(Contradiction::UnknownProcess(id));
        }
        self.threads.push(thread);
        Ok(())
    }

    /// Applies a task's creation and returns the task, which has neither its name nor its kind yet.
    fn create(&mut self, id: TaskId, at: Nanos, parent: Option<TaskId>) -> Result<&mut Task, Contradiction> {
        if let Some(parent) = parent {
            self.check_number(parent)?;
        }
        let task = self.task(id)?;
        if task.announced {
            return Err(Contradiction::CreatedTwice(id));
        }
        if let Some(ended) = task.ended {
            check_end(id, at, ended)?;
        }
        task.announced = true;
        task.created = at;
        task.parent = parent;
        self.created += 1;
        Ok(&mut self.tasks[id.index()])
    }

    /// Applies a task's end. A future that panicked is dropped too, maybe by another thread: the earlier end counts.
    fn end(&mut self, id: TaskId, at: Nanos, outcome: Outcome) -> Result<(), Contradiction> {
        let task = self.task(id)?;
        if task.announced {
            check_end(id, task.created, at)?;
        }
        let order = |at: Nanos, outcome: &Outcome| (at, *outcome == Outcome::Cancelled);
        if task.ended.is_none_or(|ended| order(at, &outcome) < order(ended, &task.outcome)) {
            task.ended = Some(at);
            task.outcome = outcome;
        }
        Ok(())
    }

    /// Adds what is known of a task's places. What comes later of the same task is joined with it at the end.
    fn add_origin(&mut self, id: TaskId, origin: Origin) {
        if !origin.is_unknown() {
            self.origins.push((id, origin));
        }
    }

    /// Checks that a task may have this number.
    fn check_number(&self, task: TaskId) -> Result<(), Contradiction> {
        let number = task.index();
        if number < self.expected || number < self.tasks.len() {
            return Ok(());
        }
        if number >= limits::TASKS {
            return Err(Contradiction::TooManyTasks);
        }
        if number > self.created + limits::LEAP {
            return Err(Contradiction::TaskAhead(task));
        }
        Ok(())
    }

    /// Checks that the task which woke another one, or for which it waits, may have this number.
    fn check_peer(&self, peer: Option<TaskId>) -> Result<(), Contradiction> {
        peer.map_or(Ok(()), |peer| self.check_number(peer))
    }

    /// Returns the task of this number, and makes room for it if its creation was not reported yet.
    #[inline]
    fn task(&mut self, id: TaskId) -> Result<&mut Task, Contradiction> {
        let index = id.index();
        if index >= self.tasks.len() {
            self.make_room(id)?;
        }
        Ok(&mut self.tasks[index])
    }

    #[inline(never)]
    fn make_room(&mut self, id: TaskId) -> Result<(), Contradiction> {
        self.check_number(id)?;
        self.tasks.resize_with(id.index() + 1, Task::unannounced);
        Ok(())
    }

    /// Returns whether `poll` can be under way: its task and its thread are known, and no event tells of that poll or of
    /// a later one. For polls that a stranger tells of beside its events.
    pub(crate) fn may_run(&self, poll: &RunningPoll) -> bool {
        let Some(task) = self.tasks.get(poll.task.index()) else { return false };
        let told = |known: &PollRecord| known.task == poll.task && known.start >= poll.since;
        let alive = task.announced && task.ended.is_none() && task.created <= poll.since;
        alive && poll.thread.index() < self.threads.len() && !self.polls.iter().any(told)
    }

    /// Returns what is known so far, `wall` nanoseconds after the start. The polls in `running` are under way and last
    /// until `wall` for now.
    pub fn trace(&self, wall: Nanos, running: &[RunningPoll]) -> SceneTrace {
        self.clone().finish_as(SceneStart::default(), wall, Outcome::Done, running)
    }

    /// Returns the finished scene, `wall` nanoseconds after the start.
    pub fn finish(self, wall: Nanos) -> SceneTrace {
        self.finish_as(SceneStart::default(), wall, Outcome::Done, &[])
    }

    /// Returns the scene that `start` describes, with this wall and outcome.
    pub(crate) fn finish_as(
        mut self,
        start: SceneStart,
        wall: Nanos,
        outcome: Outcome,
        running: &[RunningPoll],
    ) -> SceneTrace {
        for poll in running {
            if poll.task.index() < self.tasks.len() {
                let RunningPoll { task, thread, since: start, blocked } = *poll;
                self.polls.push(PollRecord { start, end: wall.max(start), thread, task });
                if blocked {
                    self.usages.push(Usage { task, start, computed: Nanos::ZERO, preempted: Nanos::ZERO });
                }
            }
        }
        let Builder { processes, threads, mut tasks, polls, wakes, usages, mut marks, sites, lost, .. } = self;
        let (mut origins, mut stands) = (self.origins, self.stands);
        let (wakes, wakers) = group_wakes(&mut tasks, wakes);
        let (polls, usages) = group_polls(&mut tasks, polls, usages);
        marks.sort_by_key(|mark| (mark.at, mark.thread));
        Origin::join(&mut origins);
        stands.sort_by_key(Stand::order);
        let SceneStart { scene: name, title, file, language, runtime, helpers, started } = start;
        let figures = Vec::new();
        SceneTrace {
            name,
            title,
            file,
            language,
            runtime,
            helpers,
            wall,
            outcome,
            started,
            lost,
            processes,
            threads,
            sites,
            tasks,
            marks,
            figures,
            polls,
            wakes,
            wakers,
            origins,
            stands,
            usages,
            holds: Holds::default(),
        }
        .with_holds()
    }
}
