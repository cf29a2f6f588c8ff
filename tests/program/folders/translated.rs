//! Texts in another language: those of a folder, and those of a lesson that is built in.

use std::fs;

use super::Lesson;
use crate::program::{Ran, check, run};

const GERMAN: &str = r#"
summary = "wenige Wörter"
[[scene]]
name = "in_turn"
title = "Nacheinander"
to_see = "Jede Spur beginnt, wo die vorige endet."
[[scene]]
name = "together"
title = "Zugleich"
to_see = "Alle Spuren beginnen links."
[question]
ask = "Wie lange dauern {tasks} Nickerchen von {delay}?"
answer = "Sie dauerten {together.wall}."
[[question.choice]]
text = "{total}"
belief = "Ein Nickerchen hält den Thread fest."
look = "Alle Spuren warten zugleich."
[[question.choice]]
text = "{delay}"
[[claim]]
says = "zugleich dauerte so lange wie das längste"
[[claim]]
says = "nacheinander dauerte so lange wie alle"
"#;

/// Prose of a lesson with this title.
fn prose(title: &str) -> String {
    format!("# {title}\n\nNickerchen.\n\n## What happens\n\nx\n\n## What to notice\n\n- x\n\n## Try\n\n- x\n")
}

fn show(lesson: &Lesson, locale: &str, language: &[&str]) -> Ran {
    let mut command = lesson.command(&[&["show", "./naps"], language].concat());
    run(command.env("LC_ALL", locale))
}

#[test]
fn l1_a_folder_speaks_the_language_of_its_reader_if_it_has_all_texts() {
    let lesson = Lesson::new();
    fs::write(lesson.file("lesson.de.toml"), GERMAN).expect("it can be written");
    fs::write(lesson.file("README.de.md"), prose("naps: wenige Wörter")).expect("it can be written");
    let is_german = |ran: &Ran| ran.code == 0 && ran.out.contains("Nacheinander") && ran.out.contains("wenige");
    let lesson_in_german = |locale: &str, language: &[&str]| is_german(&show(&lesson, locale, language));
    assert!(lesson_in_german("de_AT.UTF-8", &[]), "the locale says which");
    assert!(!lesson_in_german("fr_FR.UTF-8", &[]));
    assert!(!lesson_in_german("C.UTF-8", &[]));

    let asked = lesson.ag(&["show", "./naps"]);
    check(&asked, !is_german(&asked), "without a locale, it is its own");
    let mut command = lesson.command(&["show", "./naps"]);
    let asked = run(command.env("ASYNCGUIDE_LANG", "de"));
    check(&asked, is_german(&asked), "the variable says it as well");

    // One text is missing.
    let all_but_one = GERMAN.rsplit_once("[[claim]]").expect("it has claims").0;
    fs::write(lesson.file("lesson.de.toml"), all_but_one).expect("it can be written");
    let ran = show(&lesson, "de_DE.UTF-8", &[]);
    check(
        &ran,
        ran.code == 0 && ran.out.contains("One after another") && !ran.out.contains("Nacheinander"),
        "all or none",
    );
}

#[test]
fn l1_a_folder_without_scenes_has_the_texts_of_a_built_in_lesson() {
    let lesson = Lesson::new();
    let folder = lesson.path().with_file_name("gather");
    fs::create_dir(&folder).expect("it can be made");
    let toml = r#"
name = "gather"
summary = "auf vieles zugleich warten"
question.ask = "Wie lange dauert es?"
scene = [
  { name = "in_turn", title = "Nacheinander", to_see = "x" },
  { name = "together", title = "Zugleich", to_see = "x" },
  { name = "uneven", title = "Ungleich", to_see = "x" },
]
claim = [{ says = "nacheinander die Summe" }, { says = "zugleich das längste" }, { says = "ungleich das längste" }]
question.choice = [
  { text = "a", belief = "x", look = "x" },
  { text = "b", belief = "x", look = "x" },
  { text = "c" },
  { text = "d", belief = "x", look = "x" },
]
"#;
    fs::write(folder.join("lesson.toml"), toml).expect("it can be written");
    fs::write(folder.join("README.md"), prose("gather: auf vieles zugleich warten")).expect("it can be written");
    let checked = lesson.ag(&["check", "gather"]);
    check(&checked, checked.code == 0 && checked.out.contains("it has all texts of gather"), "it is right");
    let list = lesson.ag(&["--lessons", ".", "list"]);
    check(
        &list,
        list.out.contains("  2  gather       auf vieles zugleich warten\n"),
        "it stands in the place of the other",
    );
    let ran = lesson.ag(&["--lessons", ".", "lesson", "gather", "--clock", "virtual"]);
    let parts = ["2 of 1", "1  Nacheinander", "JoinSet", "✓ nacheinander die Summe (wall 2.000 s"];
    check(&ran, ran.code == 0 && parts.iter().all(|part| ran.out.contains(part)), "its scenes are those of the other");
    fs::write(
        folder.join("lesson.toml"),
        toml.replace("{ name = \"uneven\", title = \"Ungleich\", to_see = \"x\" },", ""),
    )
    .expect("it can be written");
    let checked = lesson.ag(&["check", "gather"]);
    let fault = "lesson.toml:1:1: the scene \"uneven\" is missing: all texts are needed, or none\n1 fault\n";
    assert_eq!((checked.code, checked.out.as_str()), (1, fault), "{checked:?}");
}
