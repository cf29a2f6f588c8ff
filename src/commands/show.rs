//! `asyncguide show NAME`: a lesson's prose and code, without running it.

use std::process::ExitCode;

use clap::Args;

use super::folders::{Found, find_lesson};
use super::names::LessonOrFolder;
use crate::lesson::{Language, Lesson};
use crate::render::prose;
use crate::render::prose::code::listing;
use crate::render::{EXPLANATION, header, paragraph};
use crate::run::{Failure, Position};
use crate::style::Role;
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
EXAMPLES:
  asyncguide show gather
  asyncguide show gather --python
  asyncguide show gather --python | python3 -";

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// The lesson to show, or the path of a folder that is one, such as ./my-lesson
    #[arg(value_parser = LessonOrFolder)]
    pub(super) name: String,
    /// Show the same scenes in Python; off a terminal, print a script that Python can run
    #[arg(long)]
    pub(super) python: bool,
}

/// Prints the lesson's prose and every scene, or its Python twin.
///
/// # Errors
/// If standard output takes no more.
pub(super) fn show(syllabus: &[&'static Lesson], args: &ShowArgs, term: &Term) -> Result<ExitCode, Failure> {
    let Found { lesson, position } = find_lesson(syllabus, &args.name, term)?;
    if args.python && lesson.twin.is_empty() {
        return Err(Failure::Usage(format!("lesson {} has no Python twin", lesson.name)));
    }
    let text = match args.python {
        true if term.reads_on_screen => twin(lesson, term),
        true => lesson.twin.to_owned(),
        false => prose_and_code(lesson, position, term),
    };
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the lesson's prose and the code of all its scenes.
fn prose_and_code(lesson: &Lesson, position: Option<Position>, term: &Term) -> String {
    let style = &term.style;
    let mut text = header(lesson, position.map(|position| (position.index, position.of)), style);
    if !term.quiet {
        text += &prose::introduction(lesson.readme, style);
        let explanation = prose::section(lesson.readme, EXPLANATION, style);
        text += &explanation.map(|explanation| format!("\n{explanation}")).unwrap_or_default();
    }
    for (number, scene) in lesson.scenes.iter().enumerate() {
        let title = paragraph(style, &format!("{}  ", number + 1), scene.title);
        let file = paragraph(style, "   ", &scene.file());
        let code = listing(scene.source, scene.language, style);
        let title = style.paint(Role::Heading, title.trim_end());
        let file = style.paint(Role::Dim, file.trim_end());
        text += &format!("\n{title}\n{file}\n\n{code}");
        for beside in scene.beside {
            let file = paragraph(style, "   ", &scene.file_beside(beside.name));
            let code = listing(beside.text, Language::of_file(beside.name), style);
            text += &format!("\n{}\n\n{code}", style.paint(Role::Dim, file.trim_end()));
        }
    }
    text
}

fn twin(lesson: &Lesson, term: &Term) -> String {
    listing(lesson.twin, Language::Python, &term.style)
}
