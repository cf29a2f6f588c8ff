//! Interrupted: by a key, by a signal, once and twice, whatever the scene is at.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{asyncguide, misbehaving};
use crate::pty::{CTRL_C, Ended, Pty, Terminal, command, script};

/// Much less than the scenes would go on, much more than the program needs to stop even on a busy machine.
const SOON: Duration = Duration::from_secs(5);
const LONG: [&str; 3] = ["--no-predict", "--delay", "30s"];

fn run(lesson: &str) -> Pty {
    Pty::run(command(misbehaving(), &[&["lesson", lesson] as &[&str], &LONG].concat()))
}

/// Waits for a lane of this name that grows, live.
#[track_caller]
fn wait_for_lane(pty: &Pty, name: &str) {
    pty.wait_for("a lane", |terminal| terminal.lane(name).filter(|length| *length > 0));
}

#[track_caller]
fn check_interrupted(pty: Pty, code: u32, tasks: &[&str]) -> Ended {
    let since = Instant::now();
    let ended = pty.end();
    assert!(since.elapsed() < SOON, "it took {:?}", since.elapsed());
    assert_eq!(ended.code, code, "{}", ended.text());
    for task in tasks {
        let lines = ended.lines();
        let lane = lines.iter().find(|line| line.starts_with(&format!("   {task} ")));
        assert!(lane.is_some_and(|line| line.ends_with("interrupted")), "{task}: {}", ended.text());
    }
    ended.check_terminal();
    ended
}

#[test]
fn s1_ctrl_c_prints_the_timeline_so_far() {
    let mut pty = run("many");
    wait_for_lane(&pty, "3");
    pty.press(CTRL_C);
    let ended = check_interrupted(pty, 130, &["1", "2", "3"]);
    ended.check_pictures(3, 1);
    assert!(ended.text().contains("task time"), "with its figures: {}", ended.text());
}

#[test]
fn s1_so_does_sigterm() {
    let pty = run("many");
    wait_for_lane(&pty, "3");
    pty.signal("TERM");
    check_interrupted(pty, 143, &["1", "2", "3"]).check_pictures(3, 1);
}

#[test]
fn s1_a_hog_is_not_in_the_way() {
    let mut pty = run("hogs");
    wait_for_lane(&pty, "hog");
    pty.press(CTRL_C);
    check_interrupted(pty, 130, &["hog", "patient"]).check_pictures(2, 1);
    let pty = run("hogs");
    wait_for_lane(&pty, "hog");
    pty.signal("TERM");
    check_interrupted(pty, 143, &["hog", "patient"]);
}

#[test]
fn s1_nor_is_a_blocking_call_and_what_ended_before_is_told() {
    let arguments = ["lesson", "sequential", "--no-predict", "--tasks", "1", "--delay", "3s"];
    let mut pty = Pty::run(command(asyncguide(), &arguments));
    pty.wait_for("the second scene", |terminal: &Terminal| {
        terminal.shown().contains("2  Blocking functions  ").then(|| terminal.lane("A"))?.filter(|length| *length > 0)
    });
    pty.press(CTRL_C);
    let ended = pty.end();
    let text = ended.text();
    let ends =
        |end: &str| text.lines().filter(|line| line.trim_start().starts_with("A ") && line.ends_with(end)).count();
    assert_eq!((ended.code, ends("done"), ends("interrupted")), (130, 1, 1), "{text}");
    ended.check_pictures(2, 2);
    ended.check_terminal();
}

#[test]
fn s1_scenes_that_did_not_begin_say_so() {
    let mut pty = Pty::run(command(asyncguide(), &[&["lesson", "gather"] as &[&str], &LONG].concat()));
    wait_for_lane(&pty, "A");
    pty.press(CTRL_C);
    let ended = check_interrupted(pty, 130, &["A"]);
    assert_eq!(ended.text().matches("Skipped: the run was interrupted.").count(), 2, "{}", ended.text());
}

#[test]
fn s1_a_quiet_run_is_interrupted_too() {
    let arguments = [&["lesson", "gather", "-q", "-v"] as &[&str], &LONG].concat();
    let mut pty = Pty::run_in(200, 24, command(asyncguide(), &arguments));
    pty.wait_for_text("falls asleep");
    pty.press(CTRL_C);
    check_interrupted(pty, 130, &["A"]);
}

