//! The recorder against programs that know better: scripts with stopwatches, asyncio's own tests, and the two scripts of
//! the article that the lessons follow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use asyncguide::trace::Outcome;

use super::{Desk, only_scene};
use crate::program::{asyncguide, check, command, run, skip};
use crate::pty::{self, CTRL_C, Pty};

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/watch").join(path)
}

#[test]
fn w5_recordings_agree_with_the_scripts_own_stopwatches() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    let script = in_package("check.py").display().to_string();
    let scripts = std::fs::read_dir(in_package("scripts")).expect("it is a folder");
    for file in scripts.map(|entry| entry.expect("it can be read").path()) {
        if file.extension().is_none_or(|ending| ending != "py") {
            continue;
        }
        let name = file.file_stem().expect("it has a name").display().to_string();
        // A machine that runs other tests beside this one makes timers late.
        let ran = run(desk.command("python3", &[&script, "--script", &name, "--tolerance", "20", "--attempts", "5"]));
        check(&ran, ran.code == 0, "the script is recorded as it ran");
    }
}

#[test]
fn w1_a_recorder_that_fails_is_not_noticed() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    let ran = run(desk.command("python3", &[&in_package("check.py").display().to_string(), "--raising"]));
    check(&ran, ran.code == 0, "the program goes on");
}

#[test]
fn w6_a_reader_that_stalls_costs_a_program_counted_records_and_nothing_else() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    let ran = run(desk.command("python3", &[&in_package("stalled.py").display().to_string()]));
    check(&ran, ran.code == 0, "the program goes on");
}

#[test]
fn w7_a_step_and_a_task_cost_no_more_than_the_bench_says() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    let ran = run(desk.command("python3", &[&in_package("cost.py").display().to_string()]));
    check(&ran, ran.code == 0, "twice as much at most");
}

#[test]
fn the_checks_of_the_recorder_notice_a_broken_one() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    // Those that `check.py --broken` knows take some minutes together.
    for mutant in ["wake", "lost numbers", "count of what is lost", "cost of a step"] {
        let script = in_package("check.py").display().to_string();
        let ran = run(desk.command("python3", &[&script, "--broken", "--mutant", mutant]));
        check(&ran, ran.code == 0 && ran.out.contains(&format!("broken {mutant}: ")), "it is noticed");
    }
}

/// How each test came out, by its name.
type Outcomes = BTreeMap<String, String>;

#[test]
fn w1_asyncios_own_tests_come_out_the_same() {
    let Some(desk) = Desk::with("empty.py", "") else { return };
    let script = in_package("suite.py").display().to_string();
    // All of them take minutes.
    let tasks = ["test_tasks.CTask_CFuture_Tests", "test_tasks.PyTask_PyFuture_Tests"];
    let modules = ["test_locks", "test_queues", "test_futures"];
    let outcomes = |watch: &[&str]| -> Outcomes {
        let words = [watch, &["python3", &script, "outcomes.json"], &modules, &tasks].concat();
        let ran = run(desk.command(words[0], &words[1..]));
        let written = std::fs::read(desk.path("outcomes.json")).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        serde_json::from_slice(&written).expect("it is JSON")
    };
    let program = asyncguide().display().to_string();
    let alone = outcomes(&[]);
    if alone.is_empty() {
        skip("this Python ships no tests of its own");
        return;
    }
    let mut watched = outcomes(&[&program, "watch", "--quiet", "--"]);
    // Some depend on the time that they take, so what differs gets a second chance.
    if watched != alone {
        watched = outcomes(&[&program, "watch", "--quiet", "--"]);
    }
    let differ: Vec<_> = alone.iter().filter(|(test, outcome)| watched.get(*test) != Some(outcome)).collect();
    assert!(differ.is_empty(), "they come out otherwise: {differ:#?}");
    assert_eq!(watched.len(), alone.len());
}

/// The first script of the article.
const SLEEPS: &str = r#"
import asyncio

async def sleep(name):
    await asyncio.sleep(1)
    print(name)

