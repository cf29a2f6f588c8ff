//! What was found in a program of somebody's own, in words for every format.

use super::Report;
use super::text::table::Cells;
use crate::finding::{NamedTasks, by_name, findings};
use crate::lesson::Lesson;
use crate::style::Style;
use crate::units::{duration, grouped};

/// Most names in a table.
const MOST_NAMES: usize = 12;

impl Report<'_> {
    /// Returns what is found in the recorded program, what takes the most time first; nothing in a lesson, which says
    /// itself what it shows. Where a lesson explains it, its command follows, once.
    pub(super) fn findings(&self) -> Vec<String> {
        if self.trace.process.is_none() {
            return Vec::new();
        }
        let mut named: Vec<&str> = Vec::new();
        let mut told = Vec::new();
        for scene in &self.trace.scenes {
            for finding in findings(scene) {
                let of_scene = if self.trace.scenes.len() > 1 { format!("{}: ", scene.title) } else { String::new() };
                let mut sentence = format!("{of_scene}{}", finding.statement);
                let lesson = finding.topic.and_then(|topic| self.lesson_about(topic));
                if let Some(lesson) = lesson.filter(|lesson| !named.contains(&lesson.name)) {
                    named.push(lesson.name);
                    sentence += &format!(" `{} lesson {}` shows how that comes about.", self.invocation, lesson.name);
                }
                told.push(sentence);
            }
        }
        told
    }

    /// Returns the tasks of each scene by the name of their function, a table each; none for a lesson, and none of a scene
    /// in which each task has a name of its own.
    pub(super) fn tables_by_name(&self, style: &Style) -> Vec<Cells> {
        if self.trace.process.is_none() {
            return Vec::new();
        }
        let groups = self.trace.scenes.iter().map(by_name);
        groups.filter(|groups| groups.iter().any(|group| group.lanes > 1)).map(|groups| cells(&groups, style)).collect()
    }

    fn lesson_about(&self, topic: &str) -> Option<&'static Lesson> {
        self.syllabus.iter().copied().find(|lesson| lesson.aliases.contains(&topic))
    }
}

/// Returns a table of the first groups. Only if some task is not done, a column says how many.
fn cells(groups: &[NamedTasks], style: &Style) -> Cells {
    let groups = &groups[..groups.len().min(MOST_NAMES)];
    let some_not_done = groups.iter().any(|group| group.not_done > 0);
    let mut headings = vec!["lanes", "steps", "busy", "longest step", "ready p50", "ready p99"];
    if some_not_done {
        headings.insert(1, "not done");
    }
    let row = |group: &NamedTasks| {
        let mut row = vec![
            style.line(&group.name),
            grouped(group.lanes),
            grouped(group.polls),
            duration(group.busy),
            duration(group.longest_poll),
            duration(group.ready(0.5)),
            duration(group.ready(0.99)),
        ];
        if some_not_done {
            row.insert(2, grouped(group.not_done));
        }
        row
    };
    Cells { headings: headings.into_iter().map(str::to_owned).collect(), rows: groups.iter().map(row).collect() }
}
