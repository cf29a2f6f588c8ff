//! A scene that a command does: its event stream becomes the scene's recording, and whatever is wrong ends the scene with
//! a message.

use std::time::Duration;

use asyncguide::Inputs;
use asyncguide::lesson::{Scene, Work};
use asyncguide::trace::{Clock, Nanos, Outcome, SceneTrace, Trace};

use crate::stream::EVERY_EVENT;

/// The recording of a scene that the shell does with `script`, `$1` being `text`.
fn recorded(script: &'static str, text: &str) -> SceneTrace {
    let command = ["sh", "-c", script, "sh", text.to_owned().leak()];
    let scene = Scene { name: "told", ..Scene::PLAIN.done_by(command.to_vec().leak()) };
    scene.record(inputs(), Clock::Real).expect("the command can be started")
}

fn inputs() -> Inputs {
    Inputs::new(1, Duration::from_millis(1))
}

/// How a scene failed.
#[track_caller]
fn failure(trace: &SceneTrace) -> &str {
    let Outcome::Panicked { message } = &trace.outcome else { panic!("it went well: {:?}", trace.outcome) };
    message
}

#[test]
fn what_a_command_tells_is_the_recording() {
    let stream = EVERY_EVENT.join("\n") + "\n";
    let told = recorded("printf %s \"$1\"", &stream);
    let mut expected = Trace::from_jsonl(stream.as_bytes()).expect("it is a stream").scenes.remove(0);
    // The lesson knows what its scene is called, the command what it runs on.
    assert_eq!((told.name.as_str(), told.runtime.name.as_str()), ("told", "asyncio"));
    (expected.name, expected.title, expected.file) = (told.name.clone(), told.title.clone(), told.file.clone());
    // Another language would make it a scene of the lesson's twin.
    expected.language = None;
    assert_eq!(told, expected);
}

#[test]
fn a_stream_without_an_end_is_an_interrupted_scene() {
    let told = recorded("printf %s \"$1\"", &EVERY_EVENT[..9].join("\n"));
    assert_eq!((&told.outcome, told.wall), (&Outcome::Interrupted, Nanos(5)));
}

#[test]
fn a_wrong_line_ends_the_scene_and_the_command_and_is_named() {
    let mut lines = EVERY_EVENT.to_vec();
    lines[8] = r#"{"event":"wake","task":900000,"at":4}"#;
    // The command would wait for ever if it were not killed.
    let told = recorded("printf '%s\\n' \"$1\"; exec sleep 1000", &lines.join("\n"));
    let message = failure(&told);
    assert!(message.starts_with("its event stream is wrong: task 900000: its number is more than"), "{message}");
    assert!(message.ends_with("at line 9"), "{message}");
    let told = recorded("echo no", "");
    assert!(failure(&told).contains("at line 1"), "{}", failure(&told));
}

#[test]
fn a_command_keeps_the_order_of_a_stream_and_tells_of_one_scene() {
    let refused = |lines: &[&str]| failure(&recorded("printf '%s\\n' \"$1\"", &lines.join("\n"))).to_owned();
    let [run, scene, ..] = *EVERY_EVENT else { panic!("there are more events") };
    let end = EVERY_EVENT[12];
    let later = run.replace(r#""schema":1"#, r#""schema":2"#);
    for (lines, message) in [
        (&[scene] as &[&str], "the first event of a stream is `run` at line 1"),
        (&[later.as_str(), scene], "a stream of schema 2, and this program reads up to 1 at line 1"),
        (&[run, EVERY_EVENT[3]], "an event of a scene stands outside of every scene at line 2"),
        (&[run, scene, end, EVERY_EVENT[3]], "an event of a scene stands outside of every scene at line 4"),
        (&[run, scene, end, scene], "a command tells of one scene, and this is a second at line 4"),
        (&[run, scene, EVERY_EVENT[14]], "an event about the run stands within a scene at line 3"),
    ] {
        assert_eq!(refused(lines), format!("its event stream is wrong: {message}"));
    }
}

#[test]
fn a_command_that_fails_is_a_scene_that_fails_and_says_why() {
    let told = recorded("echo 'no such thing' >&2; exit 3", "");
    assert_eq!(failure(&told), "its command ended with exit status: 3: no such thing");
    let scene = Scene { work: Work::Command(&["/no/such/program"]), ..Scene::PLAIN };
    assert!(scene.record(inputs(), Clock::Real).is_err());
    let scene = Scene { work: Work::Command(&[]), ..Scene::PLAIN };
    assert!(scene.record(inputs(), Clock::Real).is_err());
}
