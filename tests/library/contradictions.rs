//! A file from a stranger: what contradicts itself is refused with words that say what, and whatever is accepted can
//! be measured and drawn without a panic.

use asyncguide::chart::threads::thread_lanes;
use asyncguide::chart::{Axis, rows};
use asyncguide::render::timeline;
use asyncguide::style::Style;
use asyncguide::trace::{Nanos, SceneTrace, Trace};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::json::{FIXTURE, written};
use crate::lessons::SYLLABUS;
use crate::stream::{packed, watched_with};
use crate::support::single;

/// The file with one value changed: in scene 1, task 1 is a nap with polls at 0 and at one second.
fn with(pointer: &str, value: Value) -> String {
    let mut file: Value = serde_json::from_slice(FIXTURE).expect("it is JSON");
    *file.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
    file.to_string()
}

/// Why this is no trace.
#[track_caller]
fn refused(json: impl AsRef<[u8]>) -> String {
    Trace::from_json(json.as_ref()).expect_err("it is wrong").to_string()
}

#[test]
fn the_unchanged_file_is_accepted() {
    let unchanged = with("/scenes/1/tasks/1/name", json!("A"));
    assert_eq!(
        Trace::from_json(unchanged.as_bytes()).expect("it is right"),
        Trace::from_json(FIXTURE).expect("so is it")
    );
}

#[test]
fn each_contradiction_is_named_with_its_place() {
    let cases = [
        ("/scenes/1/tasks/1/polls/0", json!([5, 4, 0]), "task 1: a poll ends before it starts"),
        ("/scenes/1/tasks/1/polls/0", json!([0, 1_000_000_001, 0]), "task 1: two of its polls overlap"),
        ("/scenes/1/tasks/1/polls", json!([[7, 8, 0], [1, 2, 0]]), "task 1: two of its polls overlap"),
        ("/scenes/1/tasks/2/polls/1/2", json!(1), "task 2: a poll names a thread that is not there"),
        ("/scenes/1/tasks/2/parent", json!(3), "task 2: its parent is no task of this scene"),
        ("/scenes/1/tasks/2/parent", json!(u32::MAX), "task 2: its parent is no task of this scene"),
        ("/scenes/1/tasks/0/created", json!(1_000_000_001), "task 0: it ends before it is created"),
        ("/scenes/1/tasks/1/wakes", json!([5, 4]), "task 1: its wakes are not in the order of time"),
        ("/scenes/1/marks/2/task", json!(3), "mark 2: it names a task or thread that is not there"),
        ("/scenes/1/marks/2/thread", json!(1), "mark 2: it names a task or thread that is not there"),
        ("/scenes/1/threads", json!([]), "task 0: a poll names a thread that is not there"),
    ];
    for (pointer, value, message) in cases {
        let error = refused(with(pointer, value));
        assert!(error.contains(message) && error.contains("line 1 column "), "{pointer}: {error}");
    }
}

#[test]
fn numbers_that_no_recording_can_hold_are_named() {
    let cases = [
        ("/scenes/1/wall", json!(-1), "invalid value: integer `-1`, expected u64"),
        ("/scenes/1/wall", json!(1.5), "invalid type: floating point `1.5`, expected u64"),
        ("/scenes/1/wall", json!(1e300), "expected u64"),
        ("/scenes/1/tasks/1/polls/0/2", json!(1u64 << 32), "invalid value: integer `4294967296`, expected u32"),
        ("/scenes/1/tasks/1/wakes/0", json!("soon"), "invalid type: string \"soon\", expected u64"),
        ("/schema", json!(u64::MAX), "invalid value: integer `18446744073709551615`, expected u32"),
        ("/scenes/1/tasks/1/kind", json!("daemon"), "unknown variant `daemon`"),
        ("/scenes/1/tasks/1/outcome", json!({"panicked": {}}), "missing field `message`"),
        ("/clock", json!("sundial"), "unknown variant `sundial`, expected `real` or `virtual`"),
    ];
    for (pointer, value, message) in cases {
        let error = refused(with(pointer, value));
        assert!(error.contains(message) && error.contains("line 1 column "), "{pointer}: {error}");
    }
    // Beyond what a number can be: the digits do not even make one.
    let beyond = with("/scenes/1/wall", json!("?")).replace("\"?\"", "1e999");
    assert!(refused(beyond).contains("number out of range at line 1 column "));
}