async def main():
    await sleep("A")
    await sleep("B")
    await asyncio.gather(sleep("C"), sleep("D"))

asyncio.run(main())
"#;

/// The second script of the article, which does not stop at the end of its input.
const ECHOES: &str = r#"
import asyncio
import aiofiles

async def delayed_echo(line):
    await asyncio.sleep(1)
    print(line, end="")

async def main():
    async with aiofiles.open("/dev/stdin") as stdin:
        while True:
            line = await stdin.readline()
            asyncio.create_task(delayed_echo(line))

asyncio.run(main())
"#;

/// Stands in for the real aiofiles where that is not installed, and does what it does: reads in threads of a pool.
const AIOFILES: &str = r#"
import asyncio, builtins

class File:
    def __init__(self, path):
        self.path = path

    async def in_pool(self, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)

    async def __aenter__(self):
        self.file = await self.in_pool(builtins.open, self.path)
        return self

    async def __aexit__(self, *_):
        await self.in_pool(self.file.close)

    async def readline(self):
        return await self.in_pool(self.file.readline)

open = File
"#;

#[test]
fn w2_the_articles_first_script_shows_what_follows_what() {
    let Some(desk) = Desk::with("sleeps.py", SLEEPS) else { return };
    let (trace, ran) = desk.record(&["sleeps.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "A\nB\nC\nD\n"));
    let scene = only_scene(&trace);
    let lane = |name: &str| scene.lane(&format!("sleep('{name}')")).unwrap_or_else(|| panic!("{name}: {ran:?}"));
    let [a, b, c, d] = ["A", "B", "C", "D"].map(lane);
    assert!(a.ended.is_some_and(|end| end <= b.created), "B comes after A");
    assert!(b.ended.is_some_and(|end| end <= c.created), "C comes after B");
    assert!(c.ended.is_some_and(|end| end > d.created), "C and D overlap");
}

/// Writes the second script, and aiofiles if there is none.
fn with_echoes() -> Option<Desk> {
    let desk = Desk::with("echoes.py", ECHOES)?;
    if run(command("python3", &["-c", "import aiofiles"])).code != 0 {
        desk.add("aiofiles.py", AIOFILES);
    }
    Some(desk)
}

#[test]
fn w4_the_articles_second_script_is_drawn_at_ctrl_c() {
    let Some(desk) = with_echoes() else { return };
    let mut command = pty::command(asyncguide(), &["watch", "echoes.py"]);
    command.cwd(desk.folder.path());
    command.env("PYTHONUNBUFFERED", "1");
    let mut pty = Pty::run(command);
    pty.press("one\n");
    // The terminal shows it as it is typed, and the script a second later.
    pty.wait_for("the echo", |terminal| (terminal.shown().matches("one").count() >= 2).then_some(()));
    pty.press(CTRL_C);
    // A thread still reads, and the script waits for it.
    pty.press("\n");
    let ended = pty.end();
    let text = ended.text();
    assert!([130, 137].contains(&ended.code), "{}: {text}", ended.code);
    let lane = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
    assert!(lane("main()").ends_with("cancelled"), "{text}");
    assert!(lane("delayed_echo('o").ends_with("done"), "{text}");
    ended.check_terminal();
}

#[test]
fn w4_the_articles_second_script_spins_at_the_end_of_its_input() {
    let Some(desk) = with_echoes() else { return };
    let (trace, ran) = desk.record(&["--for", "1500ms", "echoes.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    let scene = only_scene(&trace);
    let main = scene.lane("main()").unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(main.outcome, Outcome::Cancelled);
    let empty = scene.lanes().filter(|lane| &*lane.name == "delayed_echo('')").count();
    assert!(empty > 20, "{empty} lines that are none within {:?}", Duration::from(scene.wall));
    let one_row = |line: &str| line.contains("delayed_echo(") && line.contains('×');
    check(
        &ran,
        ran.err.lines().any(one_row) && ran.err.contains("\n  delayed_echo"),
        "they share a row and are counted",
    );
}
