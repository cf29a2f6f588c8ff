//! `watch()` in tests: each test that makes a guard records itself, beside others that run at the same time.
//!
//! The two tests of tokio here are ordinary tests, which record nothing. `tests_record_themselves` runs them once more,
//! in a process of its own with the variable set.

use std::process::Command;
use std::thread;
use std::time::Duration;

use asyncguide::record::Recorder;
use asyncguide::trace::{Builder, Clock, Trace};
use asyncguide::{Observe, observe_call, watch};
use tokio::time::sleep;

const NAP: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_test_of_tokio_on_one_thread() {
    let _guide = watch();
    tokio::spawn(async { sleep(NAP).observe("one").await }).await.expect("it does not panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_of_tokio_on_two_workers() {
    let _guide = watch();
    // Observed here, on the thread of the test: a worker may be any test's.
    tokio::spawn(sleep(NAP).observe("two")).await.expect("it does not panic");
}

/// How many bytes a recorder holds of so many calls, of which each is read soon after it was recorded.
fn held_after(calls: usize, drains: bool) -> usize {
    let recorder = Recorder::new(Clock::Real);
    let mut reader = if drains { recorder.draining_reader() } else { recorder.reader() };
    let mut builder = Builder::new();
    recorder.attach();
    recorder.start();
    for call in 0..calls {
        observe_call("call", || ());
        if call % 100 == 0 {
            let on_a_thread = |recorder: Recorder| move || (recorder.attach(), observe_call("on a thread", || ())).1;
            thread::spawn(on_a_thread(recorder.clone())).join().expect("it does not panic");
            reader.read_into(&mut builder);
        }
    }
    reader.read_into(&mut builder);
    assert_eq!(builder.finish(recorder.now()).lanes().count(), calls + calls.div_ceil(100), "nothing is lost");
    recorder.bytes_held()
}

#[test]
fn what_was_read_is_freed_if_the_reader_drains() {
    // A log lets go of whole chunks, of which the largest has 64 KiB.
    const CHUNK: usize = 64 * 1024;
    assert!(held_after(100_000, true) < held_after(10_000, true) + CHUNK);
    assert!(held_after(100_000, false) > 5 * held_after(10_000, false));
}

#[test]
fn tests_record_themselves_side_by_side_and_without_the_variable_nothing() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let tests = |save: &str| {
        let mut command = Command::new(std::env::current_exe().expect("it has a path"));
        command.args(["guide::a_test_of_tokio", "--test-threads", "2"]).current_dir(&folder);
        let ran = command.env("ASYNCGUIDE_SAVE", save).env_remove("ASYNCGUIDE_WATCH").output().expect("it runs");
        assert!(ran.status.success(), "{ran:?}");
        folder.path().read_dir().expect("it is there").count()
    };
    assert_eq!((tests(""), tests("run.json")), (0, 2));
    let mut recorded: Vec<(String, Vec<String>, usize)> = ["run.json", "run-2.json"]
        .map(|file| {
            let saved = std::fs::read(folder.path().join(file)).expect("it is saved");
            let trace = Trace::from_json(&saved).expect("it is a recording");
            let scene = &trace.scenes[0];
            let lanes = scene.lanes().map(|task| task.name.to_string()).collect();
            (scene.name.clone(), lanes, scene.runtime.workers)
        })
        .into();
    recorded.sort_unstable();
    let one = ("guide::a_test_of_tokio_on_one_thread".to_owned(), vec!["one".to_owned()], 1);
    let two = ("guide::a_test_of_tokio_on_two_workers".to_owned(), vec!["two".to_owned()], 2);
    assert_eq!(recorded, [one, two]);
}
