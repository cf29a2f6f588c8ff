//! `lesson NAME --python`: the twin's scenes beside the lesson's own, in one recording, with its claims checked for both.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::{fs, thread};

use asyncguide::trace::{Outcome, SceneTrace, Trace, Verdict};

use crate::program::{PATIENCE, Ran, ag, ag_reading, asyncguide, check, command, end, lessons, run, spawn, there_is};
use crate::twins::{delay, python_fits};

/// On a busy machine a claim may fail that holds otherwise. One that is wrong fails each time.
const ATTEMPTS: usize = 4;

/// Runs a lesson with its twin, with further arguments.
fn with_twin(lesson: &str, more: &[&str]) -> Ran {
    let delay = format!("{}ms", delay(lesson).max(100));
    ag_reading(&[&["lesson", lesson, "--python", "--delay", &delay], more].concat(), "a\n\nb\n")
}

fn recorded(ran: &Ran) -> Trace {
    Trace::from_json(ran.out.as_bytes()).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

fn of_twin(trace: &Trace) -> impl Iterator<Item = &SceneTrace> {
    trace.scenes.iter().filter(|scene| scene.language.as_deref() == Some("python"))
}

/// What is wrong with a lesson's recording, which may come from a busy machine; nothing if all is right.
fn wrong_with(lesson: &str, ran: &Ran) -> Option<String> {
    let trace = recorded(ran);
    let own = trace.scenes.iter().filter(|scene| scene.language.is_none()).count();
    let left_out = trace.skipped.iter().filter(|skipped| skipped.language.is_some()).count();
    // These are certain, however busy the machine.
    assert_eq!(
        of_twin(&trace).count() + left_out,
        own,
        "{lesson}: each scene has a twin, or it is said that it has none"
    );
    for scene in of_twin(&trace) {
        assert_eq!(scene.outcome, Outcome::Done, "{lesson}: {}", scene.name);
        assert!(scene.title.ends_with(" (Python)") && scene.file.ends_with("/twin.py"), "{}", scene.title);
        assert!(scene.lanes().next().is_some(), "{lesson}: {} has lanes", scene.name);
        assert!(trace.scene(&scene.name).is_some_and(|own| own.language.is_none()), "{}", scene.name);
    }
    let claims = trace.claims.iter().filter(|claim| claim.language.as_deref() == Some("python"));
    assert_eq!(claims.clone().count(), trace.claims.len() / 2, "{lesson}: each claim is checked on both");
    let held = claims.filter(|claim| matches!(claim.verdict, Verdict::Held(_))).count();
    let failed = trace.claims.iter().find(|claim| matches!(claim.verdict, Verdict::Failed(_)));
    match failed {
        Some(failed) => Some(format!("{failed:?}")),
        None if held == 0 => Some("no claim held on the twin".to_owned()),
        None if ran.code != 0 => Some(format!("exit code {}: {}", ran.code, ran.err)),
        None => apart(lesson, &trace),
    }
}

/// Says which scene of a twin takes much longer or shorter than the lesson's own, where both wait.
fn apart(lesson: &str, trace: &Trace) -> Option<String> {
    if ["threads", "blocking", "idle", "parallel", "files", "websocket", "coroutine"].contains(&lesson) {
        return None;
    }
    let ratio = |twin: &SceneTrace| {
        let own = trace.scene(&twin.name).map_or(0.0, |own| own.wall.as_f64());
        twin.wall.as_f64() / own
    };
    let apart = of_twin(trace).find(|twin| !(0.6..1.6).contains(&ratio(twin)));
    apart.map(|twin| format!("{} took {} times as long", twin.title, ratio(twin)))
}

#[test]
fn each_lesson_runs_its_twin_and_no_claim_fails() {
    if !there_is("python3") || !python_fits() {
        return;
    }
    for lesson in lessons() {
        let mut seen = Vec::new();
        let right = (0..ATTEMPTS).any(|_| {
            let wrong = wrong_with(&lesson, &with_twin(&lesson, &["--format", "json"]));
            let right = wrong.is_none();
            seen.extend(wrong);
            right
        });
        assert!(right, "{lesson}: {seen:#?}");
    }
}

#[test]
fn the_report_has_the_twins_scenes_behind_the_lessons_own_with_their_code() {
    if !there_is("python3") || !python_fits() {
        return;
    }
    let ran = with_twin("gather", &["--width", "80"]);
    for part in [
        "4  One after another (Python)",
        "lessons/gather/twin.py",
        "│ async def together():",
        "  4 One af",
        "Python: naps one after another took the sum of their times",
    ] {
        check(&ran.out, ran.out.contains(part), part);
    }
    let place = |part: &str| ran.out.find(part).unwrap_or_else(|| panic!("{part} is not in {}", ran.out));
    assert!(place("3  Together, uneven") < place("4  One after another (Python)"));
    // What the twin prints stands above, as what scenes print does.
    assert!(place("  A falls asleep\n") < place("1  One after another"));
    let quiet = with_twin("gather", &["--quiet"]);
    check(&quiet.out, !quiet.out.contains("falls asleep"), "what the twin prints is left out");
}

#[test]
fn a_saved_run_is_replayed_with_its_twin_and_checked_for_both() {
    if !there_is("python3") || !python_fits() {
        return;
    }
    for format in ["json", "jsonl"] {
        let saved = with_twin("gather", &["--format", format]);
        let trace = Trace::from_saved(saved.out.as_bytes()).expect("it is a run");
        assert_eq!((of_twin(&trace).count(), trace.claims.len()), (3, 6), "{format}");
        let again = ag_reading(&["replay", "-", "--format", format], saved.out.clone());
        assert_eq!(again.code, saved.code, "{format}");
        // Lines are written in another order while scenes run.
        assert!(Trace::from_saved(again.out.as_bytes()).is_ok_and(|again| again == trace), "{format}");
    }
    let saved = with_twin("gather", &["--format", "json"]).out;
    for format in ["text", "html", "svg", "markdown", "csv", "chrome"] {
        let document = ag_reading(&["replay", "-", "--format", format], saved.clone());
        check(&document, document.out.contains("(Python)"), format);
    }
    let steps = ag_reading(&["replay", "-", "--step"], saved);
    check(&steps, steps.out.contains("Together (Python)") && steps.out.contains("says “falls asleep”"), "steps");
}

/// A program that passes for a Python, and does this instead of running the twin.
fn pretender(folder: &Path, does: &str) -> PathBuf {
    let path = folder.join("python3");
    fs::write(&path, format!("#!/bin/sh\ncase $1 in -c) exit 0 ;; esac\n{does}\n")).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    path
}

#[test]
fn what_cannot_run_is_refused_in_one_line_before_anything_runs() {
    let refused = |arguments: &[&str], python: &str, why: &str| {
        let mut command = command(asyncguide(), &[&["lesson"], arguments].concat());
        let ran = run(command.env("ASYNCGUIDE_PYTHON", python));
        let one_line = ran.err.lines().count() == 1 && ran.err.contains(why);
        check(&ran, ran.code == 2 && ran.out.is_empty() && one_line, why);
    };
    refused(&["gather", "--python"], "/missing/python3", "cannot run /missing/python3: ");
    refused(&["gather", "--python"], "false", "false cannot run the twin: Python 3.11 or later is needed");
    refused(&["gather", "--python", "--clock", "virtual"], "true", "the Python twin runs on the real clock");
    refused(&["gateway", "--python", "--serve"], "true", "--serve runs none of them");
    refused(&["gather", "--python", "--tasks", "100", "--delay", "2s"], "true", "“One after another” cannot run");
}

#[test]
fn a_twin_that_fails_is_said_in_one_line_and_its_scenes_are_skipped() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let python = pretender(folder.path(), "exit 3");
    let mut command = command(asyncguide(), &["lesson", "gather", "--python", "--delay", "50ms", "--format", "json"]);
    let ran = run(command.env("ASYNCGUIDE_PYTHON", python));
    check(&ran, ran.code == 1 && ran.err.contains("the Python twin ended with exit code 3"), "it is said");
    let trace = recorded(&ran);
    assert_eq!((of_twin(&trace).count(), trace.skipped.len(), trace.claims.len()), (0, 3, 3));
}

