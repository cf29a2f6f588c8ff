//! Folds what the recorder reads, thread by thread and in no order between threads, into a [`SceneTrace`].
//!
//! The same builder serves the live picture, an interrupted run and the finished one: [`Builder::trace`] may be
//! called at any time, [`Builder::finish`] at the end. Linear in the number of events but for a sort; what is collected
//! becomes the trace where it lies, since of a million tasks every copy is a hundred megabytes. Read `states.rs` next for what the
//! polls and wakes mean.

use ecow::EcoString;

use super::task::{Index, Slice};
use super::{Event, Flavor, Mark, Outcome, Poll, Runtime, SceneTrace, Task, TaskKind, Thread};

/// Dropping a finished `Instrumented` future enters its span once more, for as long as the drop takes. That is no
/// poll: a span's last slice of several is taken for it if it is shorter than this.
const DROP_SLICE: u64 = 50_000;

/// Collects events about one scene's tasks.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    threads: Vec<Thread>,
    /// As far as they are known: another thread's log may speak of a task before the log of its creator does.
    /// `spawned` means that an executor polled it first, until the end.
    tasks: Vec<Task>,
    polls: Vec<Heard>,
    wakes: Vec<(u32, u64)>,
    marks: Vec<Mark>,
}

/// A poll and its task: as large as the [`Poll`] that it becomes.
#[derive(Clone, Copy, Debug)]
struct Heard {
    start: u64,
    end: u64,
    thread: u32,
    task: u32,
}

/// What a scene was and how it ended, which no event tells.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) file: String,
    pub(crate) runtime: Runtime,
    pub(crate) outcome: Outcome,
}

impl Default for About {
    fn default() -> Self {
        About {
            name: String::new(),
            title: String::new(),
            file: String::new(),
            runtime: Runtime { flavor: Flavor::CurrentThread, workers: 1 },
            outcome: Outcome::Done,
        }
    }
}

impl Builder {
    /// A builder that has heard nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many tasks there are, of which nothing was heard yet: one place for all of them, rather than one larger than
    /// the other as they come.
    pub(crate) fn expect_tasks(&mut self, tasks: usize) {
        self.tasks.reserve(tasks.saturating_sub(self.tasks.len()));
    }

    /// Something that happened, in the words of whoever reads the recording.
    pub fn hear(&mut self, event: Event) {
        match event {
            Event::Thread { name } => drop(self.thread(&name)),
            Event::Created { task, at, parent, kind, name } => self.created(task, at, parent, kind, name),
            Event::Started { task } => self.started(task),
            Event::Polled { task, poll } => self.polled(task, poll.thread, poll.start, poll.end),
            Event::Woken { task, at } => self.woken(task, at),
            Event::Ended { task, at, outcome } => self.ended(task, at, outcome),
            Event::Marked(mark) => self.marks.push(mark),
        }
    }

    /// A thread; answers its index.
    pub fn thread(&mut self, name: &str) -> u32 {
        self.threads.push(Thread { name: name.to_owned() });
        (self.threads.len() - 1) as u32
    }

    /// The task number `task` was created.
    pub fn created(&mut self, task: u32, at: u64, parent: Option<u32>, kind: TaskKind, name: impl Into<EcoString>) {
        let task = self.task(task);
        (task.name, task.kind, task.parent, task.created) = (name.into(), kind, parent.and_then(Index::new), at);
    }

    /// The task is about to be polled for the first time, by an executor itself.
    pub fn started(&mut self, task: u32) {
        self.task(task).spawned = true;
    }

    /// The task was polled.
    pub fn polled(&mut self, task: u32, thread: u32, start: u64, end: u64) {
        self.task(task);
        self.polls.push(Heard { start, end, thread, task });
    }

    /// The task's waker fired.
    pub fn woken(&mut self, task: u32, at: u64) {
        self.task(task);
        self.wakes.push((task, at));
    }

    /// The task ended. What came first holds: a future that panicked is dropped too, maybe by another thread.
    pub fn ended(&mut self, task: u32, at: u64, outcome: Outcome) {
        let task = self.task(task);
        let order = |at: u64, outcome: &Outcome| (at, *outcome == Outcome::Cancelled);
        if task.ended.is_none_or(|ended| order(at, &outcome) < order(ended, &task.outcome)) {
            (task.ended, task.outcome) = (Some(at), outcome);
        }
    }

    /// Somebody said something.
    pub fn marked(
        &mut self,
        at: u64,
        task: Option<u32>,
        thread: u32,
        file: Option<String>,
        line: Option<u32>,
        text: String,
    ) {
        self.marks.push(Mark { at, task, thread, file, line, text });
    }

