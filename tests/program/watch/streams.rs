//! Streams of strangers: whatever a program writes, it goes on, and what is wrong is named by its line.

use super::{Desk, warnings};
use crate::program::{Ran, check};

/// Writes a file to the socket as it is, and goes on.
const WRITES: &str = r#"
import os, socket, sys

stream = socket.socket(socket.AF_UNIX)
stream.connect(os.environ["ASYNCGUIDE_WATCH"][len("unix:"):])
for _ in range(int(sys.argv[1])):
    stream.sendall(open("stream", "rb").read())
stream.close()
print("unharmed")
"#;

const RUN: &str = r#"{"event":"run","schema":1,"program":"p","lesson":"mine","clock":"real","inputs":{"tasks":0,"delay":0},"process":{"pid":4294967295}}
{"event":"scene","scene":"main","title":"main()","file":"f","runtime":{"name":"other","flavor":"current_thread","workers":1},"started":5}
{"event":"thread","thread":0,"name":"main"}
{"event":"created","task":0,"at":0,"kind":"future","name":"A"}
{"event":"poll","task":0,"thread":0,"start":0,"end":9000}
"#;

/// What is said about a program that writes `stream` so many times.
fn told(desk: &Desk, stream: impl AsRef<[u8]>, times: &str) -> Ran {
    std::fs::write(desk.path("stream"), stream).expect("it can be written");
    let ran = desk.watch(&["--", "python3", "-I", "writes.py", times]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "unharmed\n"), "{ran:?}");
    ran
}

#[test]
fn w6_a_stream_of_any_program_is_drawn() {
    let Some(desk) = Desk::with("writes.py", WRITES) else { return };
    let end = r#"{"event":"lost","records":17}
{"event":"end","task":0,"at":9000,"outcome":"done"}
{"event":"scene_end","scene":"main","wall":9000,"outcome":"done"}
"#;
    let ran = told(&desk, format!("{RUN}{end}"), "1");
    check(&ran, ran.err.contains("1  main()"), "it is drawn");
    check(&ran, ran.err.contains("17 records were lost"), "its gaps are said");
    let ran = told(&desk, RUN, "1");
    check(&ran, ran.err.contains("interrupted"), "so is one without an end");
    assert_eq!(warnings(&ran).len(), 1, "{ran:?}");
}

#[test]
fn w3_what_uvloop_hides_is_said() {
    let Some(desk) = Desk::with("writes.py", WRITES) else { return };
    let end = r#"{"event":"scene_end","scene":"main","wall":9000,"outcome":"done"}"#;
    let hides = |runtime: &str| {
        let ran = told(&desk, format!("{}{end}\n", RUN.replace(r#""name":"other""#, runtime)), "1");
        warnings(&ran).iter().any(|line| line.starts_with("uvloop runs its callbacks in C"))
    };
    assert!(hides(r#""name":"uvloop""#));
    assert!(!hides(r#""name":"asyncio""#));
}

#[test]
fn w6_a_wrong_line_is_named_and_what_came_before_it_is_drawn() {
    let Some(desk) = Desk::with("writes.py", WRITES) else { return };
    let long = format!("{{\"event\":\"mark\",\"text\":\"{}\"}}\n", "x".repeat(300 << 10));
    let wrong = [
        ("rubbish\n", "at line 6"),
        ("\u{0}\u{1b}[2J\n", "at line 6"),
        (r#"{"event":"wake","task":4294967295,"at":0}"#, "more than 2097152 tasks at line 6"),
        (r#"{"event":"packed","zero":0,"thread":0,"data":"AAAA"}"#, "ends within a group of four numbers at line 6"),
        (r#"{"event":"site","site":9,"file":"f","line":1,"function":"g"}"#, "site 9: sites are numbered from 0"),
        (
            r#"{"event":"run","schema":1,"program":"p","lesson":"l","clock":"real","inputs":{"tasks":0,"delay":0}}"#,
            "second",
        ),
        (&long, "the line is longer than 256 KiB at line 6"),
    ];
    for (line, message) in wrong {
        // More than a pipe holds follows: a program whose stream is not read would wait.
        let rest = "{\"event\":\"wake\",\"task\":0,\"at\":1}\n".repeat(20_000);
        let ran = told(&desk, format!("{RUN}{line}\n{rest}"), "1");
        let said = warnings(&ran);
        assert!(said.len() == 1 && said[0].contains("event stream is wrong"), "{line:.99}: {said:?}");
        assert!(said[0].contains(message), "{line:.99}: {said:?}");
        check(&ran, ran.err.contains("1  main()"), "what came before is drawn");
        check(&ran, !ran.err.contains('\u{1b}'), "nothing acts on a terminal");
    }
}

#[test]
fn w6_rubbish_alone_is_said_and_nothing_is_drawn() {
    let Some(desk) = Desk::with("writes.py", WRITES) else { return };
    for rubbish in [b"rubbish\n" as &[u8], &[0xff; 300 << 10], b"\n\n", b"[]\n{}\n", b"{\"event\":\"scene\"}\n"] {
        let ran = told(&desk, rubbish, "1");
        check(&ran, warnings(&ran).len() == 1 && ran.err.lines().count() == 1, "one line says so");
    }
}
