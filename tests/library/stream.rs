//! The event stream: what is written is read back whole, a stream may end anywhere, and one wrong line is refused with
//! its number.

use asyncguide::machine::Machine;
use asyncguide::trace::{
    ClaimResult, Clock, Event, Evidence, Figure, LINES_SCHEMA, Nanos, Outcome, Quantity, RunInputs, Skipped, Trace,
    Verdict,
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
            if outcome {
                scene.outcome = Outcome::Panicked { message: text.clone() };
            }
        }
        trace.machine = measured.then(machine);
        trace.skipped.push(Skipped { scene: text.clone(), title: text.clone(), reason: text.clone() });
        let evidence = Evidence::new(text.clone()).with(text.clone(), 7);
        trace.claims.push(ClaimResult::new(text.clone(), Verdict::of(outcome, evidence)));
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
        match Trace::from_jsonl(&lines.as_bytes()[..end]) {
            Ok(cut) => prop_assert!(cut.scenes.len() <= 1),
            // Only if the events that would have told of a task are those that are missing.
            Err(error) => {
                let missing = ["it was never created", "its parent is no task", "it names a task or thread"];
                prop_assert!(missing.iter().any(|what| error.to_string().contains(what)), "{}", error);
            }
        }
    }
}

/// Every kind of event, as it is written.
pub(crate) const EVERY_EVENT: &[&str] = &[
    r#"{"event":"run","schema":1,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":2,"delay":5},"machine":{"processors":2,"two_threads":1.5,"sleep_late":7,"most_threads":9,"most_files":null}}"#,
    r#"{"event":"scene","scene":"s","title":"t","file":"f","runtime":{"name":"asyncio","flavor":"current_thread","workers":1},"helpers":["B"]}"#,
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
    r#"{"event":"skipped","scene":"z","title":"Z","reason":"r"}"#,
    r#"{"event":"claim","statement":"c","verdict":"failed","evidence":{"template":"{n}","figures":[{"name":"n","value":3,"unit":"count"}]}}"#,
];

#[test]
fn every_event_is_written_as_it_was_read_and_fits_the_schema() {
    let schema: Value = serde_json::from_str(LINES_SCHEMA).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for line in EVERY_EVENT {
        let event: Event = serde_json::from_str(line).expect(line);
        assert_eq!(&serde_json::to_string(&event).expect("it can be written"), line);
        let value: Value = serde_json::from_str(line).expect("it is JSON");
        assert!(validator.is_valid(&value), "{line}: {:?}", validator.iter_errors(&value).collect::<Vec<_>>());
        // Without any of its fields but the optional ones, it is not the event any more.
        let required = value.as_object().expect("an object").keys().filter(|key| {
            let optional =
                ["machine", "process", "parent", "file", "line", "fields", "task", "unit", "value", "helpers"];
            !optional.contains(&key.as_str()) || (*key == "task" && !line.contains("mark"))
        });
        for key in required.filter(|key| *key != "process" || line.contains(r#""process","#)) {
            let mut without = value.clone();
            without.as_object_mut().expect("an object").remove(key);
            assert!(serde_json::from_value::<Event>(without.clone()).is_err(), "{without} without {key}");
            assert!(!validator.is_valid(&without), "{without} without {key}");
        }
    }
    let all = EVERY_EVENT.join("\n") + "\n";
    assert_eq!(read(&all).scenes[0].marks[0].number("b"), Some(-2.0));
    let again = stream(&read(&all));
    assert_eq!(again.lines().count(), EVERY_EVENT.len());
    assert!(EVERY_EVENT.iter().all(|line| again.contains(line)), "{again}");
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
