//! Terminals of any width: nothing is wider than they are.

use std::path::PathBuf;

use crate::program::{asyncguide, lessons, misbehaving, quickly};
use crate::pty::{CTRL_D, Pty, command};

const WIDTHS: [u16; 4] = [20, 40, 80, 200];

#[test]
fn p14_no_line_of_a_report_is_broken_by_the_terminal() {
    for name in lessons() {
        check(asyncguide(), &[&quickly(&name) as &[&str], &["--no-predict"]].concat(), Some(("Ctrl-D", CTRL_D)));
    }
    for name in ["panics", "fails", "hogs", "many"] {
        let arguments = ["lesson", name, "--no-predict", "--tasks", "20", "--delay", "300ms"];
        check(misbehaving(), &arguments, None);
    }
}

#[test]
fn p14_nor_of_a_question_and_its_answer() {
    for name in lessons() {
        check(asyncguide(), &["lesson", &name, "--delay", "20ms"], Some(("skips:", "1\r\x04")));
    }
}

#[test]
fn p14_nor_of_what_is_shown_without_a_run() {
    for arguments in [&["list"] as &[&str], &["show", "gather"], &["lesson", "--help"], &[]] {
        check(asyncguide(), arguments, None);
    }
}

/// Runs a program in terminals of all widths at once. Where it asks for something, it gets keys.
#[track_caller]
fn check(program: PathBuf, arguments: &[&str], asked: Option<(&str, &str)>) {
    let mut command = command(program, arguments);
    // Colouring code takes a while in a debug build, and no columns.
    command.env("NO_COLOR", "1");
    let terminals = WIDTHS.map(|width| (width, Pty::run_in(width, 24, command.clone())));
    for (width, mut pty) in terminals {
        // The keyboard is there all the time; most lessons just don't look at it.
        if let Some((_, keys)) = asked.filter(|(prompt, _)| pty.asks(prompt)) {
            pty.press(keys);
        }
        let ended = pty.end();
        // What a panic says stands above the report, in one line of any length.
        let broken: Vec<String> =
            ended.broken_lines().into_iter().filter(|line| !line.starts_with("panicked at ")).collect();
        assert_eq!(broken, [""; 0], "{width} columns, {arguments:?}:\n{}", ended.text());
        ended.check_terminal();
    }
}
