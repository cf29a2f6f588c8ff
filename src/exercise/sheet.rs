//! The sheet of an exercise: its `exercise.toml`.

use serde::Deserialize;

use super::Exercise;
use crate::lesson::{Relation, claims};

/// The scene that the claims are about.
pub(super) const SCENE: &str = "it";

/// The texts and the claims of an exercise.
#[derive(Debug, Deserialize)]
pub(crate) struct Sheet {
    /// What is to be done, in a few words.
    pub(crate) title: String,
    /// What it teaches, in one line.
    pub(crate) teaches: String,
    /// The name of the lesson that it belongs to.
    pub(crate) lesson: String,
    /// Hints, each of which says more than the one before. The last one has code.
    pub(crate) hints: [String; 3],
    /// Why the solution works.
    pub(crate) why: String,
    /// What could be done next, without a judge.
    pub(crate) harder: String,
    /// A pattern of the names of the lanes that are worth seeing.
    pub(crate) lanes: String,
    #[serde(rename = "claim")]
    pub(crate) claims: Vec<SheetClaim>,
}

/// What a solution must make true.
#[derive(Debug, Deserialize)]
pub(crate) struct SheetClaim {
    /// The statement, in the past tense.
    pub(crate) says: String,
    /// What must hold, in the language of claims.
    holds: String,
    /// What is said if it does not. `{name}` stands for a figure of that name, and `{wall}` for the scene's wall.
    pub(crate) missing: String,
}

impl SheetClaim {
    /// Returns what must hold.
    ///
    /// # Errors
    /// Says where and why its text is no claim.
    pub(super) fn relation(&self) -> anyhow::Result<Relation> {
        claims::parse(&self.holds, &[SCENE]).map_err(|error| anyhow::anyhow!("{}: {error}", self.holds))
    }
}

impl Sheet {
    /// Reads the sheet of an exercise.
    ///
    /// # Errors
    /// Says what is wrong with it, and where.
    pub(crate) fn of(exercise: &Exercise) -> anyhow::Result<Sheet> {
        let sheet: Result<Sheet, _> = toml::from_str(exercise.sheet);
        sheet.map_err(|error| anyhow::anyhow!("the sheet of {} is wrong: {error}", exercise.name))
    }
}
