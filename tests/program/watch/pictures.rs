//! What is drawn: what the tasks of a program really did.

use asyncguide::trace::{Outcome, State};

use super::{Desk, NAPS, only_scene, warnings};
use crate::program::{Ran, asyncguide, check, run};

#[test]
fn w2_naps_in_turn_follow_each_other_and_gathered_ones_overlap() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let (trace, ran) = desk.record(&["naps.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "napped A\nnapped B\nnapped C\nnapped D\n"));
    check(&ran, warnings(&ran).is_empty(), "nothing is missing");
    assert_eq!((trace.lesson.as_str(), only_scene(&trace).file.as_str()), ("naps.py", "naps.py"));
    let scene = only_scene(&trace);
    assert_eq!((scene.title.as_str(), scene.runtime.name.as_str()), ("main()", "asyncio"));
    let span = |name: &str| {
        let lane = scene.lanes().find(|lane| lane.name.contains(&format!("'{name}'")));
        let lane = lane.unwrap_or_else(|| panic!("there is no lane of {name}: {}", ran.err));
        assert_eq!(lane.outcome, Outcome::Done);
        (lane.created, lane.ended.expect("it has ended"))
    };
    let [a, b, c, d] = ["A", "B", "C", "D"].map(span);
    assert!(a.1 <= b.0 && b.1 <= c.0 && b.1 <= d.0, "one after the other: {a:?} {b:?} {c:?} {d:?}");
    assert!(c.0 < d.1 && d.0 < c.1, "at the same time: {c:?} {d:?}");
    let names: Vec<&str> = ran.err.lines().filter(|line| line.trim_start().starts_with("nap('")).collect();
    assert_eq!(names.len(), 4, "each has a lane: {}", ran.err);
}

#[test]
fn w5_a_late_timer_is_ready_from_its_due_time() {
    let script = r#"
import asyncio, time

async def ticker():
    for _ in range(8):
        await asyncio.sleep(0.05)

async def hog():
    await asyncio.sleep(0.12)
    time.sleep(0.4)

async def main():
    await asyncio.gather(ticker(), hog())

asyncio.run(main())
"#;
    let Some(desk) = Desk::with("hog.py", script) else { return };
    let (trace, ran) = desk.record(&["hog.py"]);
    let scene = only_scene(&trace);
    let lane = |name: &str| scene.lanes().find(|lane| lane.name.starts_with(name)).unwrap_or_else(|| panic!("{ran:?}"));
    let held = scene.polls(lane("hog")).iter().max_by_key(|poll| poll.end - poll.start).expect("it was polled");
    let ready = scene.states(lane("ticker")).filter(|span| span.state == State::Ready);
    let late = ready.max_by_key(|span| span.end - span.start).expect("it was ready");
    let half = held.start + (held.end - held.start) / 2;
    assert!(late.start < half && late.end >= held.end, "ready {late:?} while the loop was held {held:?}");
    // It went on from its await.
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    check(
        &ran,
        said.contains("The stall of ") && said.contains("(after the await at hog.py:9)"),
        "it is said, and where",
    );
}

#[test]
fn a_replay_of_what_was_saved_draws_the_same() {
    let Some(desk) = Desk::with("gather.py", NAPS) else { return };
    for options in [&[] as &[&str], &["--by", "thread"], &["--lanes", "all"]] {
        let saves = ["--save", "a.json", "--save", "a.jsonl"];
        let ran = desk.watch(&[&saves, options, &["gather.py"]].concat());
        for file in ["a.json", "a.jsonl"] {
            let replayed = run(desk.command(asyncguide(), &[&["replay", file], options].concat()));
            assert_eq!((replayed.code, replayed.err.as_str()), (0, ""));
            assert_eq!(format!("\n{}", replayed.out), ran.err, "{file}");
        }
    }
}

#[test]
fn a_program_that_is_called_like_a_lesson_is_not_taken_for_it() {
    let Some(desk) = Desk::with("gather.py", NAPS) else { return };
    let (trace, _) = desk.record(&["-m", "gather"]);
    assert!(trace.process.is_some() && trace.lesson == "gather", "{}", trace.lesson);
    for arguments in [&["replay", "recorded.json"] as &[&str], &["replay", "recorded.json", "--format", "html"]] {
        let ran = run(desk.command(asyncguide(), arguments));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let of_lesson = ["What happens", "What to notice", "Run several", "lessons/"];
        check(&ran.out, of_lesson.iter().all(|words| !ran.out.contains(words)), "nothing of the lesson");
        check(&ran.out, ran.out.contains("main()"), "it is the recording");
    }
}

#[test]
fn the_recording_goes_where_it_is_asked_to_go() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let printed = "napped A\nnapped B\nnapped C\nnapped D\n";
    let ran = desk.watch(&["--format", "json", "--save", "-", "naps.py"]);
    let document = ran.out.strip_prefix(printed).unwrap_or_else(|| panic!("{ran:?}"));
    check(&ran, serde_json::from_str::<serde_json::Value>(document).is_ok() && ran.err.is_empty(), "it follows");
    let ran = desk.watch(&["--save", "-", "naps.py"]);
    check(&ran, ran.out.contains("waiting: it gave the thread back") && ran.err.is_empty(), "so does the picture");
    let refused = desk.watch(&["--format", "json", "naps.py"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    check(&refused, refused.err.contains("--save -") && refused.err.lines().count() == 1, "it says what to do");
    let mut set = desk.watching(&["naps.py"]);
    let ran = run(set.env("ASYNCGUIDE_FORMAT", "json"));
    assert_eq!((ran.code, ran.out.as_str()), (0, printed), "what is set for all commands is no mistake");
    let ran = desk.watch(&["--step", "naps.py"]);
    assert_eq!(ran.out, printed);
    check(&ran, ran.err.contains("is woken"), "steps are no output of the program's");
}

/// One task that waits for an event and one that sets it.
const SIGNAL: &str = "\
import asyncio

async def waiter(event):
    await event.wait()

async def setter(event):
    await asyncio.sleep(0.02)
    event.set()

async def main():
    event = asyncio.Event()
    await asyncio.gather(waiter(event), setter(event))

asyncio.run(main())
";

#[test]
fn steps_say_who_woke_whom_and_where_a_task_waits() {
    let Some(desk) = Desk::with("flag.py", SIGNAL) else { return };
    let ran = desk.watch(&["--step", "--save", "run.trace.json", "flag.py"]);
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    check(&ran, said.contains("waiter() is woken by setter()"), "who woke it");
    check(&ran, said.contains("It waits at flag.py:4"), "where it waits");

    let events: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(desk.path("run.trace.json")).expect("it is saved"))
            .expect("it is JSON");
    let events = events["traceEvents"].as_array().expect("it has events");
    let track = |name: &str| {
        let named = events.iter().find(|event| event["name"] == "thread_name" && event["args"]["name"] == name);
        named.map(|event| (event["pid"].clone(), event["tid"].clone())).expect("each task has a track")
    };
    let begins = |event: &&serde_json::Value| event["ph"] == "s" && event["name"] == "wake";
    let from: Vec<_> = events.iter().filter(begins).map(|event| (event["pid"].clone(), event["tid"].clone())).collect();
    assert!(from.contains(&track("setter()")), "an arrow begins where the event was set: {from:?}");
}

#[test]
fn only_some_lanes_are_drawn_if_that_is_asked_for() {
    let Some(desk) = Desk::with("flag.py", SIGNAL) else { return };
    let drawn =
        |ran: &Ran, name: &str| ran.err.lines().any(|line| line.trim_start().starts_with(name) && line.contains('━'));
    let ran = desk.watch(&["--only", "wait*", "flag.py"]);
    check(&ran, drawn(&ran, "waiter()") && !drawn(&ran, "setter()"), "one lane matches");
    let ran = desk.watch(&["--only", "nobody", "flag.py"]);
    check(&ran, ran.err.contains("no lane has a name like nobody"), "it is said that none matches");
    let refused = desk.watch(&["--from", "2s", "--to", "1s", "flag.py"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    for option in ["--from", "--to"] {
        let refused = desk.watch(&[option, "-1s", "flag.py"]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        check(&refused, refused.err.contains("--last 1s draws the last second"), "what was meant");
    }
    let ran = desk.watch(&["--from", "1h", "flag.py"]);
    check(&ran, ran.code == 0 && ran.err.contains("nothing was recorded in that time"), "it is drawn whole");
    let refused = desk.watch(&["--lanes", "2", "flag.py"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    check(&refused, refused.err.contains("folded, all or a whole number from 3 to 10000"), "the limits");
}

#[test]
fn a_page_of_a_program_has_its_files() {
    let Some(desk) = Desk::with("flag.py", SIGNAL) else { return };
    let ran = desk.watch(&["--save", "run.html", "flag.py"]);
    let page = std::fs::read_to_string(desk.path("run.html")).expect("it is saved");
    check(&ran, page.contains("<summary>flag.py</summary>") && page.contains("event.set()"), "its code is shown");
    desk.add("flag.py", &format!("{SIGNAL}#{}\n", "x".repeat(300 * 1024)));
    desk.watch(&["--save", "run.html", "flag.py"]);
    let page = std::fs::read_to_string(desk.path("run.html")).expect("it is saved");
    assert!(!page.contains("<summary>flag.py</summary>"), "it is too long to be shown");
}
