//! The file: what is written is read back the same, what later versions add is ignored, and what earlier ones wrote
//! still reads.

use asyncguide::Observe;
use asyncguide::trace::{Builder, Clock, Event, Nanos, Outcome, RunInputs, SCHEMA, Skipped, State, TaskId, Trace};
use proptest::prelude::*;
use serde_json::{Value, json};
use tracing::{Instrument, info, info_span};

use crate::arbitrary::script;
use crate::support::{SECOND, apply, lane, record, record_on_two_workers, states};

/// `asyncguide lesson gather --clock virtual --format json`, as schema 1 was when it was new.
pub(crate) const FIXTURE: &[u8] = include_bytes!("fixtures/trace-v1.json");

pub(crate) fn written(trace: &Trace) -> Vec<u8> {
    let mut json = Vec::new();
    trace.write_json(&mut json).expect("memory can be written");
    json
}

fn read(json: &[u8]) -> Trace {
    Trace::from_json(json).expect("it is a trace")
}

fn trace_of(scenes: impl IntoIterator<Item = asyncguide::trace::SceneTrace>) -> Trace {
    let mut trace = Trace::new("a lesson", Clock::Real, RunInputs { tasks: 3, delay: SECOND });
    trace.scenes.extend(scenes);
    trace
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_written_is_read_back_the_same(
        scripts in prop::collection::vec(script(), 0..3),
        (name, title, reason, outcome) in (".*", ".*", ".*", any::<bool>()),
    ) {
        let mut trace = trace_of(scripts.iter().map(|script| script.scene()));
        for scene in &mut trace.scenes {
            (scene.name, scene.title) = (name.clone(), title.clone());
            if outcome {
                scene.outcome = Outcome::Panicked { message: reason.clone() };
            }
        }
        trace.skipped.push(Skipped { scene: name, title, language: None, reason });
        let json = written(&trace);
        prop_assert_eq!(&read(&json), &trace);
        prop_assert_eq!(written(&read(&json)), json);
    }
}

proptest! {
    #[test]
    fn a_recording_taken_apart_is_put_together_again(script in script()) {
        let scene = script.scene();
        let events: Vec<Event> = scene.events().collect();
        let times: Vec<Nanos> = events.iter().map(Event::at).collect();
        prop_assert!(times.is_sorted());
        let mut builder = Builder::new();
        events.into_iter().for_each(|event| apply(&mut builder, event));
        prop_assert_eq!(builder.finish(scene.wall), scene);
    }
}

#[test]
fn a_real_recording_is_read_back_the_same() {
    let work = || async {
        info!(answer = 42, "an escape: \u{1b}[31m, a quote: \", two lines:\n日本");
        tokio::spawn(async { panic!("no\0") }.observe("fails \u{202e}")).await.expect_err("it panics");
        for index in 0..20 {
            async { tokio::task::yield_now().await }.instrument(info_span!("span", lane = index)).await;
        }
        drop(std::future::pending::<()>().observe("never polled"));
        std::thread::spawn(asyncguide::observe_thread("T", || info!("in a thread"))).join().expect("it does not panic");
    };
    let trace = trace_of([record(work), record_on_two_workers(work)]);
    let json = written(&trace);
    assert_eq!(read(&json), trace);
    assert_eq!(json.iter().filter(|byte| **byte == b'\n').count(), 1, "one document on one line");
    let figures = |trace: &Trace| -> Vec<(Nanos, Nanos, Nanos, usize)> {
        let figures = trace
            .scenes
            .iter()
            .map(|scene| (scene.busy(), scene.longest_poll(), scene.task_time(), scene.poll_count()));
        figures.collect()
    };
    assert_eq!(figures(&read(&json)), figures(&trace));
}

#[test]
fn a_file_names_its_schema_and_who_wrote_it() {
    let value: Value = serde_json::from_slice(&written(&trace_of([]))).expect("it is JSON");
    assert_eq!(value["schema"], json!(SCHEMA));
    assert_eq!(value["program"], json!(concat!("asyncguide ", env!("CARGO_PKG_VERSION"))));
    assert_eq!((&value["lesson"], &value["clock"]), (&json!("a lesson"), &json!("real")));
    assert_eq!(value["inputs"], json!({"tasks": 3, "delay": SECOND}));
}

