//! Folds what the recorder reads, thread by thread and in no order between threads, into a [`SceneTrace`].
//!
//! The same builder serves the live picture, an interrupted run and the finished one: [`Builder::trace`] may be
//! called at any time. Linear in the number of events. Read `states.rs` next for what the polls and wakes mean.

use super::{Event, Flavor, Mark, Outcome, Poll, Runtime, SceneTrace, Slice, Task, TaskKind, Thread};

/// Dropping a finished `Instrumented` future enters its span once more, for as long as the drop takes. That is no
/// poll: a span's last slice of several is taken for it if it is shorter than this.
const DROP_SLICE: u64 = 50_000;

/// Collects events about one scene's tasks.
#[derive(Debug, Default)]
pub struct Builder {
    threads: Vec<Thread>,
    tasks: Vec<Draft>,
    polls: Vec<(u32, Poll)>,
    wakes: Vec<(u32, u64)>,
    marks: Vec<Mark>,
}

/// A task as far as it is known: another thread's log may speak of it before the log of its creator does.
#[derive(Clone, Debug, Default)]
struct Draft {
    known: Option<Known>,
    started: bool,
    end: Option<(u64, Outcome)>,
}

#[derive(Clone, Debug)]
struct Known {
    name: Box<str>,
    kind: TaskKind,
    parent: Option<u32>,
    created: u64,
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
    pub fn created(&mut self, task: u32, at: u64, parent: Option<u32>, kind: TaskKind, name: impl Into<Box<str>>) {
        self.draft(task).known = Some(Known { name: name.into(), kind, parent, created: at });
    }

    /// The task is about to be polled for the first time, by an executor itself.
    pub fn started(&mut self, task: u32) {
        self.draft(task).started = true;
    }

    /// The task was polled.
    pub fn polled(&mut self, task: u32, thread: u32, start: u64, end: u64) {
        self.draft(task);
        self.polls.push((task, Poll { start, end, thread }));
    }

    /// The task's waker fired.
    pub fn woken(&mut self, task: u32, at: u64) {
        self.draft(task);
        self.wakes.push((task, at));
    }

    /// The task ended. What came first holds: a future that panicked is dropped too, maybe by another thread.
    pub fn ended(&mut self, task: u32, at: u64, outcome: Outcome) {
        let end = &mut self.draft(task).end;
        let order = |(at, outcome): &(u64, Outcome)| (*at, *outcome == Outcome::Cancelled);
        let new = (at, outcome);
        if end.as_ref().is_none_or(|end| order(&new) < order(end)) {
            *end = Some(new);
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

    fn draft(&mut self, task: u32) -> &mut Draft {
        let needed = task as usize + 1;
        if self.tasks.len() < needed {
            self.tasks.resize_with(needed, Draft::default);
        }
        &mut self.tasks[task as usize]
    }

    /// What is known so far, `wall` nanoseconds after the start.
    ///
    /// `running` are the polls under way, as (task, thread, start): they last until `wall` for now.
    pub fn trace(&self, wall: u64, running: &[(u32, u32, u64)]) -> SceneTrace {
        self.trace_about(About::default(), wall, running)
    }

    pub(crate) fn trace_about(&self, about: About, wall: u64, running: &[(u32, u32, u64)]) -> SceneTrace {
        let under_way = running
            .iter()
            .filter(|(task, ..)| (*task as usize) < self.tasks.len())
            .map(|&(task, thread, start)| (task, Poll { start, end: wall.max(start), thread }));
        let polls: Vec<_> = self.polls.iter().copied().chain(under_way).collect();
        let (mut polls, mut of_polls) = group(self.tasks.len(), &polls, |poll| (poll.start, poll.end, poll.thread));
        for slice in &of_polls {
            keep_apart(&mut polls[slice.range()]);
        }
        let (wakes, of_wakes) = group(self.tasks.len(), &self.wakes, |wake| *wake);
        self.leave_out_drops(&mut polls, &mut of_polls);
        let slices = of_polls.into_iter().zip(of_wakes);
        let tasks = self.tasks.iter().zip(slices).map(|(draft, slices)| draft.task(slices)).collect();
        let mut marks = self.marks.clone();
        marks.sort_by_key(|mark| (mark.at, mark.thread));
        let About { name, title, file, runtime, outcome } = about;
        let threads = self.threads.clone();
        SceneTrace { name, title, file, runtime, wall, outcome, threads, tasks, marks, polls, wakes }
    }

    /// Takes out the slices that are no polls, see [`DROP_SLICE`]: the figures are over all polls.
    fn leave_out_drops(&self, polls: &mut Vec<Poll>, slices: &mut [Slice]) {
        let mut kept = 0;
        for (draft, slice) in self.tasks.iter().zip(slices) {
            slice.len -= u32::from(draft.is_ended_span() && ends_with_its_drop(slice.of(polls)));
            polls.copy_within(slice.range(), kept);
            slice.start = kept as u32;
            kept += slice.len as usize;
        }
        polls.truncate(kept);
    }
}

impl Draft {
    fn is_ended_span(&self) -> bool {
        self.end.is_some() && self.known.as_ref().is_some_and(|known| known.kind == TaskKind::Span)
    }

    fn task(&self, (polls, wakes): (Slice, Slice)) -> Task {
        // Only an interrupted run's snapshot can know a task without its creation; it fills the gap a moment later.
        let unknown = || Known { name: "?".into(), kind: TaskKind::Future, parent: None, created: 0 };
        let Known { name, kind, parent, created } = self.known.clone().unwrap_or_else(unknown);
        let (ended, outcome) = match &self.end {
            Some((at, outcome)) => (Some(*at), outcome.clone()),
            None => (None, Outcome::Interrupted),
        };
        // A future that was made in no lane at all may have lain about for long before it was spawned.
        let spawned = self.started && (parent.is_some() || kind != TaskKind::Future);
        Task { name, kind, parent, created, spawned, ended, outcome, polls, wakes }
    }
}

/// Two cores' counters may disagree by a few ticks, and a span may be entered twice: a task still runs once at a time.
fn keep_apart(polls: &mut [Poll]) {
    let mut free = 0;
    for poll in polls {
        poll.start = poll.start.max(free);
        poll.end = poll.end.max(poll.start);
        free = poll.end;
    }
}

fn ends_with_its_drop(polls: &[Poll]) -> bool {
    polls.len() > 1 && polls.last().is_some_and(|last| last.end - last.start < DROP_SLICE)
}

/// Sorts `items` by their task, in linear time since tasks are dense numbers, and each task's own by `key`.
fn group<T: Copy, K: Ord>(tasks: usize, items: &[(u32, T)], key: impl Fn(&T) -> K) -> (Vec<T>, Vec<Slice>) {
    let mut slices = vec![Slice::default(); tasks];
    for (task, _) in items {
        slices[*task as usize].len += 1;
    }
    let mut start = 0;
    for slice in &mut slices {
        slice.start = start;
        start += std::mem::take(&mut slice.len);
    }
    let Some((_, filler)) = items.first() else { return (Vec::new(), slices) };
    let mut grouped = vec![*filler; items.len()];
    for (task, item) in items {
        let slice = &mut slices[*task as usize];
        grouped[(slice.start + slice.len) as usize] = *item;
        slice.len += 1;
    }
    for slice in &slices {
        let own = &mut grouped[slice.range()];
        if !own.is_sorted_by_key(&key) {
            own.sort_by_key(&key);
        }
    }
    (grouped, slices)
}
