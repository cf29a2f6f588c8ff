//! The event stream as JSON Lines: one event a line, written and read by the same enum.
//!
//! `docs/events.md` specifies the stream. A stream may come from a stranger: a line is bounded before it is kept, and
//! every contradiction is refused with the number of its line.

use std::io::{self, BufRead, Read, Write};

use super::json::{ReadError, SCHEMA, write_line};
use super::{Builder, Contradiction, Event, Figure, Outcome, RunStart, SceneStart, SceneTrace, Trace, limits};
use crate::nanos::Nanos;

/// The form of a line as a JSON Schema: what [`Trace::write_jsonl`] writes fits it.
pub const LINES_SCHEMA: &str = include_str!("lines.schema.json");

/// Writes one event on a line of its own, in ASCII.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_event(event: &Event, out: impl Write) -> io::Result<()> {
    write_line(out, event)
}

impl Trace {
    /// Returns the event that begins the stream of this run.
    pub(crate) fn run_start(&self) -> Event {
        Event::Run(Box::new(RunStart {
            schema: self.schema,
            program: self.program.clone(),
            lesson: self.lesson.clone(),
            clock: self.clock,
            inputs: self.inputs,
            machine: self.machine,
        }))
    }

    /// Returns the events that come after all scenes.
    pub(crate) fn run_end(&self) -> impl Iterator<Item = Event> {
        let skipped = self.skipped.iter().cloned().map(Event::Skipped);
        skipped.chain(self.claims.iter().cloned().map(Event::Claim))
    }

    /// Writes the run as an event stream, one JSON object a line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_jsonl(&self, mut out: impl Write) -> io::Result<()> {
        write_event(&self.run_start(), &mut out)?;
        for scene in &self.scenes {
            write_event(&scene.scene_start(), &mut out)?;
            for event in scene.events() {
                write_event(&event, &mut out)?;
            }
            for event in scene.scene_end() {
                write_event(&event, &mut out)?;
            }
        }
        for event in self.run_end() {
            write_event(&event, &mut out)?;
        }
        Ok(())
    }

    /// Reads an event stream as [`Trace::write_jsonl`] wrote it, or as it was written while the run went on. A stream
    /// may end anywhere: a scene without its end is interrupted at its last event, and a last line that is cut off is
    /// ignored if it does not end in a line break.
    ///
    /// # Errors
    /// If a line is no event, is too long, or contradicts those before it, with the number of the line; and if `input`
    /// cannot be read.
    pub fn from_jsonl(input: impl BufRead) -> Result<Self, ReadError> {
        let mut reader = EventReader::new(input);
        let mut run = RunBuilder::default();
        while let Some(event) = reader.next_event()? {
            run.apply(event).map_err(|contradiction| ReadError::at_line(reader.line, contradiction.to_string()))?;
        }
        run.finish().map_err(|contradiction| ReadError::at_line(reader.line.max(1), contradiction.to_string()))
    }
}

impl SceneTrace {
    /// Returns the event that begins the scene.
    pub(crate) fn scene_start(&self) -> Event {
        Event::Scene(Box::new(SceneStart {
            scene: self.name.clone(),
            title: self.title.clone(),
            file: self.file.clone(),
            runtime: self.runtime.clone(),
        }))
    }

    /// Returns the events that end the scene: its figures, and how it ended.
    pub(crate) fn scene_end(&self) -> impl Iterator<Item = Event> {
        let end = Event::SceneEnd { scene: self.name.clone(), wall: self.wall, outcome: self.outcome.clone() };
        self.figures.iter().cloned().map(Event::Figure).chain([end])
    }
}

/// Reads the events of a stream, line by line.
#[derive(Debug)]
pub(crate) struct EventReader<R> {
    input: R,
    /// The number of the last line that was read, from 1; 0 before the first.
    line: usize,
    bytes: Vec<u8>,
}

impl<R: BufRead> EventReader<R> {
    pub(crate) fn new(input: R) -> Self {
        EventReader { input, line: 0, bytes: Vec::new() }
    }