/// Adds a field to every object in `value`.
fn add_everywhere(value: &mut Value) {
    match value {
        // Which of its names an enum has is what it says: there is nothing to add beside it.
        Value::Object(fields) => {
            let is_enum = fields.contains_key("panicked");
            fields.values_mut().for_each(add_everywhere);
            if !is_enum {
                fields.insert("added later".to_owned(), json!({"by": ["somebody", null, 1.5e300]}));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(add_everywhere),
        _ => {}
    }
}

#[test]
fn what_a_later_version_adds_is_ignored() {
    let scene = record(|| async {
        info!("a mark");
        tokio::spawn(async { panic!("no") }.observe("A")).await.expect_err("it panics");
    });
    let mut trace = trace_of([scene]);
    let (scene, title, reason) = ("B".to_owned(), "B".to_owned(), "no reason".to_owned());
    trace.skipped.push(Skipped { scene, title, language: None, reason });
    let mut value: Value = serde_json::from_slice(&written(&trace)).expect("it is JSON");
    add_everywhere(&mut value);
    let json = serde_json::to_vec(&value).expect("it is JSON");
    // The trace, inputs, a scene, its runtime, a thread, two tasks, a panic, a mark, a skipped scene; and the polls of
    // which it is known how the thread spent them: to print the panic may take that long.
    let objects = 10 + trace.scenes[0].usages().len();
    assert_eq!(json.windows(11).filter(|window| window == b"added later").count(), objects);
    assert_eq!(read(&json), trace);
}

#[test]
fn a_file_of_schema_1_still_reads_and_gives_the_same_figures() {
    let trace = read(FIXTURE);
    assert_eq!((trace.schema, &*trace.program, &*trace.lesson), (1, "asyncguide 0.1.0", "gather"));
    assert_eq!((trace.clock, trace.inputs), (Clock::Virtual, RunInputs { tasks: 2, delay: SECOND }));
    let figures = |name: &str| {
        let scene = trace.scene(name).expect("it ran");
        (scene.wall, scene.task_time(), scene.overlap(), scene.peak_tasks(), scene.poll_count(), scene.threads_used())
    };
    assert_eq!(figures("in_turn"), (2 * SECOND, 2 * SECOND, 1.0, 1, 4, 1));
    assert_eq!(figures("together"), (SECOND, 2 * SECOND, 2.0, 2, 4, 1));
    assert_eq!(figures("uneven"), (3 * SECOND, 4 * SECOND, 4.0 / 3.0, 2, 4, 1));
    assert!(trace.scenes.iter().all(|scene| scene.outcome == Outcome::Done && scene.stall() == Nanos::ZERO));

    let scene = trace.scene("uneven").expect("it ran");
    assert_eq!((&*scene.title, &*scene.file), ("Together, uneven", "lessons/gather/uneven.rs"));
    let b = lane(scene, "B");
    assert_eq!(states(scene, b), [(State::Waiting, Nanos::ZERO, 3 * SECOND)]);
    assert_eq!(
        (scene.wakes(b), scene.polls(b)[1].start, b.parent),
        (&[3 * SECOND][..], 3 * SECOND, Some(TaskId::new(0)))
    );
    let last = scene.marks.last().expect("a mark");
    assert_eq!((last.at, last.task, &*last.text), (3 * SECOND, Some(TaskId::new(2)), "wakes up"));
    assert!(matches!(Trace::from_json(FIXTURE), Ok(again) if again == trace));
    assert_eq!(read(&written(&trace)), trace);
}

#[test]
fn a_newer_schema_is_refused_by_its_number_whatever_else_it_holds() {
    let newer = format!("{{\"schema\": {}, \"scenes\": \"of another form\"}}", SCHEMA + 1);
    let error = Trace::from_json(newer.as_bytes()).expect_err("it is newer");
    assert!(error.to_string().contains(&(SCHEMA + 1).to_string()));
    assert!(error.to_string().contains(&format!("up to {SCHEMA}")), "{error}");
}