#[test]
fn ctrl_c_ends_the_twin_and_what_it_has_started() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let begun = folder.path().join("begun");
    let python = pretender(folder.path(), &format!("echo $$ > {0}.new; mv {0}.new {0}\nsleep 600", begun.display()));
    let mut command = command(asyncguide(), &["lesson", "gather", "--python", "--delay", "50ms", "--format", "json"]);
    let child = spawn(command.env("ASYNCGUIDE_PYTHON", python));
    while !begun.exists() {
        std::thread::yield_now();
    }
    let interrupt = run(crate::program::command("kill", &["-INT", &child.id().to_string()]));
    assert_eq!(interrupt.code, 0);
    let ran = crate::program::end(child);
    check(&ran, ran.code == 130, "it is interrupted");
    let trace = recorded(&ran);
    assert_eq!(trace.skipped.len(), 3);
    assert!(trace.skipped.iter().all(|skipped| skipped.reason == "the run was interrupted"));
    let pid = fs::read_to_string(begun).expect("it has begun");
    assert_ne!(run(crate::program::command("kill", &["-0", pid.trim()])).code, 0, "it is gone");
}

#[test]
fn a_signal_that_ends_the_program_at_once_ends_the_twin_and_what_it_has_started() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let fifo = folder.path().join("fifo");
    let name = fifo.to_str().expect("it was made here");
    assert_eq!(run(command("mkfifo", &[name])).code, 0);
    // What the twin has started holds the pipe, and says that it runs.
    let python = pretender(folder.path(), &format!("sh -c 'echo runs; exec sleep 600' > {name} &\nwait"));
    let arguments = ["lesson", "gather", "--python", "--delay", "10ms", "--format", "json"];
    let child = spawn(command(asyncguide(), &arguments).env("ASYNCGUIDE_PYTHON", python));
    let (sender, said) = channel();
    thread::spawn(move || {
        let pipe = fs::File::open(fifo).expect("it is there");
        BufReader::new(pipe).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
    });
    assert_eq!(said.recv_timeout(PATIENCE).as_deref(), Ok("runs"));
    // What Ctrl-\\ sends: it ends the program at once, as a second Ctrl-C does.
    assert_eq!(run(command("kill", &["-QUIT", &child.id().to_string()])).code, 0);
    assert_eq!(end(child).code, 131);
    assert_eq!(said.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected), "it goes on");
}

