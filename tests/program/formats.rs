//! What a run can be written in for other programs, read back as those would read it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use asyncguide::trace::{JSON_SCHEMA, Nanos, Quantity, Trace};
use asyncguide::units;
use serde_json::{Value, json};

use crate::program::{ag, ag_reading, asyncguide, check, command, end, fixture, lessons, quickly, spawn};

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Recordings of every lesson, and of tasks whose names are up to no good.
fn recordings() -> Vec<String> {
    let of_lesson =
        |name: &String| ag_reading(&[&quickly(name) as &[&str], &["--format", "json"]].concat(), "a\nb\n").out;
    let mut all: Vec<String> = lessons().iter().map(of_lesson).collect();
    // Calls that block have lanes on the real clock alone.
    all.push(ag(&["lesson", "sequential", "--delay", "20ms", "--format", "json"]).out);
    all.extend(["hostile", "panics"].map(|name| fixture(&["lesson", name, "--format", "json"]).out));
    all
}

fn converted(recording: &str, format: &str) -> String {
    ag_reading(&["replay", "-", "--format", format], recording).out
}

#[test]
fn every_recording_fits_the_schema_and_the_schema_refuses_others() {
    let schema = ag(&["schema"]).out;
    assert_eq!(schema, JSON_SCHEMA);
    let validator = jsonschema::validator_for(&parse(&schema)).expect("it is a schema");
    for recording in recordings() {
        let document = parse(&recording);
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", document["lesson"]);
    }
    let good = parse(&recordings()[0]);
    for (pointer, wrong) in [("/schema", "2"), ("/clock", "\"sundial\""), ("/scenes/0/tasks/0/polls/0", "[1, 2]")] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("it is there") = parse(wrong);
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn a_chrome_trace_is_balanced_and_each_track_is_in_order() {
    for recording in recordings() {
        let trace = Trace::from_json(recording.as_bytes()).expect("it is one");
        let document = converted(&recording, "chrome");
        check(&document, !document.contains(|c: char| c.is_control() && c != '\n'), "names are only text");
        let document = parse(&document);
        let events = document["traceEvents"].as_array().expect("there are events");
        let number = |event: &Value, key: &str| event[key].as_f64().unwrap_or_else(|| panic!("{key} of {event}"));
        // Of each track, what is open and how far it has come.
        let mut tracks = HashMap::<(u64, u64), (Vec<&Value>, f64)>::new();
        let mut arrows = HashMap::<u64, f64>::new();
        let mut counts = HashMap::<&str, usize>::new();
        for event in events {
            let phase = event["ph"].as_str().expect("it has one");
            *counts.entry(phase).or_default() += 1;
            let (open, now) = tracks.entry((number(event, "pid") as u64, number(event, "tid") as u64)).or_default();
            if let "B" | "E" = phase {
                assert!(*now <= number(event, "ts"), "{event}");
                *now = number(event, "ts");
            }
            match phase {
                "B" => open.push(&event["name"]),
                "E" => assert_eq!(open.pop(), Some(&event["name"]), "{event}"),
                "s" => drop(arrows.insert(number(event, "id") as u64, number(event, "ts"))),
                "f" => {
                    let from = arrows.remove(&(number(event, "id") as u64));
                    assert!(from.is_some_and(|from| from <= number(event, "ts")), "{event}");
                }
                "i" | "M" => {}
                _ => panic!("{event}"),
            }
        }
        assert!(tracks.values().all(|(open, _)| open.is_empty()) && arrows.is_empty(), "{}", trace.lesson);
        let marks: usize = trace.scenes.iter().map(|scene| scene.marks.len()).sum();
        let tracks: usize = trace.scenes.iter().map(|scene| scene.tasks.len() + scene.threads.len() + 2).sum();
        assert_eq!((counts.get("i").copied().unwrap_or(0), counts["M"]), (marks, tracks), "{}", trace.lesson);
    }
}

#[test]
fn csv_has_a_row_for_each_scene_and_plain_figures() {
    for recording in recordings() {
        let trace = Trace::from_json(recording.as_bytes()).expect("it is one");
        let csv = converted(&recording, "csv");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headings = reader.headers().expect("there are headings").clone();
        let column = |name: &str| headings.iter().position(|heading| heading == name).expect("it is there");
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("all are as long")).collect();
        assert_eq!(rows.len(), trace.scenes.len());
        for (row, scene) in rows.iter().zip(&trace.scenes) {
            assert_eq!((&row[column("lesson")], &row[column("scene")]), (&*trace.lesson, &*scene.name));
            let figures = ["wall_ns", "task_time_ns", "busy_ns", "stall_ns"];
            let figures = figures.map(|name| row[column(name)].parse().ok().map(Nanos));
            assert_eq!(figures, [scene.wall, scene.task_time(), scene.busy(), scene.stall()].map(Some));
            assert_eq!(row[column("overlap")].parse().ok(), Some(scene.overlap()));
            let claims =
                ["claims_held", "claims_failed", "claims_skipped"].map(|name| row[column(name)].parse::<usize>());
            assert_eq!(claims.into_iter().map(|count| count.expect("a number")).sum::<usize>(), trace.claims.len());
            let own: Vec<&str> = row.iter().skip(column("against_first") + 1).collect();
            let mut expected: Vec<String> = scene.figures.iter().map(|figure| plain_number(&figure.quantity)).collect();
            // A scene may have no figures where others have some.
            expected.resize(own.len(), String::new());
            assert_eq!(own, expected, "{}", trace.lesson);
        }
        let repeated = headings.iter().enumerate().find(|(at, heading)| column(heading) != *at);
        assert_eq!(repeated, None, "{}", trace.lesson);
    }
}

