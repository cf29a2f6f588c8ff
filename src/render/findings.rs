//! What was found in a program of somebody's own, in words for every format.

use super::Report;
use crate::finding::findings;
use crate::lesson::Lesson;

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

    fn lesson_about(&self, topic: &str) -> Option<&'static Lesson> {
        self.syllabus.iter().copied().find(|lesson| lesson.aliases.contains(&topic))
    }
}
