//! What comes in on standard input: lines of all kinds, too many of them, none at all.

use std::fs::File;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::sync::mpsc::Receiver;

use asyncguide::trace::{Outcome, Trace};

use crate::program::{ag, ag_reading, asyncguide, check, command, end, lines, run, skip, spawn, wait_for};

const SPAWN: [&str; 3] = ["lesson", "spawn", "-q"];

fn spawn_lesson(options: &[&str], input: impl Into<Vec<u8>>) -> (Vec<String>, String) {
    let ran = ag_reading(&[&SPAWN, options].concat(), input);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let (echoes, report) = ran.out.split_once("\n1  An echo for every line").expect("the report follows");
    // Of echoes that are due at the same moment, any may be first.
    let mut echoes: Vec<String> = echoes.lines().map(str::to_owned).collect();
    echoes.sort_unstable();
    (echoes, report.to_owned())
}

fn spawn_trace(options: &[&str], input: impl Into<Vec<u8>>) -> Trace {
    let ran = ag_reading(&[&SPAWN as &[&str], &["--format", "json"], options].concat(), input);
    assert_eq!(ran.code, 0);
    Trace::from_json(ran.out.as_bytes()).expect("it is a trace")
}

#[test]
fn three_lines_at_once_are_three_echoes_one_delay_later() {
    let (echoes, report) = spawn_lesson(&["--delay", "30ms"], "a\nb\nc\n");
    assert_eq!(echoes, ["a", "b", "c"]);
    check(&report, report.contains("✓ every line was echoed (3 of 3)"), "the claim holds");
    let trace = spawn_trace(&["--delay", "300ms"], "a\nb\nc\n");
    let scene = &trace.scenes[0];
    let last_read = scene.lanes().map(|echo| echo.created).max();
    let first_out = scene.lanes().map(|echo| scene.ended(echo)).min();
    assert!(last_read < first_out, "all lines were read before the first echo was out");
    assert!(scene.lanes().all(|echo| scene.lifetime(echo) >= trace.inputs.delay));
    assert!(scene.wall < scene.task_time(), "the echoes waited at the same time");
}

#[test]
fn lines_come_from_a_file_or_from_nowhere_too() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("lines");
    std::fs::write(&file, "from a file\n").expect("it can be written");
    let mut reading = command(asyncguide(), &[&SPAWN as &[&str], &["--delay", "1ms"]].concat());
    reading.stdin(File::open(&file).expect("it is there"));
    let ran = run(reading);
    check(&ran, ran.code == 0 && ran.out.starts_with("from a file\n"), "it echoes the file");
    let nothing = ag(&SPAWN);
    assert_eq!((nothing.code, nothing.err.as_str()), (0, ""));
    check(&nothing.out, nothing.out.matches("skipped: no line came").count() == 3, "no claim is made of nothing");
}

#[test]
fn s10_lines_of_all_kinds_are_echoed_and_none_is_lost() {
    let long = "x".repeat(70_000);
    let input = [b"plain\ncarriage\r\nbad \xff\xc3 bytes\n\n" as &[u8], long.as_bytes(), b"\nafter\nno end"].concat();
    let (echoes, report) = spawn_lesson(&["--delay", "20ms"], input);
    let cut = format!("{} … (cut at 64 KiB)", "x".repeat(64 * 1024));
    assert_eq!(echoes, ["", "after", "bad \u{fffd}\u{fffd} bytes", "carriage", "no end", "plain", &cut]);
    check(&report, report.contains("✓ no echo was pending at the end (0 of 7)"), "all were out at the end");
}

#[test]
fn s10_a_line_is_cut_between_characters_and_only_if_it_is_too_long() {
    let full = "x".repeat(64 * 1024);
    let input = format!("{full}\r\n{}é\n", &full[1..]);
    let (echoes, _) = spawn_lesson(&["--delay", "5ms"], input);
    assert_eq!(echoes, [format!("{} … (cut at 64 KiB)", &full[1..]), full]);
}

#[test]
fn s10_a_byte_order_mark_is_no_part_of_the_first_line() {
    assert_eq!(spawn_lesson(&["--delay", "5ms"], "\u{feff}a\nb\n").0, ["a", "b"]);
}

