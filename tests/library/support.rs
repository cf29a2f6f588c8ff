//! What the other modules share: ways to record, a future that counts its own polls, a waker that counts its wakes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use asyncguide::chart::{Lanes, Shown};
use asyncguide::session::{self, Flavor, Runtime};
use asyncguide::trace::{
    Builder, Clock, Event, Nanos, Outcome, SceneTrace, State, Task, TaskId, TaskKind, ThreadId, Trace,
};

pub(crate) const ONE_THREAD: Runtime = Runtime { flavor: Flavor::CurrentThread, workers: 1 };
pub(crate) const TWO_WORKERS: Runtime = Runtime { flavor: Flavor::MultiThread, workers: 2 };

/// A second.
pub(crate) const SECOND: Nanos = Nanos::from_secs(1);

/// Records `work` on one thread, as time passes.
pub(crate) fn record<F>(work: impl FnOnce() -> F + Send + 'static) -> SceneTrace
where
    F: Future<Output: Send + 'static>,
{
    session::record(ONE_THREAD, Clock::Real, work).expect("a thread and a runtime can be had").trace
}

/// Likewise, with two workers.
pub(crate) fn record_on_two_workers<F>(work: impl FnOnce() -> F + Send + 'static) -> SceneTrace
where
    F: Future<Output: Send + 'static>,
{
    session::record(TWO_WORKERS, Clock::Real, work).expect("threads and a runtime can be had").trace
}

/// Likewise, on one thread and the virtual clock.
pub(crate) fn record_virtually<F>(work: impl FnOnce() -> F + Send + 'static) -> SceneTrace
where
    F: Future<Output: Send + 'static>,
{
    session::record(ONE_THREAD, Clock::Virtual, work).expect("a thread and a runtime can be had").trace
}

/// The lane of this name.
#[track_caller]
pub(crate) fn lane<'a>(scene: &'a SceneTrace, name: &str) -> &'a Task {
    scene.lane(name).unwrap_or_else(|| panic!("there is no lane {name:?}"))
}

/// The name of the task that `task` was created in; none if it was in none.
pub(crate) fn parent<'a>(scene: &'a SceneTrace, task: &Task) -> Option<&'a Task> {
    task.parent.map(|parent| &scene.tasks[parent.index()])
}

/// What a task was doing when.
pub(crate) fn states(scene: &SceneTrace, task: &Task) -> Vec<(State, Nanos, Nanos)> {
    scene.states(task).map(|span| (span.state, span.start, span.end)).collect()
}

/// How often something happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A future that gives the thread back so many times, each time waking itself first, and counts its polls.
#[derive(Debug)]
pub(crate) struct Yields {
    left: usize,
    polls: Count,
}

impl Yields {
    pub(crate) fn new(yields: usize, polls: &Count) -> Self {
        Yields { left: yields, polls: polls.clone() }
    }
}

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.polls.add();
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A waker that counts how often it is woken.
pub(crate) fn counting_waker() -> (Waker, Count) {
    struct Counting(Count);
    impl Wake for Counting {
        fn wake(self: Arc<Self>) {
            self.0.add();
        }
    }
    let count = Count::default();
    (Waker::from(Arc::new(Counting(count.clone()))), count)
}

/// Applies an event that contradicts nothing.
#[track_caller]
pub(crate) fn apply(builder: &mut Builder, event: Event) {
    builder.apply(event).expect("it contradicts nothing");
}

/// The next thread.
pub(crate) fn thread(thread: u32, name: &str) -> Event {
    Event::Thread { thread: ThreadId(thread), name: name.to_owned(), process: None }
}

/// The creation of a task.
pub(crate) fn created(task: u32, at: u64, parent: Option<u32>, kind: TaskKind, name: &str) -> Event {
    let (task, at, parent) = (TaskId::new(task), Nanos(at), parent.map(TaskId::new));
    Event::Created { task, at, parent, kind, name: name.into(), site: None, code: None }
}

/// A task that an executor polls by itself.
pub(crate) fn spawned(task: u32) -> Event {
    Event::Spawned { task: TaskId::new(task), at: Nanos::ZERO }
}

/// A poll.
pub(crate) fn polled(task: u32, thread: u32, start: u64, end: u64) -> Event {
    Event::Poll { task: TaskId::new(task), thread: ThreadId(thread), start: Nanos(start), end: Nanos(end) }
}

/// A wake.
pub(crate) fn woken(task: u32, at: u64) -> Event {
    Event::Wake { task: TaskId::new(task), at: Nanos(at), by: None }
}

/// The end of a task.
pub(crate) fn ended(task: u32, at: u64, outcome: Outcome) -> Event {
    Event::End { task: TaskId::new(task), at: Nanos(at), outcome, site: None }
}

const RUN: &str =
    r#"{"event":"run","schema":1,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":0,"delay":0}}"#;
const SCENE: &str = r#"{"event":"scene","scene":"main","title":"main()","file":"app.py","runtime":{"name":"asyncio","flavor":"current_thread","workers":1}}"#;

/// A scene of a second of a program in Python, with two sites, and these lines in it; moments are written in milliseconds.
pub(crate) fn asyncio_scene(lines: &[&str]) -> SceneTrace {
    let milliseconds = |line: &&str| line.replace(":0ms", ":0").replace("ms,", "000000,").replace("ms}", "000000}");
    let mut stream = vec![
        RUN.to_owned(),
        SCENE.to_owned(),
        r#"{"event":"thread","thread":0,"name":"MainThread"}"#.to_owned(),
        r#"{"event":"thread","thread":1,"name":"pool"}"#.to_owned(),
        r#"{"event":"site","site":0,"file":"app.py","line":3,"function":"fetch"}"#.to_owned(),
        r#"{"event":"site","site":1,"file":"app.py","line":9,"function":"main"}"#.to_owned(),
    ];
    stream.extend(lines.iter().map(milliseconds));
    stream.push(r#"{"event":"scene_end","scene":"main","wall":1000000000,"outcome":"done"}"#.to_owned());
    let mut trace = Trace::from_jsonl(stream.join("\n").as_bytes()).expect("it is a stream");
    trace.scenes.remove(0)
}

/// The same scene without callers, so that its lanes are drawn in the order of creation.
pub(crate) fn unnested(mut scene: SceneTrace) -> SceneTrace {
    scene.tasks.iter_mut().for_each(|task| task.parent = None);
    scene
}

/// All lanes in at most `most` rows, none of which show several tasks because they look the same or stand out.
pub(crate) fn single(most: usize) -> Shown {
    Shown { lanes: Lanes { most, merged: false, by_name: false, notable: false }, ..Shown::FOLDED }
}
