//! Lessons from `--lessons` and its variable stand beside those that are built in (L1).

use std::fs;

use super::{Lesson, can_run};
use crate::program::{asyncguide, check, command, lessons, run};

#[test]
fn l1_lessons_of_a_folder_join_those_that_are_built_in() {
    let lesson = Lesson::new();
    let built_in = lessons().len();
    for named in [&["--lessons", ".", "list"] as &[&str], &["list", "--lessons=."]] {
        let list = lesson.ag(named);
        let last = format!("{}  naps", built_in + 1);
        check(&list, list.code == 0 && list.err.is_empty(), "it is listed");
        check(&list, list.out.lines().last().is_some_and(|line| line.contains(&last)), &last);
    }
    let mut list = lesson.command(&["list"]);
    let list = run(list.env("ASYNCGUIDE_LESSONS", format!("/nowhere:{}", lesson.path().display())));
    let warns = list.err == "warning: cannot look for lessons in /nowhere: No such file or directory (os error 2)\n";
    check(&list, list.out.contains("naps") && warns, "the variable names several, and each of them may be a lesson");
    let shown = lesson.ag(&["--lessons", ".", "show", "naps"]);
    check(&shown, shown.code == 0 && shown.out.starts_with("naps · a few words"), "it is shown by its name");
    let script = lesson.ag(&["--lessons", ".", "completions", "bash"]);
    check(&script, script.out.contains(" naps"), "it is completed");
    let typo = lesson.ag(&["--lessons", ".", "lesson", "nasp"]);
    check(&typo, typo.code == 2 && typo.err.contains("a similar value exists: 'naps'"), "a typo gets a suggestion");
    let ran = lesson.ag(&["--lessons", ".", "lesson", "naps"]);
    check(&ran, ran.code == 2 && ran.err.contains("add --trust"), "and it is not trusted yet");
    if !can_run() {
        return;
    }
    let ran = lesson.ag(&["--lessons", ".", "lesson", "naps", "--trust", "--save", "run.json"]);
    check(&ran, ran.code == 0 && ran.out.contains(&format!("{0} of {0}", built_in + 1)), "it has a number");
    let again = lesson.ag(&["replay", "run.json", "--lessons", "."]);
    check(&again, again.code == 0 && again.out.contains("What to notice"), "a replay has its prose");
}

#[test]
fn a_folder_hides_no_built_in_lesson_and_a_broken_one_hides_no_other() {
    let lesson = Lesson::new();
    let folder = lesson.path().with_file_name("gather");
    fs::create_dir(&folder).expect("it can be made");
    for file in ["lesson.toml", "README.md", "in_turn.py", "together.py"] {
        fs::copy(lesson.file(file), folder.join(file)).expect("it is there");
    }
    fs::create_dir(folder.join("counter")).expect("it can be made");
    fs::copy(lesson.file("counter/one_by_one.py"), folder.join("counter/one_by_one.py")).expect("it is there");
    let toml = fs::read_to_string(folder.join("lesson.toml")).expect("it is there");
    fs::write(folder.join("lesson.toml"), toml.replace("\"naps\"", "\"gather\"")).expect("it can be written");
    let broken = lesson.path().with_file_name("broken");
    fs::create_dir(&broken).expect("it can be made");
    fs::write(broken.join("lesson.toml"), "name = 1").expect("it can be written");
    let list = lesson.ag(&["--lessons", ".", "list"]);
    let warnings = [
        "warning: cannot load the lesson in ./broken: lesson.toml:1:8: ",
        "warning: cannot load the lesson in ./gather: lesson.toml:20:8: a built-in lesson is called \"gather\": leave out",
    ];
    check(&list, list.code == 0 && list.out.contains("naps"), "the others are there");
    check(&list, warnings.iter().all(|warning| list.err.contains(warning)), "and it is said which are not");
    let watched = run(command(asyncguide(), &["watch", "--", "echo", "--lessons", "/nowhere"]));
    check(&watched, !watched.err.contains("cannot look for"), "the words of another program are its own");
}
