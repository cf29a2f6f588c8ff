//! Recordings as no program would make them, and told in any order: what property tests are run over.

use asyncguide::trace::{
    Builder, FieldValue, Mark, Nanos, Origin, Outcome, SceneTrace, SiteId, TaskId, TaskKind, ThreadId, Usage,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{self, apply, created, polled, spawned, woken};

/// The longest recording, in nanoseconds: short enough to be looked at nanosecond by nanosecond.
pub(crate) const LONGEST: u64 = 600;

/// One thing that happened, as a builder is told of it.
#[derive(Clone, Debug)]
enum Event {
    Created { parent: Option<u32>, kind: TaskKind, origin: Origin },
    Started,
    Polled { start: u64, end: u64 },
    Used { start: u64, computed: u64, preempted: u64 },
    Woken { by: Option<u32> },
    Stood { site: u32, waits_for: Option<u32> },
    Ended(Outcome, Option<SiteId>),
    Marked(String),
}

#[derive(Clone, Debug)]
struct Told {
    thread: u32,
    at: u64,
    task: u32,
    event: Event,
}

/// What happened to some tasks on some threads.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    threads: u32,
    /// How many places in source files there are.
    sites: u32,
    /// How many records were lost.
    lost: u64,
    wall: u64,
    /// In the order of time on each thread.
    events: Vec<Told>,
}

impl Script {
    /// The recording, as it is if each thread tells its events in their order, and `turns` says whose turn it is.
    pub(crate) fn told_in_turns(&self, turns: &[u8]) -> SceneTrace {
        let of_thread = |thread| self.events.iter().filter(move |told| told.thread == thread).collect::<Vec<_>>();
        let mut queues: Vec<_> = (0..self.threads).map(|thread| of_thread(thread).into_iter().peekable()).collect();
        let mut builder = Builder::new();
        for thread in 0..self.threads {
            apply(&mut builder, support::thread(thread, &format!("thread {thread}")));
        }
        for site in (0..self.sites).map(SiteId) {
            let (file, line, function) = (format!("{site}.py"), site.0, "f".to_owned());
            apply(&mut builder, asyncguide::trace::Event::Site { site, file, line, function });
        }
        if self.lost > 0 {
            apply(&mut builder, asyncguide::trace::Event::Lost { records: self.lost });
        }
        let mut turns = turns.iter().cycle();
        loop {
            let waiting: Vec<usize> = (0..queues.len()).filter(|thread| queues[*thread].peek().is_some()).collect();
            if waiting.is_empty() {
                return builder.trace(Nanos(self.wall), &[]);
            }
            let turn = turns.next().map_or(0, |turn| usize::from(*turn));
            let next = queues[waiting[turn % waiting.len()]].next();
            next.expect("it was there").tell(&mut builder);
        }
    }

    /// The recording.
    pub(crate) fn scene(&self) -> SceneTrace {
        self.told_in_turns(&[0])
    }
}

impl Told {
    fn tell(&self, builder: &mut Builder) {
        let (task, at) = (self.task, self.at);
        let event = match self.event.clone() {
            Event::Created { parent, kind, origin } => {
                let mut event = created(task, at, parent, kind, &format!("task {task}"));
                if let asyncguide::trace::Event::Created { site, code, .. } = &mut event {
                    (*site, *code) = (origin.site, origin.code);
                }
                event
            }
            Event::Started => spawned(task),
            Event::Polled { start, end } => polled(task, self.thread, start, end),
            Event::Used { start, computed, preempted } => {
                let (task, [start, computed, preempted]) = (TaskId::new(task), [start, computed, preempted].map(Nanos));
                asyncguide::trace::Event::Usage(Usage { task, start, computed, preempted })
            }
            Event::Woken { by: None } => woken(task, at),
            Event::Woken { by } => {
                let (task, at, by) = (TaskId::new(task), Nanos(at), by.map(TaskId::new));
                asyncguide::trace::Event::Wake { task, at, by }
            }
            Event::Stood { site, waits_for } => {
                let (task, at, waits_for) = (TaskId::new(task), Nanos(at), waits_for.map(TaskId::new));
                let awaits = site.is_multiple_of(2).then(|| "sleep".into());
                asyncguide::trace::Event::Stands { task, at, site: SiteId(site), awaits, waits_for }
            }
            Event::Ended(outcome, site) => {
                let (task, at, site) = (TaskId::new(task), Nanos(at), site);
                asyncguide::trace::Event::End { task, at, outcome, site }
            }
            Event::Marked(text) => {
                let field = |index: u32| (format!("field {index}"), FieldValue::Unsigned(at));
                let fields = (0..task % 3).map(field).collect();
                let (file, line) = (Some("src/a.rs".to_owned()), Some(task));
                let (at, task, thread) = (Nanos(at), Some(TaskId::new(task)), ThreadId(self.thread));
                asyncguide::trace::Event::Mark(Mark { at, task, thread, file, line, text, fields })
            }
        };
        apply(builder, event);
    }
}

/// For how long a thread computed, and for how long it waited for a core.
type Spent = (u64, u64);

