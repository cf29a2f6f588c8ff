//! The contract that a lesson fulfils: prose, scenes, a question, claims, a Python twin.
//!
//! A lesson is one constant of plain data; see `lessons/gather/mod.rs` for one, `lessons/README.md` for how to add
//! one. Knows the trace, since claims are statements about it, and nothing of how it is drawn. Read `session.rs`
//! next for how a scene is run.

mod claim;
mod question;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use self::claim::{Claim, Verdict, check, check_lanes};
pub use self::question::{Choice, Misconception, Question};
use crate::serve::Endpoint;
use crate::session::{Flavor, Runtime, Session};
use crate::stdio::{InputLines, LineWriter};
use crate::trace::{Clock, Event, SceneStart, SceneTrace, source_path};

/// One lesson.
#[derive(Debug)]
pub struct Lesson {
    /// What it is called on the command line: lower case and dashes, the name of its folder.
    pub name: &'static str,
    /// Other names that people will try.
    pub aliases: &'static [&'static str],
    /// What it teaches, in a few words.
    pub summary: &'static str,
    /// `README.md`: a title, prose of at most a screen, then sections `What to notice` and `Try`.
    pub readme: &'static str,
    /// `twin.py`: the same scenes in Python.
    pub twin: &'static str,
    /// What is run, in this order.
    pub scenes: &'static [Scene],
    /// What is asked before the run.
    pub question: Question,
    /// What is checked after it.
    pub claims: &'static [Claim],
    /// What the scenes can be given.
    pub takes: Takes,
    /// Whether claims depend on the machine, which is measured before the run then: see
    /// [`Trace::machine`](crate::trace::Trace::machine).
    pub calibrates: bool,
}

impl Lesson {
    /// Returns the number of the scene with this name among the lesson's scenes, counted from 1; `None` if the lesson
    /// has no such scene.
    pub fn number(&self, scene: &str) -> Option<usize> {
        let index = self.scenes.iter().position(|own| own.name == scene)?;
        Some(index + 1)
    }
}

/// What a lesson's scenes can be given on the command line, and what they get otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    /// `--tasks`; none where the lesson has no use for it.
    pub tasks: Option<usize>,
    /// `--delay`, likewise.
    pub delay: Option<Duration>,
    /// Whether the scenes read standard input, and so take `--limit` and `--for`.
    pub lines: bool,
}

/// One way of doing the lesson's work: a source file with a function `scene`, made by [`scene!`](crate::scene!).
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// The name of its module.
    pub name: &'static str,
    /// What it is called in front of a learner.
    pub title: &'static str,
    /// The file that mounts it, as the compiler names that: the lesson's `mod.rs`.
    pub mounted_in: &'static str,
    /// The file's text: the very code that runs.
    pub source: &'static str,
    /// Other files that the scene uses and that are worth reading.
    pub beside: &'static [SourceFile],
    /// Starts it.
    pub run: fn(Inputs) -> Pin<Box<dyn Future<Output = ()>>>,
    /// What it runs on.
    pub runtime: Runtime,
    /// Why it cannot run on the virtual clock, if it cannot.
    pub real_clock: Option<&'static str>,
    /// The largest number of tasks with which the scene shows anything; `None` if there is no such limit.
    pub at_most: Option<TaskLimit>,
    /// Whether it is a server that stays up until Ctrl-C: run with `--serve`, instead of the others.
    pub served: bool,
    /// How long it takes with so many tasks of such a delay, as far as anyone can tell.
    pub lasts: fn(usize, Duration) -> Duration,
    /// Figures that only this lesson's scenes have, each below its heading: the same headings for all of them.
    pub figures: fn(&SceneTrace) -> Vec<(&'static str, String)>,
}

/// A source file that is shown beside a scene's own, made by [`source_file!`](crate::source_file!).
#[derive(Clone, Copy, Debug)]
pub struct SourceFile {
    /// Its path from the lesson's folder, with slashes; it may begin with `../`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The largest number of tasks with which a scene shows anything.
#[derive(Clone, Copy, Debug)]
pub struct TaskLimit {
    /// At most this many tasks.
    pub most: usize,
    /// Why more tasks show nothing: the end of a sentence that begins "With more than 400 tasks".
    pub reason: &'static str,
}

/// Reads a source file at compile time, for [`Scene::beside`](crate::lesson::Scene::beside). The path is relative to
/// the file that calls the macro: `source_file!("client.rs")`.
#[macro_export]
macro_rules! source_file {
    ($name:literal) => {
        $crate::lesson::SourceFile { name: $name, text: include_str!($name) }
    };
}

/// Ties a scene's function to its own source, so that what is shown is what runs: `scene!(together, "Together")`
/// stands for `together.rs`, a module of the lesson, and its `pub async fn scene(inputs: Inputs)`.
#[macro_export]
macro_rules! scene {
    ($module:ident, $title:literal) => {
        $crate::lesson::Scene {
            name: stringify!($module),
            title: $title,
            mounted_in: file!(),
            source: include_str!(concat!(stringify!($module), ".rs")),
            run: |inputs| Box::pin($module::scene(inputs)),
            ..$crate::lesson::Scene::PLAIN
        }
    };
}

impl Scene {
    /// A scene that runs on one thread and any clock, for one delay; [`scene!`](crate::scene!) fills in the rest.
    pub const PLAIN: Scene = Scene {
        name: "",
        title: "",
        mounted_in: "",
        source: "",
        beside: &[],
        run: |_| Box::pin(async {}),
        runtime: Runtime { flavor: Flavor::CurrentThread, workers: 1 },
        real_clock: None,
        at_most: None,
        served: false,
        lasts: |_, delay| delay,
        figures: |_| Vec::new(),
    };

