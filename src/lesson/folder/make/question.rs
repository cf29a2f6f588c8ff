//! The question of a lesson's folder.

use toml::Spanned;

use super::super::form::{ChoiceForm, QuestionForm, Text};
use super::{LONGEST_LINE, LONGEST_TEXT, Maker};
use crate::lesson::claims::parse_measure;
use crate::lesson::{Choice, Measure, Question, Reply, Scene, Sentence};

/// What a lesson's texts can name in braces beside measures.
const INPUTS: [&str; 3] = ["tasks", "delay", "total"];
/// The fewest and the most choices.
const CHOICES: std::ops::RangeInclusive<usize> = 2..=6;

impl Maker<'_> {
    /// Makes the question. None if there is none, which is a fault.
    pub(super) fn question(&mut self, form: Option<&Spanned<QuestionForm>>, scenes: &[Scene]) -> Option<Question> {
        let Some(form) = form else {
            self.fault(0, "a lesson has a [question] with ask, answer and its choices");
            return None;
        };
        let place = form.span().start;
        let form = form.get_ref();
        if !CHOICES.contains(&form.choices.len()) {
            let (least, most) = (CHOICES.start(), CHOICES.end());
            self.fault(place, format!("a question has {least} to {most} [[question.choice]]"));
        }
        let right: Vec<&ChoiceForm> = form.choices.iter().filter(|choice| choice.right).collect();
        match right[..] {
            [_] => {}
            [] => self.fault(place, "one choice is right: write right = true there"),
            [_, second, ..] => self.fault(second.text.span().start, "another choice is right already: just one is"),
        }
        let choices = form.choices.iter().take(*CHOICES.end()).map(|choice| self.choice(choice)).collect::<Vec<_>>();
        let (Some(ask), Some(answer)) = (&form.ask, &form.answer) else {
            self.fault(place, "a question has ask = \"…\" and answer = \"…\"");
            return None;
        };
        self.check_braces(ask);
        Some(Question {
            ask: self.text(ask, LONGEST_TEXT, "the question"),
            choices: choices.leak(),
            measured: Reply::Sentence(self.sentence(answer, scenes)),
        })
    }

    fn choice(&mut self, form: &ChoiceForm) -> Choice {
        self.check_braces(&form.text);
        let text = self.text(&form.text, LONGEST_LINE, "the choice");
        let place = form.text.span().start;
        if form.right {
            if let Some(superfluous) = form.belief.as_ref().or(form.look.as_ref()) {
                self.fault(
                    superfluous.span().start,
                    "the right choice has no belief and no look: they are for wrong ones",
                );
            }
            return Choice::right(text);
        }
        if form.belief.is_none() {
            self.fault(place, "a wrong choice names the belief that leads to it: belief = \"…\"");
        }
        if form.look.is_none() {
            self.fault(place, "a wrong choice names the place in the picture that refutes it: look = \"…\"");
        }
        let belief = self.text_or_none(form.belief.as_ref(), LONGEST_TEXT, "the belief");
        let look = self.text_or_none(form.look.as_ref(), LONGEST_TEXT, "the place to look at");
        Choice::wrong(text, belief, look)
    }

    /// Checks that braces name nothing but what the scenes are given: nothing is measured yet.
    pub(super) fn check_braces(&mut self, text: &Text) {
        for (at, name) in braces(text.get_ref()) {
            if !INPUTS.contains(&name) {
                self.fault_in(text, at, "only {tasks}, {delay} and {total} can stand here: nothing is measured yet");
            }
        }
    }

    /// Makes the sentence that answers the question, with the measures that it names in braces.
    pub(super) fn sentence(&mut self, text: &Text, scenes: &[Scene]) -> Sentence {
        let names: Vec<&str> = scenes.iter().map(|scene| scene.name).collect();
        let mut measures: Vec<(&'static str, Measure)> = Vec::new();
        for (at, name) in braces(text.get_ref()) {
            if INPUTS.contains(&name) {
                continue;
            }
            match parse_measure(name, &names) {
                Ok(measure) => measures.push((name.to_owned().leak(), measure)),
                Err(error) => self.fault_in(text, at + error.at, error.message),
            }
        }
        Sentence { text: self.text(text, LONGEST_TEXT, "the answer"), measures: measures.leak() }
    }
}

/// Returns what stands in braces, and the byte at which it begins.
fn braces(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{') {
        let start = at + open + 1;
        let Some(length) = text[start..].find('}') else { break };
        found.push((start, &text[start..start + length]));
        at = start + length + 1;
    }
    found
}
