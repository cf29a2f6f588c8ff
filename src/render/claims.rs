//! How a claim and what became of it are written for people, in each format.

use crate::lesson::PYTHON;
use crate::style::{Role, Style};
use crate::trace::{ClaimResult, Verdict};
use crate::units;

/// How the verdict on a claim is shown to people.
pub(super) struct VerdictText {
    /// What is claimed, and of the scenes in which language if that is not the run's own.
    pub(super) statement: String,
    /// The mark that stands before the claim.
    pub(super) mark: char,
    /// The colour of that mark.
    pub(super) role: Role,
    /// The verdict in one word.
    pub(super) word: &'static str,
    /// What stands before the evidence where nothing else says the verdict; empty if the claim held.
    before: &'static str,
    /// The figures that show it, or why it could not be checked.
    pub(super) evidence: String,
}

impl VerdictText {
    /// Returns the text of what became of `claim`.
    pub(super) fn of(claim: &ClaimResult, style: &Style) -> Self {
        let glyphs = style.glyphs();
        let (mark, role, word, before) = match claim.verdict {
            Verdict::Held(_) => (glyphs.held, Role::Good, "held", ""),
            Verdict::Failed(_) => (glyphs.failed, Role::Bad, "failed", "FAILED: "),
            Verdict::Skipped(_) => (glyphs.skipped, Role::Warn, "skipped", "skipped: "),
        };
        let statement = match claim.language.as_deref() {
            None => claim.statement.to_string(),
            Some(PYTHON) => format!("Python: {}", claim.statement),
            Some(language) => format!("{language}: {}", claim.statement),
        };
        VerdictText { statement, mark, role, word, before, evidence: units::evidence(claim.verdict.evidence()) }
    }

    /// Returns the evidence. The verdict stands before it unless the claim held.
    pub(super) fn outcome(&self) -> String {
        format!("{}{}", self.before, self.evidence)
    }
}
