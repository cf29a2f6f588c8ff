//! A program behaves as it does alone.

use std::process::Stdio;

use super::{Desk, NAPS};
use crate::program::{check, end, spawn};

/// Says what it is given, on both streams, and how it ends.
const SAYS: &str = r#"
import asyncio, os, sys

async def main():
    sys.stdout.buffer.write(b"out \xff\x00 " + sys.stdin.buffer.read() + repr(sys.argv[1:]).encode() + b"\n")
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(b"err, no line feed")
    sys.stderr.buffer.flush()
    await asyncio.sleep(0.01)
    sys.exit(int(sys.argv[1]))

asyncio.run(main())
"#;

#[test]
fn w1_streams_arguments_and_exit_codes_are_the_programs_own() {
    let Some(desk) = Desk::with("says.py", SAYS) else { return };
    for code in ["0", "1", "7", "255"] {
        let words = ["says.py", code, "--save", "x", "--", "-v"];
        let finish = |mut command: std::process::Command| {
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            let child = child.as_mut().expect("it can be started");
            let input = child.stdin.take().expect("it is a pipe");
            std::io::Write::write_all(&mut &input, b"given").expect("it reads");
            drop(input);
            let mut read = [Vec::new(), Vec::new()];
            let (out, err) = (child.stdout.as_mut().expect("a pipe"), child.stderr.as_mut().expect("a pipe"));
            std::io::Read::read_to_end(out, &mut read[0]).expect("it can be read");
            std::io::Read::read_to_end(err, &mut read[1]).expect("it can be read");
            (child.wait().expect("it can be waited for").code(), read)
        };
        let alone = finish(desk.command("python3", &words));
        let quiet = finish(desk.watching(&[&["--quiet"] as &[&str], &words].concat()));
        assert_eq!(quiet, alone, "nothing at all is added");
        let (code, [out, err]) = finish(desk.watching(&words));
        assert_eq!((code, &out), (alone.0, &alone.1[0]));
        assert!(err.len() > alone.1[1].len() && err.starts_with(&alone.1[1]), "the picture comes after it");
    }
}

#[test]
fn w1_nothing_is_left_behind() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let before = names(&desk);
    let ran = desk.watch(&["naps.py"]);
    assert_eq!(ran.code, 0);
    assert_eq!(names(&desk), before);
    let left = std::fs::read_dir(desk.temporary()).expect("it is there").count();
    assert_eq!(left, 0, "the private folder is gone");
}

fn names(desk: &Desk) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(desk.folder.path()).expect("it is there");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("it can be read").file_name()).collect();
    names.sort();
    names
}

#[test]
fn w1_the_private_folder_is_nobody_elses() {
    let script = "import os, stat\nplace = os.environ['ASYNCGUIDE_WATCH'][5:]\nprint(oct(os.stat(os.path.dirname(place)).st_mode))";
    let Some(desk) = Desk::with("mode.py", script) else { return };
    assert_eq!(desk.watch(&["mode.py"]).out, "0o40700\n");
}

#[test]
fn w1_what_cannot_run_is_refused_before_anything_runs() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let cases: [(&[&str], &str); 6] = [
        (&["missing.py"], "cannot watch missing.py: there is no such file"),
        (&["uv", "run", "naps.py"], "asyncguide watch -- uv run naps.py"),
        (&["--", "./missing"], "cannot start ./missing"),
        (&["--python", "./missing", "naps.py"], "cannot start ./missing"),
        (&["--save", "no/such/folder.json", "naps.py"], "cannot save to no/such/folder.json"),
        (&["--unknown", "naps.py"], "--unknown"),
    ];
    for (words, message) in cases {
        let ran = desk.watch(words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        check(&ran, ran.err.contains(message), "it says what is wrong");
    }
    assert_eq!(desk.watch(&[]).code, 2);
}

#[test]
fn w1_signals_reach_it() {
    let script = r#"
import asyncio, signal

async def main():
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, heard.set)
    print("ready", flush=True)
    await heard.wait()
    print("heard", flush=True)

asyncio.run(main())
"#;
    let Some(desk) = Desk::with("waits.py", script) else { return };
    let mut child = spawn(&mut desk.watching(&["waits.py"]));
    let lines = crate::program::lines(child.stdout.take().expect("it is a pipe"));
    crate::program::wait_for(&lines, &mut child, |line| line == "ready");
    let kill = format!("kill -s TERM {}", child.id());
    assert!(crate::program::run(crate::program::command("/bin/sh", &["-c", &kill])).code == 0);
    crate::program::wait_for(&lines, &mut child, |line| line == "heard");
    let ran = end(child);
    assert_eq!(ran.code, 0, "it ended by itself: {ran:?}");
}

/// Says what of the recorder a program could see, and takes each descriptor from 200 to 299 for a file of its own.
const LOOKS: &str = r#"
import asyncio, os, sys

class Counts:
    count = 0

    def __str__(self):
        self.count += 1
        return str(self.count)

async def main():
    counts = Counts()
    print(counts, counts)
    print(sys.path, sys.modules["sitecustomize"].__file__, __builtins__.mine)
    print(open(__file__).fileno())
    os.closerange(200, 4096)
    while os.open("own", os.O_RDWR | os.O_CREAT) < 300:
        pass
    for _ in range(5):
        await asyncio.sleep(0.03)
    print(os.path.getsize("own"))

asyncio.run(main())
"#;

#[test]
fn w1_the_program_finds_its_own_paths_startup_files_and_descriptors() {
    let Some(desk) = Desk::with("looks.py", LOOKS) else { return };
    std::fs::create_dir(desk.path("site")).expect("a folder can be made");
    desk.add("site/sitecustomize.py", "import builtins\nbuiltins.mine = 'it ran'\n");
    let run = |mut command: std::process::Command| {
        command.env("PYTHONPATH", desk.path("site"));
        crate::program::run(command)
    };
    let alone = run(desk.command("python3", &["looks.py"]));
    check(&alone, alone.code == 0 && alone.out.contains("it ran"), "it runs alone");
    let watched = run(desk.watching(&["looks.py"]));
    assert_eq!((watched.code, &watched.out), (alone.code, &alone.out));
}
