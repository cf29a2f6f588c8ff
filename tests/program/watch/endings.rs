//! However a program ends, what was recorded up to then is drawn, and its exit code is its own.

use std::time::Instant;

use asyncguide::trace::Outcome;

use super::{Desk, only_scene, warnings};
use crate::program::{PATIENCE, asyncguide, check};
use crate::pty::{self, CTRL_C, Pty};

const ENDS: &str = r#"
import asyncio, os, signal, sys, time

async def waits():
    await asyncio.sleep(60)

async def main():
    other = asyncio.create_task(waits())
    await asyncio.sleep(0.05)
    how = sys.argv[1]
    if how == "_exit":
        os._exit(9)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "raise":
        raise ValueError("no such thing")
    if how == "hold":
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "ignore":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ready", flush=True)
    await other

asyncio.run(main())
"#;

#[test]
fn w4_what_ends_without_a_word_is_drawn_up_to_then() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    for (how, code) in [("_exit", 9), ("kill", 137)] {
        let (trace, ran) = desk.record(&["ends.py", how]);
        assert_eq!(ran.code, code, "{ran:?}");
        let scene = only_scene(&trace);
        assert_eq!(scene.outcome, Outcome::Interrupted);
        let open: Vec<&str> = scene.lanes().filter(|lane| lane.ended.is_none()).map(|lane| &*lane.name).collect();
        assert_eq!(open, ["main()", "waits()"], "{ran:?}");
        check(&ran, ran.err.matches("  interrupted\n").count() == 2, "both are drawn");
        let said = warnings(&ran);
        assert!(said.len() == 1 && said[0].contains("ends in the middle"), "{said:?}");
    }
}

/// Is killed while it works, or some time after it has worked.
const DIES: &str = r#"
import asyncio, os, signal, sys, threading, time

def die():
    os.kill(os.getpid(), signal.SIGKILL)

async def works():
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        await asyncio.sleep(0)

async def main():
    await asyncio.gather(works(), works())
    if sys.argv[1] == "busy":
        die()
    threading.Timer(0.4, die).start()
    await asyncio.sleep(60)

asyncio.run(main())
"#;

#[test]
fn w4_a_kill_loses_only_the_last_moments() {
    let Some(desk) = Desk::with("dies.py", DIES) else { return };
    for how in ["busy", "idle"] {
        let (trace, ran) = desk.record(&["dies.py", how]);
        assert_eq!(ran.code, 137, "{ran:?}");
        let scene = only_scene(&trace);
        let lane = scene.lane("works()").unwrap_or_else(|| panic!("{ran:?}"));
        let last = scene.polls(lane).last().expect("it was polled");
        assert!(last.end > scene.wall / 4, "{how}: its last poll ended at {:?} of {:?}", last.end, scene.wall);
        assert!(how == "busy" || lane.outcome == Outcome::Done, "it ended long before: {lane:?}");
    }
}

#[test]
fn w4_a_step_that_was_under_way_is_drawn_as_running() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    let (trace, ran) = desk.record(&["ends.py", "hold"]);
    assert_eq!(ran.code, 137);
    let scene = only_scene(&trace);
    let main = scene.lane("main()").unwrap_or_else(|| panic!("{ran:?}"));
    let last = scene.polls(main).last().expect("it was polled");
    assert_eq!(last.end, scene.wall, "it runs to the end");
    assert!(last.end - last.start > scene.wall / 2, "for most of the time: {last:?} of {:?}", scene.wall);
}

#[test]
fn w4_a_failure_is_the_programs_own_and_says_why() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    let (trace, ran) = desk.record(&["ends.py", "raise"]);
    assert_eq!(ran.code, 1);
    let failed = Outcome::Panicked { message: "ValueError: no such thing".to_owned() };
    assert_eq!(only_scene(&trace).outcome, failed);
    check(&ran, ran.err.starts_with("Traceback ") && warnings(&ran).is_empty(), "Python tells of it first");
}

#[test]
fn w4_a_time_limit_interrupts_it_as_ctrl_c_does() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    // A busy machine takes a while to start Python.
    let (trace, ran) = desk.record(&["--for", "8s", "ends.py", "wait"]);
    assert_eq!((ran.code, ran.out.as_str()), (130, "ready\n"), "{ran:?}");
    assert!(only_scene(&trace).lane("waits()").is_some_and(|lane| lane.outcome == Outcome::Cancelled));
}

/// Watches the script in a terminal until it is ready.
fn in_a_terminal(desk: &Desk, how: &str) -> Pty {
    let mut command = pty::command(asyncguide(), &["watch", "ends.py", how]);
    command.cwd(desk.folder.path());
    command.env("TMPDIR", desk.temporary());
    let pty = Pty::run(command);
    pty.wait_for("that it is ready", |terminal| terminal.shown().contains("ready").then_some(()));
    pty
}

#[test]
fn w4_ctrl_c_reaches_it_once_and_draws_what_there_is() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    let mut pty = in_a_terminal(&desk, "wait");
    pty.press(CTRL_C);
    let ended = pty.end();
    let text = ended.text();
    assert_eq!(ended.code, 130, "{text}");
    let lane = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
    assert!(lane("waits()").ends_with("cancelled") && lane("main()").ends_with("cancelled"), "{text}");
    assert!(text.matches("KeyboardInterrupt").count() <= 2, "one interrupt only: {text}");
    ended.check_terminal();
    assert_eq!(std::fs::read_dir(desk.temporary()).expect("it is there").count(), 0, "the private folder is gone");
}

#[test]
fn w4_what_does_not_end_is_killed_and_drawn() {
    let Some(desk) = Desk::with("ends.py", ENDS) else { return };
    let mut pty = in_a_terminal(&desk, "ignore");
    let since = Instant::now();
    pty.press(CTRL_C);
    let ended = pty.end();
    assert!(since.elapsed() < PATIENCE, "it was not waited for");
    assert_eq!(ended.code, 137, "{}", ended.text());
    assert!(ended.text().lines().any(|line| line.trim_start().starts_with("waits()")), "{}", ended.text());
}
