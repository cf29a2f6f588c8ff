//! What a lesson claims of a run: checked once, and shown in each format from what came of that.

use crate::lesson::{Lesson, Scene, Verdict};
use crate::page::{Page, Role};
use crate::trace::Trace;

/// A claim that was checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(super) statement: &'static str,
    verdict: Verdict,
}

/// How the verdict on a claim is shown to people.
pub(super) struct ClaimDisplay<'a> {
    pub(super) mark: char,
    pub(super) role: Role,
    /// In one word.
    pub(super) word: &'static str,
    /// What stands before the figure where that word does not.
    before: &'static str,
    /// Its figure, or why there is none.
    pub(super) figure: &'a str,
}

/// Checks what `lesson` claims of a run: nothing of one that was a server's, since others had their hands in it.
pub(super) fn check(lesson: &Lesson, trace: &Trace) -> Vec<Checked> {
    let served = |scene: &Scene| scene.served && trace.scene(scene.name).is_some();
    if lesson.scenes.iter().any(served) {
        return Vec::new();
    }
    lesson.claims.iter().map(|claim| Checked { statement: claim.statement, verdict: (claim.check)(trace) }).collect()
}

impl Checked {
    pub(super) fn failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed(_))
    }

    pub(super) fn display(&self, page: &Page) -> ClaimDisplay<'_> {
        let glyphs = page.glyphs();
        let (mark, role, word, before, figure) = match &self.verdict {
            Verdict::Held(figure) => (glyphs.held, Role::Good, "held", "", figure),
            Verdict::Failed(figure) => (glyphs.failed, Role::Bad, "failed", "FAILED: ", figure),
            Verdict::Skipped(reason) => (glyphs.skipped, Role::Warn, "skipped", "skipped: ", reason),
        };
        ClaimDisplay { mark, role, word, before, figure }
    }
}

impl ClaimDisplay<'_> {
    /// The figure, and before it what became of the claim unless it held.
    pub(super) fn outcome(&self) -> String {
        format!("{}{}", self.before, self.figure)
    }
}