#[test]
fn what_is_no_json_or_ends_too_early_is_refused_with_line_and_column() {
    assert_eq!(refused(""), "not a trace: EOF while parsing a value at line 1");
    assert!(refused("{\n  \"schema\": 1,\n  oops\n}").contains("key must be a string at line 3 column 3"));
    assert!(refused("{}").contains("missing field `schema` at line 1 column 2"));
    assert!(refused("[1, 2]").contains("not a trace: "));
    assert!(refused(b"{\"schema\": 1, \"lesson\": \"\xff\"}").contains("invalid unicode code point at line 1 column "));
    assert!(refused("[".repeat(100_000)).contains("line 1 column "), "nested too deep for any stack");
    let mut trailing = FIXTURE.to_vec();
    trailing.extend(b"\n{}");
    assert!(refused(trailing).contains("trailing characters at line 3 column 1"));
    for end in (0..FIXTURE.len() - 1).step_by(7) {
        assert!(refused(&FIXTURE[..end]).contains(" at line 1"), "cut at {end}");
    }
}

/// Everything that can be asked of a trace.
fn ask_everything(trace: &Trace) {
    assert_eq!(&Trace::from_json(&written(trace)).expect("what was accepted is written right"), trace);
    for scene in &trace.scenes {
        measure(scene);
        assert!(scene.events().map(|event| event.at()).is_sorted());
        for extent in [scene.wall, trace.extent(), Nanos(1)] {
            draw(scene, extent);
        }
    }
    // Each lesson's, whichever lesson the file says it is of.
    for lesson in SYLLABUS {
        lesson.claims.iter().for_each(|claim| drop(claim.verdict(trace)));
        drop(lesson.question.measured.evidence(trace));
        for (own, scene) in lesson.scenes.iter().flat_map(|own| trace.scenes.iter().map(move |scene| (own, scene))) {
            drop((own.figures)(scene));
        }
    }
}

fn measure(scene: &SceneTrace) {
    assert!(scene.longest_task() <= scene.task_time());
    assert!(scene.busy_by_thread().into_iter().all(|busy| busy <= scene.busy()));
    assert!(scene.busy() <= scene.occupied());
    assert!(scene.peak_tasks() <= scene.lane_count());
    assert!(scene.overlap() >= 0.0 && scene.polls_per_task() >= 0.0);
    let _ = (scene.stall(), scene.longest_poll(), scene.threads_used(), scene.poll_count());
    for task in &scene.tasks {
        let spans = scene.states(task).map(|span| span.end - span.start);
        assert_eq!(spans.sum::<Nanos>(), scene.lifetime(task));
        assert_eq!(scene.lane(&task.name).is_some(), scene.lanes().any(|lane| lane.name == task.name));
        let _ = (scene.began(task), scene.ended(task), scene.polls(task), scene.wakes(task));
    }
}

fn draw(scene: &SceneTrace, extent: Nanos) {
    for cells in [0, 1, 7, 80] {
        let axis = Axis::new(extent, cells);
        let (ticks, _) = axis.ticks(8);
        assert!(!ticks.is_empty());
        assert!(rows(scene, axis, &single(24)).len() <= 24);
        assert_eq!(rows(scene, axis, &single(1)).len(), scene.lane_count().min(1));
        let held: Nanos = thread_lanes(scene, axis).iter().map(|lane| lane.held).sum();
        assert_eq!(held, scene.occupied());
    }
    for width in [20, 80] {
        assert!(!timeline(scene, extent, &Style { width, color: true, unicode: true }).is_empty());
    }
}

/// A byte of a file overwritten, left out or put in.
#[derive(Clone, Debug)]
enum Edit {
    Overwrite(u8),
    LeaveOut,
    PutIn(u8),
}

/// Makes one edit to a file.
fn make(file: &mut Vec<u8>, (index, edit): &(prop::sample::Index, Edit)) {
    let index = index.index(file.len());
    match *edit {
        Edit::Overwrite(byte) => file[index] = byte,
        Edit::LeaveOut => drop(file.remove(index)),
        Edit::PutIn(byte) => file.insert(index, byte),
    }
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, Edit)> {
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b"0123456789-.,:[]{}\"eE \\tfn".to_vec())];
    let edit = prop_oneof![
        byte().prop_map(Edit::Overwrite),
        prop::sample::select(b"0123456789".to_vec()).prop_map(Edit::Overwrite),
        Just(Edit::LeaveOut),
        byte().prop_map(Edit::PutIn),
    ];
    (any::<prop::sample::Index>(), edit)
}

