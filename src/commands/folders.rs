//! Lessons that are folders: one that is named by its path, and those of `--lessons`, which join the syllabus.

use std::ffi::OsString;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::{env, fs};

use clap::ValueEnum as _;

use super::args::CodeLang;
use super::names::is_path;
use crate::lesson::Lesson;
use crate::lesson::folder::{self, Folder, Setting};
use crate::run::plan::find;
use crate::run::{Failure, Position};
use crate::term::Term;

/// The option that names folders of lessons. It must be known before the command line is parsed, because lessons are
/// values that are parsed.
const OPTION: &str = "--lessons";
/// The variable that does, with the paths set apart as in `PATH`.
pub(super) const VARIABLE: &str = "ASYNCGUIDE_LESSONS";
/// Most lessons that are loaded.
const MOST: usize = 100;

/// Returns the lessons of this program, followed by those in the folders that the command line or the environment names.
/// One that cannot be loaded is a warning, and so is one that is called as another one is.
pub(super) fn syllabus(own: &[&'static Lesson], arguments: &[OsString], term: &Term) -> Vec<&'static Lesson> {
    let mut all = own.to_vec();
    for folder in named_folders(arguments) {
        let lessons = match lessons_in(&folder) {
            Ok(lessons) => lessons,
            Err(error) => {
                term.warn(&format!("cannot look for lessons in {}: {error}", folder.display()));
                continue;
            }
        };
        for path in lessons {
            match load(&path, own, term) {
                Ok(Folder { lesson, is_translation: true, .. }) => {
                    all.iter_mut().filter(|other| other.name == lesson.name).for_each(|other| *other = lesson);
                }
                Ok(loaded) => add(&mut all, loaded.lesson, &path, term),
                Err(failure) => term.warn(&failure.to_string()),
            }
        }
    }
    all
}

/// Adds a lesson, unless one of its name is there.
fn add(all: &mut Vec<&'static Lesson>, lesson: &'static Lesson, path: &Path, term: &Term) {
    let is_called_so = |other: &&Lesson| other.name == lesson.name || other.aliases.contains(&lesson.name);
    match all.iter().find(|other| is_called_so(other)) {
        Some(other) => term.warn(&format!(
            "{} is left out: another lesson is called {}; run it by its path",
            path.display(),
            other.name
        )),
        None if all.len() >= MOST => term.warn(&format!("{} is left out: there are {MOST} lessons", path.display())),
        None => all.push(lesson),
    }
}

/// Returns the folders that the command line names, or else the environment.
fn named_folders(arguments: &[OsString]) -> Vec<PathBuf> {
    // Words after these are another program's.
    let count = arguments.iter().take_while(|word| *word != "--" && *word != "watch").count();
    let arguments = &arguments[..count];
    let joined = |word: &OsString| Some(OsString::from(word.to_str()?.strip_prefix(OPTION)?.strip_prefix('=')?));
    let mut typed: Vec<OsString> = arguments.iter().filter_map(joined).collect();
    typed.extend(arguments.windows(2).filter(|pair| pair[0] == OPTION).map(|pair| pair[1].clone()));
    if typed.is_empty() {
        typed.extend(env::var_os(VARIABLE));
    }
    typed.iter().flat_map(env::split_paths).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// Returns the paths of the lessons in `folder`, by their names; the folder itself if it is one.
fn lessons_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let is_lesson = |path: &PathBuf| path.join(folder::FILE).is_file();
    if is_lesson(&folder.to_owned()) {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = fs::read_dir(folder)?.take(10 * MOST).filter_map(Result::ok).map(|entry| entry.path());
    let mut lessons: Vec<PathBuf> = entries.filter(is_lesson).collect();
    lessons.sort();
    Ok(lessons)
}

/// A lesson that a command names.
pub(super) struct Found {
    pub(super) lesson: &'static Lesson,
    /// None if the lesson is not in the syllabus.
    pub(super) position: Option<Position>,
}

/// Returns the lesson of this name or alias in the syllabus, or the one in the folder of this path.
///
/// # Errors
/// A usage error if there is no such lesson, or if the folder is not one.
pub(super) fn find_lesson(syllabus: &[&'static Lesson], name: &str, term: &Term) -> Result<Found, Failure> {
    if is_path(name) {
        return Ok(Found { lesson: load(Path::new(name), syllabus, term)?.lesson, position: None });
    }
    let (index, lesson) = find(syllabus, name)?;
    Ok(Found { lesson, position: Some(Position { index, of: syllabus.len() }) })
}

/// Returns the language of texts that the command line asks for, or else the environment: `de` for `de_AT.UTF-8`.
pub(super) fn language() -> Option<String> {
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    let next = words.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1].as_str());
    let typed = joined.or(next).map(str::to_owned).or_else(|| env::var("ASYNCGUIDE_LANG").ok());
    let typed = typed.filter(|language| CodeLang::from_str(language, false).is_err() && !language.is_empty());
    let of_locale = || {
        let values = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|variable| env::var(variable).ok());
        values.into_iter().find(|value| !value.is_empty())
    };
    let language = typed.or_else(of_locale)?;
    let language = language.split(['_', '-', '.', '@']).next()?.to_ascii_lowercase();
    (2..=3).contains(&language.len()).then_some(language)
}

/// Loads the lesson in the folder at `path`, in the user's language if it has texts in that. `built_in` are lessons whose
/// names are taken.
///
/// # Errors
/// A usage error that names what is wrong first, and how to see the rest.
pub(super) fn load(path: &Path, built_in: &[&'static Lesson], term: &Term) -> Result<Folder, Failure> {
    let shown = path.display().to_string();
    let shown = shown.trim_end_matches(MAIN_SEPARATOR);
    let language = language();
    // Those of other folders do not count: a folder can be run by its path and be in the list.
    let built_in: Vec<_> = built_in.iter().copied().filter(|lesson| lesson.programs().next().is_none()).collect();
    let setting = Setting { language: language.as_deref(), built_in: &built_in };
    folder::load(path, setting).map_err(|faults| {
        let more = match faults.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more: {} check {shown})", count - 1, term.invocation),
        };
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Failure::Usage(format!("cannot load the lesson in {shown}: {first}{more}"))
    })
}
