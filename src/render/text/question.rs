//! A lesson's question: how it is asked before the run, and answered after it.

use crate::lesson::{Choice, Lesson, Question};
use crate::page::{Page, Role};
use crate::render::paragraph;
use crate::trace::Trace;
use crate::units;

/// The question, its choices, and the prompt, on which the cursor stays.
pub(crate) fn ask(question: &Question, page: &Page) -> String {
    let choices = question.choices.iter().enumerate();
    let choices = choices.map(|(index, choice)| paragraph(page, &format!("  {}  ", index + 1), choice.text));
    let prompt = paragraph(page, "  ", &format!("Your guess? 1 to {}, Enter skips:", question.choices.len()));
    let asked = page.paint(Role::Strong, paragraph(page, "  ", question.ask).trim_end_matches('\n'));
    format!("{asked}\n{}{} ", choices.collect::<String>(), prompt.trim_end())
}

/// The pause after a lesson of the tour: what each key does, and the prompt, on which the cursor stays.
pub(crate) fn pause(previous: Option<&Lesson>, next: Option<&Lesson>, page: &Page) -> String {
    let on = next.map_or_else(|| "Enter ends the tour".to_owned(), |next| format!("Enter goes on to {}", next.name));
    let back = previous.map_or_else(String::new, |previous| format!(" b goes back to {},", previous.name));
    let prompt = paragraph(page, "  ", &format!("{on}, r runs this again,{back} q stops:"));
    format!("\n{} ", page.paint(Role::Strong, prompt.trim_end()))
}

/// What was measured, and for a wrong guess the belief behind it and what refutes it.
pub(in crate::render) fn answer(question: &Question, guess: usize, trace: &Trace, page: &Page) -> String {
    let Some(choice) = question.choices.get(guess) else { return String::new() };
    let measured = units::evidence(&(question.measured)(trace));
    let guessed = |choice: &Choice| paragraph(page, "  ", &format!("You guessed: {}.", choice.text));
    match &choice.wrong {
        None => guessed(choice) + &paragraph(page, "  ", &format!("So it is. {measured}")),
        Some(wrong) => {
            let refuted = format!("That would follow if {}. It does not: {}.", wrong.belief, wrong.refuted);
            guessed(choice) + &paragraph(page, "  ", &measured) + &paragraph(page, "  ", &refuted)
        }
    }
}
