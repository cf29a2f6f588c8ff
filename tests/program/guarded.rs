//! `asyncguide::watch()`: Rust programs of somebody's own with one line in their `main`.

mod ending;

use std::path::PathBuf;
use std::process::Command;

use asyncguide::trace::{Outcome, SceneTrace, TaskKind, Trace};

use crate::program::{Ran, check, command, example, run};

/// Two programs that record themselves: one to be read, and one that ends in many ways.
const WATCHED: &str = "watched";
const GUARDED: &str = "guarded";

/// A folder that a program runs in.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().expect("a folder can be made"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = command(example(program), words);
        command.current_dir(&self.0);
        command
    }

    /// What a program says that is to save its recording to `file`.
    fn save(&self, file: &str, program: &str, words: &[&str]) -> Ran {
        run(self.command(program, words).env("ASYNCGUIDE_SAVE", file))
    }

    fn files(&self) -> Vec<String> {
        let entries = self.0.path().read_dir().expect("it is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    }

    #[track_caller]
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[track_caller]
    fn recording(&self, name: &str) -> Trace {
        Trace::from_json(self.text(name).as_bytes()).expect("it is a recording")
    }

    /// What is recorded of a program, and what it said meanwhile.
    #[track_caller]
    fn record(&self, program: &str, words: &[&str]) -> (Trace, Ran) {
        let ran = self.save("run.json", program, words);
        (self.recording("run.json"), ran)
    }
}

#[track_caller]
fn only_scene(trace: &Trace) -> &SceneTrace {
    assert_eq!(trace.scenes.len(), 1, "{trace:?}");
    &trace.scenes[0]
}

fn lanes(scene: &SceneTrace) -> Vec<&str> {
    let mut lanes: Vec<&str> = scene.lanes().map(|task| &*task.name).collect();
    lanes.sort_unstable();
    lanes
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

const FETCHED: [&str; 3] = ["fetched news", "fetched sports", "fetched weather"];

#[test]
fn w8_without_the_variables_nothing_happens() {
    let folder = Folder::new();
    for ran in [
        run(folder.command(WATCHED, &[])),
        run(folder.command(WATCHED, &[]).env("ASYNCGUIDE_SAVE", "").env("ASYNCGUIDE_WATCH", "")),
    ] {
        assert_eq!((ran.code, sorted_lines(&ran.out), &*ran.err), (0, FETCHED.to_vec(), ""), "{ran:?}");
    }
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn w8_lanes_of_workers_threads_and_spans_are_saved_with_their_marks() {
    let folder = Folder::new();
    let (trace, ran) = folder.record(WATCHED, &[]);
    assert_eq!((ran.code, sorted_lines(&ran.out), &*ran.err), (0, FETCHED.to_vec(), ""), "{ran:?}");
    let scene = only_scene(&trace);
    assert_eq!((&*trace.lesson, &*scene.title, &*scene.file), ("watched", "main()", "examples/watched.rs"));
    assert!(trace.process.as_ref().is_some_and(|process| process.pid != std::process::id()));
    assert_eq!((&scene.outcome, &*scene.runtime.flavor), (&Outcome::Done, "multi_thread"));
    assert_eq!(lanes(scene), ["compute", "news", "sports", "sum", "weather"]);
    for task in scene.lanes() {
        assert_eq!(task.outcome, Outcome::Done, "{task:?}");
        let threads = scene.polls(task).iter().map(|poll| &*scene.threads[poll.thread.index()].name);
        assert!(task.kind == TaskKind::Span || threads.into_iter().all(|name| name != "main"), "{task:?}");
    }
    let marks: Vec<_> = scene.marks.iter().filter_map(|mark| Some(&*scene.task(mark.task?)?.name)).collect();
    assert_eq!(marks.len(), 3, "{:?}", scene.marks);
    assert_eq!(trace.program, format!("asyncguide {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn w8_spans_that_the_variable_chooses_have_lanes() {
    let folder = Folder::new();
    let of = |choice: &str| {
        let ran =
            run(folder.command(GUARDED, &["spans"]).env("ASYNCGUIDE_SAVE", "run.json").env("ASYNCGUIDE_SPANS", choice));
        assert_eq!((ran.code, &*ran.out), (7, "over\n"), "{ran:?}");
        let trace = folder.recording("run.json");
        let names = lanes(only_scene(&trace)).join(", ");
        (names, ran.err)
    };
    assert_eq!(of("guarded=debug"), ("get(\"key\", 3), wait".to_owned(), String::new()));
    assert_eq!(of("info").0, "get(\"key\", 3)");
    for (choice, reason) in
        [("tokio=trace", "or was chosen by ASYNCGUIDE_SPANS"), ("guarded=loud", "it chooses no span")]
    {
        let (names, said) = of(choice);
        assert!(names.is_empty() && said.contains(reason), "{choice}: {names:?} {said}");
    }
}

#[test]
fn w8_the_exit_code_stays_that_of_main() {
    let ran = Folder::new().save("run.txt", WATCHED, &["of jokes"]);
    assert_eq!((ran.code, &*ran.err), (1, "Error: \"there is no page of jokes\"\n"), "{ran:?}");
}

#[test]
fn w8_every_format_is_saved() {
    let folder = Folder::new();
    for (file, has) in [
        ("run.txt", "1  main()"),
        ("run.json", "\"schema\""),
        ("run.jsonl", "\"event\":\"scene_end\""),
        ("run.trace.json", "traceEvents"),
        ("run.csv", "wall_ns"),
        ("run.md", "main()"),
        ("run.svg", "<svg"),
        ("run.animated.svg", "<svg"),
        ("run.html", "<!DOCTYPE html>"),
    ] {
        let ran = folder.save(file, WATCHED, &[]);
        check(&ran, ran.code == 0 && ran.err.is_empty(), file);
        assert!(folder.text(file).contains(has), "{file}");
    }
}

#[test]
fn w8_what_cannot_be_saved_is_said_and_the_program_goes_on() {
    let folder = Folder::new();
    for (file, why) in [("run.doc", "its ending names no format"), ("no/run.json", "cannot create a file in ")] {
        let ran = folder.save(file, GUARDED, &["threads"]);
        assert_eq!((ran.code, &*ran.out, ran.err.lines().count()), (7, "over\n", 1), "{ran:?}");
        check(&ran, ran.err.starts_with("asyncguide: cannot save to") && ran.err.contains(why), why);
    }
    let ran = run(folder.command(GUARDED, &["threads"]).env("ASYNCGUIDE_WATCH", "unix:no/socket"));
    assert_eq!((ran.code, &*ran.out, ran.err.lines().count()), (7, "over\n", 1), "{ran:?}");
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn w8_any_thread_and_any_executor_is_recorded() {
    let folder = Folder::new();
    let (trace, ran) = folder.record(GUARDED, &["threads"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (7, "over\n", ""), "{ran:?}");
    assert_eq!(lanes(only_scene(&trace)), ["call", "inner"]);
    let (trace, _) = folder.record(GUARDED, &["executor"]);
    let scene = only_scene(&trace);
    let task = scene.lane("mine").expect("it is recorded");
    assert_eq!((scene.polls(task).len(), scene.wakes(task).len(), task.parent), (2, 2, None));
    assert!(task.spawned, "the executor polls it by itself");
}

#[test]
fn w8_a_panic_saves_what_there_is() {
    let (trace, ran) = Folder::new().record(GUARDED, &["panic"]);
    assert_eq!(ran.code, 101, "{ran:?}");
    check(
        &ran,
        ran.err.contains("no such luck") && !ran.err.contains("asyncguide: "),
        "the panic is the program's own",
    );
    let scene = only_scene(&trace);
    assert!(matches!(scene.outcome, Outcome::Panicked { .. }), "{:?}", scene.outcome);
    assert_eq!(scene.lane("before").map(|task| &task.outcome), Some(&Outcome::Done));
    assert_eq!(scene.lane("left behind").map(|task| &task.outcome), Some(&Outcome::Interrupted));
}

#[test]
fn w8_a_recording_without_a_lane_says_so() {
    let folder = Folder::new();
    let ran = folder.save("run.json", GUARDED, &["nothing"]);
    assert_eq!((ran.code, &*ran.out, ran.err.lines().count()), (7, "over\n", 1), "{ran:?}");
    check(
        &ran,
        ran.err.contains("no lane was recorded") && ran.err.contains(".observe(\"name\")"),
        "it says what to do",
    );
    assert_eq!(lanes(only_scene(&folder.recording("run.json"))), [""; 0]);
}

#[test]
fn w8_each_guard_has_its_own_recording_and_leaves_other_recordings_alone() {
    let folder = Folder::new();
    let (trace, ran) = folder.record(GUARDED, &["inner"]);
    assert_eq!((ran.code, &*ran.err), (7, ""), "{ran:?}");
    assert_eq!(lanes(only_scene(&trace)), ["early", "outer"]);
    assert_eq!(lanes(only_scene(&folder.recording("run-2.json"))), ["second"]);
}

#[test]
fn w8_a_stream_goes_into_a_file_too() {
    let folder = Folder::new();
    let mut command = folder.command(WATCHED, &[]);
    let ran = run(command.env("ASYNCGUIDE_WATCH", "stream.jsonl").env("ASYNCGUIDE_SAVE", "run.json"));
    assert_eq!((ran.code, &*ran.err), (0, ""), "{ran:?}");
    let streamed = Trace::from_jsonl(folder.text("stream.jsonl").as_bytes()).expect("it is a stream");
    assert_eq!(streamed, folder.recording("run.json"));
}

#[test]
fn w8_a_hundred_thousand_tasks_at_once_are_streamed() {
    let folder = Folder::new();
    let ran = run(folder.command(GUARDED, &["many"]).env("ASYNCGUIDE_WATCH", "stream.jsonl"));
    assert_eq!((ran.code, &*ran.err), (7, ""), "{ran:?}");
    let streamed = Trace::from_jsonl(folder.text("stream.jsonl").as_bytes()).expect("it is a stream");
    let scene = only_scene(&streamed);
    assert_eq!(scene.tasks.iter().filter(|task| task.outcome == Outcome::Done).count(), 100_000);
}

#[test]
fn w8_the_end_of_a_run_is_kept_alone_and_says_so() {
    let folder = Folder::new();
    let last = |length: &str| {
        let ran =
            run(folder.command(GUARDED, &["ticks"]).env("ASYNCGUIDE_SAVE", "run.json").env("ASYNCGUIDE_LAST", length));
        assert_eq!((ran.code, &*ran.out), (7, "over\n"), "{ran:?}");
        (folder.recording("run.json"), ran.err)
    };
    let (all, said) = last("1h");
    assert_eq!((&*only_scene(&all).title, &*said), ("main()", ""));
    assert_eq!(only_scene(&all).lanes().count(), 201);

    let (end, said) = last("200ms");
    assert_eq!(said, "");
    let scene = only_scene(&end);
    assert!(scene.title.starts_with("main(), last "), "{}", scene.title);
    assert!(3 * scene.wall < only_scene(&all).wall, "{} of {}", scene.wall, only_scene(&all).wall);
    let old = scene.lane("old").expect("what still lives is kept, however old it is");
    assert_eq!((old.created.0, &old.outcome), (0, &Outcome::Interrupted));
    assert!(scene.lane("0").is_none() && scene.lane("199").is_some());
    assert!(scene.started > only_scene(&all).started);

    let (all, said) = last("soon");
    assert!(said.contains("ASYNCGUIDE_LAST: soon is no time such as 10s"), "{said}");
    assert_eq!(only_scene(&all).lanes().count(), 201);
}

#[test]
fn w8_the_first_lane_of_a_thread_is_spawned_after_its_creation() {
    let folder = Folder::new();
    run(folder.command(GUARDED, &["threads"]).env("ASYNCGUIDE_WATCH", "stream.jsonl"));
    let text = folder.text("stream.jsonl");
    let moments = |event: &str| -> Vec<(u64, u64)> {
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON"));
        let number = |line: &serde_json::Value, field: &str| line[field].as_u64().expect("a number");
        let lines = lines.filter(|line| line["event"] == event);
        lines.map(|line| (number(&line, "task"), number(&line, "at"))).collect()
    };
    let (mut created, mut spawned) = (moments("created"), moments("spawned"));
    created.sort_unstable();
    spawned.sort_unstable();
    assert_eq!((created.len(), spawned.len()), (2, 2), "{text}");
    for (created, spawned) in created.into_iter().zip(spawned) {
        assert!(created.0 == spawned.0 && created.1 <= spawned.1, "{text}");
    }
}

#[cfg(unix)]
mod watched {
    use super::*;
    use crate::program::asyncguide;

    /// `asyncguide watch` of a program, with these options.
    fn watching(folder: &Folder, options: &[&str], program: &str, words: &[&str]) -> Command {
        let program = example(program).to_string_lossy().into_owned();
        let mut command = command(asyncguide(), &[&["watch"], options, &["--", &program], words].concat());
        command.current_dir(&folder.0);
        command
    }

    #[test]
    fn w8_watch_draws_it_and_leaves_its_output_alone() {
        let folder = Folder::new();
        let ran = run(watching(&folder, &["--save", "run.json"], WATCHED, &[]));
        assert_eq!((ran.code, sorted_lines(&ran.out)), (0, FETCHED.to_vec()), "{ran:?}");
        check(&ran, ran.err.contains("1  main()") && ran.err.contains("weather"), "it is drawn");
        check(&ran, !ran.err.contains("warning: "), "and nothing is missing");
        assert_eq!(lanes(only_scene(&folder.recording("run.json"))), ["compute", "news", "sports", "sum", "weather"]);
        let ran = run(watching(&folder, &["--quiet"], WATCHED, &["of jokes"]));
        assert_eq!((ran.code, &*ran.err), (1, "Error: \"there is no page of jokes\"\n"), "{ran:?}");
    }

    #[test]
    fn w8_what_ends_without_dropping_the_guard_is_drawn_up_to_then() {
        let folder = Folder::new();
        let ran = run(watching(&folder, &["--save", "run.json"], GUARDED, &["exit elsewhere"]));
        assert_eq!((ran.code, &*ran.out), (7, "over\n"), "{ran:?}");
        check(&ran, ran.err.contains("ends in the middle"), "it is said");
        let trace = folder.recording("run.json");
        let task = only_scene(&trace).lane("waits").expect("it is recorded");
        assert_eq!(task.outcome, Outcome::Interrupted);
    }

    #[test]
    fn w8_a_poll_that_was_under_way_when_it_was_killed_is_drawn_as_running() {
        let folder = Folder::new();
        let ran = run(watching(&folder, &["--save", "run.json", "--for", "500ms"], GUARDED, &["kill"]));
        assert_eq!((ran.code, &*ran.out), (130, "ready\n"), "{ran:?}");
        let trace = folder.recording("run.json");
        let scene = only_scene(&trace);
        let polls = scene.polls(scene.lane("holds").expect("it is recorded"));
        assert_eq!(polls.iter().map(|poll| poll.end).collect::<Vec<_>>(), [scene.wall]);
    }

    #[test]
    fn w8_a_panic_is_drawn() {
        let ran = run(watching(&Folder::new(), &[], GUARDED, &["panic"]));
        assert_eq!(ran.code, 101, "{ran:?}");
        check(&ran, ran.err.contains("The scene panicked") && ran.err.contains("left behind"), "it is drawn");
    }

    #[test]
    fn w8_a_program_that_does_not_record_itself_is_told_how() {
        let ran = run(command(asyncguide(), &["watch", "--", "true"]));
        check(&ran, ran.code == 0 && ran.err.contains("asyncguide::watch()"), "the line is named");
    }
}
