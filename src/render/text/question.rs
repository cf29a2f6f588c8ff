//! A lesson's question in a terminal: how it is asked before the run, and answered after it.

use crate::lesson::{Choice, Lesson, Question};
use crate::render::paragraph;
use crate::style::{Role, Style};
use crate::trace::{RunInputs, Trace};
use crate::units;

/// Renders the question, its numbered choices and the prompt, without a newline at the end: the cursor stays there.
///
/// `inputs` are those of the run that it is about.
pub(crate) fn ask(question: &Question, inputs: RunInputs, style: &Style) -> String {
    let asked = paragraph(style, "  ", &units::with_inputs(question.ask, inputs));
    let mut text = format!("{}\n", style.paint(Role::Strong, asked.trim_end_matches('\n')));
    for (index, choice) in question.choices.iter().enumerate() {
        text += &paragraph(style, &format!("  {}  ", index + 1), &units::with_inputs(choice.text, inputs));
    }
    text + &prompt(&format!("Your guess? 1 to {}, q stops, Enter skips:", question.choices.len()), style)
}

/// Renders the prompt after an answer that is none of those that [`ask`] names.
pub(crate) fn ask_again(question: &Question, style: &Style) -> String {
    let numbers = question.choices.len();
    prompt(&format!("Please type a number from 1 to {numbers}; q stops, Enter skips:"), style)
}

fn prompt(text: &str, style: &Style) -> String {
    format!("{} ", paragraph(style, "  ", text).trim_end())
}

/// Renders the pause after a lesson of the tour: what each key does, without a newline at the end.
///
/// `previous` and `next` are the neighbouring lessons, which the first and the last lesson lack.
pub(crate) fn pause(previous: Option<&Lesson>, next: Option<&Lesson>, style: &Style) -> String {
    let on = match next {
        Some(next) => format!("Enter goes on to {}", next.name),
        None => "Enter ends the tour".to_owned(),
    };
    let back = match previous {
        Some(previous) => format!(" b goes back to {},", previous.name),
        None => String::new(),
    };
    let keys = paragraph(style, "  ", &format!("{on}, r runs this again,{back} q stops:"));
    format!("\n{} ", style.paint(Role::Strong, keys.trim_end()))
}

/// Renders the answer to a guess, or what the run measured if nothing was guessed. Says what was guessed if it `repeats`
/// that.
pub(in crate::render) fn answer_or_result(
    question: &Question,
    guess: Option<usize>,
    repeats: bool,
    trace: &Trace,
    style: &Style,
) -> String {
    let choice = guess.and_then(|guess| question.choices.get(guess));
    match (choice, guess) {
        (Some(choice), _) if !repeats => reply(question, choice, trace, style),
        (_, Some(guess)) => answer(question, guess, trace, style),
        (_, None) => paragraph(style, "  ", &units::evidence(&question.measured.evidence(trace))),
    }
}

/// Renders the answer to a guess, which is an index into the question's choices. Empty if there is no such choice.
pub(in crate::render) fn answer(question: &Question, guess: usize, trace: &Trace, style: &Style) -> String {
    let Some(choice) = question.choices.get(guess) else { return String::new() };
    let guessed = format!("You guessed: {}.", units::with_inputs(choice.text, trace.inputs));
    paragraph(style, "  ", &guessed) + &reply(question, choice, trace, style)
}

/// Renders what the program says to a learner who chose `choice`.
fn reply(question: &Question, choice: &Choice, trace: &Trace, style: &Style) -> String {
    let measured = units::evidence(&question.measured.evidence(trace));
    let said = feedback(choice, &measured, trace.inputs);
    said.iter().map(|said| paragraph(style, "  ", said)).collect()
}

/// Returns what the program says to a learner who chose `choice`, as one or two paragraphs of plain text.
///
/// `measured` is the sentence that says what the run measured. A wrong choice is also answered with the belief behind
/// it and with what refutes that belief.
pub(in crate::render) fn feedback(choice: &Choice, measured: &str, inputs: RunInputs) -> Vec<String> {
    let paragraphs = match &choice.wrong {
        None => vec![format!("Right. {measured}")],
        Some(wrong) => vec![
            format!("Not quite. {measured}"),
            format!("Your answer assumes that {}. But {}.", wrong.belief, wrong.refuted),
        ],
    };
    paragraphs.iter().map(|text| units::with_inputs(text, inputs)).collect()
}