#[test]
fn s10_what_cannot_be_read_is_an_error_and_no_end() {
    let root = File::open(env!("CARGO_MANIFEST_DIR")).ok();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("file");
    let write_only = File::create(&file).ok();
    for (what, input) in [("a folder", root), ("what can be written only", write_only)] {
        let Some(input) = input.filter(|_| cfg!(unix)) else { return skip("a folder cannot be opened") };
        let ran = run(command(asyncguide(), &[&SPAWN as &[&str], &["--delay", "1ms"]].concat()).stdin(input));
        assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{what}: {ran:#?}");
        check(&ran.err, ran.err.starts_with("error: cannot read standard input: "), "it says what is wrong");
    }
    for text in [b"\xff\xfea\0\n\0" as &[u8], b"\xfe\xff\0a\0\n"] {
        let ran = ag_reading(&SPAWN, text);
        check(&ran, ran.code == 2 && ran.err.contains("it is UTF-16 text, and UTF-8 is needed"), "it is named");
    }
}

#[test]
fn s10_what_was_read_before_the_end_of_reading_is_echoed() {
    let mut child = start(&["--delay", "20ms", "--for", "500ms"]);
    child.stdin.as_mut().expect("it is a pipe").write_all(b"early\n").expect("it reads");
    // The pipe is open until the program has ended.
    let ran = end(child);
    check(&ran, ran.code == 0 && ran.out.starts_with("early\n"), "it was echoed");
}

fn start(options: &[&str]) -> Child {
    spawn(command(asyncguide(), &[&SPAWN, options].concat()).stdin(Stdio::piped()))
}

#[test]
fn s11_tasks_in_flight_are_bounded_and_reading_waits_for_a_free_place() {
    let many = "line\n".repeat(1_500);
    for (limit, options, input) in [
        (4, &["--limit", "4", "--delay", "5ms"] as &[&str], &many[..5 * 40]),
        (1, &["--limit", "1", "--delay", "1ms"], &many[..5 * 10]),
        (1_000, &["--delay", "300ms"], &many),
    ] {
        let trace = spawn_trace(options, input);
        let scene = &trace.scenes[0];
        assert_eq!(scene.lanes().filter(|echo| echo.outcome == Outcome::Done).count(), input.len() / 5);
        assert!(scene.peak_tasks() <= limit, "{} of {limit}", scene.peak_tasks());
    }
}

/// The most memory that `child` ever had, in KiB; none where nobody tells.
fn most_memory(child: &Child) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Lets `spawn` read what `write` writes and then the line `last`; answers the memory it had by the time that was
/// echoed.
fn memory_for(options: &[&str], write: impl FnOnce(&mut dyn std::io::Write) + Send + 'static) -> Option<usize> {
    let mut child = start(options);
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let writing = std::thread::spawn(move || {
        write(&mut stdin);
        stdin.write_all(b"last\n").expect("it reads to the end");
        stdin
    });
    let echoes: Receiver<String> = lines(child.stdout.take().expect("it is a pipe"));
    wait_for(&echoes, &mut child, |line| line == "last");
    let memory = most_memory(&child);
    drop(writing.join());
    // The report, which nobody waits for, must not be stuck in the pipe.
    drop(echoes);
    assert_eq!(end(child).code, 0);
    memory
}

#[test]
fn s11_memory_stays_flat_whatever_comes_in() {
    const MIB: usize = 1 << 20;
    let Some(least) = memory_for(&["--delay", "20ms"], |_| {}) else {
        return skip("nobody tells how much memory a program has");
    };
    let one_long_line = memory_for(&["--delay", "20ms"], |stdin| {
        (0..16).for_each(|_| stdin.write_all(&[b'x'; MIB]).expect("it reads"));
        stdin.write_all(b"\n").expect("it reads");
    });
    let many_long_lines = memory_for(&["--delay", "1ms", "--limit", "4"], |stdin| {
        let line = [vec![b'x'; 64 * 1024 - 1], vec![b'\n']].concat();
        (0..16 * 12).for_each(|_| stdin.write_all(&line).expect("it reads"));
    });
    for (what, memory, came_in) in [("one long line", one_long_line, 16), ("long lines", many_long_lines, 12)] {
        let grown = memory.expect("it was told before").saturating_sub(least);
        assert!(grown < came_in * 1024 * 3 / 4, "{what}: {came_in} MiB came in, and memory grew by {grown} KiB");
    }
}

#[test]
fn s12_an_idle_standard_input_delays_no_exit() {
    // Nobody writes to these pipes, and they are open until the program has ended.
    let ran = end(start(&["--for", "20ms"]));
    check(&ran, ran.code == 0 && ran.out.contains("skipped: no line came"), "reading ended by itself");
    let mut gather = command(asyncguide(), &["lesson", "gather", "--clock", "virtual"]);
    assert_eq!(end(spawn(gather.stdin(Stdio::piped()))).code, 0);
}
