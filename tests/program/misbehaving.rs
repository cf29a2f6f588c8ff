//! Lessons gone wrong: what is seen of a panic, and of a task that holds the thread.

use asyncguide::trace::{Outcome, State, Trace};

use crate::program::{Ran, check, fixture, there_is};

#[test]
fn s8_a_task_that_panics_is_marked_with_its_message_and_the_others_finish() {
    let ran = fixture(&["lesson", "panics", "--clock", "virtual"]);
    assert_eq!(ran.code, 1);
    let lines: Vec<&str> = ran.out.lines().map(str::trim).collect();
    let end = |name: &str| lines.iter().position(|line| line.starts_with(name) && line.contains('━'));
    let (a, b, c) = (end("A ").expect("a lane"), end("B ").expect("a lane"), end("C ").expect("a lane"));
    assert!(lines[a].ends_with("done") && lines[b].ends_with("panicked") && lines[c].ends_with("done"), "{}", ran.out);
    let message = "boom \\u{1b}[2J\\u{202e}gone";
    assert_eq!(lines[b + 1], message, "below its lane");
    let line = format!("panicked at tests/fixture/panics.rs:11: {message}\n");
    assert_eq!(ran.err, line, "and at once, where no report can hide it");
}

#[test]
fn s8_the_others_of_a_task_that_panicked_finish_in_the_document_too() {
    let ran = fixture(&["lesson", "panics", "--clock", "virtual", "--format", "json"]);
    let trace = Trace::from_json(ran.out.as_bytes()).expect("the document is valid");
    let outcomes: Vec<Outcome> = trace.scenes[0].lanes().map(|task| task.outcome.clone()).collect();
    let message = "boom \u{1b}[2J\u{202e}gone".to_owned();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Panicked { message }, Outcome::Done]);
}

#[test]
fn s8_what_is_saved_after_a_panic_is_valid() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("panic.json");
    let ran = fixture(&["lesson", "panics", "--clock", "virtual", "--save", &file.to_string_lossy()]);
    assert_eq!(ran.code, 1);
    let saved = std::fs::read(&file).expect("it was saved");
    check(&ran, Trace::from_json(&saved).is_ok(), "it can be read");
    if there_is("python3") {
        let mut python = crate::program::command("python3", &["-m", "json.tool"]);
        python.arg(&file);
        check(&saved, crate::program::run(python).code == 0, "by anyone");
    }
}

#[test]
fn a_task_that_was_woken_is_ready_for_as_long_as_another_holds_the_thread() {
    let ran = fixture(&["lesson", "hogs", "--format", "json"]);
    let trace = Trace::from_json(ran.out.as_bytes()).expect("the document is valid");
    let scene = &trace.scenes[0];
    let lane = |name| scene.lane(name).expect("it has a lane");
    let (hog, patient) = (lane("hog"), lane("patient"));
    let held = scene.polls(hog)[0];
    assert!(held.end - held.start >= trace.inputs.delay);
    // It was woken at the beginning of the hog's poll and had its own turn after it.
    let woken = *scene.wakes(patient).last().expect("it was woken");
    let turn = scene.polls(patient).last().expect("it had its turn").start;
    assert!(held.start <= woken && woken < held.end && held.end <= turn);
    let ready = scene.states(patient).filter(|span| span.state == State::Ready).map(|span| (span.start, span.end));
    let ready: Vec<_> = ready.collect();
    assert!(ready.contains(&(woken, turn)), "{ready:?}");
    // Before that it may have been held: the hog's poll began a moment before the wake.
    assert!((turn - woken..=turn - held.start).contains(&scene.stall()), "{}", scene.stall());
}

#[test]
fn a_task_that_wants_the_thread_looks_different_from_one_that_waits() {
    let ran = fixture(&["lesson", "hogs", "-q"]);
    let lane = |name: &str| {
        let lane = ran.out.lines().find(|line| line.trim_start().starts_with(name) && line.ends_with("done"));
        lane.unwrap_or_else(|| panic!("{name} has a lane: {}", ran.out))
    };
    let count = |name, glyph: char| lane(name).matches(glyph).count();
    assert!(count("patient", '▄') > count("patient", '━'), "{}", ran.out);
    // The hog sleeps in a call, where the system tells that.
    assert!(count("hog ", '█') + count("hog ", '▌') > count("hog ", '▄'), "{}", ran.out);
    check(&ran.out, ran.out.contains("stall"), "the table says for how long");
}

#[test]
fn more_tasks_than_rows_are_folded_and_never_dropped() {
    let many = |tasks| ["lesson", "many", "--clock", "virtual", "--tasks", tasks];
    let lanes = |ran: &Ran, ending: &str| ran.out.lines().filter(|line| line.ends_with(ending)).count();
    let ran = fixture(&[&many("2000")[..], &["-q"]].concat());
    assert_eq!((lanes(&ran, "done"), lanes(&ran, "+ 1,988 more")), (12, 1), "{}", ran.out);
    let ran = fixture(&[&many("2000")[..], &["-q", "--lanes", "5"]].concat());
    assert_eq!((lanes(&ran, "done"), lanes(&ran, "+ 1,996 more")), (4, 1), "{}", ran.out);
    let ran = fixture(&[&many("100")[..], &["-q", "--lanes", "all"]].concat());
    assert_eq!(lanes(&ran, "done"), 100, "{}", ran.out);
    let many = many("1000");
    let alike = fixture(&[&many[..], &["-q"]].concat());
    assert!(alike.out.contains("1–1000") && alike.out.contains("1,000 lanes alike, "), "{}", alike.out);
    let json = fixture(&[&many[..], &["--format", "json"]].concat());
    let trace = Trace::from_json(json.out.as_bytes()).expect("the document is valid");
    assert_eq!(trace.scenes[0].lanes().filter(|task| task.outcome == Outcome::Done).count(), 1000);
}
