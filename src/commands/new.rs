//! `asyncguide new lesson NAME`: writes a folder that is a lesson, to begin with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::folders;
use crate::render::paragraph;
use crate::run::{Failure, trust};
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
FILES:
  lesson.toml       scenes, question and claims, with comments that explain them
  README.md         the prose
  in_turn.py        a scene
  together.py       another one
  counter/*.py      what must make a claim fail
  notes.md          for the teacher

EXAMPLES:
  asyncguide new lesson my-lesson
  asyncguide new lesson my-lesson && asyncguide lesson ./my-lesson";

/// The files of a new lesson, in which `NAME` stands for its name.
const FILES: [(&str, &str); 6] = [
    ("lesson.toml", include_str!("new/lesson.toml")),
    ("README.md", include_str!("new/README.md")),
    ("notes.md", include_str!("new/notes.md")),
    ("in_turn.py", include_str!("new/in_turn.py")),
    ("together.py", include_str!("new/together.py")),
    ("counter/one_by_one.py", include_str!("new/one_by_one.py")),
];
/// What stands for the lesson's name in its files.
const PLACEHOLDER: &str = "NAME";

#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// What to write
    pub(super) what: What,
    /// The folder to make, whose name is the lesson's: lower-case letters, digits and dashes
    #[arg(value_name = "NAME")]
    pub(super) path: PathBuf,
}

/// What can be written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum What {
    /// A folder that is a lesson
    Lesson,
}

/// Writes a folder, and says what to do with it.
///
/// # Errors
/// A usage error if there is something of that name, or if it cannot be made.
pub(super) fn new(args: &NewArgs, term: &Term) -> Result<ExitCode, Failure> {
    let What::Lesson = args.what;
    let path = &args.path;
    let refuse = |reason: &str| Failure::Usage(format!("cannot make the lesson {}: {reason}", path.display()));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_right = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !name.split('-').all(is_right) || name.starts_with(|c: char| c.is_ascii_digit()) || name.len() > 40 {
        return Err(refuse("a lesson's name has lower-case letters, digits and dashes, such as my-lesson"));
    }
    fs::create_dir(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => refuse("there is something of that name already"),
        _ => refuse(&error.to_string()),
    })?;
    write(path, name).map_err(|error| refuse(&error.to_string()))?;
    // Whoever has just made it need not be asked whether it can be trusted.
    trust::remember(folders::load(path, &[], term)?.lesson, term);
    let shown = if path.components().count() > 1 { path.display().to_string() } else { format!("./{name}") };
    let style = &term.style;
    let mut text = paragraph(style, "", &format!("The folder {shown} is a lesson with two scenes. Next:"));
    for (command, what) in [
        ("run it", format!("{} lesson {shown}", term.invocation)),
        ("check it whenever you save a file", format!("{} check {shown} --watch", term.invocation)),
    ] {
        text += &paragraph(style, "  ", &format!("{what}: {command}"));
    }
    text += &paragraph(style, "", "Begin with lesson.toml: its comments say what can be changed.");
    term.print(&text).map_err(Failure::Stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the files of the lesson `name` to its folder, which is empty.
fn write(folder: &Path, name: &str) -> io::Result<()> {
    for (file, text) in FILES {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text.replace(PLACEHOLDER, name))?;
    }
    Ok(())
}
