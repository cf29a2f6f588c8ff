//! The lessons in `examples/lessons` are right, and draw the shapes of the built-in lessons that they are made of (L1).

use std::io::Write as _;
use std::process::Stdio;

use asyncguide::trace::{SceneTrace, Trace, Verdict};

use super::can_run;
use crate::program::{asyncguide, check, command, end, root, run, spawn};

/// On a busy machine a run may look otherwise. What is wrong looks otherwise each time.
const ATTEMPTS: usize = 4;

/// The recording of a lesson that is given these lines.
fn recorded(lesson: &str, arguments: &[&str]) -> Trace {
    let arguments = [&["lesson", lesson, "--format", "json", "--delay", "200ms", "-q"], arguments].concat();
    let mut command = command(asyncguide(), &arguments);
    let mut child = spawn(command.current_dir(root()).stdin(Stdio::piped()));
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // A lesson that reads nothing has closed it.
    let _ = stdin.write_all(b"a\nb\nc\n");
    drop(stdin);
    let ran = end(child);
    Trace::from_json(ran.out.as_bytes()).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

/// What can be seen of a scene: the names of its lanes, when each begins and ends, in fifths of the wall.
fn shape(scene: &SceneTrace) -> Vec<(String, u64, u64)> {
    let fifths = |moment: asyncguide::trace::Nanos| (5.0 * moment.as_f64() / scene.wall.as_f64()).round() as u64;
    let lane = |task: &asyncguide::trace::Task| {
        (task.name.to_string(), fifths(scene.began(task).unwrap_or_default()), fifths(scene.ended(task)))
    };
    scene.work().map(lane).collect()
}

/// Checks that the scenes of the folder that the built-in lesson has as well look as they do there.
fn check_same_shapes(built_in: &str, folder: &str, arguments: &[&str]) {
    let mut seen = Vec::new();
    let same = (0..ATTEMPTS).any(|_| {
        let own = recorded(built_in, arguments);
        let path = format!("./examples/lessons/{folder}");
        let other = recorded(&path, &[arguments, &["--trust"]].concat());
        let shapes =
            |trace: &Trace| -> Vec<_> { own.scenes.iter().map(|scene| trace.scene(&scene.name).map(shape)).collect() };
        let held = other.claims.iter().all(|claim| matches!(claim.verdict, Verdict::Held(_)));
        let same = held && shapes(&own) == shapes(&other);
        seen.push((shapes(&own), shapes(&other), other.claims));
        same
    });
    assert!(same, "{folder}: {seen:#?}");
}

#[test]
fn l1_a_lesson_as_a_folder_draws_the_shapes_of_the_built_in_one() {
    if !can_run() {
        return;
    }
    check_same_shapes("gather", "gather-in-python", &["--tasks", "3"]);
    check_same_shapes("spawn", "spawn-in-python", &[]);
}

#[test]
fn l2_the_examples_are_proved() {
    if !can_run() {
        return;
    }
    for folder in ["gather-in-python", "spawn-in-python"] {
        let path = format!("examples/lessons/{folder}");
        let proved =
            (0..ATTEMPTS).map(|_| run(command(asyncguide(), &["check", &path, "--trust"]).current_dir(root())));
        let ran = proved.into_iter().find(|ran| ran.code == 0);
        check(folder, ran.is_some(), "it is proved");
    }
}
