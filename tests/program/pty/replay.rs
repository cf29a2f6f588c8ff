//! A replay in a terminal: it grows, and it can be stopped. Read `pty_step.rs` next.

use std::path::PathBuf;

use crate::program::{ag, asyncguide};
use crate::pty::{CTRL_C, Pty, command};

/// A recording of gather on the virtual clock, in a folder that lasts as long as this does.
pub(crate) fn recording() -> (tempfile::TempDir, PathBuf) {
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
