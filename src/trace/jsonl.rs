//! The event stream as JSON Lines: one event a line, written and read by the same enum.
//!
//! `docs/events.md` specifies the stream. A stream may come from a stranger: a line is bounded before it is kept, and
//! every contradiction is refused with the number of its line.

use std::io::{self, BufRead, Read, Write};

#[cfg(all(feature = "program", unix))]
use super::ProcessInfo;
use super::contradiction::{check_figures, check_run};
use super::json::{without_mark, write_line};
use super::order::{NO_RUN, Order};
use super::packed::Unpacked;
use super::{
    Builder, Contradiction, Event, Figure, Outcome, ReadError, RunStart, RunningPoll, SceneStart, SceneTrace, Trace,
    limits,
};
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
            process: self.process.clone(),
            language: self.language.clone(),
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
            run.apply(event).map_err(|contradiction| reader.refuse(&contradiction))?;
        }
        run.finish().map_err(|contradiction| reader.refuse(&contradiction))
    }
}

impl SceneTrace {
    /// Returns the event that begins the scene.
    pub(crate) fn scene_start(&self) -> Event {
        Event::Scene(Box::new(SceneStart {
            scene: self.name.clone(),
            title: self.title.clone(),
            file: self.file.clone(),
            language: self.language.clone(),
            runtime: self.runtime.clone(),
            helpers: self.helpers.clone(),
            started: self.started,
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
    /// The events of the last line that are still to come, if the line was packed.
    unpacked: Option<Unpacked>,
}

impl<R: BufRead> EventReader<R> {
    pub(crate) fn new(input: R) -> Self {
        EventReader { input, line: 0, bytes: Vec::new(), unpacked: None }
    }

    /// Returns the error that the last event contradicts those before it.
    pub(crate) fn refuse(&self, contradiction: &Contradiction) -> ReadError {
        ReadError::at_line(self.line.max(1), contradiction.to_string())
    }

    /// Reads the next event; none at the end of the stream. Empty lines are skipped, and packed ones expanded.
    ///
    /// # Errors
    /// If the line is no event or longer than 256 KiB, or if the stream cannot be read.
    pub(crate) fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            if let Some(unpacked) = &mut self.unpacked {
                match unpacked.next_event() {
                    Ok(Some(event)) => return Ok(Some(event)),
                    Ok(None) => self.unpacked = None,
                    Err(contradiction) => return Err(self.refuse(&contradiction)),
                }
            }
            match self.next_line()? {
                Some(Event::Packed(packed)) => {
                    self.unpacked = Some(packed.unpack().map_err(|contradiction| self.refuse(&contradiction))?);
                }
                other => return Ok(other),
            }
        }
    }

    /// Reads the event of the next line that is not empty; none at the end of the stream.
    fn next_line(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            self.bytes.clear();
            let mut bounded = self.input.by_ref().take(limits::LINE as u64 + 1);
            let read = bounded.read_until(b'\n', &mut self.bytes);
            read.map_err(|error| ReadError::unreadable(&error))?;
            if self.bytes.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            let whole = self.bytes.ends_with(b"\n");
            if !whole && self.bytes.len() > limits::LINE {
                let kib = limits::LINE / 1024;
                return Err(ReadError::at_line(self.line, format!("the line is longer than {kib} KiB")));
            }
            let text = if self.line == 1 { without_mark(&self.bytes) } else { &self.bytes };
            if text.trim_ascii().is_empty() {
                continue;
            }
            return match serde_json::from_slice(text.trim_ascii_end()) {
                Ok(event) => Ok(Some(event)),
                // The program that wrote the stream was ended in the middle of a line.
                Err(error) if error.is_eof() && !whole && self.line > 1 => Ok(None),
                Err(error) => Err(ReadError::json(&error, self.line)),
            };
        }
    }
}

/// Folds the events of a whole run into a [`Trace`].
#[derive(Debug, Default)]
pub(crate) struct RunBuilder {
    order: Order,
    trace: Option<Trace>,
    scene: Option<SceneBuilder>,
}

/// The scene whose events are being read.
#[derive(Debug)]
struct SceneBuilder {
    start: SceneStart,
    builder: Builder,
    /// The latest moment of its events.
    latest: Nanos,
    figures: Vec<Figure>,
}

/// A scene of a stream that has begun and not ended.
#[cfg(all(feature = "program", unix))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenScene {
    /// The machine's monotonic clock at its start.
    pub(crate) started: Option<Nanos>,
    /// The latest moment of its events.
    pub(crate) latest: Nanos,
}