    /// Starts the scene under the recorder; `on_end` is called on the scene's thread once it has ended.
    ///
    /// # Errors
    /// If the thread or the runtime cannot be built.
    pub(crate) fn start(
        &self,
        inputs: Inputs,
        clock: Clock,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Session>> {
        let run = self.run;
        Session::start(self.description(), self.runtime, clock, move || run(inputs), on_end)
    }

    /// Describes the scene for a recording.
    fn description(&self) -> SceneStart {
        SceneStart {
            scene: self.name.to_owned(),
            title: self.title.to_owned(),
            file: self.file(),
            runtime: self.runtime.info(),
        }
    }

    /// Returns the event that begins the scene's part of a stream.
    pub(crate) fn event(&self) -> Event {
        Event::Scene(Box::new(self.description()))
    }

    /// Its source file, from the project's root.
    pub fn file(&self) -> String {
        self.file_beside(&format!("{}.rs", self.name))
    }

    /// A file by its name from its folder, `../` included, from the project's root.
    pub(crate) fn file_beside(&self, name: &str) -> String {
        let mounted_in = source_path(self.mounted_in);
        let mut path: Vec<&str> = mounted_in.split('/').collect();
        path.pop();
        for part in name.split('/') {
            match part {
                ".." => drop(path.pop()),
                part => path.push(part),
            }
        }
        path.join("/")
    }

    /// Returns this scene, which uses these other files: see [`Scene::beside`](field@Scene::beside).
    pub const fn beside(self, beside: &'static [SourceFile]) -> Self {
        Scene { beside, ..self }
    }

    /// This scene, which lasts as long as `lasts` says for so many tasks of such a delay.
    pub const fn lasting(self, lasts: fn(usize, Duration) -> Duration) -> Self {
        Scene { lasts, ..self }
    }

    /// This scene, with these in a table of the lesson's own: [`Scene::figures`].
    pub const fn with_figures(self, figures: fn(&SceneTrace) -> Vec<(&'static str, String)>) -> Self {
        Scene { figures, ..self }
    }

    /// This scene, which is a server that stays up until Ctrl-C.
    pub const fn served(self) -> Self {
        Scene { served: true, ..self }
    }

    /// This scene, on a runtime of so many worker threads.
    pub const fn on_workers(self, workers: usize) -> Self {
        Scene { runtime: Runtime { flavor: Flavor::MultiThread, workers }, ..self }
    }

    /// This scene, which cannot run on the virtual clock, because of `reason`.
    pub const fn on_the_real_clock(self, reason: &'static str) -> Self {
        Scene { real_clock: Some(reason), ..self }
    }

    /// This scene, which shows nothing with more than `most` tasks, because of `reason`.
    pub const fn with_at_most(self, most: usize, reason: &'static str) -> Self {
        Scene { at_most: Some(TaskLimit { most, reason }), ..self }
    }
}

/// What a scene is given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inputs {
    /// How many tasks to run.
    pub tasks: usize,
    /// How long each one waits.
    pub delay: Duration,
    /// How many tasks may be in flight at once.
    pub limit: usize,
    /// Standard input, line by line.
    pub lines: InputLines,
    /// Standard output, line by line.
    pub out: LineWriter,
    /// The address that a scene listens at if it is a server, and the signal that ends it.
    pub endpoint: Endpoint,
}

impl Inputs {
    /// So many tasks of such a delay, nothing to read, and nobody to print to.
    pub fn new(tasks: usize, delay: Duration) -> Self {
        Inputs {
            tasks,
            delay,
            limit: 1_000,
            lines: InputLines::none(),
            out: LineWriter::nowhere(),
            endpoint: Endpoint::default(),
        }
    }

    /// A name for each task: A, B, … Z, AA, AB, …
    pub fn names(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.tasks).map(task_name)
    }
}

/// The name of task number `index`, as a spreadsheet names its columns.
pub fn task_name(index: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), index + 1);
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}
