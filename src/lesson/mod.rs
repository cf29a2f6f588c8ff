//! The contract that a lesson fulfils: prose, scenes, a question, claims, a Python twin.
//!
//! A lesson is one constant of plain data; see `lessons/gather/mod.rs` for one, `lessons/README.md` for how to add
//! one. Knows the trace, since claims are statements about it, and nothing of how it is drawn. Read `session.rs`
//! next for how a scene is run.

mod claim;
mod question;
mod relation;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use self::claim::{Check, Claim, check, check_lanes};
pub use self::question::{Choice, Misconception, Question};
pub use self::relation::{Bound, Measure, Metric, Operand, Relation};
use crate::serve::Site;
use crate::session::Session;
use crate::stdio::{Lines, Out};
pub use crate::trace::Verdict;
use crate::trace::{
    About, ClaimResult, Clock, Evidence, Figure, Flavor, Outcome, Runtime, SceneTrace, Trace, source_path,
};

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
    /// What is known of a lesson that only a recording names: nothing.
    pub(crate) const UNKNOWN: Lesson = Lesson {
        name: "",
        aliases: &[],
        summary: "",
        readme: "",
        twin: "",
        scenes: &[],
        question: Question { ask: "", choices: &[], measured: |_| Evidence::new("") },
        claims: &[],
        takes: Takes { tasks: None, delay: None, lines: false },
        calibrates: false,
    };

    /// Measures the figures of the lesson's scenes in `trace` and checks its claims, and stores both in the trace in
    /// place of those that it holds. Scenes that the lesson does not have keep their figures.
    ///
    /// Nothing is claimed of a run in which a server stayed up, since its clients were not the lesson's.
    pub fn conclude(&self, trace: &mut Trace) {
        for scene in &mut trace.scenes {
            if let Some(own) = self.scenes.iter().find(|own| own.name == scene.name) {
                scene.figures = (own.figures)(scene);
            }
        }
        trace.claims = self.check_claims(trace);
    }

    /// Checks the lesson's claims against `trace`: see [`Lesson::conclude`].
    pub(crate) fn check_claims(&self, trace: &Trace) -> Vec<ClaimResult> {
        let stayed_up = |scene: &Scene| scene.served && trace.scene(scene.name).is_some();
        if self.scenes.iter().any(stayed_up) {
            return Vec::new();
        }
        self.claims.iter().map(|claim| ClaimResult::new(claim.statement, claim.verdict(trace))).collect()
    }

    /// The number of the scene of this name among the lesson's scenes, from 1; 0 if there is none.
    pub fn number(&self, scene: &str) -> usize {
        self.scenes.iter().position(|own| own.name == scene).map_or(0, |place| place + 1)
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
    /// Files beside it that it stands on and that are worth reading: each one's name and text.
    pub beside: &'static [(&'static str, &'static str)],
    /// Starts it.
    pub run: fn(Inputs) -> Pin<Box<dyn Future<Output = ()>>>,
    /// What it runs on.
    pub runtime: Runtime,
    /// Why it cannot run on the virtual clock, if it cannot.
    pub real_clock: Option<&'static str>,
    /// More tasks than this, and why the scene then shows nothing.
    pub at_most: Option<(usize, &'static str)>,
    /// Whether it is a server that stays up until Ctrl-C: run with `--serve`, instead of the others.
    pub served: bool,
    /// How long it takes with so many tasks of such a delay, as far as anyone can tell.
    pub lasts: fn(usize, Duration) -> Duration,
    /// Measures the figures that only this lesson's scenes have: the columns of a table of the lesson's own. All scenes
    /// that have figures have the same ones in the same order.
    pub figures: fn(&SceneTrace) -> Vec<Figure>,
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
        let about = About {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            file: self.file(),
            runtime: self.runtime,
            outcome: Outcome::Done,
        };
        let run = self.run;
        Session::start(about, clock, move || run(inputs), on_end)
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

    /// This scene, which stands on these files beside it: [`Scene::beside`].
    pub const fn beside(self, beside: &'static [(&'static str, &'static str)]) -> Self {
        Scene { beside, ..self }
    }

    /// This scene, which lasts as long as `lasts` says for so many tasks of such a delay.
    pub const fn lasting(self, lasts: fn(usize, Duration) -> Duration) -> Self {
        Scene { lasts, ..self }
    }

    /// Returns this scene with figures of its own: see [`Scene::figures`].
    pub const fn with_figures(self, figures: fn(&SceneTrace) -> Vec<Figure>) -> Self {
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
        Scene { at_most: Some((most, reason)), ..self }
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
    pub lines: Lines,
    /// Standard output, line by line.
    pub out: Out,
    /// Where to serve, for scenes that are servers.
    pub site: Site,
}

impl Inputs {
    /// So many tasks of such a delay, nothing to read, and nobody to print to.
    pub fn new(tasks: usize, delay: Duration) -> Self {
        Inputs { tasks, delay, limit: 1_000, lines: Lines::none(), out: Out::nowhere(), site: Site::default() }
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
