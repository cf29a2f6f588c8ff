//! The loop of an exercise, in a terminal.

use std::fs;

use super::{Desk, overlap, read, words};
use crate::program::{asyncguide, command as plain, root, run, there_is};
use crate::pty::{self, CTRL_C, Pty};

const PROMPT: &str = "q: stop";

/// The loop of the desk's exercise, in a terminal of this size.
fn practise(desk: &Desk, columns: u16, rows: u16, editor: Option<&str>) -> Pty {
    let mut command = pty::command(asyncguide(), &["exercise", &desk.name]);
    command.cwd(desk.folder.path());
    command.env("XDG_STATE_HOME", desk.folder.path().join("state"));
    command.env_remove("VISUAL");
    command.env_remove("EDITOR");
    if let Some(editor) = editor {
        command.env("EDITOR", editor);
    }
    Pty::run_in(columns, rows, command)
}

/// Waits until the screen shows this, above the prompt.
#[track_caller]
fn wait_for(pty: &Pty, text: &str) {
    pty.wait_for(text, |terminal| {
        let shown = words(&terminal.shown());
        let at = shown.rfind(text)?;
        shown[at..].contains(PROMPT).then_some(())
    });
}

#[test]
fn e1_each_save_is_judged_and_keys_help_until_it_passes() {
    if !there_is("python3") {
        return;
    }
    let desk = Desk::new("overlap");
    let mut pty = practise(&desk, 80, 30, None);
    wait_for(&pty, "Not yet. The pages are fetched one after the other");
    assert_eq!(read(desk.file()), read(root().join("exercises/overlap/starter.py")));
    for number in 1..=3 {
        pty.press("h");
        wait_for(&pty, &format!("Hint {number} of 3"));
    }
    pty.press("s");
    wait_for(&pty, "Press s again to see a solution");
    desk.save(&overlap("return pages[9]"));
    wait_for(&pty, "IndexError: list index out of range (overlap.py:7)");
    desk.save("def broken(:\n");
    wait_for(&pty, "Python cannot read the file");
    fs::remove_file(desk.file()).expect("it is there");
    wait_for(&pty, "Not yet: there is no overlap.py here.");
    // Some editors write another file and rename it.
    let other = desk.folder.path().join("other");
    fs::write(&other, overlap("return await asyncio.gather(*(fetch(page) for page in pages))")).expect("it can be");
    fs::rename(&other, desk.file()).expect("it can be renamed");
    wait_for(&pty, "Passed.");
    pty.press("s");
    wait_for(&pty, "A solution");
    pty.press("q");
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text());
    ended.check_terminal();
    let mut list = plain(asyncguide(), &["exercise", "--ascii"]);
    let list = run(list.env("XDG_STATE_HOME", desk.folder.path().join("state"))).out;
    assert!(list.starts_with("v  1  overlap"), "{list}");
}

#[test]
fn e1_beginning_anew_keeps_the_old_file_and_n_goes_on() {
    if !there_is("python3") {
        return;
    }
    let desk = Desk::with("overlap", "mine = 1\n");
    let mut pty = practise(&desk, 80, 24, Some("printf edited >"));
    wait_for(&pty, "There is no function fetch any more");
    pty.press("r");
    wait_for(&pty, "Begun anew. What you had is now overlap.old-1.py.");
    assert_eq!(read(desk.folder.path().join("overlap.old-1.py")), "mine = 1\n");
    wait_for(&pty, "Not yet. The pages are fetched");
    pty.press("o");
    wait_for(&pty, "NameError: name 'edited' is not defined (overlap.py:1)");
    assert_eq!(read(desk.file()), "edited");
    pty.press("n");
    wait_for(&pty, "Not yet. The answers stand in another order");
    assert!(desk.folder.path().join("order.py").is_file());
    pty.press(CTRL_C);
    let ended = pty.end();
    assert_eq!(ended.code, 130, "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn e1_a_file_without_an_end_does_not_keep_the_user() {
    if !there_is("python3") {
        return;
    }
    let desk = Desk::with("overlap", "while True:\n    pass\n");
    let mut pty = practise(&desk, 80, 24, None);
    pty.wait_for("the file", |terminal| terminal.shown().contains("is left as it is").then_some(()));
    pty.press("q");
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn e1_on_a_narrow_terminal_nothing_is_wider_than_the_screen() {
    if !there_is("python3") {
        return;
    }
    let desk = Desk::new("limit");
    let mut pty = practise(&desk, 40, 20, None);
    wait_for(&pty, "8 downloads were under way at once, and three are allowed.");
    pty.press("q");
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text());
    ended.check_terminal();
}
