//! A lesson's question: asked only where somebody can answer, and answered after the run.

use crate::program::{asyncguide, misbehaving};
use crate::pty::{CTRL_C, Ended, Pty, command, script};

const SEQUENTIAL: [&str; 4] = ["lesson", "sequential", "--clock", "virtual"];
const PROMPT: &str = "Your guess? 1 to 4, q stops, Enter skips:";

#[track_caller]
fn answer(keys: &str) -> Ended {
    let mut pty = Pty::run(command(asyncguide(), &SEQUENTIAL));
    pty.wait_for_text(PROMPT);
    pty.press(keys);
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text());
    ended.check_terminal();
    ended
}

/// The lines after the question, each cut at its blanks, since words may stand on either side of a line's end.
fn said(ended: &Ended) -> String {
    let text = ended.text();
    let after = text.split_once(PROMPT).map_or(text.as_str(), |(_, after)| after);
    after.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn p18_a_right_guess_is_confirmed_after_the_run() {
    let said = said(&answer("3\r"));
    let guess = "You guessed: 2 s, and the thread is free for other tasks. Right. The awaited naps took 2.000 s of";
    let (report, answer) = (said.find("1 Awaited in turn"), said.find(guess));
    assert!(report.is_some() && answer > report, "{said}");
}

#[test]
fn p18_a_wrong_guess_is_answered_with_the_belief_behind_it() {
    let said = said(&answer("1\r"));
    let guess = "You guessed: 1 s: async functions run at the same time.";
    let belief = "Your answer assumes that async functions run at the same time, however they are awaited. But in";
    let (guess, belief) = (said.find(guess), said.find(belief));
    assert!(guess.is_some() && belief > guess, "{said}");
}

#[test]
fn p18_enter_skips_and_so_does_the_end_of_input() {
    for keys in ["\r", "\x04"] {
        let ended = answer(keys);
        let said = said(&ended);
        assert!(said.contains("What to notice") && !said.contains("You guessed"), "{keys:?}: {said}");
    }
}

#[test]
fn p18_what_is_no_choice_is_asked_again() {
    let mut pty = Pty::run(command(asyncguide(), &SEQUENTIAL));
    pty.wait_for_text(PROMPT);
    for (asked, keys) in ["9\r", "what?\r", "?\r"].into_iter().enumerate() {
        pty.press(keys);
        let again = "Please type a number from 1 to 4; q stops, Enter skips:";
        pty.wait_for(again, |terminal| (terminal.text().matches(again).count() > asked).then_some(()));
    }
    pty.press("3\r");
    let ended = pty.end();
    assert!(ended.code == 0 && said(&ended).contains("Right. The awaited naps took 2.000 s"), "{}", ended.text());
}

#[test]
fn p18_q_stops_and_nothing_runs() {
    let ended = answer("q\r");
    let said = said(&ended);
    assert!(!said.contains("Awaited in turn") && !said.contains("What to notice"), "{said}");
}

#[test]
fn p18_an_interrupted_run_answers_no_guess() {
    let mut pty = Pty::run(command(asyncguide(), &["lesson", "sequential", "--delay", "1h"]));
    pty.wait_for_text(PROMPT);
    pty.press("1\r");
    pty.wait_for_text("├");
    pty.press(CTRL_C);
    let ended = pty.end();
    assert!(ended.code == 130 && !ended.text().contains("You guessed"), "{}", ended.text());
}

#[test]
fn p18_asked_only_when_standard_input_and_standard_error_are_terminals() {
    for redirected in ["</dev/null", "2>/dev/null", "</dev/null >/dev/null 2>&1"] {
        let ended = Pty::run(script(&format!("exec \"$@\" {redirected}"), asyncguide(), &SEQUENTIAL)).end();
        assert!(ended.code == 0 && !ended.text().contains("Your guess?"), "{redirected}: {}", ended.text());
    }
    let piped = Pty::run(script("echo 1 | \"$@\"", asyncguide(), &SEQUENTIAL)).end();
    assert!(piped.code == 0 && !piped.text().contains("ou guess"), "{}", piped.text());
    // Somebody is there, whoever gets the results.
    let mut pty = Pty::run(script("exec \"$@\" >/dev/null", asyncguide(), &SEQUENTIAL));
    pty.wait_for_text(PROMPT);
    pty.press("\r");
    assert_eq!(pty.end().code, 0);
}

#[test]
fn p18_not_asked_when_told_not_to() {
    for options in [&["--no-predict"] as &[&str], &["-q"], &["--format", "json"]] {
        let ended = Pty::run(command(asyncguide(), &[&SEQUENTIAL, options].concat())).end();
        assert!(ended.code == 0 && !ended.text().contains("Your guess?"), "{options:?}: {}", ended.text());
    }
    let mut habit = command(asyncguide(), &SEQUENTIAL);
    habit.env("ASYNCGUIDE_NO_PREDICT", "true");
    let ended = Pty::run(habit.clone()).end();
    assert!(ended.code == 0 && !ended.text().contains("Your guess?"), "{}", ended.text());
    habit.arg("--predict");
    let mut pty = Pty::run(habit);
    pty.wait_for_text(PROMPT);
    pty.press("\r");
    assert_eq!(pty.end().code, 0);
}

#[test]
fn p18_the_live_picture_comes_after_the_question() {
    let mut pty = Pty::run(command(misbehaving(), &["lesson", "many", "--delay", "1s"]));
    pty.wait_for_text("Your guess? 1 to 2, q stops, Enter skips:");
    pty.press("2\r");
    pty.wait_for("the picture", |terminal| terminal.lane("1"));
    let ended = pty.end();
    let text = ended.text();
    assert!(text.contains("You guessed: no.") && text.contains("Does it misbehave?"), "{text}");
    ended.check_pictures(3, 1);
}