#[test]
fn s1_ctrl_c_at_the_question_runs_nothing() {
    let mut pty = Pty::run(command(asyncguide(), &["lesson", "gather", "--delay", "30s"]));
    pty.wait_for_text("Your guess?");
    pty.press(CTRL_C);
    let ended = check_interrupted(pty, 130, &[]);
    assert_eq!(ended.text().matches("Skipped: the run was interrupted.").count(), 3, "{}", ended.text());
}

#[test]
fn s1_a_second_ctrl_c_ends_at_once() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("there is mkfifo").success());
    // Held open, and never read: more than fits into it cannot be written.
    let _unread = OpenOptions::new().read(true).write(true).open(&pipe).expect("it is there");
    let program = misbehaving();
    let arguments = [&["lesson", "many", "--tasks", "5000", "--format", "json"] as &[&str], &LONG].concat();
    let mut pty = Pty::run(script(&format!("exec \"$@\" >'{}'", pipe.display()), program, &arguments));
    wait_for_lane(&pty, "1");
    pty.press(CTRL_C);
    pty.wait_for("the picture is gone", |terminal| terminal.lane("1").is_none().then_some(()));
    pty.press(CTRL_C);
    let since = Instant::now();
    let ended = pty.end();
    assert!(since.elapsed() < SOON, "it took {:?}", since.elapsed());
    assert!(ended.code == 130 && !ended.screen().hide_cursor(), "{}: {}", ended.code, ended.text());
}

#[test]
fn s5_at_a_step_every_signal_leaves_the_terminal_as_it_was() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
        let arguments = ["lesson", "gather", "--no-predict", "--clock", "virtual", "--step"];
        let pty = Pty::run(command(asyncguide(), &arguments));
        pty.wait_for_text("q stops");
        pty.signal(signal);
        let ended = pty.end();
        assert_eq!(ended.code, code, "{signal}: {}", ended.text());
        ended.check_modes();
    }
}

#[test]
fn s5_two_ctrl_c_at_once_leave_the_terminal_as_it_was() {
    for _ in 0..5 {
        let mut pty = run("many");
        wait_for_lane(&pty, "3");
        pty.press(CTRL_C);
        pty.press(CTRL_C);
        let ended = pty.end();
        assert_eq!(ended.code, 130, "{}", ended.text());
        ended.check_modes();
    }
}

#[test]
fn s1_a_signal_during_the_report_is_what_the_program_ends_with() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("there is mkfifo").success());
    let arguments = ["lesson", "gather", "-q", "--tasks", "5000", "--clock", "virtual", "--format", "json"];
    let pty = Pty::run(script(&format!("exec \"$@\" >'{}'", pipe.display()), asyncguide(), &arguments));
    // Read to its first byte only: the report has begun then, and does not fit into the pipe.
    let mut report = OpenOptions::new().read(true).write(true).open(&pipe).expect("it is there");
    report.read_exact(&mut [0]).expect("it is written to");
    pty.signal("TERM");
    let since = Instant::now();
    let ended = pty.end();
    assert!(ended.code == 143 && since.elapsed() < SOON, "{} after {:?}", ended.code, since.elapsed());
    ended.check_modes();
}

#[test]
fn what_a_shell_writes_while_a_run_is_stopped_stays_on_the_screen() {
    let pty = run("many");
    wait_for_lane(&pty, "3");
    pty.signal("STOP");
    // Nothing is drawn any more once the shell writes, as after Ctrl-Z.
    pty.wait_until_stopped();
    pty.write_beside("what the shell wrote\n");
    pty.wait_for_text("what the shell wrote");
    pty.signal("CONT");
    pty.wait_for("a new picture below", |terminal| {
        let rows = terminal.rows();
        let shell = rows.iter().position(|row| row.contains("what the shell wrote"))?;
        rows[shell + 1..].iter().any(|row| row.trim_start().starts_with("3 ")).then_some(())
    });
    pty.signal("TERM");
    let ended = pty.end();
    assert!(ended.code == 143 && ended.text().contains("what the shell wrote"), "{}", ended.text());
}

#[test]
fn in_the_background_nothing_is_asked_and_nothing_drawn() {
    let script_text = "set -m; \"$@\" >/dev/null & wait $!; echo \"ended with $?\"";
    let pty = Pty::run(script(script_text, asyncguide(), &["lesson", "gather", "--delay", "300ms"]));
    let ended = pty.end();
    assert!(ended.text().contains("ended with 0"), "{}", ended.text());
    assert!(!ended.text().contains("Your guess?") && !ended.text().contains('━'), "{}", ended.text());
    ended.check_modes();
}
