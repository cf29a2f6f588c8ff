//! Lines that are typed, or come from a pipe, while results and the live picture share a screen.

use crate::program::asyncguide;
use crate::pty::{CTRL_C, CTRL_D, Pty, command, script};

/// How often a line that says just `text` is to be seen.
fn times(lines: &[String], text: &str) -> usize {
    lines.iter().filter(|line| *line == text).count()
}

#[test]
fn typed_lines_come_back_and_ctrl_d_ends_the_input() {
    let mut pty = Pty::run(command(asyncguide(), &["lesson", "spawn", "--no-predict", "--delay", "600ms"]));
    pty.wait_for_text("Ctrl-D ends the input.");
    pty.press("one\rtwo\r");
    pty.wait_for("both echoes", |terminal| {
        let lines = terminal.lines();
        (times(&lines, "one") == 2 && times(&lines, "two") == 2).then_some(())
    });
    pty.press("three\r");
    // The line is read before the end of input, and echoed after it.
    pty.press(CTRL_D);
    let ended = pty.end();
    let lines = ended.lines();
    let first = lines.iter().position(|line| line == "one").expect("it was typed");
    let report = lines.iter().position(|line| line.starts_with("1  An echo for every line  ")).expect("a report");
    let mut echoes = [lines[first + 2].as_str(), &lines[first + 3]];
    echoes.sort_unstable();
    assert_eq!((lines[first + 1].as_str(), echoes), ("two", ["one", "two"]), "{}", ended.text());
    assert_eq!(lines[first + 4..report], ["three", "three", ""], "{}", ended.text());
    assert!(ended.text().contains("✓ every line was echoed (3 of 3)"), "{}", ended.text());
    assert_eq!(ended.code, 0);
    ended.check_pictures(3, 1);
    ended.check_terminal();
}

#[test]
fn s1_ctrl_c_ends_typing_too_and_pending_echoes_are_interrupted() {
    let mut pty = Pty::run(command(asyncguide(), &["lesson", "spawn", "--no-predict", "--delay", "30s", "-v"]));
    pty.wait_for_text("Ctrl-D ends the input.");
    pty.press("one\rtwo\r");
    // The first line has its task by then.
    pty.wait_for_text("reads \"two\"");
    pty.press(CTRL_C);
    let ended = pty.end();
    let lane = ended.lines().into_iter().find(|line| line.starts_with("   one "));
    assert!(lane.is_some_and(|line| line.ends_with("interrupted")), "{}", ended.text());
    assert_eq!((ended.code, times(&ended.lines(), "one")), (130, 1), "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn the_question_and_the_scene_read_from_the_same_keyboard() {
    let mut pty = Pty::run(command(asyncguide(), &["lesson", "spawn", "--delay", "100ms"]));
    pty.wait_for_text("Your guess?");
    // Typed ahead.
    pty.press("2\rline\r");
    pty.wait_for("the echo", |terminal| (times(&terminal.lines(), "line") >= 1).then_some(()));
    pty.press(CTRL_D);
    let ended = pty.end();
    let text = ended.text();
    assert!(text.contains("Right.") && text.contains("✓ every line was echoed (1 of 1)"), "{text}");
    assert_eq!(ended.code, 0);
}

#[test]
fn lines_from_a_pipe_are_echoed_above_the_growing_picture() {
    let arguments = ["lesson", "spawn", "--delay", "700ms", "--limit", "1"];
    let pty = Pty::run(script("printf 'one\\ntwo\\nthree' | \"$@\"", asyncguide(), &arguments));
    pty.wait_for("an echo above a lane that grows", |terminal| {
        let lines = terminal.lines();
        let echo = lines.iter().position(|line| line == "one")?;
        let lane = lines.iter().position(|line| line.starts_with("   two ") && line.contains('━'))?;
        (echo < lane && !terminal.shown().contains("it gave the thread back")).then_some(())
    });
    let ended = pty.end();
    let lines = ended.lines();
    let first = lines.iter().position(|line| line == "one").expect("it was echoed");
    assert_eq!(lines[first..first + 4], ["one", "two", "three", ""], "{}", ended.text());
    assert!(lines[first + 4].starts_with("1  An echo for every line  "), "{}", ended.text());
    assert!(!ended.text().contains("Your guess?") && ended.code == 0, "{}", ended.text());
    ended.check_pictures(3, 1);
    ended.check_terminal();
}