/// A task's life before it is put on threads: everything is relative, and short enough to fit.
#[derive(Clone, Debug)]
struct Life {
    kind: TaskKind,
    parent: Option<u32>,
    created: (u64, u32),
    spawned: bool,
    /// Time before the poll, its length, its thread, and how the thread spent it.
    polls: Vec<(u64, u64, u32, Option<Spent>)>,
    /// The statement that created it, and where its function begins.
    origin: (Option<u8>, Option<u8>),
    /// Moment, thread, and the task that caused it.
    wakes: Vec<(u64, u32, Option<u8>)>,
    /// Moment, thread, place, and the task that it waits for.
    stands: Vec<(u64, u32, u8, Option<u8>)>,
    marks: Vec<(u64, u32)>,
    /// Time after the last poll, thread, how; and likewise by whom it is dropped in the end.
    end: Option<(u64, u32, Outcome)>,
    dropped: Option<(u64, u32)>,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Done),
        Just(Outcome::Cancelled),
        "[a-z\\n\u{1b}日]{0,3}".prop_map(|message| Outcome::Panicked { message }),
    ]
}

fn kind() -> impl Strategy<Value = TaskKind> {
    prop_oneof![
        4 => Just(TaskKind::Future),
        1 => Just(TaskKind::Scene),
        1 => Just(TaskKind::Thread),
        1 => Just(TaskKind::Call),
        1 => Just(TaskKind::Span),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    // Many at the same moment, many of no length: as on the virtual clock.
    let step = || prop_oneof![Just(0), 0..60u64];
    let thread = || 0..4u32;
    let at = || 0..LONGEST;
    // Of most recordings, nothing of this is known.
    let other = || prop_oneof![3 => Just(None), 1 => any::<u8>().prop_map(Some)];
    let who = (kind(), any::<Option<u8>>(), any::<bool>(), (other(), other()));
    let polls = vec((step(), step(), thread(), prop::option::of((step(), step()))), 0..6);
    let end = prop::option::of((step(), thread(), outcome()));
    let dropped = prop::option::of((step(), thread()));
    let mark = prop_oneof![Just(100), at()];
    let stands = vec((at(), thread(), any::<u8>(), other()), 0..3);
    let said = (vec((at(), thread(), other()), 0..8), stands, vec((mark, thread()), 0..3));
    (who, (step(), thread()), polls, said, end, dropped).prop_map(|(who, created, polls, said, end, dropped)| {
        let ((kind, parent, spawned, origin), (wakes, stands, marks)) = (who, said);
        let parent = parent.map(u32::from);
        Life { kind, parent, created, spawned, polls, origin, wakes, stands, marks, end, dropped }
    })
}

/// Any recording of a few tasks on a few threads.
pub(crate) fn script() -> impl Strategy<Value = Script> {
    let sites = prop_oneof![Just(0), 1..4u32];
    (vec(life(), 0..9), 1..4u32, sites, 0..2u64, 0..LONGEST).prop_map(|(lives, threads, sites, lost, wall)| {
        let tasks = lives.len() as u32;
        let mut events: Vec<Told> =
            (0..tasks).zip(&lives).flat_map(|(task, life)| life.events(task, tasks, threads, sites)).collect();
        events.sort_by_key(|told| told.at);
        Script { threads, sites, lost, wall, events }
    })
}

impl Life {
    fn events(&self, task: u32, tasks: u32, threads: u32, sites: u32) -> Vec<Told> {
        let told = |thread: u32, at, event| Told { thread: thread % threads, at, task, event };
        let (created, thread) = self.created;
        let parent = self.parent.map(|parent| parent % tasks);
        let site = |number: Option<u8>| Some(SiteId(u32::from(number?).checked_rem(sites)?));
        let peer = |number: Option<u8>| number.map(|number| u32::from(number) % tasks);
        let origin = Origin { site: site(self.origin.0), code: site(self.origin.1), raised: None };
        let mut events = vec![told(thread, created, Event::Created { parent, kind: self.kind, origin })];
        let mut now = created;
        for (index, (before, length, thread, used)) in self.polls.iter().enumerate() {
            let start = now + before;
            now = start + length;
            if index == 0 && self.spawned {
                events.push(told(*thread, start, Event::Started));
            }
            events.push(told(*thread, now, Event::Polled { start, end: now }));
            // A poll of no length may be one of several with the same start, which are not told apart.
            if let Some((computed, preempted)) = used.filter(|_| *length > 0) {
                events.push(told(*thread, now, Event::Used { start, computed, preempted }));
            }
        }
        let woken = |by: &Option<u8>| Event::Woken { by: peer(*by) };
        events.extend(self.wakes.iter().map(|(at, thread, by)| told(*thread, *at, woken(by))));
        for (at, thread, number, waits_for) in &self.stands {
            if let Some(SiteId(site)) = site(Some(*number)) {
                events.push(told(*thread, *at, Event::Stood { site, waits_for: peer(*waits_for) }));
            }
        }
        let text = |at: &u64| format!("said at {at} by {task}");
        events.extend(self.marks.iter().map(|(at, thread)| told(*thread, *at, Event::Marked(text(at)))));
        if let Some((after, thread, outcome)) = &self.end {
            let ended = now + after;
            events.push(told(*thread, ended, Event::Ended(outcome.clone(), site(self.origin.1))));
            let dropped = self.dropped.map(|(after, thread)| (ended + after, thread));
            events.extend(dropped.map(|(at, thread)| told(thread, at, Event::Ended(Outcome::Cancelled, None))));
        }
        events
    }
}
