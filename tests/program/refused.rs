//! A system that gives no more threads or descriptors: one line and exit code 1, at once, or all is well.

use std::path::PathBuf;
use std::process::Command;
use std::thread;

use crate::program::{Ran, ag_reading, asyncguide, command, example, run, skip, there_is};

/// Runs asyncguide with this limit of the shell's `ulimit`.
fn limited(limit: &str, arguments: &[&str]) -> Command {
    let program = asyncguide().into_os_string().into_string().expect("its path is UTF-8");
    let script = format!("ulimit {limit} && exec \"$@\"");
    command("sh", &[&["-c", &script, "sh", &program], arguments].concat())
}

/// Runs asyncguide as a user of its own, who may have this number of threads. The system does not limit root.
fn with_threads(most: u32, user: u32, arguments: &[&str]) -> Ran {
    program_with_threads(asyncguide(), most, user, arguments)
}

/// Runs `program` likewise.
fn program_with_threads(program: PathBuf, most: u32, user: u32, arguments: &[&str]) -> Ran {
    let program = program.into_os_string().into_string().expect("its path is UTF-8");
    let script = format!("ulimit -u {most} && exec \"$@\"");
    let user = user.to_string();
    let as_user = ["--reuid", &user, "--clear-groups", "bash", "-c", &script, "bash", &program];
    run(command("setpriv", &[&as_user as &[&str], arguments].concat()))
}

#[track_caller]
fn check_refused_or_well(what: &str, ran: &Ran) {
    assert!(!ran.both().contains("panicked"), "{what}: {ran:?}");
    if ran.code != 0 {
        let errors = ran.err.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!((ran.code, errors, ran.err.lines().count()), (1, 1, 1), "{what}: {ran:?}");
    }
}

/// Returns whether programs can be run as another user, who can reach asyncguide.
fn can_be_others() -> bool {
    if !there_is("setpriv") || !there_is("bash") {
        return false;
    }
    let can = with_threads(100, 70_000, &["--version"]).code == 0;
    if !can {
        skip("asyncguide cannot be run as another user");
    }
    can
}

#[test]
fn too_few_threads_are_one_line_at_once() {
    if !can_be_others() {
        return;
    }
    let commands: [&[&str]; 5] = [
        &["lesson", "blocking", "-q", "--delay", "20ms"],
        &["lesson", "parallel", "-q", "--delay", "1ms"],
        &["lesson", "gather", "-q", "--delay", "1ms", "--format", "jsonl"],
        &["compare", "threads", "spawn-multi", "spawn-blocking", "--tasks", "6", "--each", "1ms", "--runs", "1"],
        &["doctor"],
    ];
    for most in 1..=8 {
        thread::scope(|scope| {
            for (command, number) in commands.iter().zip(0..) {
                // A user of its own, whose threads nobody else adds to.
                let user = 70_001 + 10 * most + number;
                scope.spawn(move || {
                    let ran = with_threads(most, user, command);
                    check_refused_or_well(&format!("{most} threads, {command:?}"), &ran);
                    assert!(most > 2 || ran.code == 1 || command[0] == "doctor", "{most}, {command:?}: {ran:?}");
                });
            }
        });
    }
}

#[test]
fn a_program_that_records_gets_an_error_if_a_thread_is_refused_and_never_waits() {
    if !can_be_others() {
        return;
    }
    for most in 1..=9 {
        thread::scope(|scope| {
            for time in 0..3 {
                let user = 71_000 + 10 * most + time;
                scope.spawn(move || {
                    let ran = program_with_threads(example("guarded"), most, user, &["records"]);
                    let said = ran.out.lines().next().unwrap_or_default();
                    let refused = said.starts_with("error: cannot start a thread: ");
                    let recorded = most > 6 && said == "recorded, Done";
                    assert!(ran.code == 7 && (refused || recorded), "{most} threads: {ran:?}");
                });
            }
        });
    }
}

#[test]
fn too_few_descriptors_are_one_line_at_once() {
    let commands: [&[&str]; 4] = [
        &["lesson", "gateway", "-q", "--delay", "20ms"],
        &["lesson", "event-loop", "-q", "--delay", "20ms"],
        &["lesson", "websocket", "-q", "--delay", "20ms"],
        &["lesson", "push", "-q", "--delay", "20ms"],
    ];
    for most in [5, 6, 7, 8, 9, 13, 15, 16, 17, 18, 20] {
        thread::scope(|scope| {
            for command in commands {
                scope.spawn(move || {
                    let ran = run(limited(&format!("-n {most}"), command));
                    check_refused_or_well(&format!("{most} descriptors, {command:?}"), &ran);
                });
            }
        });
    }
    let many = run(limited("-n 256", &["lesson", "gateway", "-q", "--delay", "50ms", "--tasks", "200"]));
    check_refused_or_well("200 clients", &many);
}

#[test]
fn an_input_without_end_does_not_outlast_its_time() {
    let lines = "y\n".repeat(200_000);
    let options = ["lesson", "spawn", "-q", "--delay", "5ms", "--for", "200ms", "--limit", "1"];
    let ran = ag_reading(&options, lines);
    assert_eq!(ran.code, 0, "{ran:?}");
    let claim = ran.out.split_once("every line was echoed (skipped: ").expect("it is not claimed").1;
    let claim = claim.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(claim.contains("but more lines had come: the time for reading is over)"), "{}", ran.out);
}
