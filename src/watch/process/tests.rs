use super::*;

#[test]
fn a_command_that_has_closed_its_stream_and_goes_on_can_be_interrupted() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let closed = folder.path().join("closed");
    let script = "exec >&-; : > \"$0\"; exec sleep 1000";
    let command = ["sh", "-c", script, closed.to_str().expect("it was made here")];
    let (ended, end) = mpsc::channel::<()>();
    let start = SceneStart::default();
    let process = Process::start(&command, start, move || drop(ended)).expect("it can be started");
    while !closed.exists() {
        thread::yield_now();
    }
    // Whether the reading thread waits for the command already or will do so: neither may keep it from being killed.
    let trace = process.finish();
    assert_eq!(trace.outcome, Outcome::Interrupted);
    assert!(end.recv().is_err(), "the command has ended, and so has the reading of it");
}
