//! What goes where, and what happens when it cannot.

use std::fs::OpenOptions;
use std::io::{PipeWriter, pipe};
use std::path::Path;
use std::process::Stdio;

use crate::program::{
    Ran, ag, ag_reading, asyncguide, borrowed, check, command, end, everything_to_say, fixture, misbehaving, skip,
};

#[test]
fn p6_results_go_to_standard_output_and_nothing_else_does() {
    let ran = ag(&["lesson", "gather", "--clock", "virtual"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let logged = ag(&["lesson", "gather", "--clock", "virtual", "-v"]);
    assert_eq!(logged.out, ran.out);
    check(&logged.err, logged.err.contains("falls asleep"), "logs go to standard error");
    let wrong = ag(&["lesson", "nope"]);
    assert_eq!(wrong.out, "");
    check(&wrong.err, wrong.err.starts_with("error: "), "errors go to standard error");
    let panic = fixture(&["lesson", "panics"]);
    check(&panic.err, panic.err.starts_with("panicked at "), "so does what a panic says");
    check(&panic.err, panic.err.lines().count() == 1, "in one line");
}

#[test]
fn p6_what_scenes_print_is_a_result_and_stays_out_of_a_json_document() {
    let text = ag_reading(&["lesson", "spawn", "--delay", "20ms", "-q"], "one\ntwo\n");
    let mut echoes: Vec<&str> = text.out.lines().take(2).collect();
    echoes.sort_unstable();
    assert_eq!((echoes, text.err.as_str()), (vec!["one", "two"], ""));
    let json = ag_reading(&["lesson", "spawn", "--delay", "20ms", "--format", "json"], "one\ntwo\n");
    assert_eq!((json.out.lines().count(), json.err.lines().count()), (1, 2));
}

#[test]
fn p9_off_a_terminal_there_are_no_escapes_and_all_results() {
    let mistakes = [vec!["lesson".to_owned(), "nope".to_owned()], vec!["nope".to_owned()]];
    for arguments in everything_to_say().into_iter().chain(mistakes) {
        let said = ag(&borrowed(&arguments)).both();
        let plain = said.chars().all(|c| !c.is_control() || c == '\n');
        // A completion script may well indent with tabs, or hold an escape as a shell spells it.
        check(&said, plain || arguments[0] == "completions" && !said.contains(['\r', '\u{1b}']), "it is plain text");
    }
    let report = ag(&["lesson", "gather", "--clock", "virtual"]).out;
    for result in ["1  One after another", "2  Together", "3  Together, uneven", "wall", "✓ uneven", "What to notice"]
    {
        check(&report, report.contains(result), result);
    }
}

/// A pipe that nobody reads.
fn closed() -> PipeWriter {
    let (reader, writer) = pipe().expect("pipes are to be had");
    drop(reader);
    writer
}

fn on(stdout: impl Into<Stdio>, program: impl AsRef<Path>, arguments: &[&str]) -> Ran {
    let mut command = command(program, arguments);
    end(command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("it can be started"))
}

#[test]
fn s2_a_closed_pipe_is_silent_and_no_failure() {
    for arguments in everything_to_say() {
        let ran = on(closed(), asyncguide(), &borrowed(&arguments));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    }
    for arguments in [&["lesson", "hostile"] as &[&str], &["lesson", "fails", "--format", "json"]] {
        let ran = on(closed(), misbehaving(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn s2_nobody_who_listens_to_errors_is_no_failure_either() {
    let mut command = command(asyncguide(), &["lesson", "nope"]);
    let child = command.stdout(Stdio::piped()).stderr(closed()).spawn();
    assert_eq!(end(child.expect("it can be started")).code, 2);
}

#[test]
fn s2_a_lesson_whose_echoes_nobody_reads_ends_at_once() {
    let (mut input, lines) = (command(asyncguide(), &["lesson", "spawn", "-q", "--delay", "20ms"]), pipe());
    let (reading, mut writing) = lines.expect("pipes are to be had");
    input.stdin(reading).stdout(closed()).stderr(Stdio::piped());
    let child = input.spawn().expect("it can be started");
    std::io::Write::write_all(&mut writing, b"a line\n").expect("somebody reads");
    // The input is open until the program has ended.
    let ran = end(child);
    drop(writing);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn s3_a_full_disk_is_one_line_and_a_failure() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return skip("there is no /dev/full");
    };
    let full = || full.try_clone().expect("it can be opened again");
    for arguments in everything_to_say() {
        let ran = on(full(), asyncguide(), &borrowed(&arguments));
        assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{arguments:?}: {ran:#?}");
        check(&ran.err, ran.err.starts_with("error: cannot write to standard output: No space"), "it says so");
    }
    let saved = ag(&["lesson", "gather", "--clock", "virtual", "--save", "/dev/full"]);
    assert_eq!((saved.code, saved.err.lines().count()), (1, 1), "{saved:#?}");
    check(&saved.err, saved.err.starts_with("error: cannot save to /dev/full: No space"), "it names the file");
    check(&saved.out, saved.out.contains("What to notice"), "the report is there all the same");
    let ran = on(full(), misbehaving(), &["lesson", "panics", "-q"]);
    check(&ran, ran.code == 1 && ran.err.contains("No space"), "so is it after a panic");
}
