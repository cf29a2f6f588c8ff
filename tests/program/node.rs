//! Programs in other languages write the stream by themselves: the example for Node. Without a `node`, it is skipped.

use asyncguide::trace::{Outcome, SceneTrace, State, Trace};

use crate::program::{asyncguide, check, command, root, run, there_is};

/// Checks what the example does: three jobs that wait at the same time, and then compute in turn.
#[track_caller]
fn check_lanes(trace: &Trace) {
    assert_eq!(trace.scenes.len(), 1, "{trace:?}");
    let scene: &SceneTrace = &trace.scenes[0];
    assert_eq!((&*scene.title, &*scene.runtime.name, &scene.outcome), ("main()", "node", &Outcome::Done));
    assert_eq!(scene.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["news", "weather", "sports"]);
    for task in scene.lanes() {
        assert_eq!((&task.outcome, scene.polls(task).len(), scene.wakes(task).len()), (&Outcome::Done, 2, 1));
        let states: Vec<State> = scene.states(task).map(|span| span.state).collect();
        assert!(states.contains(&State::Waiting) && states.contains(&State::Running), "{states:?}");
    }
    assert_eq!(scene.peak_tasks(), 3, "all wait at the same time");
}

#[test]
fn a_stream_from_node_is_replayed_and_watched() {
    if !there_is("node") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let example = root().join("examples/node/stream.mjs").to_string_lossy().into_owned();
    let ran = run(command("node", &[&example, "run.jsonl"]).current_dir(&folder));
    assert_eq!((ran.code, ran.both().as_str()), (0, ""), "{ran:?}");
    let written = std::fs::read(folder.path().join("run.jsonl")).expect("it is written");
    check_lanes(&Trace::from_jsonl(written.as_slice()).expect("it is a stream"));
    let ran = run(command(asyncguide(), &["replay", "run.jsonl"]).current_dir(&folder));
    check(&ran, ran.code == 0 && ran.out.contains("1  main()") && ran.out.contains("weather"), "it is drawn");

    if cfg!(unix) {
        let words = ["watch", "--save", "run.json", "--", "node", &example];
        let ran = run(command(asyncguide(), &words).current_dir(&folder));
        assert_eq!((ran.code, &*ran.out), (0, ""), "{ran:?}");
        check(
            &ran,
            ran.err.contains("weather") && !ran.err.contains("warning: "),
            "it is drawn, and nothing is missing",
        );
        let saved = std::fs::read(folder.path().join("run.json")).expect("it is saved");
        check_lanes(&Trace::from_json(&saved).expect("it is a recording"));
    }
}
