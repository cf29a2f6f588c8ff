//! The texts of a lesson in another language, or in other words: all of them, or none.

use super::super::form::{SceneTextsForm, TextsForm};
use super::{LONGEST_LINE, LONGEST_TEXT, Maker};
use crate::lesson::{Choice, Claim, Lesson, Question, Scene};

impl Maker<'_> {
    /// Returns `own` with the texts of `form` and with this prose. What differs from `own` in more than texts is a fault.
    pub(super) fn translated(&mut self, form: &TextsForm, own: &'static Lesson, readme: &'static str) -> Lesson {
        let scenes: Vec<Scene> = own.scenes.iter().map(|scene| self.translated_scene(scene, &form.scenes)).collect();
        if let Some(more) = form.scenes.iter().find(|texts| own.number(texts.name.get_ref()).is_none()) {
            let names: Vec<&str> = own.scenes.iter().map(|scene| scene.name).collect();
            self.fault(more.name.span().start, format!("there is no such scene: there is {}", names.join(", ")));
        }
        if form.claims.len() != own.claims.len() {
            let (count, needed) = (form.claims.len(), own.claims.len());
            self.fault(0, format!("it has {count} claims, and the lesson has {needed}: all texts are needed, or none"));
        }
        let claims: Vec<Claim> = own
            .claims
            .iter()
            .zip(&form.claims)
            .map(|(claim, texts)| Claim {
                statement: self.text(&texts.says, LONGEST_LINE, "what the claim says"),
                ..claim.clone()
            })
            .collect();
        Lesson {
            name: own.name,
            aliases: own.aliases,
            summary: self.text(&form.summary, LONGEST_LINE, "the summary"),
            readme,
            twin: own.twin,
            scenes: scenes.leak(),
            question: self.translated_question(form, own),
            claims: claims.leak(),
            takes: own.takes,
            calibrates: own.calibrates,
        }
    }

    fn translated_scene(&mut self, own: &Scene, texts: &[SceneTextsForm]) -> Scene {
        let Some(texts) = texts.iter().find(|texts| texts.name.get_ref() == own.name) else {
            self.fault(0, format!("the scene {:?} is missing: all texts are needed, or none", own.name));
            return *own;
        };
        let place = texts.name.span().start;
        match (&texts.to_see, own.to_see) {
            (None, "") | (Some(_), _) => {}
            (None, _) => self.fault(place, "this scene needs its to_see: all texts are needed, or none"),
        }
        Scene {
            title: self.text(&texts.title, LONGEST_LINE, "the title"),
            title_in_python: self.text_or_none(texts.title_in_python.as_ref(), LONGEST_LINE, "the title"),
            to_see: self.text_or_none(texts.to_see.as_ref(), LONGEST_LINE, "to_see"),
            ..*own
        }
    }

    fn translated_question(&mut self, form: &TextsForm, own: &'static Lesson) -> Question {
        let place = form.question.span().start;
        let texts = form.question.get_ref();
        let choices = own.question.choices;
        if texts.choices.len() != choices.len() {
            let (count, needed) = (texts.choices.len(), choices.len());
            self.fault(place, format!("it has {count} choices, and the lesson has {needed}, in the same order"));
        }
        let mut made = Vec::new();
        for (texts, choice) in texts.choices.iter().zip(choices) {
            let place = texts.text.span().start;
            self.check_braces(&texts.text);
            let text = self.text(&texts.text, LONGEST_LINE, "the choice");
            made.push(match (&choice.wrong, &texts.belief, &texts.look) {
                (None, None, None) => Choice::right(text),
                (None, ..) => {
                    self.fault(place, "this choice is the right one: it has no belief and no look");
                    Choice::right(text)
                }
                (Some(_), Some(belief), Some(look)) => {
                    let belief = self.text(belief, LONGEST_TEXT, "the belief");
                    Choice::wrong(text, belief, self.text(look, LONGEST_TEXT, "the place to look at"))
                }
                (Some(_), ..) => {
                    self.fault(place, "this choice is a wrong one: it needs its belief and its look");
                    Choice::right(text)
                }
            });
        }
        self.check_braces(&texts.ask);
        let measured = match &texts.answer {
            Some(answer) => crate::lesson::Reply::Sentence(self.sentence(answer, own.scenes)),
            // It is a function of a built-in lesson, whose sentence is in English.
            None => own.question.measured,
        };
        Question { ask: self.text(&texts.ask, LONGEST_TEXT, "the question"), choices: made.leak(), measured }
    }
}
