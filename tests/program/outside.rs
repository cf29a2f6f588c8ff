//! S9: nothing that comes from outside acts on a terminal, from wherever it comes.

use std::process::Command;

use asyncguide::trace::Trace;

use crate::program::{Ran, ag, ag_reading, asyncguide, check, command, fixture, run};

/// Sequences that clear a screen and set a title, in both forms; a return, a backspace, DEL; what reorders text.
const ATTACK: &str = "\u{1b}[2Jx\u{1b}]0;pwned\u{7}y\u{9b}2Jz\r\u{8}\u{7f}\u{202e}\u{2066}\u{200f}\u{2028}end";
/// An emoji of two, and the joiner between them.
const JOINED: &str = "👩\u{200d}💻";

/// Fails if anything in what was said acts on a terminal, but for colours if there are to be any.
#[track_caller]
fn check_harmless(ran: &Ran, coloured: bool) {
    let said = if coloured { without_colours(&ran.both()) } else { ran.both() };
    let reorders = |c: char| {
        "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}".contains(c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let acts = |c: char| reorders(c) || c.is_control() && c != '\n' && c != '\t';
    check(&said, !said.contains(acts), "nothing acts");
}

/// `said` without ESC [ digits m, and with every other sequence.
fn without_colours(said: &str) -> String {
    let mut pieces = said.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| match piece.split_once('m') {
        Some((code, rest)) if code.chars().all(|c| c.is_ascii_digit() || c == ';') => text + rest,
        _ => text + "\u{1b}[" + piece,
    })
}

/// Runs asyncguide with and without colour.
#[track_caller]
fn check_both(make: impl Fn(&[&str]) -> Ran) -> Ran {
    check_harmless(&make(&["--color", "always"]), true);
    let ran = make(&["--color", "never"]);
    check_harmless(&ran, false);
    ran
}

#[test]
fn s9_arguments() {
    let path = format!("/missing/{ATTACK}.json");
    let option = format!("--{ATTACK}");
    for arguments in [
        &[ATTACK] as &[&str],
        &[&option],
        &["lesson", ATTACK],
        &["show", ATTACK],
        &["man", ATTACK],
        &["completions", ATTACK],
        &["list", ATTACK],
        &["lesson", "gather", "--tasks", ATTACK],
        &["lesson", "gather", "--delay", ATTACK],
        &["lesson", "gather", "--clock", ATTACK],
        &["lesson", "gather", "--width", ATTACK],
        &["lesson", "gather", "--log", ATTACK],
        &["lesson", "gather", "--save", ATTACK],
        &["lesson", "gather", "--save", &path],
    ] {
        let ran = check_both(|color| ag(&[color, arguments].concat()));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        check(&ran.err, !arguments.contains(&ATTACK) || ran.err.contains("end"), "what was wrong is shown");
    }
}

#[cfg(unix)]
#[test]
fn s9_arguments_that_are_not_utf8_and_the_programs_own_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::process::CommandExt as _;
    for arguments in [&["lesson"] as &[&str], &["lesson", "gather", "--save"], &["lesson", "gather", "--log"]] {
        let ran = check_both(|color| {
            let mut command = command(asyncguide(), &[color, arguments].concat());
            command.arg(OsStr::from_bytes(b"\xff\x9b2J\x1b[2J/x.json"));
            run(command)
        });
        assert_eq!(ran.code, 2, "{ran:#?}");
    }
    for arguments in [&["--help"] as &[&str], &["lesson"], &["nope"], &["man"], &["man", "lesson"]] {
        check_both(|color| {
            let mut command = command(asyncguide(), &[color, arguments].concat());
            command.arg0(ATTACK);
            run(command)
        });
    }
}

#[test]
fn s9_the_environment() {
    let help = ag(&["lesson", "--help"]).out;
    let variables = help.split("[env: ").skip(1).filter_map(|rest| rest.split(']').next()).map(str::to_owned);
    let own: Vec<String> = variables.collect();
    assert!(own.len() >= 10, "{own:?}");
    let others = ["COLUMNS", "TERM", "LANG", "LC_ALL", "NO_COLOR", "RUST_LOG", "HOME"].map(str::to_owned);
    for variable in own.iter().chain(&others) {
        for arguments in [&["lesson", "--help"] as &[&str], &["lesson", "gather", "--save=/no/x.json"], &["man"]] {
            check_both(|color| {
                let mut command: Command = command(asyncguide(), &[color, arguments].concat());
                command.env(variable, ATTACK);
                run(command)
            });
        }
    }
}

#[test]
fn s9_help_is_the_same_whatever_the_variables_hold() {
    let mut tasks = command(asyncguide(), &["lesson", "--help"]);
    tasks.env("ASYNCGUIDE_TASKS", "7").env("ASYNCGUIDE_DELAY", ATTACK);
    assert_eq!(run(tasks).out, ag(&["lesson", "--help"]).out);
}

#[test]
fn s9_standard_input() {
    let input = format!("{ATTACK}\n{JOINED}\n");
    for options in [&[] as &[&str], &["-v"], &["--by", "thread", "-vvv"], &["--format", "json", "-v"]] {
        let ran = check_both(|color| {
            ag_reading(&[&["lesson", "spawn", "--delay", "20ms"], options, color].concat(), &*input)
        });
        assert_eq!(ran.code, 0);
        check(&ran, ran.both().contains("\\u{1b}]0;pwned"), "what it was is shown");
        let joined = |said: &str| said.lines().any(|line| line == JOINED);
        check(&ran, joined(&ran.out) || joined(&ran.err), "what does no harm stays as it is");
    }
}

#[test]
fn s9_names_marks_and_panics() {
    for lesson in ["hostile", "panics"] {
        for options in [&[] as &[&str], &["-vv"], &["--by", "thread"], &["--width", "20"], &["--format", "json"]] {
            check_both(|color| fixture(&[&["lesson", lesson, "--delay", "2ms"], options, color].concat()));
        }
    }
}

#[test]
fn s9_a_document_keeps_the_data_escaped() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("saved.json");
    let save = file.to_str().expect("it was made here");
    let input = format!("{ATTACK}\n{JOINED}\n");
    let arguments = ["lesson", "spawn", "--delay", "20ms", "--format", "json", "--save", save];
    let ran = ag_reading(&arguments, input);
    let saved = std::fs::read_to_string(&file).expect("it was saved");
    assert_eq!(saved, ran.out);
    check_harmless(&Ran { code: 0, out: saved, err: String::new() }, false);
    let trace = Trace::from_json(ran.out.as_bytes()).expect("it is valid");
    let names: Vec<&str> = trace.scenes[0].lanes().map(|task| &*task.name).collect();
    assert_eq!(names, [ATTACK, JOINED]);
}