    fn task(&mut self, task: u32) -> &mut Task {
        let needed = task as usize + 1;
        if self.tasks.len() < needed {
            self.tasks.resize_with(needed, Task::unknown);
        }
        &mut self.tasks[task as usize]
    }

    /// What is known so far, `wall` nanoseconds after the start.
    ///
    /// `running` are the polls under way, as (task, thread, start): they last until `wall` for now.
    pub fn trace(&self, wall: u64, running: &[(u32, u32, u64)]) -> SceneTrace {
        self.clone().finish_as(About::default(), wall, running)
    }

    /// Likewise, when nothing will be heard any more: without a copy of it all.
    pub fn finish(self, wall: u64) -> SceneTrace {
        self.finish_as(About::default(), wall, &[])
    }

    pub(crate) fn finish_as(mut self, about: About, wall: u64, running: &[(u32, u32, u64)]) -> SceneTrace {
        for &(task, thread, start) in running {
            if (task as usize) < self.tasks.len() {
                self.polled(task, thread, start, wall.max(start));
            }
        }
        let Builder { threads, mut tasks, polls, wakes, mut marks } = self;
        let wakes = grouped_wakes(&mut tasks, wakes);
        let polls = grouped_polls(&mut tasks, polls);
        for task in &mut tasks {
            // A future that was made in no lane at all may have lain about for long before it was spawned.
            task.spawned &= task.parent.is_some() || task.kind != TaskKind::Future;
        }
        marks.sort_by_key(|mark| (mark.at, mark.thread));
        let About { name, title, file, runtime, outcome } = about;
        let figures = Vec::new();
        SceneTrace { name, title, file, runtime, wall, outcome, threads, tasks, marks, figures, polls, wakes }
    }
}

impl Task {
    /// One that somebody speaks of before its creation was heard of. Only an interrupted run's snapshot can show one; a
    /// moment later the gap is filled.
    fn unknown() -> Self {
        Task {
            name: EcoString::inline("?"),
            kind: TaskKind::Future,
            parent: None,
            created: 0,
            spawned: false,
            ended: None,
            outcome: Outcome::Interrupted,
            polls: Slice::default(),
            wakes: Slice::default(),
        }
    }
}

fn grouped_polls(tasks: &mut [Task], mut heard: Vec<Heard>) -> Vec<Poll> {
    // Stable, since that is fast with what comes as a few sorted runs: most tasks take turns in the same order.
    heard.sort_by_key(|poll| (poll.task, poll.start, poll.end, poll.thread));
    let mut next = 0;
    for (task, number) in tasks.iter_mut().zip(0..) {
        task.polls = slice(&heard, next, |poll| poll.task == number);
        next = task.polls.range().end;
        keep_apart(&mut heard[task.polls.range()]);
    }
    leave_out_drops(tasks, &mut heard);
    heard.into_iter().map(|Heard { start, end, thread, .. }| Poll { start, end, thread }).collect()
}

fn grouped_wakes(tasks: &mut [Task], mut heard: Vec<(u32, u64)>) -> Vec<u64> {
    heard.sort();
    let mut next = 0;
    for (task, number) in tasks.iter_mut().zip(0..) {
        task.wakes = slice(&heard, next, |(task, _)| *task == number);
        next = task.wakes.range().end;
    }
    heard.into_iter().map(|(_, at)| at).collect()
}

/// Those of `items` from `start` on that are its own.
fn slice<T>(items: &[T], start: usize, own: impl Fn(&T) -> bool) -> Slice {
    let len = items[start..].iter().take_while(|item| own(item)).count();
    Slice { start: start as u32, len: len as u32 }
}

/// Takes out the slices that are no polls, see [`DROP_SLICE`]: the figures are over all polls.
fn leave_out_drops(tasks: &mut [Task], polls: &mut Vec<Heard>) {
    let mut kept = 0;
    for task in tasks {
        let ended_span = task.ended.is_some() && task.kind == TaskKind::Span;
        let own = task.polls.range();
        task.polls.len -= u32::from(ended_span && ends_with_its_drop(&polls[own]));
        polls.copy_within(task.polls.range(), kept);
        task.polls.start = kept as u32;
        kept += task.polls.len as usize;
    }
    polls.truncate(kept);
}

/// Two cores' counters may disagree by a few ticks, and a span may be entered twice: a task still runs once at a time.
fn keep_apart(polls: &mut [Heard]) {
    let mut free = 0;
    for poll in polls {
        poll.start = poll.start.max(free);
        poll.end = poll.end.max(poll.start);
        free = poll.end;
    }
}

fn ends_with_its_drop(polls: &[Heard]) -> bool {
    polls.len() > 1 && polls.last().is_some_and(|last| last.end - last.start < DROP_SLICE)
}
