//! A saved run, opened again: that it is the same, and that no file can do harm.

use std::fs::{self, File};
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ran, ag, ag_reading, asyncguide, check, command, fixture, four_at_once, lessons, run};

const GATHER: [&str; 4] = ["lesson", "gather", "--clock", "virtual"];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it was made here")
}

/// A recording of gather on the virtual clock.
fn recording() -> String {
    ag(&[&GATHER as &[&str], &["--format", "json"]].concat()).out
}

/// What replaying `document` leads to.
fn replay(document: impl Into<Vec<u8>>, options: &[&str]) -> Ran {
    ag_reading(&[&["replay", "-"], options].concat(), document)
}

#[test]
fn a_replay_off_a_terminal_says_what_the_run_said() {
    let saved = recording();
    for options in [&[] as &[&str], &["-q"], &["--by", "thread"], &["--ascii", "--width", "60"]] {
        let ran = ag(&[&GATHER as &[&str], options].concat());
        let replayed = replay(saved.clone(), options);
        assert_eq!((replayed.code, replayed.err.as_str()), (0, ""));
        assert_eq!(replayed.out, ran.out, "{options:?}");
    }
    assert_eq!(replay(saved.clone(), &["--format", "json"]).out, saved);
}

#[test]
fn a_task_that_never_ran_has_a_lane_unless_a_part_of_the_time_is_asked_for() {
    let mut saved: Value = serde_json::from_str(&recording()).expect("it is JSON");
    let mut task = saved["scenes"][0]["tasks"][1].clone();
    for (field, value) in [("name", json!("left behind")), ("spawned", json!(false)), ("ended", Value::Null)] {
        task[field] = value;
    }
    (task["polls"], task["wakes"], task["outcome"]) = (json!([]), json!([]), json!("interrupted"));
    saved["scenes"][0]["tasks"].as_array_mut().expect("a list").push(task);
    let draws = |options: &[&str]| replay(saved.to_string(), options).out.contains("left behind");
    assert!(draws(&["-q"]) && draws(&["--lanes", "all"]) && !draws(&["--from", "1ms"]));
}

#[test]
fn a_file_does_as_well_as_a_pipe_and_can_be_saved_in_other_formats() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let file = path("run.json");
    fs::write(&file, recording()).expect("it can be written");
    let files = ["a.csv", "b.md", "c.trace.json", "d.jsonl", "e.txt", "f.json"].map(path);
    let save = files.iter().flat_map(|file| ["--save", text(file)]);
    let ran = ag(&["replay", text(&file), "--speed", "100"].into_iter().chain(save).collect::<Vec<_>>());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&files[5]).ok(), Some(recording()));
    for (file, format) in files.iter().zip(["csv", "markdown", "chrome", "jsonl", "text"]) {
        let printed = replay(recording(), &["--format", format, "-q"]).out;
        let saved = fs::read_to_string(file).expect("it was saved");
        // A text that is not quiet has more, above, below and between.
        let mut lines = saved.lines();
        let has_all = printed.lines().all(|line| lines.any(|saved| saved == line));
        check(file, has_all && !printed.is_empty(), "it is what is printed");
    }
}

/// `document` without the fields of its marks, as it was written before marks had any.
fn without_fields(document: &str) -> String {
    let mut document: Value = serde_json::from_str(document).expect("it is JSON");
    for scene in document["scenes"].as_array_mut().expect("scenes") {
        for mark in scene["marks"].as_array_mut().expect("marks") {
            mark.as_object_mut().expect("a mark").remove("fields");
        }
        scene.as_object_mut().expect("a scene").remove("figures");
    }
    document.as_object_mut().expect("a run").remove("claims");
    document.to_string()
}

