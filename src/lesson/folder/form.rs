//! The forms of `lesson.toml` and of its translations. What is read here is checked in `make.rs`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::Fault;

/// A text and where it stands.
pub(super) type Text = Spanned<String>;

/// All of `lesson.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub(super) name: Text,
    pub(super) summary: Text,
    pub(super) minutes: Option<Spanned<i64>>,
    #[serde(default)]
    pub(super) prerequisites: Vec<Text>,
    #[serde(default)]
    pub(super) inputs: InputsForm,
    #[serde(default, rename = "scene")]
    pub(super) scenes: Vec<SceneForm>,
    pub(super) question: Option<Spanned<QuestionForm>>,
    #[serde(default, rename = "claim")]
    pub(super) claims: Vec<ClaimForm>,
}

/// What the scenes are given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputsForm {
    pub(super) tasks: Option<Spanned<i64>>,
    pub(super) delay: Option<Text>,
    #[serde(default)]
    pub(super) lines: bool,
}

/// One scene.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SceneForm {
    pub(super) name: Text,
    pub(super) title: Text,
    pub(super) file: Option<Text>,
    pub(super) command: Option<Spanned<Vec<String>>>,
    pub(super) lasts: Option<Text>,
    pub(super) to_see: Option<Text>,
    #[serde(default)]
    pub(super) helpers: Vec<Text>,
}

/// The question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionForm {
    // Needed, but a misspelt `[question]` is better told of than these.
    pub(super) ask: Option<Text>,
    pub(super) answer: Option<Text>,
    #[serde(default, rename = "choice")]
    pub(super) choices: Vec<ChoiceForm>,
}

/// One choice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceForm {
    pub(super) text: Text,
    #[serde(default)]
    pub(super) right: bool,
    pub(super) belief: Option<Text>,
    pub(super) look: Option<Text>,
}

/// One claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimForm {
    pub(super) says: Text,
    pub(super) holds: Text,
    pub(super) counter: Option<Spanned<CounterForm>>,
}

/// What runs in place of a scene to show that a claim can fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterForm {
    pub(super) scene: Text,
    pub(super) file: Text,
}

/// The texts of a lesson in another language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextsForm {
    // Only in a folder that has the texts of a built-in lesson.
    #[expect(dead_code, reason = "it says which lesson it is, which was looked at before")]
    name: Option<Text>,
    pub(super) summary: Text,
    #[serde(default, rename = "scene")]
    pub(super) scenes: Vec<SceneTextsForm>,
    pub(super) question: Spanned<QuestionTextsForm>,
    #[serde(default, rename = "claim")]
    pub(super) claims: Vec<ClaimTextsForm>,
}

/// The texts of a scene.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SceneTextsForm {
    pub(super) name: Text,
    pub(super) title: Text,
    pub(super) title_in_python: Option<Text>,
    pub(super) to_see: Option<Text>,
}

/// The texts of the question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionTextsForm {
    pub(super) ask: Text,
    pub(super) answer: Option<Text>,
    #[serde(default, rename = "choice")]
    pub(super) choices: Vec<ChoiceTextsForm>,
}

/// The texts of a choice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceTextsForm {
    pub(super) text: Text,
    pub(super) belief: Option<Text>,
    pub(super) look: Option<Text>,
}

/// The text of a claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimTextsForm {
    pub(super) says: Text,
}

/// What says whether a folder is a lesson of its own, or has the texts of another one.
#[derive(Debug, Deserialize)]
pub(super) struct KindForm {
    pub(super) name: Text,
    #[serde(default, rename = "scene")]
    scenes: Vec<SceneKindForm>,
}

/// What says whether a scene is one, or has the texts of one.
#[derive(Debug, Deserialize)]
struct SceneKindForm {
    file: Option<Spanned<serde::de::IgnoredAny>>,
    command: Option<Spanned<serde::de::IgnoredAny>>,
}

impl KindForm {
    /// Returns where the first scene names what it runs; none if no scene does.
    pub(super) fn first_program(&self) -> Option<usize> {
        let program =
            |scene: &SceneKindForm| scene.file.as_ref().or(scene.command.as_ref()).map(|file| file.span().start);
        self.scenes.iter().find_map(program)
    }
}

/// Reads the text of the toml file `file`.
///
/// # Errors
/// What is wrong first, and where.
pub(super) fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let message = in_plain_words(error.message());
        match error.span() {
            Some(span) => Fault::at(file, text, span.start, message),
            None => Fault::of_file(file, message),
        }
    })
}

/// Returns what a parser says in the words of those who write lessons.
fn in_plain_words(message: &str) -> String {
    let mut words = message.replace('`', "");
    for (of_parser, plain) in [
        ("unknown field ", "there is no key "),
        (", expected one of ", " here; use one of "),
        (", expected ", "; expected "),
        ("missing field ", "a key is missing: "),
        ("duplicate field ", "a key stands here twice: "),
        ("duplicate key", "this key stands here twice"),
    ] {
        words = words.replace(of_parser, plain);
    }
    words
}
