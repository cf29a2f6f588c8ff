//! What happens, one event a line, as JSON: for other programs to follow a run while it goes on.
//!
//! The first line names the schema, which is that of the saved recording; each line has an `event` that says what it
//! is. Times are nanoseconds from the scene's start, tasks and threads the numbers they have in the recording. While a
//! run goes on, lines of one thread come in the order of time, and those of two may come in any; a poll is told of once
//! it is over. From a recording, all come in the order of time.

use std::io::{self, Write};

use serde::Serialize;

use crate::page::Page;
use crate::render::Report;
use crate::trace::{
    Clock, Event, Given, Mark, Outcome, Poll, Runtime, SceneTrace, Skipped, TaskKind, Trace, write_line,
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
pub(in crate::render) fn write(report: &Report<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
    head(report.trace, out)?;
    for trace in &report.trace.scenes {
        scene(&trace.name, &trace.title, &trace.file, trace.runtime, out)?;
        trace.events().try_for_each(|event| self::event(&event, out))?;
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

/// The line of an event, if it has one.
pub(crate) fn event(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    line(event).map_or(Ok(()), |line| write_line(out, &line))
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
