//! The scenes of a lesson's folder.

use std::time::Duration;

use super::super::form::{SceneForm, Text};
use super::{LONGEST_LINE, Maker};
use crate::lesson::program::Runs;
use crate::lesson::{Language, Lasts, Program, Scene, Takes, Work};
use crate::style::sanitize;

/// Most scenes of a lesson.
const MOST_SCENES: usize = 12;
/// Most words of a command, and most bytes of each.
const MOST_WORDS: usize = 32;
const LONGEST_WORD: usize = 1_000;
/// Most characters of a scene's title.
const LONGEST_TITLE: usize = 60;
/// Most names of lanes that only help.
const MOST_HELPERS: usize = 16;
/// The longest that a scene may be expected to last.
const LONGEST: Duration = Duration::from_secs(3600);

impl Maker<'_> {
    /// Makes the scenes.
    pub(super) fn scenes(&mut self, forms: &[SceneForm], takes: Takes) -> Vec<Scene> {
        if forms.is_empty() {
            self.fault(0, "a lesson has at least one [[scene]]");
        }
        if let Some(form) = forms.get(MOST_SCENES) {
            self.fault(form.name.span().start, format!("a lesson has at most {MOST_SCENES} scenes"));
            return Vec::new();
        }
        let mut scenes: Vec<Scene> = Vec::new();
        for form in forms {
            let scene = self.scene(form, takes);
            if scenes.iter().any(|other| other.name == scene.name) {
                self.fault(form.name.span().start, format!("a scene before this one is called {:?}, too", scene.name));
            }
            scenes.push(scene);
        }
        scenes
    }

    fn scene(&mut self, form: &SceneForm, takes: Takes) -> Scene {
        let file = self.file_of(form);
        let source = file.as_deref().map_or("", |file| self.source(file, form));
        let runs = match &form.command {
            Some(command) => Runs::Command(command.get_ref().clone()),
            None => Runs::Python(file.clone().unwrap_or_default()),
        };
        if form.helpers.len() > MOST_HELPERS {
            self.fault(form.name.span().start, format!("a scene has at most {MOST_HELPERS} helpers"));
        }
        let helpers = form.helpers.iter().take(MOST_HELPERS);
        let helpers: Vec<&'static str> =
            helpers.map(|helper| self.text(helper, LONGEST_LINE, "a helper's name")).collect();
        Scene {
            name: self.scene_name(&form.name),
            title: self.text(&form.title, LONGEST_TITLE, "the title"),
            mounted_in: format!("{}/lesson.toml", self.name).leak(),
            source,
            to_see: self.text_or_none(form.to_see.as_ref(), LONGEST_LINE, "to_see"),
            language: Language::of_file(file.as_deref().unwrap_or_default()),
            file_name: file.unwrap_or_default().leak(),
            helpers: helpers.leak(),
            work: Work::Program(self.program(runs, takes)),
            real_clock: Some("another program does it"),
            lasts: self.lasts(form.lasts.as_ref()),
            ..Scene::PLAIN
        }
    }

    /// Returns a program that is run in the lesson's folder.
    pub(super) fn program(&self, runs: Runs, takes: Takes) -> &'static Program {
        let takes_tasks = takes.tasks.is_some();
        let folder = self.files.root.clone();
        let digest = self.files.digest.clone();
        Box::leak(Box::new(Program { folder, digest, runs, takes_tasks, takes_lines: takes.lines }))
    }

    /// Checks a scene's name, by which claims call it.
    fn scene_name(&mut self, name: &Text) -> &'static str {
        let text = name.get_ref();
        let is_right = !text.is_empty()
            && text.len() <= 40
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !text.starts_with(|c: char| c.is_ascii_digit());
        if !is_right {
            self.fault(name.span().start, "a scene's name has letters, digits and underscores, such as \"in_turn\"");
        }
        sanitize(text).into_owned().leak()
    }

    /// Returns the file that is shown for a scene, and run if no command is named.
    fn file_of(&mut self, form: &SceneForm) -> Option<String> {
        let Some(command) = &form.command else {
            let Some(file) = &form.file else {
                self.fault(form.name.span().start, "a scene has a file = \"….py\" or a command = [\"…\"]");
                return None;
            };
            if !file.get_ref().ends_with(".py") {
                self.fault(file.span().start, "a file that is no .py needs a command that runs it: command = [\"…\"]");
            }
            return Some(file.get_ref().clone());
        };
        let words = command.get_ref();
        let is_too_long = words.len() > MOST_WORDS || words.iter().any(|word| word.len() > LONGEST_WORD);
        if words.first().is_none_or(String::is_empty) || is_too_long || words.iter().any(|word| word.contains('\0')) {
            let message = format!("a command has 1 to {MOST_WORDS} words: the program, then its arguments");
            self.fault(command.span().start, message);
            return None;
        }
        if let Some(file) = &form.file {
            return Some(file.get_ref().clone());
        }
        let shown = words.iter().find(|word| self.files.has(word)).cloned();
        if shown.is_none() {
            self.fault(
                command.span().start,
                "none of its words is a file of the folder: say which one to show, file = \"…\"",
            );
        }
        shown
    }

    /// Returns the text of a scene's file.
    fn source(&mut self, file: &str, form: &SceneForm) -> &'static str {
        let files = self.files;
        match files.text(file) {
            Ok(text) => sanitize(text).into_owned().leak(),
            Err(fault) => {
                let place = form.file.as_ref().map_or(form.name.span().start, |file| file.span().start);
                self.fault(place, format!("{:?}: {}", sanitize(file), fault.message));
                ""
            }
        }
    }

    /// Reads how long a scene lasts: `2 delays`, `all delays` or a time.
    fn lasts(&mut self, text: Option<&Text>) -> Lasts {
        let Some(text) = text else { return Lasts::Delays(1.0) };
        let words: Vec<&str> = text.get_ref().split_whitespace().collect();
        let found = match words[..] {
            ["all", "delays"] => Some(Lasts::DelayOfEachTask),
            [number, "delay" | "delays"] => {
                let factor = number.parse::<f64>().ok().filter(|factor| (0.0..=1000.0).contains(factor));
                factor.map(Lasts::Delays)
            }
            _ => humantime::parse_duration(text.get_ref()).ok().filter(|time| *time <= LONGEST).map(Lasts::Time),
        };
        found.unwrap_or_else(|| {
            self.fault(
                text.span().start,
                "lasts is \"2 delays\", \"all delays\" (one for each task) or a time such as \"2s\"",
            );
            Lasts::Delays(1.0)
        })
    }
}
