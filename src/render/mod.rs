//! Pictures and texts made from a trace, for a given [`Style`]: pure functions that return a `String`, or write into a
//! stream where a document may be long.
//!
//! Every picture is made from a chart of [`crate::chart`]. Nothing here uses a terminal, a clock or a recorder. `report`
//! is what a run ends with, and `claims` checks its lesson's claims; `format` lists the formats that it can be written
//! in. `text` draws for terminals, `web` for browsers, `data` writes for programs, `prose` renders a lesson's prose and
//! code, and `comparison` writes the results of `compare`. Read `report` first.

#[cfg(feature = "program")]
mod claims;
#[cfg(feature = "program")]
pub(crate) mod comparison;
#[cfg(feature = "program")]
pub(crate) mod data;
#[cfg(feature = "program")]
mod findings;
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
pub(crate) use self::report::{EXPLANATION, OwnSource, Report};
pub(crate) use self::text::letters::paragraph;
#[cfg(feature = "program")]
pub(crate) use self::web::site;

use self::text::lanes::{self, Layout};
use crate::chart::Shown;
#[cfg(feature = "program")]
use crate::lesson::Lesson;
use crate::style::Style;
#[cfg(feature = "program")]
use crate::style::{Role, columns, fit};
use crate::trace::{Nanos, SceneTrace};

/// Draws the lanes of one scene above an axis of `extent` nanoseconds, at most `style.width` columns wide.
pub fn timeline(scene: &SceneTrace, extent: Nanos, style: &Style) -> String {
    let (layout, rows) = Layout::of_rows([scene], extent, &Shown::FOLDED, style);
    rows.iter().map(|rows| lanes::with_axis(scene, rows, &layout, style)).collect()
}

/// Returns the heading of a lesson and an empty line: its name, its summary and its place in the syllabus. `index` counts
/// from 0, and `of` is the number of lessons.
#[cfg(feature = "program")]
pub(crate) fn header(lesson: &Lesson, place: Option<(usize, usize)>, style: &Style) -> String {
    let title = style.line(&format!("{} · {}", lesson.name, lesson.summary));
    let place = place.map(|(index, of)| format!("{} of {of}", index + 1)).unwrap_or_default();
    let gap = style.width.saturating_sub(columns(&title) + columns(&place));
    if gap == 0 || place.is_empty() {
        return format!("{}\n\n", style.paint(Role::Heading, fit(&title, style.width)));
    }
    let title = style.paint(Role::Heading, &title);
    let place = style.paint(Role::Dim, place);
    format!("{title}{}{place}\n\n", " ".repeat(gap))
}
