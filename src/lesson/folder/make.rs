//! Makes a lesson of the form of its folder. All that is wrong is found at once, each with its place.

mod claims;
mod question;
mod scenes;
mod texts;

use std::time::Duration;

use super::form::{Form, InputsForm, Text, TextsForm};
use super::{FILE, Fault, Files, Folder, README, fault, prose};
use crate::lesson::{Lesson, Takes};
use crate::style::sanitize;

/// Most characters of a lesson's name.
const LONGEST_NAME: usize = 40;
/// Most characters of a title or another text of one line.
const LONGEST_LINE: usize = 150;
/// Most characters of a text of several lines.
const LONGEST_TEXT: usize = 600;
/// Most tasks that a lesson asks for by itself.
const MOST_TASKS: i64 = 1_000;
/// Most minutes that a lesson may take.
const MOST_MINUTES: i64 = 600;
/// The shortest and the longest delay.
const DELAYS: std::ops::RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(60);

/// Makes the lesson of `form`, which is read from the text `toml`.
///
/// # Errors
/// Everything that keeps it from being run.
pub(super) fn lesson(files: &Files, toml: &str, form: Form) -> Result<Folder, Vec<Fault>> {
    let mut maker = Maker { files, file: FILE, toml, name: "", faults: Vec::new(), remarks: Vec::new() };
    maker.name = maker.lesson_name(&form.name);
    let summary = maker.text(&form.summary, LONGEST_LINE, "the summary");
    maker.check_numbers(&form);
    let takes = maker.inputs(&form.inputs);
    let scenes = maker.scenes(&form.scenes, takes);
    let question = maker.question(form.question.as_ref(), &scenes);
    let (claims, places) = maker.claims(&form.claims, &scenes);
    let readme = maker.readme(README);
    maker.remarks.extend(prose::faults(README, readme, maker.name, summary));
    let (Some(question), true) = (question, maker.faults.is_empty()) else {
        maker.faults.sort();
        return Err(maker.faults);
    };
    let lesson = Lesson {
        name: maker.name,
        aliases: &[],
        summary,
        readme,
        twin: "",
        scenes: scenes.leak(),
        question,
        claims: claims.leak(),
        takes,
        calibrates: false,
    };
    maker.remarks.sort();
    let lesson = Box::leak(Box::new(lesson));
    Ok(Folder { lesson, claims: places, remarks: maker.remarks, is_translation: false })
}

/// Makes a lesson of `own` with the texts of `form`, which is read from the text `toml` of `file`, and with the prose in the
/// file `readme`.
///
/// # Errors
/// Everything that is missing or wrong.
pub(super) fn translation(
    files: &Files,
    file: &str,
    toml: &str,
    form: &TextsForm,
    readme: &str,
    own: &'static Lesson,
) -> Result<&'static Lesson, Vec<Fault>> {
    let mut maker = Maker { files, file, toml, name: own.name, faults: Vec::new(), remarks: Vec::new() };
    let prose = maker.readme(readme);
    let lesson = maker.translated(form, own, prose);
    if !prose.is_empty() {
        maker.faults.extend(prose::faults(readme, prose, own.name, lesson.summary));
    }
    maker.faults.sort();
    if maker.faults.is_empty() { Ok(Box::leak(Box::new(lesson))) } else { Err(maker.faults) }
}

/// Makes a lesson, and collects what is wrong.
struct Maker<'a> {
    files: &'a Files,
    /// The name of the toml file.
    file: &'a str,
    /// The text of the toml file.
    toml: &'a str,
    /// The lesson's name.
    name: &'static str,
    /// What keeps the lesson from being run.
    faults: Vec<Fault>,
    /// What does not.
    remarks: Vec<Fault>,
}

impl Maker<'_> {
    /// Adds a fault at this byte of the toml file.
    fn fault(&mut self, byte: usize, message: impl Into<String>) {
        self.faults.push(Fault::at(self.file, self.toml, byte, message));
    }

    /// Adds a fault at the byte `at` of a text's content.
    fn fault_in(&mut self, text: &Text, at: usize, message: impl Into<String>) {
        let byte = fault::byte_in_string(self.toml, text.span(), at);
        self.fault(byte, message);
    }

    /// Returns a text as it can be shown. It must have at least one character and at most `longest`.
    fn text(&mut self, text: &Text, longest: usize, what: &str) -> &'static str {
        let content = text.get_ref().trim();
        let length = content.chars().count();
        if length == 0 {
            self.fault(text.span().start, format!("{what} is empty"));
        }
        if length > longest {
            self.fault(text.span().start, format!("{what} has {length} characters; at most {longest} are shown"));
            return "";
        }
        let shown = sanitize(content);
        if shown != content {
            self.fault(text.span().start, format!("{what} has characters that control a terminal"));
        }
        shown.into_owned().leak()
    }

    /// Returns a text that needs none, or an empty one.
    fn text_or_none(&mut self, text: Option<&Text>, longest: usize, what: &str) -> &'static str {
        text.map_or("", |text| self.text(text, longest, what))
    }

    /// Returns the prose in this file, as it can be shown; empty if there is none, which is a fault.
    fn readme(&mut self, file: &str) -> &'static str {
        match self.files.text(file) {
            Ok(readme) => sanitize(readme).into_owned().leak(),
            Err(fault) => {
                self.faults.push(fault);
                ""
            }
        }
    }

    /// Checks the lesson's name, which is that of its folder.
    fn lesson_name(&mut self, name: &Text) -> &'static str {
        let text = name.get_ref();
        let at = name.span().start;
        let part_is_right =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !text.split('-').all(part_is_right) || text.starts_with(|c: char| c.is_ascii_digit()) {
            self.fault(at, "a lesson's name has lower-case letters, digits and dashes, such as \"overlap-at-home\"");
        } else if text.len() > LONGEST_NAME {
            self.fault(at, format!("a lesson's name has at most {LONGEST_NAME} characters"));
        } else if *text != self.files.name {
            self.fault(at, format!("a lesson is called as its folder is, and that is {:?}", self.files.name));
        }
        sanitize(text).into_owned().leak()
    }

    /// Checks what only readers of the file and other programs use.
    fn check_numbers(&mut self, form: &Form) {
        if let Some(minutes) = &form.minutes
            && !(1..=MOST_MINUTES).contains(minutes.get_ref())
        {
            self.fault(minutes.span().start, format!("minutes is a whole number from 1 to {MOST_MINUTES}"));
        }
        for name in &form.prerequisites {
            self.text(name, LONGEST_NAME, "the name of a lesson");
        }
    }

    /// Returns which inputs the lesson takes, and their defaults.
    fn inputs(&mut self, form: &InputsForm) -> Takes {
        let tasks = form.tasks.as_ref().and_then(|tasks| {
            let count = usize::try_from(*tasks.get_ref()).ok().filter(|_| (1..=MOST_TASKS).contains(tasks.get_ref()));
            if count.is_none() {
                self.fault(tasks.span().start, format!("tasks is a whole number from 1 to {MOST_TASKS}"));
            }
            count
        });
        let delay = form.delay.as_ref().and_then(|delay| {
            let time = humantime::parse_duration(delay.get_ref()).ok().filter(|time| DELAYS.contains(time));
            if time.is_none() {
                self.fault(delay.span().start, "delay is a time from \"1ms\" to \"60s\"");
            }
            time
        });
        Takes { tasks, delay, lines: form.lines }
    }
}