    /// Returns the number of the last line that was read, from 1; 0 before the first.
    #[cfg(feature = "program")]
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// Reads the next event; none at the end of the stream. Empty lines are skipped.
    ///
    /// # Errors
    /// If the line is no event or longer than 256 KiB, or if the stream cannot be read.
    pub(crate) fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            self.bytes.clear();
            let bounded = self.input.by_ref().take(limits::LINE as u64 + 1);
            let read = read_line(bounded, &mut self.bytes);
            read.map_err(|error| ReadError::whole(format!("it cannot be read: {error}")))?;
            if self.bytes.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            let whole = self.bytes.ends_with(b"\n");
            if !whole && self.bytes.len() > limits::LINE {
                let kib = limits::LINE / 1024;
                return Err(ReadError::at_line(self.line, format!("the line is longer than {kib} KiB")));
            }
            if self.bytes.trim_ascii().is_empty() {
                continue;
            }
            return match serde_json::from_slice(&self.bytes) {
                Ok(event) => Ok(Some(event)),
                // The program that wrote the stream was ended in the middle of a line.
                Err(error) if error.is_eof() && !whole && self.line > 1 => Ok(None),
                Err(error) => Err(ReadError::json(&error, self.line)),
            };
        }
    }
}

/// Appends the next line of `input`, line break included, to `bytes`.
fn read_line(mut input: impl BufRead, bytes: &mut Vec<u8>) -> io::Result<usize> {
    input.read_until(b'\n', bytes)
}

/// Folds the events of a whole run into a [`Trace`].
#[derive(Default)]
struct RunBuilder {
    trace: Option<Trace>,
    scene: Option<SceneBuilder>,
}

/// The scene whose events are being read.
struct SceneBuilder {
    start: SceneStart,
    builder: Builder,
    /// The latest moment of its events.
    latest: Nanos,
    figures: Vec<Figure>,
}

impl RunBuilder {
    fn apply(&mut self, event: Event) -> Result<(), Contradiction> {
        let Some(trace) = &mut self.trace else {
            let Event::Run(start) = event else {
                return Err(Contradiction::OutOfPlace("the first event of a stream is `run`"));
            };
            self.trace = Some(begin(*start)?);
            return Ok(());
        };
        match (event, &mut self.scene) {
            (Event::Run(_), _) => Err(Contradiction::OutOfPlace("a second `run` in one stream")),
            (Event::Unknown, _) => Ok(()),
            (Event::Scene(start), None) => {
                self.scene = Some(SceneBuilder {
                    start: *start,
                    builder: Builder::new(),
                    latest: Nanos::ZERO,
                    figures: Vec::new(),
                });
                Ok(())
            }
            (Event::Skipped(skipped), None) => {
                trace.skipped.push(skipped);
                Ok(())
            }
            (Event::Claim(claim), None) => {
                trace.claims.push(claim);
                Ok(())
            }
            (_, None) => Err(Contradiction::OutOfPlace("an event of a scene stands outside of every scene")),
            (Event::SceneEnd { scene, wall, outcome }, Some(own)) => {
                if scene != own.start.scene {
                    return Err(Contradiction::OutOfPlace("a scene ends that is not the one that began"));
                }
                self.end_scene(wall, outcome)
            }
            (Event::Figure(figure), Some(scene)) => {
                scene.figures.push(figure);
                Ok(())
            }
            (event, Some(scene)) => {
                let at = event.at();
                scene.builder.apply(event)?;
                scene.latest = scene.latest.max(at);
                Ok(())
            }
        }
    }

    /// Adds the scene that is being read to the run.
    fn end_scene(&mut self, wall: Nanos, outcome: Outcome) -> Result<(), Contradiction> {
        if let (Some(scene), Some(trace)) = (self.scene.take(), &mut self.trace) {
            scene.builder.check()?;
            let recorded = scene.builder.finish_as(scene.start, wall, outcome, &[]);
            trace.scenes.push(SceneTrace { figures: scene.figures, ..recorded });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Trace, Contradiction> {
        if let Some(scene) = &self.scene {
            let wall = scene.latest;
            self.end_scene(wall, Outcome::Interrupted)?;
        }
        self.trace.ok_or(Contradiction::OutOfPlace("the first event of a stream is `run`"))
    }
}

/// Begins a trace.
fn begin(start: RunStart) -> Result<Trace, Contradiction> {
    let RunStart { schema, program, lesson, clock, inputs, machine } = start;
    if schema > SCHEMA {
        return Err(Contradiction::LaterSchema(schema));
    }
    Ok(Trace { schema, program, machine, ..Trace::new(lesson, clock, inputs) })
}
