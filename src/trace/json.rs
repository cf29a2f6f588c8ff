//! The trace as one JSON document, and back.
//!
//! Additions keep [`SCHEMA`]; what an old reader would misunderstand raises it. A document may come from a stranger, so
//! it is checked before it is used: after [`Trace::from_json`] every index is in range, every poll ends after it starts,
//! and no two polls of a task overlap. The rules are those of `contradiction.rs`.

use std::io::{self, BufRead, Read as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::ser::Formatter;

use super::contradiction::{check_end, check_helpers, check_known, check_mark, check_poll, check_sites};
use super::holds::Holds;
use super::ids::{SiteId, TaskId, ThreadId};
use super::task::Slice;
use super::usage::{Usage, Usages};
use super::{
    Contradiction, Figure, Mark, Name, Origin, Outcome, Poll, Process, ReadError, RuntimeInfo, SceneTrace, Site, Stand,
    Task, TaskKind, Thread, Trace, limits,
};
use crate::nanos::Nanos;

/// The version of the form that this program writes.
pub const SCHEMA: u32 = 1;

/// The form as a JSON Schema: what [`Trace::write_json`] writes fits it.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

impl Trace {
    /// Writes the trace as one JSON document on one line, in ASCII: it can be shown anywhere, whatever its names hold.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, mut out: impl io::Write) -> io::Result<()> {
        write_line(&mut out, self)
    }

    /// Reads a saved run, be it one JSON document or an event stream: a stream's first line is a whole JSON object with
    /// an `event`. A stream is read line by line, and no further than to its first wrong line.
    ///
    /// # Errors
    /// Those of [`Trace::from_json`] or of [`Trace::from_jsonl`], and if `input` cannot be read.
    pub fn from_saved(mut input: impl BufRead) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct FirstLine {
            #[serde(rename = "event")]
            _event: String,
        }
        let unreadable = |error: io::Error| ReadError::unreadable(&error);
        let mut bytes = Vec::new();
        let mut line = 0..0;
        while bytes[line.clone()].trim_ascii().is_empty() {
            let start = bytes.len();
            let room = limits::LINE.saturating_sub(start) as u64;
            let read = input.by_ref().take(room).read_until(b'\n', &mut bytes).map_err(unreadable)?;
            line = start..bytes.len();
            if read == 0 {
                break;
            }
        }
        if serde_json::from_slice::<FirstLine>(&bytes[line]).is_ok() {
            return Trace::from_jsonl(bytes.as_slice().chain(input));
        }
        input.read_to_end(&mut bytes).map_err(unreadable)?;
        Trace::from_json(&bytes)
    }

    /// Reads what [`Trace::write_json`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// If it is not JSON, not of this form, contradicts itself, or was written by a later version.
    pub fn from_json(json: &[u8]) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let error = |error: serde_json::Error| ReadError::json(&error, 1);
        match serde_json::from_slice(json).map_err(error)? {
            Version { schema } if schema > SCHEMA => Err(ReadError::schema(schema)),
            Version { .. } => serde_json::from_slice(json).map_err(error),
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
    runtime: RuntimeInfo,
    #[serde(default)]
    helpers: Vec<String>,
    wall: Nanos,
    outcome: Outcome,
    #[serde(default)]
    started: Option<Nanos>,
    #[serde(default)]
    lost: u64,
    #[serde(default)]
    processes: Vec<Process>,
    threads: Vec<Thread>,
    #[serde(default)]
    sites: Vec<Site>,
    tasks: Vec<TaskForm>,
    #[serde(default)]
    usages: Vec<Usage>,
    marks: Vec<Mark>,
    #[serde(default)]
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct TaskForm {
    name: Name,
    kind: TaskKind,
    #[serde(default)]
    parent: Option<TaskId>,
    created: Nanos,
    #[serde(default)]
    spawned: bool,
    #[serde(default)]
    ended: Option<Nanos>,
    outcome: Outcome,
    /// The polls, each as its start, its end and its thread.
    polls: Vec<(Nanos, Nanos, ThreadId)>,
    wakes: Vec<Nanos>,
    #[serde(default)]
    wakers: Vec<Option<TaskId>>,
    #[serde(default)]
    site: Option<SiteId>,
    #[serde(default)]
    code: Option<SiteId>,
    #[serde(default)]
    stands: Vec<StandForm>,
}

/// The beginning of a wait, within its task.
#[derive(Serialize, Deserialize)]
struct StandForm {
    at: Nanos,
    site: SiteId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaits: Option<Name>,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    waits_for: Option<TaskId>,
}

impl StandForm {
    fn of(stand: &Stand) -> Self {
        let Stand { task: _, at, site, ref awaits, waits_for } = *stand;
        StandForm { at, site, awaits: awaits.clone(), waits_for }
    }
}

impl Serialize for SceneTrace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let figures = Some(&self.figures).filter(|figures| !figures.is_empty());
        let mut form = serializer.serialize_struct("Scene", 10 + usize::from(figures.is_some()))?;
        form.serialize_field("name", &self.name)?;
        form.serialize_field("title", &self.title)?;
        form.serialize_field("file", &self.file)?;
        form.serialize_field("runtime", &self.runtime)?;
        if !self.helpers.is_empty() {
            form.serialize_field("helpers", &self.helpers)?;
        }
        form.serialize_field("wall", &self.wall)?;
        form.serialize_field("outcome", &self.outcome)?;
        if let Some(started) = self.started {
            form.serialize_field("started", &started)?;
        }
        if self.lost > 0 {
            form.serialize_field("lost", &self.lost)?;
        }
        if !self.processes.is_empty() {
            form.serialize_field("processes", &self.processes)?;
        }
        form.serialize_field("threads", &self.threads)?;
        if !self.sites.is_empty() {
            form.serialize_field("sites", &self.sites)?;
        }
        form.serialize_field("tasks", &Tasks(self))?;
        if self.usages.len() > 0 {
            form.serialize_field("usages", &self.usages().collect::<Vec<_>>())?;
        }
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
            parent: Option<TaskId>,
            created: Nanos,
            spawned: bool,
            ended: Option<Nanos>,
            outcome: &'a Outcome,
            polls: Polls<'a>,
            wakes: &'a [Nanos],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            wakers: &'a [Option<TaskId>],
            #[serde(skip_serializing_if = "Option::is_none")]
            site: Option<SiteId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<SiteId>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            stands: Vec<StandForm>,
        }
        serializer.collect_seq((0..).map(TaskId::new).zip(&self.0.tasks).map(|(id, task)| {
            let Origin { site, code } = self.0.origin(id);
            let wakers = self.0.wakers(task);
            Form {
                name: &task.name,
                kind: task.kind,
                parent: task.parent,
                created: task.created,
                spawned: task.spawned,
                ended: task.ended,
                outcome: &task.outcome,
                polls: Polls(self.0.polls(task)),
                wakes: self.0.wakes(task),
                // A list of unknown wakers says nothing.
                wakers: if wakers.iter().any(Option::is_some) { wakers } else { &[] },
                site,
                code,
                stands: self.0.stands(id).iter().map(StandForm::of).collect(),
            }
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
    fn check(self) -> Result<SceneTrace, Contradiction> {
        let task_count = self.tasks.len();
        let thread_count = self.threads.len();
        if task_count > limits::TASKS {
            return Err(Contradiction::TooManyTasks);
        }
        check_helpers(&self.helpers)?;
        let process_count = self.processes.len();
        let lost = |thread: &Thread| thread.process.is_some_and(|process| process.index() >= process_count);
        if let Some(thread) = self.threads.iter().position(lost) {
            return Err(Contradiction::UnknownProcess(ThreadId(thread as u32)));
        }
        check_sites(self.sites.len())?;
        let mut tasks = Vec::with_capacity(task_count);
        let mut polls = Vec::new();
        let mut wakes = Vec::new();
        let mut wakers = Vec::new();
        let mut origins = Vec::new();
        let mut stands = Vec::new();
        let any_waker = self.tasks.iter().any(|task| task.wakers.iter().any(Option::is_some));
        for (id, form) in (0..).map(TaskId::new).zip(self.tasks) {
            form.check(id, task_count, thread_count, self.sites.len())?;
            let origin = Origin { site: form.site, code: form.code };
            if !origin.is_unknown() {
                origins.push((id, origin));
            }
            let own = form.stands.into_iter();
            stands.extend(own.map(|StandForm { at, site, awaits, waits_for }| Stand {
                task: id,
                at,
                site,
                awaits,
                waits_for,
            }));
            if any_waker {
                let none = form.wakes.len() - form.wakers.len();
                wakers.extend(form.wakers.into_iter().chain(std::iter::repeat_n(None, none)));
            }
            let own = form.polls.iter().map(|&(start, end, thread)| Poll { start, end, thread });
            let polls = append(&mut polls, own)?;
            let wakes = append(&mut wakes, form.wakes)?;
            let TaskForm { name, kind, parent, created, spawned, ended, outcome, .. } = form;
            tasks.push(Task { name, kind, parent, created, spawned, ended, outcome, announced: true, polls, wakes });
        }
        for (index, mark) in self.marks.iter().enumerate() {
            let task_exists = mark.task.is_none_or(|task| task.index() < task_count);
            check_mark(index, mark.thread, thread_count, task_exists)?;
        }
        let mut marks = self.marks;
        marks.sort_by_key(|mark| (mark.at, mark.thread));
        stands.sort_by_key(Stand::order);
        let mut scene = SceneTrace {
            name: self.name,
            title: self.title,
            file: self.file,
            runtime: self.runtime,
            helpers: self.helpers,
            wall: self.wall,
            outcome: self.outcome,
            started: self.started,
            lost: self.lost,
            processes: self.processes,
            threads: self.threads,
            sites: self.sites,
            tasks,
            marks,
            figures: self.figures,
            polls,
            wakes,
            wakers,
            origins,
            stands,
            usages: Usages::default(),
            holds: Holds::default(),
        };
        scene.usages = Usages::of(self.usages, |task, start| scene.position_of_poll(task, start));
        Ok(scene.with_holds())
    }
}

impl TaskForm {
    fn check(&self, id: TaskId, tasks: usize, threads: usize, sites: usize) -> Result<(), Contradiction> {
        let named = self.site.into_iter().chain(self.code).chain(self.stands.iter().map(|stand| stand.site));
        check_known(id, named, sites)?;
        if !self.wakers.is_empty() && self.wakers.len() != self.wakes.len() {
            return Err(Contradiction::WakersDiffer(id));
        }
        let mut peers = self.wakers.iter().copied().chain(self.stands.iter().map(|stand| stand.waits_for)).flatten();
        if peers.any(|peer| peer.index() >= tasks) {
            return Err(Contradiction::UnknownPeer(id));
        }
        if self.parent.is_some_and(|parent| parent.index() >= tasks) {
            return Err(Contradiction::UnknownParent(id));
        }
        match self.ended {
            Some(ended) => check_end(id, self.created, ended)?,
            None if self.outcome != Outcome::Interrupted => return Err(Contradiction::OutcomeWithoutEnd(id)),
            None => {}
        }
        for &(start, end, thread) in &self.polls {
            check_poll(id, start, end, thread, threads)?;
        }
        if self.polls.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            return Err(Contradiction::PollsOverlap(id));
        }
        if !self.wakes.is_sorted() {
            return Err(Contradiction::WakesOutOfOrder(id));
        }
        Ok(())
    }
}

/// Appends a task's own items to those of all tasks, and returns where they are.
fn append<T>(all: &mut Vec<T>, own: impl IntoIterator<Item = T>) -> Result<Slice, Contradiction> {
    let start = all.len() as u32;
    all.extend(own);
    if all.len() > limits::POLLS {
        return Err(Contradiction::TooManyPolls);
    }
    Ok(Slice { start, len: all.len() as u32 - start })
}