/// Checks that the lesson's run is shown alike from its document and from its stream, and that an older recording of
/// it fails no claim that the run itself passes.
fn check_replays_alike(lesson: &str) {
    let folder = folder();
    let files = ["run.json", "run.jsonl"].map(|name| folder.path().join(name));
    let save = ["--save", text(&files[0]), "--save", text(&files[1])];
    let ran = ag(&[&["lesson", lesson] as &[&str], &save].concat());
    let [document, stream] = files.map(|file| fs::read_to_string(file).expect("it was saved"));
    for options in [&[] as &[&str], &["--format", "json"]] {
        let (from_document, from_stream) = (replay(document.clone(), options), replay(stream.clone(), options));
        assert_eq!(from_document.out, from_stream.out, "{lesson} {options:?}");
        assert_eq!((from_document.code, from_document.err), (from_stream.code, from_stream.err), "{lesson}");
    }
    let failures = |text: &str| text.matches("FAILED").count();
    let older = replay(without_fields(&document), &[]);
    assert_eq!(older.err, "", "{lesson}");
    check(&older.out, failures(&older.out) <= failures(&ran.out), lesson);
}

#[test]
fn each_lesson_is_the_same_from_its_document_and_from_its_stream() {
    four_at_once(&lessons(), |lesson| check_replays_alike(lesson));
}

