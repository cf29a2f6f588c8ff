//! Names of lessons and exercises, as commands take, complete and suggest them.

use std::ffi::OsStr;
use std::sync::OnceLock;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};

use crate::exercise::Exercise;
use crate::lesson::Lesson;

/// The lessons, for [`lesson_names`]. Commands are built late, by functions that take no arguments, so the lessons
/// must be found in a static.
static SYLLABUS: OnceLock<Vec<&'static Lesson>> = OnceLock::new();

/// Keeps the lessons whose names commands complete and suggest. Only the first call has an effect.
pub(super) fn set_syllabus(syllabus: &[&'static Lesson]) {
    SYLLABUS.get_or_init(|| syllabus.to_vec());
}

/// The exercises, for [`exercise_names`].
static EXERCISES: OnceLock<&'static [Exercise]> = OnceLock::new();

/// Keeps the exercises whose names commands complete and suggest. Only the first call has an effect.
pub(super) fn set_exercises(exercises: &'static [Exercise]) {
    EXERCISES.get_or_init(|| exercises);
}

/// Parses the name of an exercise.
pub(super) fn exercise_names() -> PossibleValuesParser {
    let exercises = EXERCISES.get().into_iter().copied().flatten();
    PossibleValuesParser::new(exercises.map(|exercise| PossibleValue::new(exercise.name)))
}

/// Parses the name or an alias of a lesson.
pub(super) fn lesson_names() -> PossibleValuesParser {
    let value = |lesson: &&Lesson| {
        PossibleValue::new(lesson.name).aliases(lesson.aliases).help(harmless_in_scripts(lesson.summary))
    };
    PossibleValuesParser::new(SYLLABUS.get().into_iter().flatten().map(value))
}

/// Returns a summary without characters that a shell could take for its own. It becomes a part of a completion script, which
/// a shell runs, and it may come from a folder that its reader does not trust.
pub(super) fn harmless_in_scripts(summary: &str) -> String {
    summary.chars().filter(|c| c.is_alphanumeric() || " ,.:-".contains(*c)).collect()
}

/// Parses the name or an alias of a lesson, or the path of a folder that is one.
#[derive(Clone, Debug)]
pub(super) struct LessonOrFolder;

impl TypedValueParser for LessonOrFolder {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        match value.to_str() {
            Some(path) if is_path(path) => Ok(path.to_owned()),
            _ => lesson_names().parse_ref(command, arg, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values: Vec<PossibleValue> = lesson_names().possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// Returns whether what names a lesson is the path of a folder: it has a separator, or is a dot or two.
pub(super) fn is_path(name: &str) -> bool {
    name == "." || name == ".." || name.contains(std::path::is_separator)
}
