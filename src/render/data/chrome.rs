//! The recording as Chrome's trace events, which Perfetto, `chrome://tracing` and speedscope open.
//!
//! Each scene is two processes: one with a track for each task, which shows its states, and one with a track for each
//! thread, which shows which tasks it polled. A wake is an arrow to the poll that it led to, from the track of the
//! task that caused it, or else from that of the task itself; a mark
//! is an instant. Begins and ends come in nested pairs, and those of one track come in the order of time. Across tracks
//! the format asks for no order, and all of its readers sort. So a recording of a million tasks is written track by
//! track, without a copy of it. Times are in microseconds, as the format asks for, with three decimals.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use crate::render::Report;
use crate::style::Style;
use crate::trace::{Mark, Nanos, Poll, SceneTrace, Task, write_line};

/// A process and a thread, as the format calls them. Both count from 1: to some readers 0 is none.
type Track = (u32, u32);

/// Writes the document: one event a line.
pub(in crate::render) fn write(report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
    let (mut numbers, mut arrows, mut lines) = (report.numbers(), 0, Lines { out, any: false });
    for (scene, place) in report.trace.scenes.iter().zip(0..) {
        let title = format!("{} {}", numbers.of(scene), scene.title);
        let (tasks, threads) = (2 * place + 1, 2 * place + 2);
        names(scene, &title, tasks, threads, &mut lines)?;
        on_tasks(scene, tasks, &mut lines)?;
        on_threads(scene, threads, &mut lines)?;
        wakes(scene, tasks, threads, &mut arrows, &mut lines)?;
        scene.marks.iter().try_for_each(|mark| lines.push(&said(mark, tasks, threads)))?;
    }
    out.write_all(b"]}\n")
}

/// A writer of events that puts a comma between them. The comma begins a line, because the last event is not known
/// before the end.
struct Lines<'o> {
    out: &'o mut dyn Write,
    any: bool,
}

impl Lines<'_> {
    fn push(&mut self, line: &Line<'_>) -> io::Result<()> {
        if std::mem::replace(&mut self.any, true) {
            self.out.write_all(b",")?;
        }
        write_line(&mut self.out, line)
    }
}

/// Writes the names of processes and threads.
fn names(scene: &SceneTrace, title: &str, tasks: u32, threads: u32, lines: &mut Lines<'_>) -> io::Result<()> {
    let mut name = |what, (pid, tid): Track, name: &str| {
        lines.push(&Line { args: Some(json!({ "name": name })), ..Line::new("M", Nanos::ZERO, (pid, tid), what) })
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

/// A stretch of time with a name, for a track.
struct Slice<'a> {
    start: Nanos,
    end: Nanos,
    name: &'a str,
}

/// Writes each task's states, nested in one slice as long as the task's lane.
fn on_tasks(scene: &SceneTrace, pid: u32, lines: &mut Lines<'_>) -> io::Result<()> {
    for (task, tid) in scene.tasks.iter().zip(1..) {
        let Some(began) = scene.began(task) else { continue };
        let life = Slice { start: began, end: scene.ended(task), name: &task.name };
        let states = scene.states(task).map(|span| Slice { start: span.start, end: span.end, name: span.state.name() });
        place([life].into_iter().chain(states).collect(), (pid, tid), lines)?;
    }
    Ok(())
}

/// Writes each thread's polls. Each has the name of its task.
fn on_threads(scene: &SceneTrace, pid: u32, lines: &mut Lines<'_>) -> io::Result<()> {
    let mut threads: Vec<Vec<Slice<'_>>> = scene.threads.iter().map(|_| Vec::new()).collect();
    for task in &scene.tasks {
        for Poll { start, end, thread } in scene.polls(task) {
            if let Some(slices) = threads.get_mut(thread.index()) {
                slices.push(Slice { start: *start, end: *end, name: &task.name });
            }
        }
    }
    for (slices, tid) in threads.into_iter().zip(1..) {
        place(slices, (pid, tid), lines)?;
    }
    Ok(())
}

/// Writes `slices` to a track as nested begins and ends. A slice that would end after the one around it ends with that
/// one: two cores' clocks may disagree by a few ticks, and a file may hold any times.
fn place(mut slices: Vec<Slice<'_>>, track: Track, lines: &mut Lines<'_>) -> io::Result<()> {
    slices.sort_by_key(|slice| (slice.start, std::cmp::Reverse(slice.end)));
    let mut open: Vec<Slice<'_>> = Vec::new();
    for mut slice in slices {
        while let Some(over) = open.pop_if(|around| around.end <= slice.start) {
            lines.push(&Line::new("E", over.end, track, over.name))?;
        }
        if let Some(around) = open.last() {
            slice.end = slice.end.min(around.end);
        }
        lines.push(&Line::new("B", slice.start, track, slice.name))?;
        open.push(slice);
    }
    open.iter().rev().try_for_each(|over| lines.push(&Line::new("E", over.end, track, over.name)))
}

/// Writes an arrow from each wake, where the task is that caused it, to the poll that it led to. `arrows` counts them: both ends have the same number.
fn wakes(scene: &SceneTrace, tasks: u32, threads: u32, arrows: &mut u32, lines: &mut Lines<'_>) -> io::Result<()> {
    for (task, tid) in scene.tasks.iter().zip(1..) {
        for (wake, poll) in answered(scene, task) {
            *arrows += 1;
            let end = |ph, at, track| Line { cat: Some("wake"), id: Some(*arrows), ..Line::new(ph, at, track, "wake") };
            let from = scene.waker(task, wake).map_or(tid, |waker| waker.number() + 1);
            lines.push(&end("s", wake, (tasks, from)))?;
            lines.push(&Line { bp: Some("e"), ..end("f", poll.start, (threads, poll.thread.0 + 1)) })?;
        }
    }
    Ok(())
}

/// Returns the wakes of `task` that led to a poll, each with that poll. Of several wakes before one poll, the first
/// counts.
fn answered<'a>(scene: &'a SceneTrace, task: &'a Task) -> impl Iterator<Item = (Nanos, Poll)> + 'a {
    scene.rounds(task).filter_map(|round| Some((*round.wakes.first()?, round.poll?)))
}

/// Returns an instant event for a mark, on the track of its task or thread.
fn said(mark: &Mark, tasks: u32, threads: u32) -> Line<'_> {
    let track = mark.task.map_or((threads, mark.thread.0 + 1), |task| (tasks, task.number() + 1));
    let args = mark.file.as_ref().map(|file| json!({ "file": file, "line": mark.line }));
    Line { s: Some("t"), args, ..Line::new("i", mark.at, track, &mark.text) }
}

/// An event in the form that the format asks for.
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
    fn new(ph: &'static str, nanos: Nanos, (pid, tid): Track, name: &'a str) -> Self {
        // Exact as long as a number with a point can be: for three months.
        Line { ph, ts: nanos.ratio(Nanos::from_micros(1)), pid, tid, name, ..Line::default() }
    }
}