impl RunBuilder {
    /// Applies the next event of the stream.
    ///
    /// # Errors
    /// If the event contradicts those before it.
    pub(crate) fn apply(&mut self, event: Event) -> Result<(), Contradiction> {
        self.order.check(&event)?;
        match (event, &mut self.trace, &mut self.scene) {
            (Event::Run(start), ..) => self.trace = Some(begin(*start)),
            (Event::Skipped(skipped), Some(trace), _) => trace.skipped.push(skipped),
            (Event::Claim(claim), Some(trace), _) => trace.claims.push(claim),
            (Event::Scene(start), ..) => {
                self.scene = Some(SceneBuilder {
                    start: *start,
                    builder: Builder::new(),
                    latest: Nanos::ZERO,
                    figures: Vec::new(),
                });
            }
            (Event::Figure(figure), _, Some(scene)) => scene.figures.push(figure),
            (Event::SceneEnd { wall, outcome, .. }, ..) => self.end_scene(wall, outcome, &[])?,
            (event, _, Some(scene)) => {
                let at = event.at();
                scene.builder.apply(event)?;
                scene.latest = scene.latest.max(at);
            }
            // An event of a later version, outside of every scene.
            (_, _, None) => {}
        }
        self.check_limits()
    }

    /// Checks that the run holds no more than it can.
    fn check_limits(&self) -> Result<(), Contradiction> {
        if let Some(trace) = &self.trace {
            check_run(trace.scenes.len(), trace.skipped.len(), trace.claims.len())?;
        }
        self.scene.as_ref().map_or(Ok(()), |scene| check_figures(scene.figures.len()))
    }

    /// Adds the scene that is being read to the run; the polls in `running` last until its end.
    fn end_scene(&mut self, wall: Nanos, outcome: Outcome, running: &[RunningPoll]) -> Result<(), Contradiction> {
        if let (Some(scene), Some(trace)) = (self.scene.take(), &mut self.trace) {
            scene.builder.check()?;
            let recorded = scene.builder.finish_as(scene.start, wall, outcome, running);
            trace.scenes.push(SceneTrace { figures: scene.figures, ..recorded });
        }
        Ok(())
    }

    /// Ends the open scene at `wall`, as interrupted. Tasks whose creation is still missing are left out. Of the polls in
    /// `running`, those that can be under way last until then.
    ///
    /// # Errors
    /// If the scene contradicts itself. It is dropped then.
    pub(crate) fn interrupt_scene(&mut self, wall: Nanos, mut running: Vec<RunningPoll>) -> Result<(), Contradiction> {
        if let Some(scene) = &mut self.scene {
            running.retain(|poll| scene.builder.may_run(poll));
            scene.builder.leave_out_unknown(&mut running);
        }
        self.end_scene(wall, Outcome::Interrupted, &running)
    }

    fn finish(mut self) -> Result<Trace, Contradiction> {
        if let Some(scene) = &self.scene {
            let wall = scene.latest;
            self.interrupt_scene(wall, Vec::new())?;
        }
        self.trace.ok_or(NO_RUN)
    }
}

#[cfg(all(feature = "program", unix))]
impl RunBuilder {
    /// Returns the process that the stream is of, if it says so.
    pub(crate) fn process(&self) -> Option<&ProcessInfo> {
        self.trace.as_ref()?.process.as_ref()
    }

    /// Returns the open scene as it would go on until `wall` if nothing more happened, with the polls in `running` under
    /// way; none if no scene is open.
    pub(crate) fn snapshot_scene(&self, wall: Nanos, running: &[RunningPoll]) -> Option<SceneTrace> {
        let scene = self.scene.as_ref()?;
        Some(scene.builder.clone().finish_as(scene.start.clone(), wall, Outcome::Interrupted, running))
    }

    /// Returns the scene that has begun and not ended; none if there is none.
    pub(crate) fn open_scene(&self) -> Option<OpenScene> {
        let scene = self.scene.as_ref()?;
        Some(OpenScene { started: scene.start.started, latest: scene.latest })
    }

    /// Returns the scenes that have ended as a run; none if the stream did not begin with one.
    pub(crate) fn into_trace(self) -> Option<Trace> {
        self.trace
    }
}

/// Begins a trace.
fn begin(start: RunStart) -> Trace {
    let RunStart { schema, program, lesson, clock, inputs, machine, process, language } = start;
    Trace { schema, program, machine, process, language, ..Trace::new(lesson, clock, inputs) }
}