#[test]
fn a_long_input_is_cut_for_the_twin_at_the_end_of_a_line_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let read = folder.path().join("read");
    let python = pretender(folder.path(), &format!("cat > {}", read.display()));
    let run = |input: &str| {
        let arguments = ["lesson", "spawn", "-q", "--python", "--delay", "1ms", "--format", "json"];
        let mut command = command(asyncguide(), &arguments);
        let mut child = spawn(command.env("ASYNCGUIDE_PYTHON", &python).stdin(Stdio::piped()));
        let (mut stdin, input) = (child.stdin.take().expect("it is a pipe"), input.to_owned());
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        (end(child), fs::read_to_string(&read).expect("it has read"))
    };
    let long = "x".repeat(60_000) + "\n";
    // The short line at the end would fit, but one before it is missing.
    let (ran, given) = run(&(long.repeat(20) + "last\n"));
    check(
        &ran,
        ran.err.contains("warning: the input is long: the Python twin gets the first MiB of it only"),
        "it is said",
    );
    assert_eq!(given, long.repeat(17), "{} bytes", given.len());
    let (ran, given) = run("a\nb\n");
    assert_eq!((given.as_str(), ran.err.contains("the input is long")), ("a\nb\n", false));
}

#[test]
fn lessons_without_the_flag_have_no_twin() {
    let trace = recorded(&ag(&["lesson", "gather", "--clock", "virtual", "--format", "json"]));
    assert_eq!((of_twin(&trace).count(), trace.claims.len()), (0, 3));
}
