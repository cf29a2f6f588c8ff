//! What happens, one event a line, as JSON: for other programs to follow a run while it goes on.
//!
//! The first line names the schema, which is that of the saved recording; each line has an `event` that says what it
//! is. Times are nanoseconds from the scene's start, tasks and threads the numbers they have in the recording. While a
//! run goes on, lines of one thread come in the order of time, and those of two may come in any; a poll is told of once
//! it is over. From a recording, all come in the order of time.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::page::Page;
use crate::trace::{
    Clock, Event, Given, Mark, Outcome, Poll, Runtime, SceneTrace, Skipped, TaskKind, Thread, Trace, write_line,
};

/// One line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Run { schema: u32, program: &'a str, lesson: &'a str, clock: Clock, inputs: Given },
    Scene { scene: &'a str, title: &'a str, file: &'a str, runtime: Runtime },
    Thread { name: &'a str },
    Created { at: u64, task: u32, parent: Option<u32>, kind: TaskKind, name: &'a str },
    Poll { task: u32, thread: u32, start: u64, end: u64 },
    Wake { at: u64, task: u32 },
    Mark(&'a Mark),
    End { at: u64, task: u32, outcome: &'a Outcome },
    SceneEnd { scene: &'a str, wall: u64, outcome: &'a Outcome },
    Skipped(&'a Skipped),
}

/// The whole run, line by line.
pub(super) fn write(report: &Report<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
    head(report.trace, out)?;
    for trace in &report.trace.scenes {
        scene(&trace.name, &trace.title, &trace.file, trace.runtime, out)?;
        trace.threads.iter().try_for_each(|Thread { name }| write_line(&mut *out, &Line::Thread { name }))?;
        for moment in in_order(trace) {
            events(&[moment.event(trace)], out)?;
        }
        scene_end(trace, out)?;
    }
    tail(report.trace, out)
}

/// The line before all others.
pub(crate) fn head(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    let Trace { schema, program, lesson, clock, inputs, .. } = trace;
    write_line(out, &Line::Run { schema: *schema, program, lesson, clock: *clock, inputs: *inputs })
}

/// The line before a scene's events.
pub(crate) fn scene(scene: &str, title: &str, file: &str, runtime: Runtime, out: &mut dyn Write) -> io::Result<()> {
    write_line(out, &Line::Scene { scene, title, file, runtime })
}

/// A line for each event.
pub(crate) fn events(events: &[Event], out: &mut dyn Write) -> io::Result<()> {
    events.iter().filter_map(line).try_for_each(|line| write_line(&mut *out, &line))
}

/// The line after a scene's events.
pub(crate) fn scene_end(trace: &SceneTrace, out: &mut dyn Write) -> io::Result<()> {
    let SceneTrace { name: scene, wall, outcome, .. } = trace;
    write_line(out, &Line::SceneEnd { scene, wall: *wall, outcome })
}

/// The lines after all scenes.
pub(crate) fn tail(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    trace.skipped.iter().try_for_each(|skipped| write_line(&mut *out, &Line::Skipped(skipped)))
}

/// When something happened, and where in the recording it is found. Of these a copy is sorted, since the events
/// themselves, with their names, would take several times the room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    at: u64,
    rank: u8,
    /// None is a mark.
    task: Option<u32>,
    nth: u32,
}

/// All that happened in `scene`, in the order of time; at the same moment, in that of the tasks.
fn in_order(scene: &SceneTrace) -> Vec<Moment> {
    let of_tasks = scene.tasks.iter().zip(0..).flat_map(|(task, number)| {
        let count = 1 + scene.polls(task).len() + scene.wakes(task).len() + usize::from(task.ended.is_some());
        (0..count).map(move |nth| (Some(number), nth))
    });
    let marks = (0..scene.marks.len()).map(|nth| (None, nth));
    let moment = |(task, nth)| {
        let moment = Moment { at: 0, rank: 0, task, nth: nth as u32 };
        let event = moment.event(scene);
        Moment { at: event.at(), rank: event.rank(), ..moment }
    };
    let mut moments: Vec<Moment> = of_tasks.chain(marks).map(moment).collect();
    moments.sort_unstable();
    moments
}

impl Moment {
    /// What it was: of a task first its creation, then its polls, its wakes and its end.
    fn event(self, scene: &SceneTrace) -> Event {
        let nth = self.nth as usize;
        let Some(number) = self.task else { return Event::Marked(scene.marks[nth].clone()) };
        let task = &scene.tasks[number as usize];
        let (polls, wakes) = (scene.polls(task), scene.wakes(task));
        match nth.checked_sub(1) {
            None => {
                let (at, parent, kind, name) = (task.created, task.parent(), task.kind, task.name.clone());
                Event::Created { task: number, at, parent, kind, name }
            }
            Some(nth) if nth < polls.len() => Event::Polled { task: number, poll: polls[nth] },
            Some(nth) if nth < polls.len() + wakes.len() => Event::Woken { task: number, at: wakes[nth - polls.len()] },
            Some(_) => {
                let (at, outcome) = (task.ended.unwrap_or_default(), task.outcome.clone());
                Event::Ended { task: number, at, outcome }
            }
        }
    }
}

fn line(event: &Event) -> Option<Line<'_>> {
    Some(match event {
        Event::Thread { name } => Line::Thread { name },
        Event::Created { task, at, parent, kind, name } => {
            Line::Created { at: *at, task: *task, parent: *parent, kind: *kind, name }
        }
        // The first poll tells as much.
        Event::Started { .. } => return None,
        Event::Polled { task, poll: Poll { start, end, thread } } => {
            Line::Poll { task: *task, thread: *thread, start: *start, end: *end }
        }
        Event::Woken { task, at } => Line::Wake { at: *at, task: *task },
        Event::Ended { task, at, outcome } => Line::End { at: *at, task: *task, outcome },
        Event::Marked(mark) => Line::Mark(mark),
    })
}
