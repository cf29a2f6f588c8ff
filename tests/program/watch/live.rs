//! `watch --live`: lanes that grow while the program runs.

use std::fs;

use super::{Desk, NAPS};
use crate::program::{asyncguide, check};
use crate::pty::{self, Pty};

#[test]
fn w5_lanes_grow_while_the_loop_is_held() {
    // It holds the loop until the test has seen that.
    let script = r#"
import asyncio, os, time

async def hog():
    await asyncio.sleep(0.1)
    while not os.path.exists("go"):
        time.sleep(0.01)
    print("freed")

async def main():
    await asyncio.gather(hog(), asyncio.sleep(0.2))

asyncio.run(main())
"#;
    let Some(desk) = Desk::with("hog.py", script) else { return };
    let mut command = pty::command(asyncguide(), &["watch", "--live", "hog.py"]);
    command.cwd(desk.folder.path());
    let pty = Pty::run(command);
    let held = |terminal: &pty::Terminal| {
        let row = terminal.rows().into_iter().find(|row| row.trim_start().starts_with("hog()"))?;
        Some(row.matches(['█', '▌']).count())
    };
    let first = pty.wait_for("the hog", |terminal| held(terminal).filter(|cells| *cells > 0));
    pty.wait_for("a longer hog", |terminal| held(terminal).filter(|cells| *cells > first));
    fs::write(desk.path("go"), "").expect("it can be written");
    let ended = pty.end();
    assert_eq!(ended.code, 0);
    ended.check_terminal();
    let text = ended.text();
    check(&text, text.contains("freed") && text.contains("What stands out"), "what it printed, and the picture");
}

#[test]
fn w1_live_lanes_change_nothing_that_is_written() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let script =
        "import sys; sys.stdout.write('no newline'); sys.stderr.write('\\x1b[1mbold\\x1b[0m\\n' * 3); sys.exit(7)";
    desk.add("bytes.py", script);
    let ran = desk.watch(&["--live", "naps.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "napped A\nnapped B\nnapped C\nnapped D\n"));
    let ran = desk.watch(&["--live", "bytes.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (7, "no newline"));
    check(&ran, ran.err.starts_with(&"\u{1b}[1mbold\u{1b}[0m\n".repeat(3)), "its bytes");
}
