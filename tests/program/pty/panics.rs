//! How the terminal is left after success, failure and panic; `pty_signals.rs` has the same for signals.

use crate::program::misbehaving;
use crate::pty::{BEFORE, Ended, Pty, after_a_line};

/// Runs a lesson that takes a while, and looks at the live picture meanwhile.
#[track_caller]
fn watch(lesson: &str, lane: &str) -> Ended {
    let pty = Pty::run(after_a_line(misbehaving(), &["lesson", lesson, "--no-predict", "--delay", "1s"]));
    pty.wait_for("the picture", |terminal| terminal.lane(lane));
    let ended = pty.end();
    assert_eq!(ended.lines()[0], BEFORE);
    ended.check_terminal();
    ended
}

#[test]
fn s5_after_success_only_the_report_is_left() {
    let ended = watch("many", "3");
    assert_eq!(ended.code, 0);
    ended.check_pictures(3, 1);
    let (lines, rows) = (ended.lines(), ["", "  A lesson for tests.", ""]);
    assert_eq!(lines[2..5], rows, "{}", ended.text());
    assert!(lines[5].starts_with("1  One task for each number  ") && lines[5].ends_with(".rs"), "{}", ended.text());
    assert_eq!(lines[lines.len() - 2..], ["  Try", "  · Nothing."]);
}

#[test]
fn s5_after_a_claim_that_fails_too() {
    let ended = watch("fails", "nap");
    assert_eq!(ended.code, 1);
    assert!(ended.text().contains("✗ naps take no time"), "{}", ended.text());
    ended.check_pictures(1, 1);
}

#[test]
fn s5_s8_after_a_panic_the_message_is_there_and_the_others_have_finished() {
    let ended = watch("panics", "B");
    assert_eq!(ended.code, 1);
    ended.check_pictures(3, 1);
    let lines = ended.lines();
    let message = r"boom \u{1b}[2J\u{202e}gone";
    let said = lines.iter().position(|line| *line == format!("panicked at tests/fixture/panics.rs:11: {message}"));
    let scene = lines.iter().position(|line| line.starts_with("1  One of three panics  "));
    assert!(said.is_some() && said < scene, "{}", ended.text());
    let end = |name: &str| lines.iter().position(|line| line.starts_with(&format!("   {name} "))).expect("a lane");
    assert!(lines[end("A")].ends_with("done") && lines[end("C")].ends_with("done"), "{}", ended.text());
    assert!(lines[end("B")].ends_with("panicked") && lines[end("B") + 1].trim() == message, "{}", ended.text());
    let bytes = ended.bytes();
    assert!(!bytes.windows(4).any(|bytes| bytes == b"\x1b[2J") && !ended.text().contains('\u{202e}'));
}
