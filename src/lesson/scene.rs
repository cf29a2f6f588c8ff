//! A scene: one way of doing a lesson's work, with its source.

use std::io;
use std::time::Duration;

#[cfg(unix)]
use super::program::ProgramScene;
use super::{Inputs, Language, SceneRun, Work};
use crate::session::{Flavor, Runtime, Session, run_to_end};
use crate::trace::{Clock, Event, Figure, SceneStart, SceneTrace, source_path};
use crate::watch::Process;

/// One way of doing the lesson's work: a source file with a function `scene`. [`scene!`](crate::scene!) makes one.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its name: that of its module.
    pub name: &'static str,
    /// Its title, as learners read it.
    pub title: &'static str,
    /// The title of its Python twin, where [`title`](field@Scene::title) names something of Rust's; empty if it has the same.
    pub title_in_python: &'static str,
    /// The path of the file that declares its module, the lesson's `mod.rs`, as `file!()` returns it.
    pub mounted_in: &'static str,
    /// The name of its source file, from the lesson's folder; empty if it is that of the module with the ending `.rs`.
    pub file_name: &'static str,
    /// The text of its source file, which is the code that runs.
    pub source: &'static str,
    /// What to see in its picture, in one sentence. Empty if there is nothing to say.
    pub to_see: &'static str,
    /// What `source` is written in.
    pub language: Language,
    /// The names of lanes that only help to show the others, such as one that ends when something happens to them. They
    /// are drawn apart and count in no figure.
    pub helpers: &'static [&'static str],
    /// Other files that the scene uses and that are worth reading.
    pub beside: &'static [SourceFile],
    /// How it does its work.
    pub work: Work,
    /// The runtime that it runs on, if it is a function of this program.
    pub runtime: Runtime,
    /// Why it cannot run on the virtual clock; none if it can.
    pub real_clock: Option<&'static str>,
    /// The largest number of tasks with which the scene shows anything; `None` if there is no such limit.
    pub at_most: Option<TaskLimit>,
    /// Whether it is a server that stays up until Ctrl-C. Such a scene runs with `--serve`, and then alone.
    pub served: bool,
    /// Estimates its wall from the number of tasks and their delay. Sizes the axis while it runs.
    pub lasts: Lasts,
    /// Measures the figures that only this lesson's scenes have: the columns of a table of the lesson's own. All scenes
    /// that have figures have the same ones in the same order.
    pub figures: fn(&SceneTrace) -> Vec<Figure>,
}

/// An estimate of a scene's wall.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Lasts {
    /// A function of the number of tasks and their delay.
    Function(fn(usize, Duration) -> Duration),
    /// So many delays.
    Delays(f64),
    /// One delay for each task.
    DelayOfEachTask,
    /// So long, whatever the delay is.
    Time(Duration),
}

impl Lasts {
    /// Returns the estimate for `tasks` tasks of this delay.
    pub fn of(self, tasks: usize, delay: Duration) -> Duration {
        match self {
            Lasts::Function(lasts) => lasts(tasks, delay),
            Lasts::Delays(factor) => Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(Duration::MAX),
            Lasts::DelayOfEachTask => delay.saturating_mul(u32::try_from(tasks).unwrap_or(u32::MAX)),
            Lasts::Time(time) => time,
        }
    }
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

/// Reads a source file at compile time, for [`Scene::beside`](field@crate::lesson::Scene::beside). The path is relative
/// to the file that calls the macro: `source_file!("client.rs")`.
#[macro_export]
macro_rules! source_file {
    ($name:literal) => {
        $crate::lesson::SourceFile { name: $name, text: include_str!($name) }
    };
}

/// Makes a [`Scene`] of a module and its own source, so that the code that is shown is the code that runs.
///
/// `scene!(together, "Together")` is the module `together` of the lesson, in `together.rs`, with its
/// `pub async fn scene(inputs: Inputs)`.
#[macro_export]
macro_rules! scene {
    ($module:ident, $title:literal) => {
        $crate::lesson::Scene {
            name: stringify!($module),
            title: $title,
            mounted_in: file!(),
            source: include_str!(concat!(stringify!($module), ".rs")),
            work: $crate::lesson::Work::Native(|inputs| Box::pin($module::scene(inputs))),
            ..$crate::lesson::Scene::PLAIN
        }
    };
}

impl Scene {
    /// A scene of an empty Rust file that runs on one thread and on any clock, for one delay.
    /// [`scene!`](crate::scene!) replaces what differs.
    pub const PLAIN: Scene = Scene {
        name: "",
        title: "",
        title_in_python: "",
        mounted_in: "",
        file_name: "",
        source: "",
        to_see: "",
        language: Language::Rust,
        helpers: &[],
        beside: &[],
        work: Work::Native(|_| Box::pin(async {})),
        runtime: Runtime::CURRENT_THREAD,
        real_clock: None,
        at_most: None,
        served: false,
        lasts: Lasts::Function(|_, delay| delay),
        figures: |_| Vec::new(),
    };

