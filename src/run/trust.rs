//! Whether the programs of a lesson's folder may run: asked once, and remembered for as long as no byte of the folder
//! changes, and the programs that run its files are the same.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::console::Console;
use super::store::{Kept, Store};
use super::{Failure, plan};
use crate::lesson::folder;
use crate::lesson::{Lesson, Program};
use crate::render::paragraph;
use crate::term::Term;

/// The version of the file's form.
const SCHEMA: u32 = 1;
/// Most folders that are remembered: the latest ones.
const MOST: usize = 200;

/// The folders whose programs may run.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Trusted {
    schema: u32,
    /// What is known of each folder, in the order in which they were trusted: see [`key`].
    folders: Vec<String>,
}

impl Default for Trusted {
    fn default() -> Self {
        Trusted { schema: SCHEMA, folders: Vec::new() }
    }
}

impl Kept for Trusted {
    const NAME: &'static str = "trusted";
    const WHAT: &'static str = "which lessons are trusted";
    const SCHEMA: u32 = SCHEMA;

    fn schema(&self) -> u32 {
        self.schema
    }
}

/// Returns what a trusted folder is known by: the digest of all that is in it, and the paths of the programs that run its
/// files. A Python of another place, such as a virtual environment beside the folder, may be anything. None for a lesson
/// without programs.
fn key(lesson: &Lesson) -> Option<String> {
    let digest = &lesson.programs().next()?.digest;
    let programs: BTreeSet<OsString> =
        lesson.programs().filter_map(|program| program.words().into_iter().next()).collect();
    let paths: Vec<String> = programs.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    Some(format!("{digest} {}", paths.join(":")))
}

/// Returns whether it must be asked before `lesson` runs: it has programs, and they are not trusted yet.
pub(crate) fn must_ask(lesson: &Lesson, term: &Term) -> bool {
    let Some(key) = key(lesson) else { return false };
    let trusted = Store::<Trusted>::find().map_or(Ok(Trusted::default()), |store| store.read());
    match trusted {
        Ok(trusted) => !trusted.folders.contains(&key),
        Err(error) => {
            term.warn(&format!("{error:#}"));
            true
        }
    }
}

/// Remembers that the programs of `lesson` may run. That it cannot be remembered is a warning.
pub(crate) fn remember(lesson: &Lesson, term: &Term) {
    let Some(key) = key(lesson) else { return };
    let Some(store) = Store::<Trusted>::find() else { return };
    let add = |trusted: &mut Trusted| {
        trusted.folders.retain(|known| *known != key);
        trusted.folders.push(key);
        let superfluous = trusted.folders.len().saturating_sub(MOST);
        trusted.folders.drain(..superfluous);
    };
    if let Err(error) = store.update(add).context("this lesson will be asked about again") {
        term.warn(&format!("{error:#}"));
    }
}

/// Says which programs of `lesson` would run with these inputs and asks whether they may, on a terminal. Elsewhere nobody
/// can be asked, so that it takes the option `--trust`.
///
/// # Errors
/// A usage error if the answer is not yes, or if nobody can be asked.
pub(crate) fn ask(
    lesson: &Lesson,
    further: &[&'static Program],
    inputs: crate::trace::RunInputs,
    term: &Term,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut commands: Vec<String> = Vec::new();
    for program in lesson.programs().chain(further.iter().copied()) {
        let words = program.command(inputs.tasks, inputs.delay.into());
        let line = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        if !commands.contains(&line) {
            commands.push(line);
        }
    }
    let folder = lesson.programs().next().map(|program| program.folder.display().to_string()).unwrap_or_default();
    if !term.asks {
        return Err(Failure::Usage(format!(
            "lesson {} runs programs of {folder} ({}); look at them, then add --trust",
            lesson.name,
            commands.join("; ")
        )));
    }
    let style = &term.error_style;
    let mut text = paragraph(style, "", &format!("The lesson {} runs these programs in {folder}:", lesson.name));
    for command in &commands {
        text += &paragraph(style, "  ", command);
    }
    text +=
        &paragraph(style, "", "They can do all that you can do. Look at the files if you do not know whose they are.");
    let prompt = format!("{text}Run them? [y/N] ");
    let answer = console.ask(&prompt, term)?;
    match answer.as_deref().map(str::trim) {
        Some("y" | "Y" | "yes") => {
            remember(lesson, term);
            Ok(())
        }
        _ => Err(Failure::Usage("nothing was run".to_owned())),
    }
}

/// Asks whether the programs of `lesson` may run, unless they are trusted already or it was said on the command line that
/// they are.
///
/// # Errors
/// Those of [`ask`].
pub(crate) fn ensure(plan: &plan::Plan, is_trusted: bool, term: &Term, console: &mut Console) -> Result<(), Failure> {
    let lesson = plan.lesson;
    if !must_ask(lesson, term) {
        return Ok(());
    }
    if is_trusted {
        remember(lesson, term);
        return Ok(());
    }
    ask(lesson, &[], plan.given, term, console)?;
    let is_the_same = |program: &Program| folder::digest(&program.folder).as_ref() == Some(&program.digest);
    match lesson.programs().next().is_none_or(is_the_same) {
        true => Ok(()),
        false => Err(Failure::Usage("nothing was run: the folder has changed since it was read".to_owned())),
    }
}
