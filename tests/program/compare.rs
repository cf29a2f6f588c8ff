//! `compare`: what it runs, what it says of that, and what it refuses.

use std::fs;

use serde_json::Value;

use crate::program::{ag, check};
#[cfg(target_os = "linux")]
use crate::program::{asyncguide, command, end, run, spawn};

const QUICK: [&str; 4] = ["--each", "10ms", "--runs", "3"];

fn compare(arguments: &[&str], format: &str) -> String {
    let ran = ag(&[&["compare"] as &[&str], arguments, &QUICK, &["--format", format]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    ran.out
}

/// The walls of all runs of each way, in nanoseconds.
fn walls(document: &Value) -> Vec<(String, Vec<u64>)> {
    let measured = document["comparisons"][0]["measured"].as_array().expect("a list");
    let walls = |way: &Value| way["runs"].as_array().expect("a list").iter().map(|run| run["wall"].as_u64()).collect();
    let name = |way: &Value| way["name"].as_str().expect("a name").to_owned();
    measured.iter().map(|way| (name(way), Option::expect(walls(way), "walls"))).collect()
}

#[test]
fn a_name_of_a_way_is_the_way_and_a_scene_that_takes_too_long_is_left_out() {
    // Another name of the lesson gather, whose first scene would take 16 minutes with these.
    let way = ag(&["compare", "join", "--tasks", "200", "--each", "5ms", "--runs", "1"]);
    check(&way, way.code == 0 && way.err.is_empty() && !way.out.contains("One after another"), "it is the way");
    let scenes = ag(&["compare", "gather", "--tasks", "20000", "--each", "50ms", "--runs", "1"]);
    check(&scenes, scenes.code == 0 && scenes.out.contains("Together"), "the others are compared");
    check(&scenes, scenes.err.contains("“One after another” is left out: it would take 16m 40s"), "it says so");
}

#[test]
fn the_document_holds_every_run() {
    let document = compare(&["sequential", "join", "--tasks", "4"], "json");
    assert_eq!(document.matches("\"schema\"").count(), 1, "it is said once");
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    assert_eq!(document["schema"], 1);
    assert_eq!(
        (&document["comparisons"][0]["kind"], &document["comparisons"][0]["tasks"]),
        (&"wait".into(), &4.into())
    );
    let walls = walls(&document);
    let names: Vec<&str> = walls.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["sequential", "join"]);
    for (name, walls) in walls {
        let least = if name == "sequential" { 40_000_000 } else { 10_000_000 };
        assert!(walls.len() == 3 && walls.iter().all(|wall| *wall >= least), "{name}: {walls:?}");
    }
}

#[test]
fn every_way_does_all_of_the_work() {
    let ways = ["sequential", "join", "spawn", "spawn-multi", "threads", "spawn-blocking", "buffered:2"];
    for kind in ["wait", "compute", "block"] {
        let table = compare(&[&ways as &[&str], &["--kind", kind, "--tasks", "3"]].concat(), "csv");
        let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
        let column = |name| lines[0].iter().position(|heading| *heading == name).expect("a column");
        let (names, task_time) = (column("name"), column("task_time_ns"));
        assert_eq!(lines[1..].iter().map(|line| line[names]).collect::<Vec<_>>(), ways, "{table}");
        let ideal: u64 = lines[1][column("ideal_ns")].parse().expect("a number");
        assert!(ideal >= 10_000_000, "no shorter than one job: {table}");
        for line in &lines[1..] {
            assert_eq!((line.len(), line[0]), (lines[0].len(), kind));
            // Computing may be done sooner than asked for: on a core that was busy when its steps were counted.
            let least = if kind == "compute" { 1_000_000 } else { 30_000_000 };
            let task_time: u64 = line[task_time].parse().expect("a number");
            assert!(task_time >= least, "{table}");
        }
    }
}

#[test]
fn it_says_first_who_is_faster_and_draws_all_on_one_axis() {
    let text = compare(&["sequential", "join", "--tasks", "5"], "text");
    let said = text.lines().next().expect("a line");
    let faster =
        said.trim().starts_with("join is ") && said.contains("× as fast as sequential here: the jobs only wait.");
    check(&text, faster, "one plain sentence");
    check(&text, text.contains("\n  5 jobs of 10.00 ms, 3 runs of each way: the wall is their median.\n"), "what ran");
    check(&text, text.contains("━ waiting: it gave the thread back"), "what the lanes mean");
    let axes: Vec<&str> = text.lines().filter(|line| line.contains('├')).collect();
    assert!(axes.len() == 2 && axes[0] == axes[1], "{text}");
    assert_eq!(text.lines().filter(|line| line.ends_with("done")).count(), 10, "{text}");
    for heading in ["wall", "against 1", "of the ideal", "overlap", "threads", "worst stall", "memory"] {
        check(&text, text.contains(heading), heading);
    }
}

#[test]
fn the_figures_of_a_way_stand_together_where_two_tables_would_not_fit_either() {
    for (width, times) in [("40", 1), ("80", 2), ("120", 1)] {
        let text = compare(&["sequential", "join", "--tasks", "2", "--width", width], "text");
        let (_, figures) = text.split_once("their median.").expect("it says so");
        assert_eq!(figures.matches("\n  join").count(), times, "{width} columns:\n{text}");
        assert_eq!(figures.matches("threads").count(), if width == "40" { 2 } else { 1 }, "{width} columns:\n{text}");
    }
}

#[test]
fn a_single_run_bears_out_nothing() {
    let ran = ag(&["compare", "sequential", "join", "--each", "10ms", "--runs", "1"]);
    check(&ran, ran.code == 0 && ran.out.contains("Too few runs"), "it says so");
    check(&ran, !ran.out.contains("as fast as"), "and no more");
}

#[test]
fn the_matrix_has_every_kind_by_every_way() {
    let table = compare(&["--matrix", "--tasks", "2"], "text");
    let headings = table.lines().find(|line| line.contains("wait")).expect("headings");
    assert_eq!(headings.split_whitespace().collect::<Vec<_>>(), ["wait", "compute", "block"]);
    for way in ["sequential", "join", "spawn", "spawn-multi", "threads", "spawn-blocking"] {
        let row = table.lines().find(|line| line.split_whitespace().next() == Some(way)).expect("a row");
        assert_eq!(row.matches('×').count(), 3, "{table}");
    }
    assert_eq!(compare(&["--matrix", "--tasks", "2"], "csv").lines().count(), 1 + 3 * 6);
    assert_eq!(compare(&["--matrix", "--tasks", "2"], "markdown").matches("|---|").count(), 3);
}

#[test]
fn a_lessons_scenes_can_be_compared_too() {
    let text = compare(&["gather"], "text");
    check(&text, text.contains("Together is ") && text.contains("as fast as One after another here."), "they are");
    assert!(!text.contains("of the ideal"), "nobody knows it: {text}");
}

#[test]
fn it_is_saved_as_it_is_printed_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (format, ending) in [("text", "txt"), ("json", "json"), ("csv", "csv"), ("markdown", "md")] {
        let files = ["one", "two"].map(|name| folder.path().join(format!("{name}.{ending}")));
        let [one, two] = files.each_ref().map(|file| file.to_str().expect("it was made here"));
        let printed = compare(&["join", "spawn", "--width", "80", "--save", one, "--save", two], format);
        for file in &files {
            assert_eq!(fs::read_to_string(file).expect("it was saved"), printed);
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 8, "nothing else is left behind");
}

#[test]
fn p20_a_place_it_cannot_be_saved_to_is_refused_before_anything_runs() {
    for path in ["/no/dir/x.json", "x.svg", "x.trace"] {
        // An hour's jobs: had any been run, this would take a while.
        let ran = ag(&["compare", "join", "spawn", "--each", "1h", "--save", path]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{ran:#?}");
        check(&ran.err, ran.err.starts_with(&format!("error: cannot save to {path}: ")), "it names the place");
    }
    let ran = ag(&["compare", "--save", "x.svg"]);
    check(&ran.err, ran.err.trim_end().ends_with("use .txt, .json, .csv, .md"), "it says what can be");
}

#[test]
fn what_a_lesson_has_no_use_for_is_refused() {
    for option in [&["--tasks", "2"] as &[&str], &["--kind", "compute"], &["--matrix"]] {
        let ran = ag(&[&["compare", "handles"], option].concat());
        let why = format!("lesson handles has no use for {}", option[0]);
        check(&ran, ran.code == 2 && ran.out.is_empty() && ran.err.contains(&why), &why);
    }
}

#[test]
fn a_scene_that_shows_nothing_with_so_many_tasks_is_left_out() {
    let ran = ag(&["compare", "gather", "--tasks", "101", "--each", "1ms", "--runs", "1", "--format", "csv"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 3), "{ran:#?}");
    check(&ran, ran.err.starts_with("warning: “Together, uneven” is left out: with more than 100"), "it says why");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    for (arguments, why) in [
        (&["nonsense"] as &[&str], "there is no way nonsense"),
        (&["gahter"], "nor is a lesson called so"),
        (&["buffered:0"], "there is no way buffered:0"),
        (&["spawn", "gather"], "there is no way gather"),
        (&["gather", "join"], "there is no way gather"),
        (&["spawn"], "lesson spawn reads standard input"),
        (&["join", "threads", "--tasks", "2001"], "2000"),
        (&["--runs", "0"], "from 1 to 1000"),
        (&["--each", "0s"], "from 1ms to 1h"),
    ] {
        let ran = ag(&[&["compare"] as &[&str], arguments].concat());
        check(&ran, ran.code == 2 && ran.out.is_empty() && ran.err.contains(why), why);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn s1_interrupted_it_says_what_it_has() {
    let mut comparing = command(asyncguide(), &["compare", "sequential", "join", "--each", "1h"]);
    let mut child = spawn(&mut comparing);
    let tasks = format!("/proc/{}/task", child.id());
    let is_signals = |task: std::io::Result<std::fs::DirEntry>| {
        task.and_then(|task| std::fs::read_to_string(task.path().join("comm")))
            .is_ok_and(|name| name.trim() == "signals")
    };
    while !std::fs::read_dir(&tasks).is_ok_and(|mut tasks| tasks.any(is_signals)) {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it runs");
        std::thread::yield_now();
    }
    let process = child.id().to_string();
    assert_eq!(run(command("sh", &["-c", "kill -s INT \"$1\"", "sh", &process])).code, 0);
    let ran = end(child);
    check(&ran, ran.code == 130 && ran.out.contains("interrupted"), "it says so");
}