#[test]
fn a_run_of_an_unknown_lesson_is_shown_as_far_as_it_goes() {
    let mut document: Value = serde_json::from_str(&recording()).expect("it is JSON");
    document["lesson"] = json!("not of this program");
    let ran = replay(document.to_string(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for shown in ["1  One after another ", "3  Together, uneven", "lessons/gather/uneven.rs", " 2 Together ", "━━━ "]
    {
        check(&ran.out, ran.out.contains(shown), shown);
    }
    let claim =
        "✓ naps started together took as long as the longest nap (wall 1.000 s, longest nap 1.000 s; at most 1.2 ×)";
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    check(&ran.out, words.contains(claim), "its claims are those that the recording holds");
    for unknown in ["What to notice", "│ pub async fn"] {
        check(&ran.out, !ran.out.contains(unknown), unknown);
    }
    let heading = |format| match format {
        "svg" => ">not of this program</title>",
        "html" => "<h1>not of this program</h1>",
        _ => "# not of this program\n",
    };
    for format in ["svg", "html", "markdown"] {
        let ran = replay(document.to_string(), &["--format", format]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{format}");
        for shown in [heading(format), "Together, uneven"] {
            check(&ran.out, ran.out.contains(shown), shown);
        }
        for unknown in
            [">: <", "<fieldset", "Guess before you look", "The code", "The same in Python", "class=\"prose\""]
        {
            check(&ran.out, !ran.out.contains(unknown), unknown);
        }
        check(
            &ran.out,
            format != "html" || ran.out.contains("<details id=\"run\" class=\"run\" open=\"open\">"),
            "open",
        );
    }
}

#[test]
fn a_run_of_a_lesson_without_a_name_has_a_title_all_the_same() {
    let mut document: Value = serde_json::from_str(&recording()).expect("it is JSON");
    document["lesson"] = json!("");
    let ran = replay(document.to_string(), &["--format", "markdown"]);
    assert_eq!((ran.code, ran.out.lines().next()), (0, Some("# A recording")));
}

#[test]
fn a_run_that_failed_fails_again() {
    let saved = fixture(&["lesson", "panics", "--clock", "virtual", "--format", "json"]).out;
    let ran = replay(saved, &[]);
    assert_eq!(ran.code, 1);
    check(&ran.out, ran.out.contains("panicked"), "it says what happened");
}

#[test]
fn s15_what_is_no_trace_gets_one_line_with_its_place() {
    let recording = recording();
    let with = |pointer: &str, value: Value| {
        let mut document: Value = serde_json::from_str(&recording).expect("it is JSON");
        *document.pointer_mut(pointer).expect("it is there") = value;
        document.to_string()
    };
    let long =
        format!("{{\"schema\": 1,\n \"program\": \"\", \"lesson\": \"\", \"clock\": \"{}\"}}", "\u{1b}".repeat(99_999));
    for (document, what) in [
        (String::new(), "line 1"),
        ("not a trace".to_owned(), "line 1 column 2"),
        (recording[..3_000].to_owned(), "line 1 column 3000"),
        (with("/scenes/0/tasks/1/polls/0", json!([5, 4, 0])), "task 1: a poll ends before it starts at line 1 column "),
        (with("/scenes/0/tasks/1/polls", json!([[0, 9, 0], [5, 12, 0]])), "two of its polls overlap at line 1 column "),
        (with("/scenes/0/tasks/1/parent", json!(99)), "its parent is no task of this scene at line 1 column "),
        (with("/schema", json!(2)), "a trace of schema 2, and this program reads up to 1"),
        (long, "at line 2 column "),
    ] {
        let ran = replay(document, &[]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{what}: {ran:#?}");
        check(&ran.err, ran.err.starts_with("error: cannot replay -: ") && ran.err.contains(what), what);
        check(&ran.err, ran.err.len() < 2_000 && !ran.err.contains('\u{1b}'), "it is short and harmless");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_recording_and_utf_16_is_named() {
    let recording = recording();
    let lines = ag(&[&GATHER as &[&str], &["--format", "jsonl"]].concat()).out;
    for document in [&recording, &lines] {
        let marked = replay(format!("\u{feff}{document}"), &["-q"]);
        assert_eq!((marked.code, &marked.out), (0, &replay(document.as_str(), &["-q"]).out));
        let units: Vec<u16> = document.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for utf_16 in [[b"\xff\xfe", &*little].concat(), [b"\xfe\xff", &*big].concat(), little, big] {
            let ran = replay(utf_16, &[]);
            check(
                &ran,
                ran.code == 2 && ran.err.starts_with("error: cannot replay -: it is UTF-16 text, "),
                "it is named",
            );
        }
    }
}

#[test]
fn s15_what_is_no_file_or_too_large_a_one_is_refused_unread() {
    let folder = folder();
    let (huge, missing) = (folder.path().join("huge.json"), folder.path().join("missing.json"));
    // It takes no room on the disk, and would take a while to read.
    File::create(&huge).and_then(|file| file.set_len(1 << 40)).expect("it can be made");
    let mut refused = vec![(text(&huge), "larger than 1 GiB"), (text(folder.path()), "a folder"), (text(&missing), "")];
    if cfg!(unix) {
        refused.push(("/dev/zero", "a device"));
    }
    for (path, what) in refused {
        let ran = ag(&["replay", path]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{ran:#?}");
        check(&ran.err, ran.err.starts_with(&format!("error: cannot replay {path}: ")) && ran.err.contains(what), what);
    }
}

#[test]
fn speeds_have_limits() {
    for speed in ["0", "0.2", "101", "-1", "nan", "inf", "fast"] {
        let ran = replay(recording(), &[&format!("--speed={speed}")]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{speed}");
        check(&ran.err, ran.err.contains("a number from 0.25 to 100"), "it names the limits");
    }
}

#[test]
fn steps_off_a_terminal_are_all_told_in_order() {
    let (saved, options) = (recording(), ["--step", "-q"]);
    let stepped = replay(saved, &options);
    assert_eq!((stepped.code, stepped.err.as_str()), (0, ""));
    let ran = run(command(asyncguide(), &[&GATHER as &[&str], &options].concat()));
    assert_eq!(ran.out, stepped.out, "a run is walked through as its recording is");
    let (walk, _) = stepped.out.split_once("On the virtual clock").expect("the report follows");
    let (_, together) = walk.split_once("\nTogether\n").expect("it is the second scene");
    let told: Vec<&str> =
        ["A is spawned", "A runs", "says “falls asleep”", "gives main back", "A is woken", "A is done"]
            .into_iter()
            .filter(|told| together.contains(told))
            .collect();
    let places: Vec<_> = told.iter().map(|told| together.find(told)).collect();
    check(&places, told.len() == 6 && places.is_sorted(), "each in its turn");
    let misused = ag(&[&GATHER as &[&str], &["--step", "--format", "json"]].concat());
    assert_eq!((misused.code, misused.out.as_str()), (2, ""));
}
