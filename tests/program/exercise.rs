//! Exercises: a learner's file, judged by its recording.
//!
//! The files are Python's, so without a `python3` these tests are skipped.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::program::{Ran, ag, asyncguide, check, command, four_at_once, root, run, skip, there_is};

mod practice;

/// What a test wants to know of an exercise's sheet.
#[derive(Deserialize)]
struct Sheet {
    lesson: String,
    hints: Vec<String>,
    wrong: Vec<Wrong>,
}

/// A counter-solution, and a part of what has to be said of it.
#[derive(Deserialize)]
struct Wrong {
    file: String,
    because: String,
}

/// The folders of the exercises, by name.
fn folders() -> Vec<String> {
    let entries =
        fs::read_dir(root().join("exercises")).expect("it is there").map(|entry| entry.expect("it can be read"));
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// `text` with one blank between any two words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sheet(name: &str) -> Sheet {
    let text = read(root().join("exercises").join(name).join("exercise.toml"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A folder with a learner's file for an exercise, and the progress in it.
struct Desk {
    folder: tempfile::TempDir,
    name: String,
}

impl Desk {
    fn new(name: &str) -> Self {
        Desk { folder: tempfile::tempdir().expect("a folder can be made"), name: name.to_owned() }
    }

    fn with(name: &str, text: &str) -> Self {
        let desk = Desk::new(name);
        desk.save(text);
        desk
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(format!("{}.py", self.name))
    }

    fn save(&self, text: &str) {
        fs::write(self.file(), text).expect("it can be written");
    }

    /// What is said of the file as it is.
    fn once(&self) -> Ran {
        let mut command = command(asyncguide(), &["exercise", &self.name, "--once"]);
        run(command.current_dir(&self.folder).env("XDG_STATE_HOME", self.folder.path().join("state")))
    }
}

#[test]
fn e2_each_folder_is_an_exercise_with_all_its_parts() {
    let list = ag(&["exercise", "--width", "200"]).out;
    let listed = |name: &str| list.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
    let folders = folders();
    let numbered = list.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())).count();
    check(&list, numbered == folders.len(), "there are as many as folders");
    for name in folders {
        check(&list, listed(&name), &name);
        let sheet = sheet(&name);
        assert_eq!(sheet.hints.len(), 3, "{name}");
        assert!(sheet.wrong.len() >= 3, "{name}");
        let lessons = crate::program::lessons();
        assert!(lessons.contains(&sheet.lesson), "{name}: {}", sheet.lesson);
        let mut files: Vec<String> = fs::read_dir(root().join("exercises").join(&name).join("wrong"))
            .expect("it is there")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .filter(|file| file.ends_with(".py"))
            .collect();
        files.sort_unstable();
        let mut named: Vec<&str> = sheet.wrong.iter().map(|wrong| &*wrong.file).collect();
        named.sort_unstable();
        assert_eq!(files, named, "{name}");
        let starter = read(root().join("exercises").join(&name).join("starter.py"));
        assert!(starter.lines().count() <= 50 && starter.lines().all(|line| line.len() <= 80), "{name} fits a screen");
    }
}

/// Whether Python has what a file needs.
fn python_has(text: &str) -> bool {
    let old = run(command("python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])).code != 0;
    !(old && text.contains("to_thread"))
}

#[test]
fn e2_solutions_pass_and_everything_else_fails_for_its_reason() {
    if !there_is("python3") {
        return;
    }
    let mut jobs: Vec<(String, String, Option<String>)> = Vec::new();
    for name in folders() {
        jobs.push((name.clone(), "solution.py".to_owned(), None));
        jobs.push((name.clone(), "starter.py".to_owned(), Some("Not yet.".to_owned())));
        let wrong = sheet(&name).wrong.into_iter();
        jobs.extend(wrong.map(|wrong| (name.clone(), format!("wrong/{}", wrong.file), Some(wrong.because))));
    }
    four_at_once(&jobs, |(name, file, because)| {
        let text = read(root().join("exercises").join(name).join(file));
        if !python_has(&text) {
            return skip("this Python has no asyncio.to_thread");
        }
        let ran = Desk::with(name, &text).once();
        match because {
            None => assert!(ran.code == 0 && ran.out.contains("Passed."), "{name}/{file}: {ran:?}"),
            Some(because) => {
                let said = ran.out.contains("Not yet.") && words(&ran.out).contains(&words(because));
                assert!(ran.code == 1 && said, "{name}/{file} has to fail because “{because}”: {ran:?}");
            }
        }
        assert_eq!(ran.err, "", "{name}/{file}");
    });
}

/// A file of `overlap` whose `fetch_all` has this body.
fn overlap(body: &str) -> String {
    format!(
        "import asyncio, os, sys, time\n\nasync def fetch(page):\n    await asyncio.sleep(1)\n\nasync def fetch_all(pages):\n    {}\n",
        body.replace('\n', "\n    ")
    )
}

#[test]
fn e1_a_broken_file_is_told_from_one_of_which_nothing_can_be_told() {
    if !there_is("python3") {
        return;
    }
    let gather = "return await asyncio.gather(*(fetch(page) for page in pages))";
    let cases = [
        (overlap(gather), 0, "Passed."),
        (overlap("return [await fetch(page) for page in pages]"), 1, "at most 1 of 4"),
        (overlap("return pages[99]"), 1, "IndexError: list index out of range (overlap.py:7)"),
        (overlap("await asyncio.Event().wait()"), 1, "It never ends. Something still waits at line 7"),
        (overlap("while True:\n    await asyncio.sleep(3600)"), 1, "It never ends."),
        (overlap("return [await fetch(page"), 1, "Python cannot read the file"),
        (overlap("os._exit(0)"), 3, "Cannot tell. Python ended with exit code 0"),
        (overlap("os.kill(os.getpid(), 9)"), 3, "Cannot tell. Python ended with exit code 137"),
        (overlap("sys.exit(5)"), 1, "It ends with SystemExit: 5"),
        ("fetch = None\n".to_owned(), 1, "There is no function fetch any more"),
        ("\u{1b}]0;title\u{7}".to_owned(), 1, "Python cannot read the file"),
        (String::new(), 1, "There is no function fetch any more"),
    ];
    four_at_once(&cases, |(text, code, said)| {
        let ran = Desk::with("overlap", text).once();
        assert!(ran.code == *code && words(&ran.out).contains(said), "{text}: {code} {said}: {ran:?}");
        assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
    });
}

#[test]
fn e1_a_hostile_file_costs_bounded_time_and_output_and_leaves_nothing_running() {
    if !there_is("python3") {
        return;
    }
    let spins = overlap("while True:\n    pass");
    let spins_politely = overlap("while True:\n    await asyncio.sleep(0)");
    let prints = overlap("for _ in range(20000):\n    print('x' * 100)\nreturn []");
    let forks = overlap("if os.fork() == 0:\n    os.write(1, b'')\n    time.sleep(600)\nreturn []");
    let marker = format!("asyncguide-test-{}", std::process::id());
    let leaves = overlap(&format!("import subprocess\nsubprocess.Popen(['sleep', '600', '{marker}'])\nreturn []"));
    let cases = [
        (spins, "and goes on doing so. (overlap.py:"),
        (spins_politely, "It has no end"),
        (prints, "Not yet."),
        (forks, "Not yet."),
        (leaves, "Not yet."),
    ];
    four_at_once(&cases, |(text, said)| {
        let ran = Desk::with("overlap", text).once();
        assert!(ran.code == 1 && words(&ran.out).contains(said), "{text}: {ran:?}");
        assert!(ran.out.len() < 10_000, "{}", ran.out.len());
    });
    let left = run(command("sh", &["-c", &format!("ps -eo args | grep '[s]leep 600 {marker}'")]));
    assert_eq!(left.out, "", "it is killed with the file that started it");
}

#[test]
fn e1_what_is_no_file_is_refused() {
    let desk = Desk::new("overlap");
    let ran = desk.once();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("there is no overlap.py here; asyncguide exercise overlap writes it"), "{ran:?}");
    fs::create_dir(desk.file()).expect("it can be made");
    assert!(desk.once().err.contains("overlap.py is not a file"));
    let ran = ag(&["exercise", "overlpa", "--once"]);
    assert!(ran.code == 2 && ran.err.contains("a similar value exists: 'overlap'"), "{ran:?}");
}

#[test]
fn e1_off_a_terminal_the_file_is_written_once_and_never_over_another() {
    let desk = Desk::new("overlap");
    let write = || {
        let mut command = command(asyncguide(), &["exercise", "overlap"]);
        run(command.current_dir(&desk.folder))
    };
    let ran = write();
    assert!(ran.code == 0 && ran.out.contains("overlap.py is written here"), "{ran:?}");
    assert_eq!(read(desk.file()), read(root().join("exercises/overlap/starter.py")));
    desk.save("mine");
    let ran = write();
    assert!(ran.code == 0 && ran.out.contains("is here already, and is left as it is"), "{ran:?}");
    assert_eq!(read(desk.file()), "mine");
}
