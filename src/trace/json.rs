//! The trace as a JSON document, and back.
//!
//! Additions keep [`SCHEMA`]; what an old reader would misunderstand raises it. What comes back is checked before
//! it is believed, since a trace may come from a stranger: after [`Trace::from_json`] every index is in range,
//! every poll ends after it starts, and no two polls of a task overlap.

use std::io;

use ecow::EcoString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::ser::Formatter;

use super::task::{Index, Slice};
use super::{Figure, Mark, Outcome, Poll, Runtime, SceneTrace, Task, TaskKind, Thread, Trace};

/// The version of the form that this program writes.
pub const SCHEMA: u32 = 1;

/// The form as a JSON Schema: what [`Trace::write_json`] writes fits it.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

/// Why a file is not a trace.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or not of this form; says the line and column.
    #[error("not a trace: {0}")]
    Form(#[from] serde_json::Error),
    /// It was written by a later version.
    #[error("a trace of schema {0}, and this program reads up to {SCHEMA}")]
    Schema(u32),
}

impl Trace {
    /// Writes the trace as one JSON document of one line, in ASCII: whatever a name holds, it can be shown anywhere.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, mut out: impl io::Write) -> io::Result<()> {
        write_line(&mut out, self)
    }

    /// Reads what [`Trace::write_json`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// [`ReadError`], for anything else.
    pub fn from_json(json: &[u8]) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        match serde_json::from_slice(json)? {
            Version { schema } if schema > SCHEMA => Err(ReadError::Schema(schema)),
            Version { .. } => Ok(serde_json::from_slice(json)?),
        }
    }
}

/// Writes `value` as JSON in ASCII, on a line of its own.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_line(mut out: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Ascii))?;
    out.write_all(b"\n")
}

/// Compact JSON that spells out everything beyond ASCII. JSON itself does so with the oldest control characters only,
/// and leaves in DEL, the newer ones and those that reorder text.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let plain = |c: char| c.is_ascii() && c != '\u{7f}';
        for run in text.split_inclusive(|c| !plain(c)) {
            let end = run.find(|c| !plain(c)).unwrap_or(run.len());
            out.write_all(&run.as_bytes()[..end])?;
            for unit in run[end..].encode_utf16() {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// A scene's form in the file: each task holds its own polls and wakes.
#[derive(Deserialize)]
struct SceneForm {
    name: String,
    title: String,
    file: String,
    runtime: Runtime,
    wall: u64,
    outcome: Outcome,
    threads: Vec<Thread>,
    tasks: Vec<TaskForm>,
    marks: Vec<Mark>,
    #[serde(default)]
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct TaskForm {
    name: EcoString,
    kind: TaskKind,
    #[serde(default)]
    parent: Option<u32>,
    created: u64,
    #[serde(default)]
    spawned: bool,
    #[serde(default)]
    ended: Option<u64>,
    outcome: Outcome,
    /// (start, end, thread)
    polls: Vec<(u64, u64, u32)>,
    wakes: Vec<u64>,
}

impl Serialize for SceneTrace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let figures = Some(&self.figures).filter(|figures| !figures.is_empty());
        let mut form = serializer.serialize_struct("Scene", 9 + usize::from(figures.is_some()))?;
        form.serialize_field("name", &self.name)?;
        form.serialize_field("title", &self.title)?;
        form.serialize_field("file", &self.file)?;
        form.serialize_field("runtime", &self.runtime)?;
        form.serialize_field("wall", &self.wall)?;
        form.serialize_field("outcome", &self.outcome)?;
        form.serialize_field("threads", &self.threads)?;
        form.serialize_field("tasks", &Tasks(self))?;
        form.serialize_field("marks", &self.marks)?;
        match figures {
            Some(figures) => form.serialize_field("figures", figures)?,
            None => form.skip_field("figures")?,
        }
        form.end()
    }
}

/// A scene's tasks, each serialized as it is reached: a recording of a million is not copied to be saved.
struct Tasks<'a>(&'a SceneTrace);

impl Serialize for Tasks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            name: &'a str,
            kind: TaskKind,
            parent: Option<u32>,
            created: u64,
            spawned: bool,
            ended: Option<u64>,
            outcome: &'a Outcome,
            polls: Polls<'a>,
            wakes: &'a [u64],
        }
        serializer.collect_seq(self.0.tasks.iter().map(|task| Form {
            name: &task.name,
            kind: task.kind,
            parent: task.parent(),
            created: task.created,
            spawned: task.spawned,
            ended: task.ended,
            outcome: &task.outcome,
            polls: Polls(self.0.polls(task)),
            wakes: self.0.wakes(task),
        }))
    }
}

struct Polls<'a>(&'a [Poll]);

impl Serialize for Polls<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|poll| (poll.start, poll.end, poll.thread)))
    }
}

impl<'de> Deserialize<'de> for SceneTrace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SceneForm::deserialize(deserializer)?.check().map_err(serde::de::Error::custom)
    }
}

impl SceneForm {
    fn check(self) -> Result<SceneTrace, String> {
        let (task_count, thread_count) = (self.tasks.len(), self.threads.len());
        let (mut tasks, mut polls, mut wakes) = (Vec::with_capacity(task_count), Vec::new(), Vec::new());
        for (index, form) in self.tasks.into_iter().enumerate() {
            let of_task = |what: &str| format!("task {index}: {what}");
            if form.parent.is_some_and(|parent| parent as usize >= task_count) {
                return Err(of_task("its parent is no task of this scene"));
            }
            if form.ended.is_some_and(|ended| ended < form.created) {
                return Err(of_task("it ends before it is created"));
            }
            check_polls(&form.polls, thread_count).map_err(of_task)?;
            if !form.wakes.is_sorted() {
                return Err(of_task("its wakes are not in the order of time"));
            }
            let TaskForm { name, kind, created, spawned, ended, outcome, .. } = form;
            let parent = form.parent.and_then(Index::new);
            let all = form.polls.iter().map(|&(start, end, thread)| Poll { start, end, thread });
            let (polls, wakes) = (append(&mut polls, all), append(&mut wakes, form.wakes));
            tasks.push(Task { name, kind, parent, created, spawned, ended, outcome, polls, wakes });
        }
        let lost = |mark: &Mark| {
            mark.thread as usize >= thread_count || mark.task.is_some_and(|task| task as usize >= task_count)
        };
        if let Some(index) = self.marks.iter().position(lost) {
            return Err(format!("mark {index}: it names a task or thread that is not there"));
        }
        let SceneForm { name, title, file, runtime, wall, outcome, threads, marks, figures, .. } = self;
        Ok(SceneTrace { name, title, file, runtime, wall, outcome, threads, tasks, marks, figures, polls, wakes })
    }
}

fn check_polls(polls: &[(u64, u64, u32)], threads: usize) -> Result<(), &'static str> {
    if polls.iter().any(|(start, end, _)| end < start) {
        return Err("a poll ends before it starts");
    }
    if polls.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err("two of its polls overlap");
    }
    if polls.iter().any(|(.., thread)| *thread as usize >= threads) {
        return Err("a poll names a thread that is not there");
    }
    Ok(())
}

fn append<T>(all: &mut Vec<T>, own: impl IntoIterator<Item = T>) -> Slice {
    let start = all.len() as u32;
    all.extend(own);
    Slice { start, len: all.len() as u32 - start }
}
