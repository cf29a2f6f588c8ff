//! What is said first of a program of somebody's own: what its author would want to know.

use super::Desk;
use crate::program::{asyncguide, check, command, run, skip};

/// Three faults: a blocking call, naps in turn, more calls than the pool has threads.
const FAULTY: &str = r#"
import asyncio, time

async def fetch(name):
    await asyncio.sleep(0.1)

async def report():
    time.sleep(0.2)

async def ticker():
    for _ in range(8):
        await asyncio.sleep(0.05)

async def main():
    tick = asyncio.create_task(ticker())
    for name in "abc":
        await fetch(name)
    await report()
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(None, time.sleep, 0.1) for _ in range(70)))
    await tick

asyncio.run(main())
"#;

/// The same work without them.
const SOUND: &str = r#"
import asyncio, time

async def fetch(name):
    await asyncio.sleep(0.1)

async def report():
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.2)

async def ticker():
    for _ in range(8):
        await asyncio.sleep(0.05)

async def main():
    tick = asyncio.create_task(ticker())
    await asyncio.gather(*map(fetch, "abc"))
    await report()
    await tick

asyncio.run(main())
"#;

#[test]
fn planted_faults_are_said_with_their_places_and_lessons() {
    let Some(desk) = Desk::with("faulty.py", FAULTY) else { return };
    desk.add("sound.py", SOUND);
    let said = |script: &str| {
        let err = desk.watch(&[script]).err;
        err.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let faulty = said("faulty.py");
    for finding in [
        "What stands out",
        "main() held the loop for",
        "after the await at faulty.py:5, before the one at faulty.py:20",
        "main() awaited 3 of fetch() one after the other",
        "calls waited for a free thread of a pool",
        "asyncguide lesson blocking",
    ] {
        check(&faulty, faulty.contains(finding), finding);
    }
    let by_name = ["longest", "ready p50", "p99"];
    check(&faulty, by_name.iter().all(|heading| faulty.contains(heading)), "tasks are counted by name");
    for heading in ["“task time”: ", "“overlap”: ", "“stall”: ", "A step lasts from", "“ready”: "] {
        check(&faulty, faulty.contains(heading), "what figures mean is said");
    }
    let sound = said("sound.py");
    for finding in ["awaited fetch()", "waited for a free thread", "held the loop for 2"] {
        check(&sound, !sound.contains(finding), finding);
    }
}

#[test]
fn a_limit_that_is_exceeded_is_said_and_is_a_failure() {
    let script = r#"
import asyncio, sys, time

async def main():
    await asyncio.sleep(0.01)
    time.sleep(0.05)
    sys.exit(int(sys.argv[1]))

asyncio.run(main())
"#;
    let Some(desk) = Desk::with("limits.py", script) else { return };
    let watch = |limit: &str, code: &str| desk.watch(&["--quiet", "--fail-if", limit, "limits.py", code]);
    let exceeded = watch("held > 20ms", "0");
    assert_eq!((exceeded.code, exceeded.out.as_str()), (1, ""));
    check(
        &exceeded,
        exceeded.err.contains("main(): held is ") && exceeded.err.contains("at most 20.00 ms"),
        "it says so",
    );
    assert_eq!(watch("held > 20ms", "7").code, 7, "the program's own code comes first");
    let kept = watch("held > 1h", "0");
    assert_eq!((kept.code, kept.err.as_str()), (0, ""));
    for (wrong, said) in [("held", "'held > 100ms'"), ("speed > 1s", "only held, ready"), ("failed > 1s", "failed > 0")]
    {
        let refused = watch(wrong, "0");
        assert_eq!(refused.code, 2, "{wrong}");
        check(&refused, refused.err.contains(said), said);
    }
}

/// A coroutine that fails three awaits deep. The argument says how far the exception gets.
const FAILS: &str = r#"
import asyncio, sys

async def read():
    await asyncio.sleep(0.01)
    raise ValueError("no such file")

async def fetch():
    await read()

async def main():
    try:
        await fetch()
    except ValueError:
        if sys.argv[1] == "pass on":
            raise
    await asyncio.sleep(0.01)

asyncio.run(main())
"#;

#[test]
fn an_exception_is_told_once_with_the_line_that_raised_it() {
    let Some(desk) = Desk::with("fails.py", FAILS) else { return };
    let ran = desk.watch(&["--save", "run.json", "fails.py", "pass on"]);
    assert_eq!(ran.code, 1);
    check(&ran, ran.err.contains("main() failed at fails.py:6: ValueError: no such file"), "where");
    check(&ran, ran.err.matches("failed at").count() == 1, "once");
    let replayed = run(desk.command(asyncguide(), &["replay", "run.json"]));
    assert_eq!(replayed.code, 1);
    assert_eq!(replayed.err, "warning: main() failed in this recording, so the exit code is 1\n");
}

#[test]
fn a_coroutine_whose_exception_is_caught_has_failed_and_its_program_has_not() {
    let Some(desk) = Desk::with("fails.py", FAILS) else { return };
    if run(command("python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 12))"])).code != 0 {
        skip("Pythons before 3.12 do not tell of exceptions");
        return;
    }
    let ran = desk.watch(&["--save", "run.json", "--fail-if", "failed > 0", "fails.py", "catch"]);
    assert_eq!(ran.code, 0);
    check(&ran, ran.err.contains("fetch() failed at fails.py:6, and main() caught it: ValueError"), "it is told");
    check(&ran, ran.err.matches("failed at").count() == 1, "once");
    assert_eq!(run(desk.command(asyncguide(), &["replay", "run.json"])).code, 0);
}

