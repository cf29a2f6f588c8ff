//! Pictures and texts from a trace, for whatever [`Page`] they are given: pure functions to a `String`, and documents
//! that may be long into a stream.
//!
//! Every picture goes through [`crate::chart`]; nothing here looks at a terminal, a clock or a recorder. `format`
//! lists what a run can be written in; `report` puts together what it ends with; `claims` checks what the lesson
//! claims of it; `lanes` draws timelines, `table` the figures, `prose` and `code` what a lesson says and runs, both of
//! `letters`. `svg` and `html` are for browsers: both are made of `drawing`. `comparison` is what `compare` says.

#[cfg(feature = "program")]
mod claims;
#[cfg(feature = "program")]
pub(crate) mod comparison;
#[cfg(feature = "program")]
pub(crate) mod data;
#[cfg(feature = "program")]
mod format;
#[cfg(feature = "program")]
mod markup;
#[cfg(feature = "program")]
pub(crate) mod prose;
#[cfg(feature = "program")]
mod report;
pub(crate) mod text;
#[cfg(feature = "program")]
mod web;

#[cfg(feature = "program")]
pub(crate) use self::format::{FORMATS, Format, FormatKind, WriteRun};
#[cfg(feature = "program")]
pub(crate) use self::report::Report;
pub(crate) use self::text::letters::paragraph;

use self::text::lanes::{self, Layout};
#[cfg(feature = "program")]
use crate::lesson::Lesson;
use crate::page::Page;
#[cfg(feature = "program")]
use crate::page::{Role, columns, fit};
use crate::trace::SceneTrace;

/// Draws one scene's lanes above an axis of `extent` nanoseconds, at most `page.width` columns wide.
pub fn timeline(scene: &SceneTrace, extent: u64, page: &Page) -> String {
    let layout = Layout::new([scene], extent, page);
    lanes::by_task(scene, &layout, page)
}

/// A lesson's first line: what it is, and where in the syllabus; then an empty one.
#[cfg(feature = "program")]
pub(crate) fn header(lesson: &Lesson, index: usize, of: usize, page: &Page) -> String {
    let title = page.line(&format!("{} · {}", lesson.name, lesson.summary));
    let place = format!("{} of {of}", index + 1);
    let line = match page.width.checked_sub(columns(&title) + columns(&place)) {
        Some(gap) if gap > 0 => {
            format!("{}{}{}", page.paint(Role::Heading, &title), " ".repeat(gap), page.paint(Role::Dim, place))
        }
        _ => page.paint(Role::Heading, fit(&title, page.width)),
    };
    format!("{line}\n\n")
}
