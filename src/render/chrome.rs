//! The recording as Chrome's trace events, which Perfetto, `chrome://tracing` and speedscope open.
//!
//! Each scene is two processes: one with a track for each task, which shows its states, and one with a track for each
//! thread, which shows whose polls it ran. A wake is an arrow from the task's track to the poll that answers it; what
//! was said is an instant. Begins and ends come in pairs, one within the other, and everything in the order of time:
//! the readers take nothing else. Times are microseconds, as the format has it, with three digits behind the point.

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::Report;
use crate::page::Page;
use crate::trace::{Mark, Poll, SceneTrace, State, Task, write_line};

/// An event on its way into the document. There are many, so they are kept small.
struct Event<'a> {
    ts: u64,
    track: Track,
    what: What<'a>,
}

enum What<'a> {
    Begin(&'a str),
    End(&'a str),
    /// An arrow begins, and ends. The number ties its two ends together.
    From(u32),
    To(u32),
    Said(&'a Mark),
}

/// A process and a thread, as the format calls them. Both count from 1: to some readers 0 is none.
type Track = (u32, u32);

/// Writes the document: one event a line.
pub(super) fn write(report: &Report<'_>, _: &Page) -> anyhow::Result<String> {
    let (mut numbers, mut arrows, mut events) = (report.numbers(), 0, Vec::new());
    let mut out = b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n".to_vec();
    for (scene, place) in report.trace.scenes.iter().zip(0..) {
        let title = format!("{} {}", numbers.next(&scene.name), scene.title);
        let (tasks, threads) = (2 * place + 1, 2 * place + 2);
        write_names(scene, &title, tasks, threads, &mut out)?;
        on_tasks(scene, tasks, &mut events);
        on_threads(scene, threads, &mut events);
        wakes(scene, tasks, threads, &mut arrows, &mut events);
        events.extend(scene.marks.iter().map(|mark| said(mark, tasks, threads)));
    }
    // Stable: what was put on a track stays in its order there.
    events.sort_by_key(|event| event.ts);
    for event in &events {
        push(&mut out, &event.line())?;
    }
    // Commas stand between events, and the last one gets none.
    if out.ends_with(b",\n") {
        out.truncate(out.len() - 2);
    }
    out.extend(b"\n]}\n");
    String::from_utf8(out).context("JSON is UTF-8")
}

fn push(out: &mut Vec<u8>, line: &impl Serialize) -> anyhow::Result<()> {
    write_line(&mut *out, line)?;
    out.truncate(out.len() - 1);
    out.extend(b",\n");
    Ok(())
}

/// What processes and threads are called.
fn write_names(scene: &SceneTrace, title: &str, tasks: u32, threads: u32, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut name = |what, (pid, tid): Track, name: &str| {
        push(out, &Line { args: Some(json!({ "name": name })), ..Line::new("M", 0, (pid, tid), what) })
    };
    name("process_name", (tasks, 1), &format!("{title}: tasks"))?;
    name("process_name", (threads, 1), &format!("{title}: threads"))?;
    for (task, tid) in scene.tasks.iter().zip(1..) {
        name("thread_name", (tasks, tid), &task.name)?;
    }
    for (thread, tid) in scene.threads.iter().zip(1..) {
        name("thread_name", (threads, tid), &thread.name)?;
    }
    Ok(())
}

/// A stretch of time with a name, to be put on a track among others.
struct Slice<'a> {
    start: u64,
    end: u64,
    name: &'a str,
}

/// Each task's states, within one slice that is as long as the task's life.
fn on_tasks<'a>(scene: &'a SceneTrace, pid: u32, events: &mut Vec<Event<'a>>) {
    for (task, tid) in scene.tasks.iter().zip(1..) {
        let Some(began) = scene.began(task) else { continue };
        let life = Slice { start: began, end: scene.ended(task), name: &task.name };
        let states = scene.states(task).map(|span| Slice { start: span.start, end: span.end, name: state(span.state) });
        place([life].into_iter().chain(states).collect(), (pid, tid), events);
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Ready => "ready",
        State::Running => "running",
    }
}