#[test]
fn a_lessons_own_figures_are_the_same_in_every_format_and_each_has_a_name_of_its_own() {
    for recording in recordings() {
        let trace = Trace::from_json(recording.as_bytes()).expect("it is one");
        let [markdown, html, text] = ["markdown", "html", "text"].map(|format| converted(&recording, format));
        for scene in &trace.scenes {
            let mut names: Vec<&str> = scene.figures.iter().map(|figure| &*figure.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), scene.figures.len(), "{}: {:?}", trace.lesson, scene.figures);
            let shown: Vec<String> = scene.figures.iter().map(|figure| units::quantity(&figure.quantity)).collect();
            let plain = |text: &str| text.replace('\\', "").replace("&gt;", ">").replace("&#39;", "'");
            let row = format!(" | {} |", shown.join(" | "));
            check(&markdown, shown.is_empty() || plain(&markdown).contains(&plain(&row)), &row);
            for figure in &shown {
                check(&html, plain(&html).contains(&format!(">{figure}<")), figure);
                check(&text, text.contains(figure), figure);
            }
        }
    }
}

fn plain_number(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Time(value) => value.to_string(),
        Quantity::Count(value) => value.to_string(),
        Quantity::Factor(value) | Quantity::Share(value) | Quantity::Bytes(value) => value.to_string(),
        Quantity::Text(text) => text.clone().into_owned(),
        _ => String::new(),
    }
}

#[test]
fn claims_and_figures_of_a_stranger_are_shown_and_do_nothing() {
    const BITES: &str = "=1+1 | </script><img src=x onerror=1>&\"' \u{1b}[2J\n# \u{202e}`x`";
    let mut document = parse(&ag(&["lesson", "gather", "--clock", "virtual", "--format", "json"]).out);
    document["lesson"] = Value::from("not of this program");
    let figures = json!([{"name": BITES, "text": BITES}, {"name": "a", "value": 1, "unit": "joule"}]);
    document["scenes"][0]["figures"] = figures.clone();
    document["scenes"][1]["figures"] = json!([{"name": "another", "value": 5, "unit": "ns"}]);
    let evidence = json!({"template": format!("{{a}}{{{BITES}}}"), "figures": figures});
    document["claims"] = json!([{"statement": BITES, "verdict": "failed", "evidence": evidence}]);
    for format in ["text", "csv", "markdown", "html", "svg", "animated-svg", "json"] {
        let ran = ag_reading(&["replay", "-", "--format", format], document.to_string());
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "the claim failed: {format}");
        check(&ran, !ran.out.contains(['\u{1b}', '\u{202e}']), "nothing acts on the terminal");
        check(&ran, format.ends_with("svg") || ran.out.contains("=1+1"), "it is shown");
        check(&ran, !matches!(format, "html" | "markdown") || !ran.out.contains("<img"), "no HTML");
        check(&ran, format != "csv" || ran.out.contains("'=1+1"), "no formulas");
    }
}

