//! The claims of a lesson's folder, and the scenes for which they must fail.

use toml::Spanned;

use super::super::form::{ClaimForm, CounterForm};
use super::super::{ClaimInFolder, FILE, Fault};
use super::{LONGEST_LINE, Maker};
use crate::lesson::claims::parse;
use crate::lesson::program::Runs;
use crate::lesson::{Claim, Scene, Work};
use crate::style::sanitize;

/// Most claims of a lesson.
const MOST_CLAIMS: usize = 40;

impl Maker<'_> {
    /// Makes the claims, and says where each of them stands.
    pub(super) fn claims(&mut self, forms: &[ClaimForm], scenes: &[Scene]) -> (Vec<Claim>, Vec<ClaimInFolder>) {
        if forms.is_empty() {
            self.remarks.push(Fault::of_file(FILE, "a lesson claims something that can be measured: add a [[claim]]"));
        }
        if let Some(form) = forms.get(MOST_CLAIMS) {
            self.fault(form.says.span().start, format!("a lesson has at most {MOST_CLAIMS} claims"));
            return (Vec::new(), Vec::new());
        }
        let names: Vec<&str> = scenes.iter().map(|scene| scene.name).collect();
        let mut claims = Vec::new();
        let mut places = Vec::new();
        for form in forms {
            let says = self.text(&form.says, LONGEST_LINE, "what the claim says");
            match parse(form.holds.get_ref(), &names) {
                Ok(relation) => claims.push(Claim::relation(says, relation)),
                Err(error) => self.fault_in(&form.holds, error.at, error.message),
            }
            let place = Fault::at(FILE, self.toml, form.holds.span().start, "");
            if form.counter.is_none() {
                let message = "say what must make this claim fail: counter = { scene = \"…\", file = \"…\" }";
                self.remarks.push(Fault { message: message.to_owned(), ..place.clone() });
            }
            let counter = form.counter.as_ref().and_then(|counter| self.counter(counter, scenes));
            places.push(ClaimInFolder { place, counter });
        }
        (claims, places)
    }

    /// Returns the scene that is replaced, and what runs in its place.
    fn counter(&mut self, form: &Spanned<CounterForm>, scenes: &[Scene]) -> Option<(usize, Scene)> {
        let CounterForm { scene, file } = form.get_ref();
        let index = scenes.iter().position(|own| own.name == scene.get_ref());
        if index.is_none() {
            let names: Vec<&str> = scenes.iter().map(|scene| scene.name).collect();
            self.fault(scene.span().start, format!("there is no such scene: there is {}", names.join(", ")));
        }
        let files = self.files;
        if let Err(fault) = files.text(file.get_ref()) {
            self.fault(file.span().start, fault.message);
        }
        let index = index?;
        let Work::Program(own) = scenes[index].work else { return None };
        let file = file.get_ref();
        let runs = match &own.runs {
            Runs::Python(_) => Runs::Python(file.clone()),
            // The same command with the other file in the place of the scene's own.
            Runs::Command(words) => {
                let swap = |word: &String| if *word == scenes[index].file_name { file.clone() } else { word.clone() };
                Runs::Command(words.iter().map(swap).collect())
            }
        };
        if let Runs::Python(file) = &runs
            && !file.ends_with(".py")
        {
            self.fault(form.span().start, "what runs in place of a Python scene is a .py file, too");
        }
        let takes = crate::lesson::Takes { tasks: own.takes_tasks.then_some(1), delay: None, lines: own.takes_lines };
        let work = Work::Program(self.program(runs, takes));
        Some((index, Scene { work, file_name: sanitize(file).into_owned().leak(), ..scenes[index] }))
    }
}
