//! The contract that a lesson fulfils: prose, scenes, a question, claims, a Python twin.
//!
//! A [`Lesson`] is plain data. Those of this program are constants: see `lessons/gather/mod.rs` for one and
//! `lessons/README.md` for how to add one. A lesson can also be made at run time: its texts are then leaked once, and its
//! claims are a [`Relation`] each. This module knows the trace, since claims are statements about it, and nothing of how
//! it is drawn. Read `session.rs` next for how a scene is run.

mod claim;
#[cfg_attr(not(test), allow(dead_code, reason = "lessons from folders will be the first to read claims"))]
pub(crate) mod claims;
mod inputs;
mod language;
mod measure;
mod question;
mod relation;
mod scene;
mod twin;
mod work;

use std::time::Duration;

pub use self::claim::{Check, Claim, check, check_lanes, unless_too_short};
pub use self::inputs::{Inputs, task_name};
pub use self::language::Language;
pub use self::measure::{Measure, Metric};
pub use self::question::{Choice, Misconception, Question, Reply, Sentence};
pub use self::relation::{Bound, Ending, Operand, Relation};
pub use self::scene::{Scene, SourceFile, TaskLimit};
pub(crate) use self::twin::{PYTHON, TWIN_MARK};
pub(crate) use self::work::SceneRun;
pub use self::work::Work;
use crate::trace::Trace;
pub use crate::trace::Verdict;

/// A lesson: its prose, its scenes, its question and its claims.
#[derive(Debug)]
pub struct Lesson {
    /// Its name on the command line, in lower case and with dashes; the name of its folder.
    pub name: &'static str,
    /// Other names that it is found by.
    pub aliases: &'static [&'static str],
    /// What it teaches, in a few words.
    pub summary: &'static str,
    /// The text of its `README.md`: a title, three lines that say what the scenes do and not what comes of it,
    /// then the sections `What happens`, `What to notice` and `Try`.
    pub readme: &'static str,
    /// The text of its `twin.py`: the same scenes in Python.
    pub twin: &'static str,
    /// The scenes, in the order in which they run.
    pub scenes: &'static [Scene],
    /// The question that is asked before the run.
    pub question: Question,
    /// The claims that are checked after the run.
    pub claims: &'static [Claim],
    /// The options that its scenes take.
    pub takes: Takes,
    /// Whether its claims depend on the machine. If so, the machine is measured before the run and stored as
    /// [`Trace::machine`].
    pub calibrates: bool,
}

impl Lesson {
    /// Measures the figures of the lesson's scenes in `trace` and checks its claims, and stores both in the trace in
    /// place of those that it holds. Scenes that the lesson does not have keep their figures. If the trace holds scenes of
    /// the lesson's twin, the claims are checked on those as well.
    ///
    /// Nothing is claimed of a run in which a server stayed up, since its clients were not the lesson's.
    pub fn conclude(&self, trace: &mut Trace) {
        for scene in &mut trace.scenes {
            let known = self.scenes.iter().find(|own| own.name == scene.name);
            if let Some(own) = known.filter(|_| scene.language.is_none()) {
                own.add_figures(scene);
            }
        }
        self.check_claims(trace);
    }

    /// Returns the number of the scene with this name among the lesson's scenes, counted from 1; `None` if the lesson
    /// has no such scene.
    pub fn number(&self, scene: &str) -> Option<usize> {
        let index = self.scenes.iter().position(|own| own.name == scene)?;
        Some(index + 1)
    }
}

/// The options that a lesson's scenes take, and their values if the command line has none.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    /// The number of tasks; none if the lesson does not take `--tasks`.
    pub tasks: Option<usize>,
    /// The delay of each task; none if the lesson does not take `--delay`.
    pub delay: Option<Duration>,
    /// Whether the scenes read standard input, and therefore take `--limit` and `--for`.
    pub lines: bool,
}
