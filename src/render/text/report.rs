//! The report of a run as text: timelines on one axis, the table, the claims, the answer, and what to notice.

use super::lanes::{self, Layout};
use super::thread_lanes;
use super::{legend, question, table};
use crate::chart::View;
use crate::lesson::Scene;
use crate::render::claims::VerdictText;
use crate::render::prose::code;
use crate::render::report::{AFTERWARDS, ON_THE_VIRTUAL_CLOCK, remarks};
use crate::render::{Report, paragraph};
use crate::style::{Role, Style, columns};
use crate::trace::{ClaimResult, Clock, Mark, Nanos, SceneTrace, Site, SiteId, Skipped};
use crate::units::duration;

impl Report<'_> {
    /// Returns the whole report as text for `style`.
    pub(crate) fn text(&self, style: &Style) -> String {
        let mut text = self.what_was_found(style);
        text += &self.timelines(style);
        text += &table::table(self.trace, self.numbers(), style);
        text += &table::own_table(self.trace, self.numbers(), style);
        text += &table::notes_below(self.trace, self.numbers(), style);
        for by_name in self.tables_by_name(style) {
            text += &format!("\n{}", table::laid_out(&by_name.headings, by_name.rows, style));
            text += &table::note_on_names(&by_name.headings)
                .map_or_else(String::new, |note| table::note_below(note, style));
        }
        text.push('\n');
        text += &self.trace.claims.iter().map(|result| claim(result, style)).collect::<String>();
        if let (Some(lesson), Some(guess)) = (self.lesson, self.guess) {
            text += &format!("\n{}", question::answer(&lesson.question, guess, self.trace, style));
        }
        if self.prose {
            text += &self.afterwards(style);
        }
        text
    }

    /// Returns what was found in a program of somebody's own, a bullet each; nothing for a lesson.
    fn what_was_found(&self, style: &Style) -> String {
        let bullet = format!("  {} ", style.glyphs().bullet);
        let findings: String = self.findings().iter().map(|finding| paragraph(style, &bullet, finding)).collect();
        let heading = style.paint(Role::Strong, "What stands out");
        if findings.is_empty() { findings } else { format!("  {heading}\n{findings}\n") }
    }

    fn timelines(&self, style: &Style) -> String {
        let scenes = &self.trace.scenes;
        let extent = self.trace.extent();
        let lanes: Vec<String> = match self.view {
            View::Task => {
                let (layout, rows) = Layout::of_rows(scenes, extent, &self.shown, style);
                scenes.iter().zip(rows).map(|(scene, rows)| lanes::with_axis(scene, &rows, &layout, style)).collect()
            }
            View::Thread => {
                let layout = Layout::by_thread(scenes, extent, &self.shown, style);
                scenes.iter().map(|scene| thread_lanes::by_thread(scene, &layout, style)).collect()
            }
        };
        let mut text = String::new();
        if self.trace.clock == Clock::Virtual {
            text += &paragraph(style, "", ON_THE_VIRTUAL_CLOCK);
            text += "\n";
        }
        // Scenes that were skipped stand among those that ran, in the order of their numbers.
        let mut numbers = self.numbers();
        let mut parts = Vec::new();
        for (scene, lanes) in scenes.iter().zip(&lanes) {
            let number = numbers.of(scene);
            parts.push((number, self.scene(number, scene, lanes, style)));
        }
        for skipped in &self.trace.skipped {
            let number = numbers.of_skipped(skipped);
            parts.push((number, self.skipped(number, skipped, style)));
        }
        parts.sort_by_key(|(number, _)| *number);
        text.extend(parts.into_iter().map(|(_, part)| part));
        let legend = legend::legend(scenes, self.view, &text, style);
        text + &legend + "\n"
    }

    /// Returns what the report says of one scene, whose `lanes` are drawn.
    fn scene(&self, number: usize, scene: &SceneTrace, lanes: &str, style: &Style) -> String {
        let remarks: String = remarks(scene).iter().map(|remark| paragraph(style, "   ", remark)).collect();
        let title = title(number, &scene.title, &scene.file, style);
        let code = match (self.own(scene), self.twin(scene)) {
            (Some(own), _) => self.excerpt(own, code::EXCERPT_LINES, style),
            (None, Some(lesson)) => code::python(lesson.twin, &scene.name, code::EXCERPT_LINES, style),
            (None, None) => String::new(),
        };
        let stall = stall(scene, style);
        let to_see = match self.own(scene) {
            // It names lanes of tasks.
            Some(own) if self.prose && self.view == View::Task && !own.to_see.is_empty() => {
                format!("\n{}", paragraph(style, "   ", own.to_see))
            }
            _ => String::new(),
        };
        format!("{title}{code}\n{lanes}{remarks}{stall}{to_see}\n")
    }

    /// Returns the lines that say how a scene of the lesson differs from the one before.
    pub(crate) fn excerpt(&self, own: &Scene, most: usize, style: &Style) -> String {
        let before = self.lesson_scenes().iter().take_while(|scene| scene.name != own.name).last();
        let code = code::excerpt(own.source, before.map(|scene| scene.source), own.language, most, style);
        match before {
            Some(before) if before.runtime != own.runtime => code + &code::remark(&runtime(own), style),
            _ => code,
        }
    }

    fn skipped(&self, number: usize, skipped: &Skipped, style: &Style) -> String {
        let own = self.lesson_scenes().iter().find(|scene| scene.name == skipped.scene);
        let file = match (own, self.lesson) {
            (Some(own), _) if skipped.language.is_none() => own.file(),
            (Some(_), Some(lesson)) => lesson.twin_file(),
            _ => String::new(),
        };
        let title = title(number, &skipped.title, &file, style);
        format!("{title}{}\n", paragraph(style, "   ", &format!("Skipped: {}.", skipped.reason)))
    }

    fn afterwards(&self, style: &Style) -> String {
        let mut text = String::new();
        for title in AFTERWARDS {
            if let Some(body) = self.section(title, style) {
                text += &format!("\n  {}\n{body}", style.paint(Role::Strong, title));
            }
        }
        if let Some(command) = self.next_command(style) {
            text += &format!("\n{command}");
        }
        text
    }
}

