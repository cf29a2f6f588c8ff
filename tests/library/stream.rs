//! The event stream: what is written is read back whole, a stream may end anywhere, and one wrong line is refused with
//! its number.

use asyncguide::machine::Machine;
use asyncguide::trace::{
    Builder, ClaimResult, Clock, Event, Evidence, Figure, JSON_SCHEMA, LINES_SCHEMA, LanguageInfo, Nanos, Outcome,
    ProcessInfo, Quantity, RunInputs, Skipped, TaskId, Trace, Verdict,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::script;
use crate::json::{FIXTURE, written};
use crate::support::SECOND;

/// The stream of a run.
fn stream(trace: &Trace) -> String {
    let mut bytes = Vec::new();
    trace.write_jsonl(&mut bytes).expect("memory can be written");
    String::from_utf8(bytes).expect("it is ASCII")
}

fn read(stream: &str) -> Trace {
    Trace::from_jsonl(stream.as_bytes()).expect("it is a stream")
}

/// What is wrong with a stream.
#[track_caller]
fn refused(stream: impl AsRef<[u8]>) -> String {
    Trace::from_jsonl(stream.as_ref()).expect_err("it is wrong").to_string()
}

fn machine() -> Machine {
    let machine = json!({"processors": 2, "two_threads": 1.5, "sleep_late": 7, "most_threads": 9, "most_files": null});
    serde_json::from_value(machine).expect("it is a machine")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_run_is_read_back_from_its_stream_with_all_fields(
        scripts in prop::collection::vec(script(), 0..3),
        (text, outcome, measured) in (".*", any::<bool>(), any::<bool>()),
    ) {
        let mut trace = Trace::new(text.clone(), Clock::Virtual, RunInputs { tasks: 3, delay: SECOND });
        trace.scenes.extend(scripts.iter().map(|script| script.scene()));
        for (scene, number) in trace.scenes.iter_mut().zip(0..) {
            (scene.name, scene.title, scene.file) = (format!("{text}{number}"), text.clone(), text.clone());
            scene.runtime.name = "asyncio".to_owned();
            scene.runtime.flavor = text.clone();
            scene.helpers = vec![text.clone(); number];
            scene.started = measured.then_some(SECOND);
            scene.language = measured.then(|| text.clone());
            if outcome {
                scene.outcome = Outcome::Panicked { message: text.clone() };
            }
        }
        trace.machine = measured.then(machine);
        let command = vec![text.clone(); 2];
        trace.process = outcome.then(|| ProcessInfo { pid: 1, parent: None, command, folder: text.clone() });
        let version = measured.then(|| text.clone());
        trace.language = outcome.then(|| LanguageInfo { name: text.clone(), implementation: None, version });
        let language = outcome.then(|| text.clone());
        trace.skipped.push(Skipped { scene: text.clone(), title: text.clone(), language, reason: text.clone() });
        let evidence = Evidence::new(text.clone()).with(text.clone(), 7);
        trace.claims.push(ClaimResult::new(text.clone(), Verdict::of(outcome, evidence)));
        trace.claims[0].language = measured.then(|| text.clone());
        for scene in &mut trace.scenes {
            scene.figures.push(Figure::new(text.clone(), Quantity::Time(SECOND)));
        }
        let lines = stream(&trace);
        prop_assert!(lines.is_ascii());
        prop_assert_eq!(&read(&lines), &trace);
        prop_assert_eq!(stream(&read(&lines)), lines);
        prop_assert_eq!(&Trace::from_saved(written(&trace).as_slice()).expect("a document"), &trace);
        prop_assert_eq!(&Trace::from_saved(stream(&trace).as_bytes()).expect("a stream"), &trace);
    }

    #[test]
    fn a_stream_may_end_anywhere(script in script(), at in any::<prop::sample::Index>()) {
        let mut trace = Trace::new("a", Clock::Real, RunInputs { tasks: 1, delay: Nanos(1) });
        trace.scenes.push(script.scene());
        let lines = stream(&trace);
        let first = lines.find('\n').unwrap_or(0) + 1;
        let end = first + at.index(lines.len() - first);
        let cut = Trace::from_jsonl(&lines.as_bytes()[..end]);
        prop_assert!(cut.is_ok_and(|cut| cut.scenes.len() <= 1));
    }
}

#[test]
fn where_a_stream_is_cut_off_a_task_whose_creation_is_missing_is_left_out() {
    // Thread 1 spoke of task 1 and what it spawned, and thread 0, which created task 1, had still to tell of that.
    let lines = [
        EVERY_EVENT[0],
        EVERY_EVENT[1],
        r#"{"event":"thread","thread":0,"name":"main"}"#,
        r#"{"event":"thread","thread":1,"name":"worker"}"#,
        r#"{"event":"created","task":0,"at":0,"parent":null,"kind":"scene","name":"s"}"#,
        r#"{"event":"poll","task":1,"thread":1,"start":3,"end":9}"#,
        r#"{"event":"created","task":2,"at":4,"parent":1,"kind":"future","name":"C"}"#,
        r#"{"event":"wake","task":2,"at":5,"by":1}"#,
        r#"{"event":"wake","task":0,"at":6,"by":2}"#,
        r#"{"event":"poll","task":2,"thread":1,"start":10,"end":12}"#,
    ];
    let scene = read(&lines.join("\n")).scenes.remove(0);
    let told: Vec<_> = scene.tasks.iter().map(|task| (task.name.as_str(), task.parent)).collect();
    assert_eq!(told, [("s", None), ("C", None)]);
    assert_eq!(scene.polls(&scene.tasks[1]).len(), 1);
    assert_eq!(scene.wakers(&scene.tasks[0]), [Some(TaskId::new(1))]);
    assert_eq!(scene.wakers(&scene.tasks[1]), [None]);
    assert_eq!(scene.wall, Nanos(12));
    // With its end, the scene says that nothing is missing.
    let ended = format!("{}\n{}", lines.join("\n"), EVERY_EVENT[12]);
    assert!(refused(ended).contains("it was never created"));
}

/// Every kind of event, as it is written.
pub(crate) const EVERY_EVENT: &[&str] = &[
    r#"{"event":"run","schema":1,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":2,"delay":5},"machine":{"processors":2,"two_threads":1.5,"sleep_late":7,"most_threads":9,"most_files":null}}"#,
    r#"{"event":"scene","scene":"s","title":"t","file":"f","language":"python","runtime":{"name":"asyncio","flavor":"current_thread","workers":1},"helpers":["B"]}"#,
    r#"{"event":"process","process":0,"name":"python3"}"#,
    r#"{"event":"thread","thread":0,"name":"main","process":0}"#,
    r#"{"event":"created","task":0,"at":1,"parent":null,"kind":"scene","name":"s"}"#,
    r#"{"event":"created","task":1,"at":2,"parent":0,"kind":"future","name":"A"}"#,
    r#"{"event":"spawned","task":1,"at":2}"#,
    r#"{"event":"poll","task":1,"thread":0,"start":3,"end":4}"#,
    r#"{"event":"wake","task":1,"at":5}"#,
    r#"{"event":"mark","at":6,"task":1,"thread":0,"file":"a.py","line":3,"text":"n=3","fields":{"a":true,"b":-2,"c":1.5,"d":"x","n":3}}"#,
    r#"{"event":"end","task":1,"at":7,"outcome":{"panicked":{"message":"no"}}}"#,
    r#"{"event":"figure","name":"took","value":34.5,"unit":"bytes"}"#,
    r#"{"event":"scene_end","scene":"s","wall":8,"outcome":"interrupted"}"#,
    r#"{"event":"skipped","scene":"z","title":"Z","language":"python","reason":"r"}"#,
    r#"{"event":"claim","statement":"c","language":"python","verdict":"failed","evidence":{"template":"{n}","figures":[{"name":"n","value":3,"unit":"count"}]}}"#,
];

/// What a recorder of somebody's own program writes beside that, as this program writes it too.
pub(crate) const WATCHED: &[&str] = &[
    r#"{"event":"run","schema":1,"program":"p","lesson":"app.py","clock":"real","inputs":{"tasks":0,"delay":0},"process":{"pid":12,"parent":10,"command":["python3","app.py"],"folder":"/home"},"language":{"name":"python","implementation":"cpython","version":"3.12.1"}}"#,
    r#"{"event":"scene","scene":"main","title":"main()","file":"/home/app.py","runtime":{"name":"asyncio","flavor":"current_thread","workers":1},"started":1000}"#,
    r#"{"event":"thread","thread":0,"name":"MainThread"}"#,
    r#"{"event":"site","site":0,"file":"/home/app.py","line":12,"function":"main"}"#,
    r#"{"event":"site","site":1,"file":"/home/app.py","line":7,"function":"fetch"}"#,
    r#"{"event":"lost","records":17}"#,
    r#"{"event":"created","task":0,"at":0,"parent":null,"kind":"future","name":"main"}"#,
    r#"{"event":"created","task":1,"at":2,"parent":0,"kind":"future","name":"fetch","site":0,"code":1}"#,
    r#"{"event":"poll","task":0,"thread":0,"start":1,"end":4}"#,
    r#"{"event":"wake","task":1,"at":5,"by":0}"#,
    r#"{"event":"stands","task":1,"at":6,"site":1,"awaits":"sleep"}"#,
    r#"{"event":"stands","task":0,"at":9,"site":0,"for":1}"#,
    r#"{"event":"end","task":1,"at":12,"outcome":{"panicked":{"message":"no"}},"site":1}"#,
    r#"{"event":"scene_end","scene":"main","wall":30,"outcome":"done"}"#,
];

/// What readers fold into something else, so that it is never written again.
const FOLDED: &[&str] =
    &[r#"{"event":"renamed","task":1,"name":"client"}"#, r#"{"event":"packed","zero":1000,"thread":0,"data":"AAA="}"#];

#[test]
fn every_event_is_written_as_it_was_read_and_fits_the_schema() {
    let schema: Value = serde_json::from_str(LINES_SCHEMA).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for line in EVERY_EVENT.iter().chain(WATCHED).chain(FOLDED) {
        let event: Event = serde_json::from_str(line).expect(line);
        assert_eq!(&serde_json::to_string(&event).expect("it can be written"), line);
        let value: Value = serde_json::from_str(line).expect("it is JSON");
        assert!(validator.is_valid(&value), "{line}: {:?}", validator.iter_errors(&value).collect::<Vec<_>>());
        // Without any of its fields but the optional ones, it is not the event any more.
        let required = value.as_object().expect("an object").keys().filter(|key| {
            let kind = value["event"].as_str().unwrap_or_default();
            match key.as_str() {
                "machine" | "language" | "parent" | "fields" | "unit" | "value" | "helpers" | "started" => false,
                "code" | "by" | "awaits" | "for" => false,
                "process" => kind == "process",
                "site" => !matches!(kind, "created" | "end"),
                "file" | "line" | "task" => kind != "mark",
                _ => true,
            }
        });
        for key in required {
            let mut without = value.clone();
            without.as_object_mut().expect("an object").remove(key);
            assert!(serde_json::from_value::<Event>(without.clone()).is_err(), "{without} without {key}");
            assert!(!validator.is_valid(&without), "{without} without {key}");
        }
    }
    for lines in [EVERY_EVENT, WATCHED] {
        let again = stream(&read(&lines.join("\n")));
        assert_eq!(again.lines().count(), lines.len());
        assert!(lines.iter().all(|line| again.contains(line)), "{again}");
    }
    assert_eq!(read(&EVERY_EVENT.join("\n")).scenes[0].marks[0].number("b"), Some(-2.0));
}

/// A packed line of these groups.
pub(crate) fn packed(groups: &[[i64; 4]]) -> String {
    let bytes: Vec<u8> = groups.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
    let data = data_encoding::BASE64.encode(&bytes);
    format!(r#"{{"event":"packed","zero":1000,"thread":0,"data":"{data}"}}"#)
}

/// The stream of a watched program, with `line` before its end.
pub(crate) fn watched_with(line: &str) -> String {
    let mut lines = WATCHED.to_vec();
    lines.insert(WATCHED.len() - 1, line);
    lines.join("\n") + "\n"
}

#[test]
fn a_packed_line_stands_for_the_lines_of_its_groups() {
    let groups = [
        [8, 1006, 1007, 1008],
        [8, 0, 1010, 1012],
        [8 | 4, 1010, 1, 0],
        // An operation of a later version.
        [8 | 7, -1, -1, -1],
        [1, 1013, 2, 0],
        [8 | 1, 1014, 0, 0],
        [2, 1015, 0, 2],
        [8 | 2, 1016, 1, 0],
        // Before the start of the scene.
        [1, 3, 0, 0],
        [8 | 3, 1020, 1, 0],
        [3, 1021, 0, 0],
    ];
    let lines = [
        r#"{"event":"wake","task":1,"at":6}"#,
        r#"{"event":"poll","task":1,"thread":0,"start":7,"end":8}"#,
        r#"{"event":"poll","task":1,"thread":0,"start":10,"end":12}"#,
        r#"{"event":"usage","task":1,"start":10,"computed":1}"#,
        r#"{"event":"wake","task":0,"at":13,"by":1}"#,
        r#"{"event":"wake","task":1,"at":14}"#,
        r#"{"event":"stands","task":0,"at":15,"site":0,"for":1}"#,
        r#"{"event":"stands","task":1,"at":16,"site":1}"#,
        r#"{"event":"wake","task":0,"at":0}"#,
        r#"{"event":"end","task":1,"at":20,"outcome":"cancelled"}"#,
        r#"{"event":"end","task":0,"at":21,"outcome":"done"}"#,
    ];
    assert_eq!(read(&watched_with(&packed(&groups))), read(&watched_with(&lines.join("\n"))));
    let event: Event = serde_json::from_str(&packed(&groups)).expect("it is an event");
    let mut builder = Builder::new();
    let scene = WATCHED.iter().filter(|line| !line.contains(r#""run""#) && !line.contains(r#""scene""#));
    for line in scene.filter(|line| !line.contains("scene_end")) {
        builder.apply(serde_json::from_str(line).expect("it is an event")).expect("it contradicts nothing");
    }
    builder.apply(event).expect("it contradicts nothing");
    let (built, all) = (builder.finish(Nanos(30)), read(&watched_with(&packed(&groups))));
    assert!(built.events().eq(all.scenes[0].events()));
}

#[test]
fn a_wrong_packed_line_is_refused_with_its_number() {
    let line = WATCHED.len();
    let cases = [
        (r#"{"event":"packed","zero":0,"thread":0,"data":"?"}"#.to_owned(), "its data is not Base64"),
        (r#"{"event":"packed","zero":0,"thread":0,"data":"AAA="}"#.to_owned(), "ends within a group of four numbers"),
        (packed(&[[-8, 0, 1000, 1000]]), "a task's number is out of range"),
        (packed(&[[i64::MAX, 0, 1000, 1000]]), "a task's number is out of range"),
        (packed(&[[0, 0, 1000, 1000], [1 << 40, 0, 1000, 1000]]), "a task's number is out of range"),
        (packed(&[[1 << 30, 0, 1000, 1000]]), "more than 2097152 tasks"),
        (packed(&[[900_000 << 3, 0, 1000, 1000]]), "task 900000: its number is more than"),
        (packed(&[[0, 0, 1002, 1001]]), "a poll ends before it starts"),
        (packed(&[[1, 1000, i64::MIN, 0]]), "a task's number is out of range"),
        (packed(&[[2, 1000, 2, 0]]), "task 0: it names a site that is not there"),
        (packed(&[[2, 1000, -1, 0]]), "task 0: it names a site that is not there"),
        (packed(&[[3, 1000, 2, 0]]), "an end is neither done nor cancelled"),
    ];
    for (wrong, message) in cases {
        let error = refused(watched_with(&wrong));
        assert!(error.contains(message) && error.ends_with(&format!(" at line {line}")), "{wrong}: {error}");
    }
    let elsewhere = r#"{"event":"packed","zero":0,"thread":7,"data":"#.to_owned();
    let data = packed(&[[0, 0, 1000, 1000]]).split_once("\"data\":").map(|(_, data)| data.to_owned());
    let error = refused(watched_with(&(elsewhere + &data.expect("it has data"))));
    assert!(error.contains("a poll names a thread that is not there"), "{error}");
}

#[test]
fn a_task_is_called_by_its_last_name() {
    let trace = read(&watched_with(FOLDED[0]));
    assert!(trace.scenes[0].lane("client").is_some() && trace.scenes[0].lane("fetch").is_none());
    assert!(
        refused(watched_with(r#"{"event":"renamed","task":7,"name":"x"}"#)).contains("task 7: it was never created")
    );
}

#[test]
fn sites_and_peers_that_are_not_there_are_refused() {
    let cases = [
        (5, r#"{"event":"site","site":3,"file":"f","line":1,"function":"g"}"#, "site 3: sites are numbered from 0", 6),
        (8, r#"{"event":"created","task":2,"at":2,"kind":"future","name":"A","site":2}"#, "task 2: it names a site", 9),
        (8, r#"{"event":"created","task":2,"at":2,"kind":"future","name":"A","code":2}"#, "task 2: it names a site", 9),
        (8, r#"{"event":"stands","task":1,"at":2,"site":4000000000}"#, "task 1: it names a site", 9),
        (8, r#"{"event":"end","task":1,"at":20,"outcome":"done","site":2}"#, "task 1: it names a site", 9),
        (8, r#"{"event":"wake","task":1,"at":5,"by":2}"#, "task 1: it is woken by a task, or waits for one", 15),
        (8, r#"{"event":"wake","task":1,"at":5,"by":900000}"#, "task 900000: its number is more than", 9),
        (8, r#"{"event":"stands","task":1,"at":5,"site":0,"for":2}"#, "task 1: it is woken by a task, or waits", 15),
    ];
    for (index, line, message, number) in cases {
        let mut lines = WATCHED.to_vec();
        lines.insert(index, line);
        let error = refused(lines.join("\n"));
        assert!(error.contains(message) && error.ends_with(&format!(" at line {number}")), "{line}: {error}");
    }
    let site = |site: usize| format!(r#"{{"event":"site","site":{site},"file":"f","line":1,"function":"g"}}"#);
    let mut lines: Vec<String> = WATCHED[..3].iter().map(|line| (*line).to_owned()).collect();
    lines.extend((0..65_536).map(site));
    assert_eq!(read(&lines.join("\n")).scenes[0].sites.len(), 65_536);
    lines.push(site(65_536));
    assert!(refused(lines.join("\n")).contains("more than 65536 sites at line 65540"));
}

#[test]
fn sites_and_peers_of_a_document_are_checked_too() {
    let document: Value = serde_json::from_slice(&written(&read(&WATCHED.join("\n")))).expect("it is JSON");
    let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("it is JSON");
    assert!(jsonschema::validator_for(&schema).expect("it is a schema").is_valid(&document));
    let cases = [
        ("/scenes/0/tasks/1/site", json!(2), "task 1: it names a site that is not there"),
        ("/scenes/0/tasks/1/raised", json!(2), "task 1: it names a site that is not there"),
        ("/scenes/0/tasks/1/stands/0/site", json!(9), "task 1: it names a site that is not there"),
        ("/scenes/0/tasks/1/wakers", json!([2]), "task 1: it is woken by a task"),
        ("/scenes/0/tasks/1/wakers", json!([0, 0]), "task 1: it has not as many wakers as wakes"),
        ("/scenes/0/tasks/0/stands/0/for", json!(5), "task 0: it is woken by a task, or waits for one"),
        ("/scenes/0/sites", json!([]), "task 0: it names a site that is not there"),
    ];
    for (pointer, value, message) in cases {
        let mut wrong = document.clone();
        *wrong.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
        let error = Trace::from_json(wrong.to_string().as_bytes()).expect_err("it is wrong").to_string();
        assert!(error.contains(message), "{pointer}: {error}");
    }
}

#[test]
fn the_order_of_several_threads_lines_does_not_matter() {
    let mut turned = EVERY_EVENT.to_vec();
    turned[4..11].reverse();
    assert_eq!(read(&turned.join("\n")), read(&EVERY_EVENT.join("\n")));
}

#[test]
fn events_and_fields_of_later_versions_are_skipped() {
    let mut later = EVERY_EVENT.to_vec();
    later.insert(5, r#"{"event":"tea_break","for":["ever"]}"#);
    let with_field = EVERY_EVENT[7].replace("\"end\":4", "\"end\":4,\"reason\":\"hunger\"");
    later[8] = &with_field;
    assert_eq!(read(&later.join("\n")), read(&EVERY_EVENT.join("\n")));
}

#[test]
fn each_wrong_line_is_refused_with_its_number() {
    let big = format!(r#"{{"event":"thread","thread":1,"name":"{}"}}"#, "x".repeat(300 * 1024));
    let cases: Vec<(usize, &str, &str)> = vec![
        (0, r#"{"event":"scene","scene":"s"}"#, "missing field `title` at line 1"),
        (0, EVERY_EVENT[1], "the first event of a stream is `run` at line 1"),
        (
            0,
            r#"{"event":"run","schema":2,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":2,"delay":5}}"#,
            "a stream of schema 2, and this program reads up to 1 at line 1",
        ),
        (1, EVERY_EVENT[0], "a second `run` in one stream at line 2"),
        (1, EVERY_EVENT[5], "an event of a scene stands outside of every scene at line 2"),
        (2, EVERY_EVENT[1], "an event about the run stands within a scene at line 3"),
        (2, r#"{"event":"process","process":1,"name":"x"}"#, "process 1: processes are numbered from 0"),
        (3, r#"{"event":"thread","thread":7,"name":"x"}"#, "thread 7: threads are numbered from 0"),
        (
            3,
            r#"{"event":"thread","thread":0,"name":"x","process":4}"#,
            "thread 0: it names a process that is not there",
        ),
        (
            5,
            r#"{"event":"created","task":0,"at":2,"kind":"future","name":"A"}"#,
            "task 0: it is created twice at line 6",
        ),
        (5, r#"{"event":"created","task":1,"at":2,"parent":4000000000,"kind":"future","name":"A"}"#, "more than"),
        (
            5,
            r#"{"event":"created","task":900000,"at":2,"kind":"future","name":"A"}"#,
            "task 900000: its number is more than",
        ),
        (
            7,
            r#"{"event":"poll","task":1,"thread":0,"start":4,"end":3}"#,
            "task 1: a poll ends before it starts at line 8",
        ),
        (
            7,
            r#"{"event":"poll","task":1,"thread":9,"start":3,"end":4}"#,
            "a poll names a thread that is not there at line 8",
        ),
        (7, r#"{"event":"poll","task":4294967295,"thread":0,"start":3,"end":4}"#, "more than 2097152 tasks at line 8"),
        (8, r#"{"event":"wake","task":900000,"at":4}"#, "task 900000: its number is more than"),
        (
            9,
            r#"{"event":"mark","at":6,"task":1,"thread":3,"text":"x"}"#,
            "mark 0: it names a task or thread that is not there",
        ),
        (10, r#"{"event":"end","task":1,"at":1,"outcome":"done"}"#, "task 1: it ends before it is created at line 11"),
        (
            12,
            r#"{"event":"scene_end","scene":"other","wall":8,"outcome":"done"}"#,
            "a scene ends that is not the one that began",
        ),
        (1, EVERY_EVENT[11], "an event of a scene stands outside of every scene at line 2"),
        (2, EVERY_EVENT[14], "an event about the run stands within a scene at line 3"),
        (11, r#"{"event":"figure","name":"n","value":-1,"unit":"count"}"#, "no whole number from 0 on at line 12"),
        (14, r#"{"event":"claim","statement":"c","verdict":"maybe","evidence":{"template":""}}"#, "at line 15"),
        (8, r#"{"event":"wake","task":-1,"at":4}"#, "at line 9"),
        (8, r#"{"event":"wake","task":1,"at":4e300}"#, "at line 9"),
        (8, "not JSON", "at line 9 column 2"),
        (8, r#"{"event":"wake","task":1,"#, "at line 9 column 25"),
        (8, "[]", "at line 9 column"),
        (8, "\u{feff}{}", "at line 9 column"),
        (4, &big, "the line is longer than 256 KiB at line 5"),
    ];
    for (index, line, message) in cases {
        let mut lines: Vec<&str> = EVERY_EVENT.to_vec();
        lines[index] = line;
        let error = refused(lines.join("\n") + "\n");
        let (_, place) = error.rsplit_once(" at line ").unwrap_or_else(|| panic!("no line in {error}"));
        let (number, column) = place.split_once(" column ").unwrap_or((place, "1"));
        assert!(error.contains(message), "{}: {error}", &line[..line.len().min(99)]);
        assert_eq!(number.parse(), Ok(index + 1), "{error}");
        assert!(column != "0", "columns are numbered from 1: {error}");
    }
    let mut overlapping = EVERY_EVENT.to_vec();
    overlapping[8] = r#"{"event":"poll","task":1,"thread":0,"start":0,"end":2000000}"#;
    assert!(refused(overlapping.join("\n")).contains("task 1: two of its polls overlap at line 13"));
    let mut unknown = EVERY_EVENT.to_vec();
    unknown[8] = r#"{"event":"wake","task":2,"at":5}"#;
    assert!(refused(unknown.join("\n")).contains("task 2: it was never created at line 13"));
    let many = format!("\"helpers\":{:?}", ["B"; 65]);
    let helpers = [EVERY_EVENT[0], &EVERY_EVENT[1].replace(r#""helpers":["B"]"#, &many)];
    assert!(refused(helpers.join("\n")).contains("more than 64 helpers at line 2"));
    assert!(refused("").contains("the first event of a stream is `run`"));
    assert!(refused(b"\xff\xfe\x00").contains("at line 1 column"));
}

#[test]
fn a_document_of_schema_1_is_told_as_a_stream_and_read_back() {
    let trace = Trace::from_json(FIXTURE).expect("it is a trace");
    assert_eq!(read(&stream(&trace)), trace);
}
