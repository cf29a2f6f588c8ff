//! The recording as a document, and the one recording that is the same at every run.

use std::thread;

use asyncguide::trace::{Nanos, SCHEMA, Trace};
use serde_json::Value;
use snapbox::{assert_data_eq, file};

use crate::program::{ag, ag_reading, check, fixture, lessons, quickly};

const GATHER: [&str; 4] = ["lesson", "gather", "--clock", "virtual"];

#[test]
fn gather_on_the_virtual_clock_is_the_same_to_the_byte_at_every_run() {
    let runs: Vec<String> = (0..3).map(|_| ag(&GATHER).out).collect();
    assert_eq!((&runs[0], &runs[0]), (&runs[1], &runs[2]));
    // Only its place among the lessons is left open: another lesson changes nothing here.
    assert_data_eq!(&runs[0], file!["snapshots/gather-virtual.txt"]);
    let json = || ag(&[&GATHER as &[&str], &["--format", "json"]].concat()).out;
    assert_eq!(json(), json());
}

#[test]
fn p7_json_is_one_document_with_its_version_and_nothing_else() {
    let check_documents = |name: &str| {
        let options: [&[&str]; 3] = [&[], &["-v"], &["--color", "always", "--by", "thread", "--predict"]];
        for options in options {
            let ran = ag_reading(&[&quickly(name) as &[&str], options, &["--format", "json"]].concat(), "a\nb\n");
            let document: Value = serde_json::from_str(&ran.out).expect("it is one document");
            assert_eq!(document["schema"], SCHEMA, "{ran:#?}");
            assert_eq!(document["lesson"], name);
            assert_eq!(ran.out.lines().count(), 1);
        }
    };
    thread::scope(|scope| lessons().into_iter().for_each(|name| drop(scope.spawn(move || check_documents(&name)))));
    let misbehaving = fixture(&["lesson", "panics", "--format", "json"]);
    check(&misbehaving, serde_json::from_str::<Value>(&misbehaving.out).is_ok(), "so it is when something fails");
}

#[test]
fn p7_the_document_holds_what_the_page_shows() {
    let ran = ag(&[&GATHER as &[&str], &["--format", "json", "--tasks", "5", "--delay", "2s"]].concat());
    let trace = Trace::from_json(ran.out.as_bytes()).expect("it reads what it wrote");
    let walls: Vec<u64> = trace.scenes.iter().map(|scene| scene.wall.0 / 1_000_000_000).collect();
    assert_eq!((trace.inputs.tasks, trace.inputs.delay, walls), (5, Nanos::from_secs(2), vec![10, 2, 6]));
    assert!(trace.scenes.iter().all(|scene| scene.lane_count() == 5));
    let skipped = ag(&["lesson", "sequential", "--clock", "virtual", "--format", "json"]);
    let trace = Trace::from_json(skipped.out.as_bytes()).expect("it reads what it wrote");
    assert_eq!((trace.scenes.len(), trace.skipped.len()), (1, 1));
}

/// Recordings in every version of the form there has been, as they were written then: version, lesson, document. When
/// the form changes, new ones are put beside the old ones, which are never written anew.
const STORED: [(u32, &str, &str); 2] = [
    (1, "sequential", include_str!("stored/schema-1-skipped.json")),
    (1, "panics", include_str!("stored/schema-1-panicked.json")),
];

fn parse(document: &str) -> Value {
    serde_json::from_str(document).expect("it is JSON")
}

#[test]
fn p8_stored_documents_of_every_version_still_read() {
    assert!((1..=SCHEMA).all(|version| STORED.iter().any(|(stored, ..)| *stored == version)), "each is stored");
    for (version, lesson, stored) in STORED {
        let trace = Trace::from_json(stored.as_bytes()).expect("it reads an old document");
        assert_eq!((trace.schema, trace.lesson.as_str()), (version, lesson));
        let mut again = Vec::new();
        trace.write_json(&mut again).expect("memory can be written to");
        check_holds(&parse(&String::from_utf8_lossy(&again)), &parse(stored), "");
    }
}

#[test]
fn p8_what_a_document_of_this_version_holds_is_still_written() {
    let arguments = |lesson| ["lesson", lesson, "--clock", "virtual", "--format", "json"];
    let written = parse(&ag(&arguments("sequential")).out);
    let written_after_panic = parse(&fixture(&arguments("panics")).out);
    let mut form = Vec::new();
    collect_form(&written, "", &mut form);
    collect_form(&written_after_panic, "", &mut form);
    for (_, _, stored) in STORED.into_iter().filter(|(version, ..)| *version == SCHEMA) {
        let mut needed = Vec::new();
        collect_form(&parse(stored), "", &mut needed);
        let lost: Vec<_> = needed.into_iter().filter(|entry| !form.contains(entry)).collect();
        assert!(lost.is_empty(), "written no more, with the schema version unchanged: {lost:#?}");
    }
}

#[test]
fn p8_additions_are_read_over_and_later_versions_refused() {
    let mut document = parse(STORED[STORED.len() - 1].2);
    document["an addition"] = Value::from("of a later program");
    document["scenes"][0]["tasks"][0]["an addition"] = Value::from(1);
    assert!(Trace::from_json(document.to_string().as_bytes()).is_ok());
    document["schema"] = Value::from(SCHEMA + 1);
    let refused = Trace::from_json(document.to_string().as_bytes());
    assert!(refused.is_err_and(|error| error.message.contains(&format!("schema {}", SCHEMA + 1))));
}

/// Asserts that everything in `old` is in `new`, in the same place.
#[track_caller]
fn check_holds(new: &Value, old: &Value, place: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            old.iter().for_each(|(key, old)| check_holds(&new[key], old, &format!("{place}.{key}")));
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{place}");
            new.iter().zip(old).for_each(|(new, old)| check_holds(new, old, &format!("{place}[]")));
        }
        _ => assert_eq!(new, old, "{place}"),
    }
}

/// Each place in `document` and the kind of what is there, such as `.scenes[].wall: number`.
fn collect_form(document: &Value, place: &str, form: &mut Vec<String>) {
    let kind = match document {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, entry)| collect_form(entry, &format!("{place}.{key}"), form));
            "object"
        }
        Value::Array(entries) => {
            entries.iter().for_each(|entry| collect_form(entry, &format!("{place}[]"), form));
            "array"
        }
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => return,
    };
    form.push(format!("{place}: {kind}"));
}
