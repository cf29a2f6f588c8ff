//! The tour away from a terminal, and the file that it is kept in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ran, asyncguide, check, command, lessons, misbehaving, run};

/// A folder for state, with nothing in it.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn file(state: &Path) -> PathBuf {
    state.join("asyncguide/tour.json")
}

/// What `program` says to these arguments, with its state in `state`.
fn with(state: &Path, program: PathBuf, arguments: &[&str]) -> Ran {
    let mut command = command(program, arguments);
    run(command.env("XDG_STATE_HOME", state))
}

/// The names of the marked lessons, as `list` shows them.
fn marked(state: &Path) -> Vec<String> {
    let list = with(state, asyncguide(), &["list", "--ascii"]);
    let marked =
        list.out.lines().filter(|line| line.starts_with('*')).filter_map(|line| line.split_whitespace().nth(2));
    marked.map(str::to_owned).collect()
}

#[test]
fn p18_without_anybody_to_ask_the_tour_goes_on_to_the_end() {
    let state = folder();
    let ran = with(state.path(), misbehaving(), &["tour"]);
    let headings: Vec<&str> = ran.out.lines().filter(|line| line.contains(" · misbehaves")).collect();
    assert_eq!(headings.len(), 5, "{}", ran.both());
    let places = headings.iter().zip(1..).all(|(line, place)| line.ends_with(&format!("{place} of 5")));
    check(&headings, places, "they come in order");
    // One lesson panics and one has a claim that fails; the others are shown all the same.
    check(&ran, ran.code == 1 && !ran.both().contains("asyncguide lesson"), "the tour itself leads on");
    assert_eq!(fs::read_dir(state.path()).expect("it is there").count(), 0, "nobody has seen it");
}

#[test]
fn a_tour_that_nobody_sees_marks_nothing_and_begins_with_the_first_lesson() {
    let state = folder();
    let kept = file(state.path());
    fs::create_dir_all(kept.parent().expect("a folder")).expect("it can be made");
    let stored = r#"{"schema": 1, "next": "hogs", "done": {"gather": "right"}}"#;
    let last = lessons().pop().expect("there are lessons");
    for stored in [stored, "rubbish"] {
        fs::write(&kept, stored).expect("it can be written");
        let ran = with(state.path(), misbehaving(), &["tour", "-q", "--fresh"]);
        assert_eq!((ran.out.matches("task time").count(), ran.err.contains("warning")), (5, false), "{}", ran.both());
        let ran = with(state.path(), asyncguide(), &["tour", "--from", &last, "--delay", "20ms"]);
        check(&ran, ran.code == 0 && ran.err.is_empty(), "it works");
        assert_eq!(fs::read_to_string(&kept).expect("it is there"), stored, "it is left alone");
    }
    fs::write(&kept, stored).expect("it can be written");
    assert_eq!(marked(state.path()), [""; 0]);
    let list = with(state.path(), asyncguide(), &["list", "--ascii"]).out;
    check(&list, list.lines().any(|line| line.starts_with("v  2  gather")), "what was done before is kept");
}

#[test]
fn s15_list_leaves_a_file_alone_that_is_not_the_tours() {
    let long = format!("{{\"schema\": 1, \"next\": null, \"done\": {{}}}}{}", " ".repeat(100_000));
    let newer = "{\"schema\": 2, \"next\": null, \"done\": {}}";
    let deep = &"[".repeat(60_000);
    let state = folder();
    let kept = file(state.path());
    fs::create_dir_all(kept.parent().expect("a folder")).expect("it can be made");
    for rubbish in ["", "rubbish \u{1b}[31m", "{\"schema\":1}", newer, deep, &long] {
        fs::write(&kept, rubbish).expect("it can be written");
        let list = with(state.path(), asyncguide(), &["list"]);
        check(&list, list.code == 0 && list.err.starts_with("warning: ") && list.err.lines().count() == 1, "it warns");
        assert_eq!(fs::read_to_string(&kept).expect("it is there"), rubbish, "list leaves it alone");
    }
}

#[test]
fn list_knows_nothing_of_lessons_that_nobody_knows() {
    let state = folder();
    let kept = file(state.path());
    fs::create_dir_all(kept.parent().expect("a folder")).expect("it can be made");
    let stored = r#"{"schema": 1, "next": "\u001b[2J", "done": {"gather": "right", "gone\u001b": "wrong"}, "new": 0}"#;
    fs::write(&kept, stored).expect("it can be written");
    let list = with(state.path(), asyncguide(), &["list", "--ascii"]);
    let right = list.out.lines().any(|line| line.starts_with("v  2  gather"));
    check(&list, right && list.err.is_empty() && !list.out.contains('\u{1b}'), "known lessons are marked");
}
