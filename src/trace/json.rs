//! The trace as one JSON document, and back.
//!
//! Additions keep [`SCHEMA`]; what an old reader would misunderstand raises it. A document may come from a stranger, so
//! it is checked before it is used: after [`Trace::from_json`] every index is in range, every poll ends after it starts,
//! and no two polls of a task overlap. The rules are those of `contradiction.rs`.

mod form;

use std::io::{self, BufRead, Read as _};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::ser::Formatter;

use self::form::StandForm;
use super::contradiction::check_run;
use super::ids::{SiteId, TaskId};
use super::{Origin, Outcome, Poll, ReadError, SceneTrace, TaskKind, Trace, limits};
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
        let text = |bytes: &[u8]| without_mark(bytes).trim_ascii().is_empty();
        while text(&bytes[line.clone()]) {
            let start = bytes.len();
            let room = limits::LINE.saturating_sub(start) as u64;
            let read = input.by_ref().take(room).read_until(b'\n', &mut bytes).map_err(unreadable)?;
            line = start..bytes.len();
            if read == 0 {
                break;
            }
        }
        if serde_json::from_slice::<FirstLine>(without_mark(&bytes[line])).is_ok() {
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
        let json = without_mark(json);
        if is_utf_16(json) {
            return Err(ReadError::whole("it is UTF-16 text, and UTF-8 is needed: PowerShell's > writes UTF-16"));
        }
        let error = |error: serde_json::Error| ReadError::json(&error, 1);
        match serde_json::from_slice(json).map_err(error)? {
            Version { schema } if schema > SCHEMA => Err(ReadError::schema(schema)),
            Version { .. } => {
                let trace: Trace = serde_json::from_slice(json).map_err(error)?;
                let within_limits = check_run(trace.scenes.len(), trace.skipped.len(), trace.claims.len());
                within_limits.map_err(|contradiction| ReadError::whole(contradiction.to_string()))?;
                Ok(trace)
            }
        }
    }
}

/// Returns the text without the byte-order mark that some programs write in front of it.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Returns whether a JSON text is UTF-16: it begins with the mark of that, or with half a character.
fn is_utf_16(json: &[u8]) -> bool {
    matches!(json, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..])
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
        // Most texts are plain, and this is the larger part of writing a recording.
        if text.bytes().all(|byte| byte < 0x7f) {
            return out.write_all(text.as_bytes());
        }
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

impl Serialize for SceneTrace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let figures = Some(&self.figures).filter(|figures| !figures.is_empty());
        let mut form = serializer.serialize_struct("Scene", 10 + usize::from(figures.is_some()))?;
        form.serialize_field("name", &self.name)?;
        form.serialize_field("title", &self.title)?;
        form.serialize_field("file", &self.file)?;
        if let Some(language) = &self.language {
            form.serialize_field("language", language)?;
        }
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
            #[serde(skip_serializing_if = "Option::is_none")]
            raised: Option<SiteId>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            stands: Vec<StandForm>,
        }
        serializer.collect_seq((0..).map(TaskId::new).zip(&self.0.tasks).map(|(id, task)| {
            let Origin { site, code, raised } = self.0.origin(id);
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
                raised,
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
