//! A replay in a terminal: it grows, it can be stopped, and it can be walked through.

use std::path::PathBuf;

use crate::program::{ag, asyncguide};
use crate::pty::{CTRL_C, Ended, Pty, command};

/// A recording of gather in a folder that lasts as long as this does.
fn recording() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("run.json");
    let saved = ag(&["lesson", "gather", "--clock", "virtual", "-q", "--save", file.to_str().expect("it is text")]);
    assert_eq!(saved.code, 0);
    (folder, file)
}

fn replay(file: &std::path::Path, options: &[&str]) -> Pty {
    let file = file.to_str().expect("it was made here");
    Pty::run_in(100, 60, command(asyncguide(), &[&["replay", file], options].concat()))
}

/// Waits until lane B of the scene with this heading has begun and then grown.
#[track_caller]
fn watch_it_grow(pty: &Pty, heading: &str) {
    let lane = |terminal: &crate::pty::Terminal| {
        let live = terminal.shown().contains(heading) && !terminal.shown().contains("it gave the thread back");
        terminal.lane("B").filter(|length| live && *length > 0)
    };
    let first = pty.wait_for("a lane that has begun", lane);
    pty.wait_for("the lane has grown", |terminal| lane(terminal).filter(|length| *length > first));
}

#[test]
fn scene_after_scene_grows_and_then_comes_the_report() {
    let (_folder, file) = recording();
    let pty = replay(&file, &["--speed", "0.8"]);
    watch_it_grow(&pty, "1  One after another  1");
    watch_it_grow(&pty, "2  Together  0");
    watch_it_grow(&pty, "3  Together, uneven  1");
    let ended = pty.end();
    assert_eq!(ended.code, 0);
    ended.check_pictures(6, 3);
    ended.check_terminal();
    let report = ag(&["replay", file.to_str().expect("it is text"), "--width", "100"]).out;
    assert_eq!(ended.text().trim(), report.trim());
}

#[test]
fn s1_ctrl_c_ends_a_replay_with_what_was_seen() {
    let (_folder, file) = recording();
    let mut pty = replay(&file, &["--speed", "0.25"]);
    watch_it_grow_a(&pty);
    pty.press(CTRL_C);
    let ended = pty.end();
    assert_eq!(ended.code, 130);
    ended.check_pictures(1, 1);
    ended.check_terminal();
    let text = ended.text();
    assert!(text.contains("interrupted") && text.contains("Skipped: the replay was interrupted."), "{text}");
}

#[track_caller]
fn watch_it_grow_a(pty: &Pty) {
    let first = pty.wait_for("a lane", |terminal| terminal.lane("A").filter(|length| *length > 0));
    pty.wait_for("it has grown", |terminal| terminal.lane("A").filter(|length| *length > first));
}

const PROMPT: &str = "q stops:";

/// Waits for so many prompts, then types `line`.
#[track_caller]
fn answer(pty: &mut Pty, prompts: usize, line: &str) {
    pty.wait_for("a prompt", |terminal| (terminal.text().matches(PROMPT).count() >= prompts).then_some(()));
    pty.press(&format!("{line}\r"));
}

/// What was said of each step that was shown.
fn shown(ended: &Ended) -> Vec<String> {
    let lines = ended.lines();
    let step = |line: &&String| line.contains("s  A ") || line.contains("s  B ");
    let what = |line: &String| line.split("s  ").nth(1).and_then(|what| what.split('.').next()).map(str::to_owned);
    lines.iter().filter(step).filter_map(what).collect()
}

#[test]
fn steps_go_on_and_back_and_to_a_time() {
    let (_folder, file) = recording();
    let mut pty = replay(&file, &["--step", "-q"]);
    // On, on with an arrow, back, what is no command, to a time, to its end and beyond it.
    for (number, line) in ["", "\u{1b}[C", "b", "what", "g 1s", "g 1h", "", "q"].into_iter().enumerate() {
        answer(&mut pty, number + 1, line);
    }
    let ended = pty.end();
    assert_eq!(ended.code, 0);
    let expected = [
        "A is made",
        "A runs on main",
        "A says “falls asleep”",
        "A runs on main",
        "A runs on main",
        "A is woken",
        "B is done",
    ];
    assert_eq!(shown(&ended)[..7], expected, "{}", ended.text());
    assert_eq!(shown(&ended)[7], "A is spawned", "the next scene: {}", ended.text());
    let text = ended.text();
    let pointer = text.lines().position(|line| line.trim_end().ends_with("▲ A")).expect("there is a pointer");
    let above = text.lines().nth(pointer - 1).unwrap_or_default();
    assert!(above.contains("info!(\"falls asleep\")"), "{above}");
    ended.check_terminal();
}
