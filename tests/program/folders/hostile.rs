//! A hostile folder can neither run nor open nor exhaust anything.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use super::{Lesson, can_run};
use crate::program::{check, command, run};

/// Much more than it takes to refuse a folder.
const SOON: Duration = Duration::from_secs(10);

/// Checks that each command refuses the lesson with one line that says `why`, and exit code 2.
#[track_caller]
fn check_refused(lesson: &Lesson, why: &str) {
    for arguments in [&["lesson", "./naps", "--trust"] as &[&str], &["show", "./naps"], &["check", "naps", "--trust"]] {
        let since = Instant::now();
        let ran = lesson.ag(arguments);
        check(&ran, ran.code != 0 && ran.both().contains(why), why);
        check(&ran, !ran.both().contains('\u{1b}') && !ran.both().contains("panicked"), "and says nothing else");
        assert!(since.elapsed() < SOON, "{arguments:?} took {:?}", since.elapsed());
    }
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let lesson = Lesson::new();
    symlink("/etc/passwd", lesson.file("data.txt")).expect("a link can be made");
    check_refused(&lesson, "data.txt: it is a symbolic link; put the file itself there");

    let lesson = Lesson::new();
    fs::remove_file(lesson.file("together.py")).expect("it is there");
    symlink("in_turn.py", lesson.file("together.py")).expect("a link can be made");
    check_refused(&lesson, "together.py: it is a symbolic link");

    let lesson = Lesson::new();
    let fifo = lesson.file("pipe").to_string_lossy().into_owned();
    assert_eq!(run(command("mkfifo", &[&fifo])).code, 0);
    check_refused(&lesson, "pipe: it is neither a file nor a folder");

    let lesson = Lesson::new();
    fs::remove_file(lesson.file("lesson.toml")).expect("it is there");
    let fifo = lesson.file("lesson.toml").to_string_lossy().into_owned();
    assert_eq!(run(command("mkfifo", &[&fifo])).code, 0);
    check_refused(&lesson, "it is no lesson: it has no lesson.toml");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let lesson = Lesson::new();
    // As large as a disk, and takes no room.
    File::create(lesson.file("large")).and_then(|file| file.set_len(1 << 40)).expect("it can be made");
    check_refused(&lesson, "large: it is larger than 256 KiB");

    let lesson = Lesson::new();
    (0..200).for_each(|number| fs::write(lesson.file(&format!("{number}.txt")), "").expect("it can be written"));
    check_refused(&lesson, "it has more than 200 files");

    let lesson = Lesson::new();
    (0..20).for_each(|number| {
        fs::write(lesson.file(&format!("{number}.bin")), vec![0; 250_000]).expect("it can be written");
    });
    check_refused(&lesson, "its files are larger than 4 MiB together");

    let lesson = Lesson::new();
    fs::create_dir_all(lesson.file("a/b/c/d/e/f")).expect("they can be made");
    check_refused(&lesson, "a folder lies at most 4 folders deep");
}

#[test]
fn what_is_too_much_is_refused() {
    let lesson = Lesson::new();
    let scene = "[[scene]]\nname = \"in_turn\"\ntitle = \"More\"\nfile = \"in_turn.py\"\n";
    lesson.replace("lesson.toml", "[question]", &format!("{}[question]", scene.repeat(20)));
    check_refused(&lesson, "a lesson has at most 12 scenes");

    let lesson = Lesson::new();
    let claim = "[[claim]]\nsays = \"more\"\nholds = \"together.wall <= 2 s\"\n";
    lesson.replace("lesson.toml", "[question]", &format!("{}[question]", claim.repeat(50)));
    check_refused(&lesson, "a lesson has at most 40 claims");

    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "summary = \"", &format!("summary = \"{}", "long ".repeat(100)));
    check_refused(&lesson, "at most 150 are shown");

    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "minutes = 10", &format!("minutes = {}1{}", "[".repeat(9_000), "]".repeat(9_000)));
    check_refused(&lesson, "lesson.toml:6:");
}

#[test]
fn texts_cannot_control_the_terminal_and_files_cannot_leave_the_folder() {
    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "title = \"Together\"", "title = \"\\u001b[2JTogether\"");
    check_refused(&lesson, "the title has characters that control a terminal");

    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "file = \"together.py\"", "file = \"../../../etc/passwd\"");
    check_refused(&lesson, "there is no such file in the folder");

    let lesson = Lesson::new();
    lesson.replace("README.md", "Two programs", "\u{1b}]0;owned\u{7}Two \u{202e}programs");
    lesson.replace("together.py", "All naps", "\u{1b}[31mAll naps");
    let shown = lesson.ag(&["show", "./naps"]);
    let is_clean = !shown.out.contains(['\u{1b}', '\u{7}', '\u{202e}']);
    check(&shown, shown.code == 0 && is_clean, "what is shown is sanitised");
}

#[test]
fn l3_a_summary_cannot_become_a_part_of_a_completion_script() {
    let lesson = Lesson::new();
    let hostile = r#"summary = 'x" $(touch a) `touch b` <(touch c)) ; touch d # \\u0027 ’ | & > e [f] {g} !'"#;
    let toml = fs::read_to_string(lesson.file("lesson.toml")).expect("it is there");
    let summary = toml.lines().find(|line| line.starts_with("summary")).expect("it has one");
    lesson.replace("lesson.toml", summary, hostile);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = lesson.ag(&["--lessons", ".", "completions", shell]);
        assert_eq!(script.code, 0, "{script:?}");
        check(&script, script.out.contains("naps"), "its name is completed");
        for part in ["(touch", "`touch", "; touch", "| &", "> e", "{g}", "’"] {
            check(&script, !script.out.contains(part), part);
        }
    }
}

#[test]
fn l3_trust_in_a_folder_is_none_in_another_python() {
    let lesson = Lesson::new();
    if !can_run() {
        return;
    }
    assert_eq!(lesson.ag(&["lesson", "./naps", "--trust"]).code, 0);
    assert_eq!(lesson.ag(&["lesson", "./naps"]).code, 0, "it is remembered");
    let bin = lesson.path().with_file_name(".venv").join("bin");
    fs::create_dir_all(&bin).expect("it can be made");
    let python = bin.join("python3");
    fs::write(&python, "#!/bin/sh\ntouch ran\n").expect("it can be written");
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("it is there");
    let ran = lesson.ag(&["lesson", "./naps"]);
    check(&ran, ran.code == 2 && ran.err.contains(".venv/bin/python3"), "it is asked again");
    assert!(!lesson.path().with_file_name("ran").exists() && !lesson.file("ran").exists());
}