/// The file with some of its numbers replaced, each by the number of its place among them.
fn with_numbers(numbers: &[(prop::sample::Index, u64)]) -> Value {
    fn numbers_in<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
        match value {
            Value::Number(_) => found.push(value),
            Value::Array(items) => items.iter_mut().for_each(|item| numbers_in(item, found)),
            Value::Object(fields) => fields.values_mut().for_each(|field| numbers_in(field, found)),
            _ => {}
        }
    }
    let mut file: Value = serde_json::from_slice(FIXTURE).expect("it is JSON");
    let mut found = Vec::new();
    numbers_in(&mut file, &mut found);
    for (index, number) in numbers {
        let index = index.index(found.len());
        *found[index] = json!(number);
    }
    file
}

fn number() -> impl Strategy<Value = u64> {
    let extreme = [0, 1, u64::from(u32::MAX), u64::MAX / 2, u64::MAX - 1, u64::MAX, 1 << 53, 3_600_000_000_000];
    prop_oneof![prop::sample::select(extreme.to_vec()), any::<u64>(), 0..4_000_000_000u64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_bytes_make_it_panic(edits in prop::collection::vec(edit(), 1..4)) {
        let mut file = FIXTURE.to_vec();
        edits.iter().for_each(|edit| make(&mut file, edit));
        match Trace::from_json(&file) {
            Ok(trace) => ask_everything(&trace),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn no_numbers_make_it_panic(numbers in prop::collection::vec((any::<prop::sample::Index>(), number()), 1..4)) {
        if let Ok(trace) = Trace::from_json(with_numbers(&numbers).to_string().as_bytes()) {
            ask_everything(&trace);
        }
    }
}

/// A number as groups of a packed line hold it: small ones name something, large ones nothing.
fn packed_number() -> impl Strategy<Value = i64> {
    let extreme = [i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX, 1 << 35, (1 << 35) - 1, 1 << 24];
    prop_oneof![3 => 0..40i64, 3 => 990..1100i64, 1 => prop::sample::select(extreme.to_vec()), 1 => any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_packed_numbers_make_it_panic(groups in prop::collection::vec(prop::array::uniform4(packed_number()), 0..6)) {
        match Trace::from_jsonl(watched_with(&packed(&groups)).as_bytes()) {
            Ok(trace) => {
                ask_everything(&trace);
                let mut stream = Vec::new();
                trace.write_jsonl(&mut stream).expect("memory can be written");
                prop_assert_eq!(Trace::from_jsonl(stream.as_slice()).expect("it was written right"), trace);
            }
            Err(error) => prop_assert!(error.line.is_some()),
        }
    }

    #[test]
    fn no_bytes_of_a_stream_make_it_panic(edits in prop::collection::vec(edit(), 1..4)) {
        let groups = [[8, 1006, 1007, 1008], [9, 1013, 1, 0], [10, 1015, 0, 1], [11, 1020, 1, 0]];
        let mut stream = watched_with(&packed(&groups)).into_bytes();
        edits.iter().for_each(|edit| make(&mut stream, edit));
        match Trace::from_jsonl(stream.as_slice()) {
            Ok(trace) => ask_everything(&trace),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

/// A recording of the longest times that can be written, which the random ones come by rarely.
#[test]
fn the_longest_times_of_all_are_measured_and_drawn() {
    const MAX: u64 = u64::MAX;
    let task = |polls: Value, created: u64| {
        json!({"name": "A", "kind": "future", "created": created, "spawned": true, "outcome": "interrupted",
               "polls": polls, "wakes": [0, MAX - 1, MAX]})
    };
    let polls = [json!([[0, MAX, 0]]), json!([[0, 1, 1], [MAX, MAX, 1]]), json!([[1, MAX - 1, 2]]), json!([])];
    for wall in [0, 1, MAX - 1, MAX] {
        for created in [0, MAX] {
            let tasks: Vec<Value> = polls.iter().map(|polls| task(polls.clone(), created)).collect();
            let scene = json!({"name": "a", "title": "a", "file": "", "wall": wall, "outcome": "done", "tasks": tasks,
                "runtime": {"flavor": "multi_thread", "workers": usize::MAX}, "marks": [],
                "threads": [{"name": "1"}, {"name": "2"}, {"name": "3"}]});
            let scenes: Vec<Value> = ["in_turn", "together", "uneven", "awaited", "blocking", "echo"]
                .map(|name| {
                    let mut scene = scene.clone();
                    scene["name"] = json!(name);
                    scene
                })
                .into();
            let trace = json!({"schema": 1, "program": "", "lesson": "gather", "clock": "real", "scenes": scenes,
                "inputs": {"tasks": usize::MAX, "delay": MAX}});
            ask_everything(&Trace::from_json(trace.to_string().as_bytes()).expect("no contradiction"));
        }
    }
}