/// Many workers, one of which holds the loop in the middle, and one that main() does not wait for.
const CROWD: &str = r#"
import asyncio, time

async def worker(number):
    await asyncio.sleep(0.1)

async def charge():
    await asyncio.sleep(0.01)
    time.sleep(0.1)

async def left():
    await asyncio.sleep(60)

async def main():
    tasks = [asyncio.create_task(worker(number), name=f"worker {number}") for number in range(30)]
    tasks.insert(15, asyncio.create_task(charge()))
    tasks += [asyncio.create_task(worker(number), name=f"helper {number}") for number in range(30)]
    unfinished = asyncio.create_task(left())
    await asyncio.wait(tasks)

asyncio.run(main())
"#;

#[test]
fn lanes_that_findings_speak_of_have_rows_and_main_ends_others() {
    let Some(desk) = Desk::with("crowd.py", CROWD) else { return };
    let ran = desk.watch(&["--lanes", "8", "crowd.py"]);
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    check(&ran, said.contains("charge() held the loop"), "a finding");
    let ended = "left(), started at crowd.py:18, was cancelled because main() ended while it was still under way.";
    check(&ran, said.contains(ended), "another one");
    for name in ["charge()", "left()"] {
        check(&ran, ran.err.lines().any(|line| line.trim_start().starts_with(name) && line.contains('━')), name);
    }
}

#[test]
fn a_lane_that_a_finding_speaks_of_has_a_row_in_a_picture_beside_one_that_did_the_same() {
    let twice = CROWD.replace("    tasks = [", "    first = asyncio.create_task(charge())\n    tasks = [");
    let Some(desk) = Desk::with("crowd.py", &twice) else { return };
    let ran = desk.watch(&["--save", "run.svg", "crowd.py"]);
    let picture = std::fs::read_to_string(desk.path("run.svg")).expect("it was saved");
    check(&ran, picture.matches(">charge()<").count() >= 2, "the first one, and one in the middle");
}

/// A task that nothing refers to but itself, or that is kept and cancelled.
const DROPS: &str = r#"
import asyncio, gc, sys

async def work():
    await asyncio.get_running_loop().create_future()

async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    if sys.argv[1] == "keep":
        task.cancel()
    task = None
    gc.collect()
    await asyncio.sleep(0.01)

asyncio.run(main())
"#;

#[test]
fn a_task_that_is_destroyed_is_told_from_one_that_is_cancelled() {
    let Some(desk) = Desk::with("drops.py", DROPS) else { return };
    let said = |how: &str| {
        let ran = desk.watch(&["drops.py", how]);
        ran.err.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let dropped = said("drop");
    check(&dropped, dropped.contains("work(), started at drops.py:8, was destroyed while it waited"), "it is told");
    let kept = said("keep");
    check(&kept, !kept.contains("was destroyed") && kept.contains("cancelled"), "a sound twin");
}

/// A writer that is faster than the reader of its queue, which has no limit; and another queue that is filled and emptied.
const GROWING: &str = r#"
import asyncio

async def write(queue):
    for number in range(60):
        for _ in range(5):
            queue.put_nowait(number)
        await asyncio.sleep(0.01)

async def read(queue):
    while True:
        await queue.get()
        await asyncio.sleep(0.01)

async def main():
    queue = asyncio.Queue()
    filled = asyncio.Queue()
    for number in range(200):
        filled.put_nowait(number)
    reader = asyncio.create_task(read(queue))
    emptier = asyncio.create_task(read(filled))
    await write(queue)
    reader.cancel()
    emptier.cancel()

asyncio.run(main())
"#;

#[test]
fn a_queue_that_keeps_growing_is_said_with_its_place() {
    let Some(desk) = Desk::with("growing.py", GROWING) else { return };
    desk.add("bounded.py", &GROWING.replacen("asyncio.Queue()", "asyncio.Queue(1000)", 1));
    let said = |script: &str| desk.watch(&[script]).err.split_whitespace().collect::<Vec<_>>().join(" ");
    let growing = said("growing.py");
    check(&growing, growing.contains("A queue without a limit, made at growing.py:16, grew until"), "it grew");
    check(&growing, !growing.contains("made at growing.py:17"), "the other one is emptied");
    check(&growing, !growing.contains("was cancelled because"), "main() itself cancelled them, at its end");
    let bounded = said("bounded.py");
    check(&bounded, !bounded.contains("grew until"), "putting would wait");
}