    /// Starts the scene; `on_end` is called on another thread once it has ended.
    ///
    /// # Errors
    /// If the thread or the runtime cannot be built, or the command cannot be started.
    pub(crate) fn start(
        &self,
        inputs: Inputs,
        clock: Clock,
        on_end: impl FnOnce() + Send + 'static,
    ) -> io::Result<SceneRun> {
        match self.work {
            Work::Native(run) => {
                let session = Session::start(self.description(), self.runtime, clock, move || run(inputs), on_end)?;
                Ok(SceneRun::Native(session))
            }
            Work::Command(command) => Ok(SceneRun::Command(Process::start(command, self.description(), on_end)?)),
            #[cfg(unix)]
            Work::Program(program) => Ok(SceneRun::Program(ProgramScene::start(*self, program, &inputs, on_end)?)),
            #[cfg(not(unix))]
            Work::Program(_) => {
                let reason = "a program cannot be recorded on Windows yet; it can on Linux and macOS, and under WSL";
                Err(io::Error::new(io::ErrorKind::Unsupported, reason))
            }
        }
    }

    /// Runs the scene to its end and returns its recording, with the scene's own figures. A command has a clock of its
    /// own: it ignores `clock`, and the inputs.
    ///
    /// # Errors
    /// If the thread or the runtime cannot be built, or the command cannot be started; of the kind
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the clock is virtual and the crate is built without its feature
    /// `virtual-clock`.
    pub fn record(&self, inputs: Inputs, clock: Clock) -> io::Result<SceneTrace> {
        let run = run_to_end(|ended| self.start(inputs, clock, move || drop(ended)))?;
        run.check_threads()?;
        let mut trace = run.finish();
        self.add_figures(&mut trace);
        Ok(trace)
    }

    /// Measures the figures that only this lesson's scenes have, and stores them in place of those that `trace` holds. If
    /// there are none, those that a command told of itself stay.
    pub(crate) fn add_figures(&self, trace: &mut SceneTrace) {
        let own = (self.figures)(trace);
        match self.work {
            Work::Command(_) | Work::Program(_) if own.is_empty() => {}
            _ => trace.figures = own,
        }
    }

    /// Describes the scene for a recording.
    fn description(&self) -> SceneStart {
        SceneStart {
            scene: self.name.to_owned(),
            title: self.title.to_owned(),
            file: self.file(),
            language: None,
            runtime: self.runtime.info(),
            helpers: self.helpers.iter().map(|name| (*name).to_owned()).collect(),
            started: None,
        }
    }

    /// Returns the event that begins the scene's part of a stream.
    pub(crate) fn event(&self) -> Event {
        Event::Scene(Box::new(self.description()))
    }

    /// Returns the path of its source file, from the project's root.
    pub fn file(&self) -> String {
        match self.file_name {
            "" => self.file_beside(&format!("{}.rs", self.name)),
            name => self.file_beside(name),
        }
    }

    /// Returns the path of a file that `name` names from the scene's folder, with `../` if need be. The path is one from
    /// the project's root.
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

    /// Returns this scene with other files that it uses: see [`Scene::beside`](field@Scene::beside).
    pub const fn beside(self, beside: &'static [SourceFile]) -> Self {
        Scene { beside, ..self }
    }

    /// Returns this scene with another title for its Python twin.
    pub const fn in_python(self, title: &'static str) -> Self {
        Scene { title_in_python: title, ..self }
    }

    /// Returns this scene with a sentence below its picture: see [`Scene::to_see`](field@Scene::to_see).
    pub const fn to_see(self, sentence: &'static str) -> Self {
        Scene { to_see: sentence, ..self }
    }

    /// Returns this scene with lanes that only help to show the others: see [`Scene::helpers`](field@Scene::helpers).
    pub const fn helpers(self, helpers: &'static [&'static str]) -> Self {
        Scene { helpers, ..self }
    }

    /// Returns this scene with another estimate of its wall: see [`Scene::lasts`].
    pub const fn lasting(self, lasts: fn(usize, Duration) -> Duration) -> Self {
        Scene { lasts: Lasts::Function(lasts), ..self }
    }

    /// Returns this scene with figures of its own: see [`Scene::figures`].
    pub const fn with_figures(self, figures: fn(&SceneTrace) -> Vec<Figure>) -> Self {
        Scene { figures, ..self }
    }

    /// Returns this scene as one that a command does: see [`Work::Command`]. Its clock is its own, and so real.
    pub const fn done_by(self, command: &'static [&'static str]) -> Self {
        Scene { work: Work::Command(command), real_clock: Some("another program does it"), ..self }
    }

    /// Returns this scene as a server that stays up until Ctrl-C.
    pub const fn served(self) -> Self {
        Scene { served: true, ..self }
    }

    /// Returns this scene on a multi-threaded runtime of `workers` threads.
    pub const fn on_workers(self, workers: usize) -> Self {
        Scene { runtime: Runtime { flavor: Flavor::MultiThread, workers }, ..self }
    }

    /// Returns this scene as one that cannot run on the virtual clock, because of `reason`.
    pub const fn on_the_real_clock(self, reason: &'static str) -> Self {
        Scene { real_clock: Some(reason), ..self }
    }

    /// Returns this scene as one that shows nothing with more than `most` tasks, because of `reason`.
    pub const fn with_at_most(self, most: usize, reason: &'static str) -> Self {
        Scene { at_most: Some(TaskLimit { most, reason }), ..self }
    }
}