/// Each thread's polls, by the names of the tasks.
fn on_threads<'a>(scene: &'a SceneTrace, pid: u32, events: &mut Vec<Event<'a>>) {
    let mut threads: Vec<Vec<Slice<'a>>> = scene.threads.iter().map(|_| Vec::new()).collect();
    for task in &scene.tasks {
        for Poll { start, end, thread } in scene.polls(task) {
            if let Some(slices) = threads.get_mut(*thread as usize) {
                slices.push(Slice { start: *start, end: *end, name: &task.name });
            }
        }
    }
    for (slices, tid) in threads.into_iter().zip(1..) {
        place(slices, (pid, tid), events);
    }
}

/// Puts `slices` on a track as begins and ends, one within the other. A slice that would end after the one that it
/// began in ends with it: two cores' clocks may disagree by a few ticks, and a file may hold anything.
fn place<'a>(mut slices: Vec<Slice<'a>>, track: Track, events: &mut Vec<Event<'a>>) {
    slices.sort_by_key(|slice| (slice.start, std::cmp::Reverse(slice.end)));
    let end = |over: Slice<'a>| Event { ts: over.end, track, what: What::End(over.name) };
    let mut open: Vec<Slice<'a>> = Vec::new();
    for mut slice in slices {
        while let Some(over) = open.pop_if(|around| around.end <= slice.start) {
            events.push(end(over));
        }
        if let Some(around) = open.last() {
            slice.end = slice.end.min(around.end);
        }
        events.push(Event { ts: slice.start, track, what: What::Begin(slice.name) });
        open.push(slice);
    }
    events.extend(open.into_iter().rev().map(end));
}

/// An arrow from each wake to the poll that it led to.
fn wakes<'a>(scene: &'a SceneTrace, tasks: u32, threads: u32, arrows: &mut u32, events: &mut Vec<Event<'a>>) {
    for (task, tid) in scene.tasks.iter().zip(1..) {
        for (wake, poll) in answered(scene, task) {
            *arrows += 1;
            events.push(Event { ts: wake, track: (tasks, tid), what: What::From(*arrows) });
            events.push(Event { ts: poll.start, track: (threads, poll.thread + 1), what: What::To(*arrows) });
        }
    }
}

/// The wakes of `task` that led to a poll, with that poll: of several before the same poll, the first.
fn answered<'a>(scene: &'a SceneTrace, task: &'a Task) -> impl Iterator<Item = (u64, &'a Poll)> {
    let mut wakes = scene.wakes(task).iter().copied().peekable();
    scene.polls(task).iter().filter_map(move |poll| {
        let first = wakes.next_if(|wake| *wake <= poll.start);
        while wakes.next_if(|wake| *wake <= poll.start).is_some() {}
        first.map(|wake| (wake, poll))
    })
}

fn said(mark: &Mark, tasks: u32, threads: u32) -> Event<'_> {
    let track = mark.task.map_or((threads, mark.thread + 1), |task| (tasks, task + 1));
    Event { ts: mark.at, track, what: What::Said(mark) }
}

/// An event as the format has it.
#[derive(Default, Serialize)]
struct Line<'a> {
    ph: &'static str,
    ts: f64,
    pid: u32,
    tid: u32,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    /// Where an arrow ends: "e" is at what is around this moment, not at what comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'static str>,
    /// How far an instant reaches: "t" is its track.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Value>,
}

impl<'a> Line<'a> {
    fn new(ph: &'static str, nanos: u64, (pid, tid): Track, name: &'a str) -> Self {
        // Exact as long as a number with a point can be: for three months.
        Line { ph, ts: nanos as f64 / 1_000.0, pid, tid, name, ..Line::default() }
    }
}

impl<'a> Event<'a> {
    fn line(&self) -> Line<'a> {
        let line = |ph, name| Line::new(ph, self.ts, self.track, name);
        let arrow = |ph, id| Line { cat: Some("wake"), id: Some(id), ..line(ph, "wake") };
        match self.what {
            What::Begin(name) => line("B", name),
            What::End(name) => line("E", name),
            What::From(number) => arrow("s", number),
            What::To(number) => Line { bp: Some("e"), ..arrow("f", number) },
            What::Said(mark) => {
                let args = mark.file.as_ref().map(|file| json!({ "file": file, "line": mark.line }));
                Line { s: Some("t"), args, ..line("i", &mark.text) }
            }
        }
    }
}