#[test]
fn csv_and_markdown_make_nothing_of_what_a_name_says() {
    let mut document = parse(&fixture(&["lesson", "panics", "--clock", "virtual", "--format", "json"]).out);
    document["lesson"] = Value::from(" =cmd|' /C calc'!A0");
    document["scenes"][0]["title"] = Value::from("-1+1 | </script><img src=x onerror=1>&\"' \u{1b}[2J\n# \u{202e}`x`");
    let recording = document.to_string();
    let csv = converted(&recording, "csv");
    check(&csv, csv.contains("' =cmd|' /C calc'!A0,") && csv.contains("\"'-1+1 | </script>"), "no formulas");
    let markdown = converted(&recording, "markdown");
    check(&markdown, !markdown.contains(['<', '\u{1b}', '\u{202e}']), "no HTML");
    let row = markdown.lines().find(|line| line.contains("-1+1")).expect("the scene has a row");
    check(row, row.replace("\\|", "").matches('|').count() == 7 && row.contains("\\`x\\`"), "no Markdown");
}

#[test]
fn json_lines_tell_of_everything_in_a_recording() {
    for recording in recordings() {
        let trace = Trace::from_json(recording.as_bytes()).expect("it is one");
        let lines: Vec<Value> = converted(&recording, "jsonl").lines().map(parse).collect();
        assert_eq!((&lines[0]["event"], &lines[0]["schema"]), (&Value::from("run"), &Value::from(1)));
        let count = |event: &str| lines.iter().filter(|line| line["event"] == event).count();
        let sum = |of: fn(&asyncguide::trace::SceneTrace) -> usize| trace.scenes.iter().map(of).sum::<usize>();
        assert_eq!(count("scene"), trace.scenes.len());
        assert_eq!(count("created"), sum(|scene| scene.tasks.len()));
        assert_eq!(count("mark"), sum(|scene| scene.marks.len()));
        assert_eq!(count("poll"), sum(|scene| scene.tasks.iter().map(|task| scene.polls(task).len()).sum()));
        assert_eq!(count("wake"), sum(|scene| scene.tasks.iter().map(|task| scene.wakes(task).len()).sum()));
        assert_eq!(count("end"), sum(|scene| scene.tasks.iter().filter(|task| task.ended.is_some()).count()));
    }
}

#[test]
fn a_run_that_is_followed_tells_what_its_recording_tells() {
    let followed = ag(&["lesson", "gather", "--clock", "virtual", "--format", "jsonl"]);
    assert_eq!((followed.code, followed.err.as_str()), (0, ""));
    let recording = ag(&["lesson", "gather", "--clock", "virtual", "--format", "json"]).out;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(sorted(&followed.out), sorted(&converted(&recording, "jsonl")));
    let panics = fixture(&["lesson", "panics", "--format", "jsonl"]);
    let ends = panics.out.lines().map(parse).filter(|line| line["event"] == "end");
    let tasks: Vec<u64> = ends.filter_map(|line| line["task"].as_u64()).collect();
    let mut once = tasks.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!((tasks.len(), panics.code), (once.len(), 1), "each task ends once");
}

#[test]
fn lines_come_while_the_run_goes_on_and_a_closed_pipe_ends_it() {
    // Had they come at its end, this would wait for an hour; and so it would if the closed pipe were not noticed.
    let mut follow = command(asyncguide(), &["lesson", "spawn", "--delay", "1h", "--format", "jsonl"]);
    let mut child = spawn(follow.stdin(Stdio::piped()));
    let mut input = child.stdin.take().expect("it is a pipe");
    std::io::Write::write_all(&mut input, b"one\n").expect("it reads");
    let mut lines = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
    let told = lines.any(|line| parse(&line.expect("it is text"))["name"] == "one");
    assert!(told, "the task is told of");
    drop(lines);
    // It may have been closed before all of this was written.
    let _ = std::io::Write::write_all(&mut input, b"two\n");
    assert_eq!(end(child).code, 0);
}

#[test]
fn documents_grow_with_the_tasks_at_most_and_pictures_not_even_so() {
    let recording = |tasks| ag(&["lesson", "gather", "--clock", "virtual", "--tasks", tasks, "--format", "json"]).out;
    let recordings = ["1200", "12000"].map(recording);
    for format in ["json", "jsonl", "chrome", "csv", "markdown", "text", "svg", "animated-svg", "html"] {
        let [few, many] = recordings.each_ref().map(|recording| converted(recording, format).len());
        // Names and numbers have a digit more, and a picture that folds its lanes says of how many.
        let tells_all = ["json", "jsonl", "chrome"].contains(&format);
        let most = if tells_all { few * 11 } else { few + few / 10 };
        assert!(few > 100 && many <= most, "{format}: {few} bytes for 1,200 tasks, {many} for 12,000");
    }
}