/// Returns which poll caused the longest stall of a scene, and where its task was; nothing if the stall is too short to be
/// seen.
pub(super) fn stall(scene: &SceneTrace, style: &Style) -> String {
    let stall = scene.stall();
    if stall < scene.wall / 20 || stall < Nanos::from_millis(5) {
        return String::new();
    }
    let Some((id, poll)) = scene.stalled_by() else { return String::new() };
    let own = |mark: &&Mark| mark.at <= poll.end && mark.task == Some(id);
    let (resumed_at, _) = scene.sites_of_poll(id, poll);
    let known = |site: Option<SiteId>, what: &str| {
        let Site { file, line, .. } = scene.site(site?)?;
        Some(format!("{what} at {file}:{line}"))
    };
    let place = match scene.marks.iter().rfind(own) {
        Some(Mark { file: Some(file), line: Some(line), .. }) => format!("{file}:{line}"),
        _ => known(resumed_at, "after the await")
            .or_else(|| known(scene.origin(id).code, "in the function"))
            .unwrap_or_else(|| scene.file.clone()),
    };
    let held = duration(poll.end - poll.start);
    let text = format!(
        "The stall of {} comes from “{}”: one poll of {held} ({place})",
        duration(stall),
        scene.tasks[id.index()].name
    );
    style.paint(Role::Dim, paragraph(style, "   ", &text).trim_end_matches('\n')) + "\n"
}

/// Returns what a scene runs on, as a comment below its code, which does not say it.
fn runtime(scene: &Scene) -> String {
    match scene.runtime.workers {
        1 => "// on a runtime of one thread".to_owned(),
        workers => format!("// on a runtime of {workers} workers"),
    }
}

pub(super) fn claim(result: &ClaimResult, style: &Style) -> String {
    let verdict = VerdictText::of(result, style);
    let text = paragraph(style, "    ", &format!("{} ({})", verdict.statement, verdict.outcome()));
    // The mark replaces the first line's indent after wrapping, which would count colours as text.
    format!("  {} {}", style.paint(verdict.role, verdict.mark), text.trim_start())
}

/// Returns the line of a scene's number, title and file; several lines if the page is too narrow for one.
pub(super) fn title(number: usize, title: &str, file: &str, style: &Style) -> String {
    let number = format!("{number}  ");
    let title = style.line(title);
    let file = style.line(file);
    let painted = style.paint(Role::Heading, format!("{number}{title}"));
    match style.width.checked_sub(columns(&number) + columns(&title) + columns(&file)) {
        Some(gap) if gap > 1 => format!("{painted}{}{}\n", " ".repeat(gap), style.paint(Role::Dim, file)),
        _ => paragraph(style, &number, &title) + &paragraph(style, "   ", &file),
    }
}
