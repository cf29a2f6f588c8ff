//! Broken folders: `check` refuses each with its place and what is wrong (L2).

use std::fs;

use super::{Lesson, can_run};
use crate::program::check;

/// On a busy machine a claim may fail that holds otherwise. One that is wrong fails each time.
const ATTEMPTS: usize = 4;

/// Marks in a replacement where the fault is.
const HERE: char = '^';

/// What is replaced in `lesson.toml`, by what, and what is wrong then.
const BROKEN: [(&str, &str, &str); 34] = [
    ("minutes = 10 ", "minutes = 10 ^= ", "unexpected key or value"),
    (
        "minutes = 10 ",
        "^minuts = 10 ",
        "there is no key minuts here; use one of name, summary, minutes, prerequisites,",
    ),
    ("minutes = 10 ", "minutes = ^\"ten\" ", "invalid type: string"),
    ("minutes = 10 ", "minutes = ^0 ", "minutes is a whole number from 1 to 600"),
    ("name = \"naps\"", "name = ^\"Naps\"", "a lesson's name has lower-case letters, digits and dashes"),
    ("name = \"naps\"", "name = ^\"nap\"", "a lesson is called as its folder is, and that is \"naps\""),
    ("summary = \"a few", "summary = ^\"\" # \"", "the summary is empty"),
    ("tasks = 3 ", "tasks = ^0 ", "tasks is a whole number from 1 to 1000"),
    ("delay = \"100ms\"", "delay = ^\"soon\"", "delay is a time from \"1ms\" to \"60s\""),
    ("file = \"in_turn.py\" ", "# ", "a scene has a file = \"….py\" or a command = [\"…\"]"),
    ("file = \"in_turn.py\" ", "file = ^\"elsewhere.py\" ", "\"elsewhere.py\": there is no such file in the folder"),
    ("file = \"in_turn.py\" ", "file = ^\"notes.md\" ", "a file that is no .py needs a command that runs it"),
    ("file = \"in_turn.py\" ", "command = ^[] ", "a command has 1 to 32 words"),
    ("file = \"in_turn.py\" ", "command = ^[\"make\"] ", "none of its words is a file of the folder"),
    ("name = \"in_turn\" ", "name = ^\"in-turn\" ", "a scene's name has letters, digits and underscores"),
    ("name = \"together\"", "name = ^\"in_turn\"", "a scene before this one is called \"in_turn\", too"),
    ("title = \"Together\"", "title = ^\" \"", "the title is empty"),
    (
        "lasts = \"all delays\"",
        "lasts = ^\"a while\"",
        "lasts is \"2 delays\", \"all delays\" (one for each task) or a time",
    ),
    ("[question]", "[^questoin]", "there is no key questoin here; use one of"),
    ("right = true", "belief = \"x\"\nlook = \"y\"", "one choice is right: write right = true there"),
    ("belief = \"a nap keeps", "# \"", "a wrong choice names the belief that leads to it"),
    ("look = \"the lanes", "# \"", "a wrong choice names the place in the picture that refutes it"),
    ("right = true", "right = true\nbelief = ^\"x\"", "the right choice has no belief and no look"),
    ("ask = \"A nap takes", "ask = \"A nap of {^nap} takes", "only {tasks}, {delay} and {total} can stand here"),
    ("after {together.wall}", "after {together.^length}", "\"length\" cannot be measured: use wall, longest,"),
    ("\"together.wall <= 1.5 * ", "\"^apart.wall <= 1.5 * ", "there is no scene \"apart\": there is in_turn, together"),
    ("\"together.wall <= 1.5 * ", "\"together.wall ^= 1.2 * ", "a comparison must follow here: <=, >=, <, > or =="),
    ("1.5 * together.longest\"", "^1.2\"", "a time is compared with a time"),
    ("1.5 * together.longest\"", "1.2 ^min\"", "\"min\" is no unit: use ns, us, ms or s"),
    ("* together.longest\"", "* together.lane(\\\"A\\\").^length\"", "\"length\" cannot be measured"),
    ("* together.longest\"", "* together.longest ^and more\"", "nothing can follow here; one comparison is a claim"),
    ("{ scene = \"together\"", "{ scene = ^\"apart\"", "there is no such scene: there is in_turn, together"),
    ("file = \"counter/one_by_one.py\"", "file = ^\"counter/none.py\"", "there is no such file in the folder"),
    ("\n[[claim]]\nsays = \"one", "\n[[claims]]\nsays = \"one", "there is no key claims here; use one of"),
];

/// The line and the column of the mark in `text`, if it has one.
fn place(text: &str) -> Option<String> {
    let before = text.split_once(HERE)?.0;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some(format!("{line}:{column}: "))
}

#[test]
fn l2_each_broken_folder_is_refused_with_its_place_and_what_is_wrong() {
    for (part, by, message) in BROKEN {
        let lesson = Lesson::new();
        lesson.replace("lesson.toml", part, by);
        let text = fs::read_to_string(lesson.file("lesson.toml")).expect("it is there");
        fs::write(lesson.file("lesson.toml"), text.replace(HERE, "")).expect("it can be written");
        let ran = lesson.ag(&["check", "naps"]);
        let mut faults = ran.out.lines().filter(|line| line.starts_with("lesson.toml:"));
        let fault = faults.next().unwrap_or_default();
        let start = format!("lesson.toml:{}", place(&text).unwrap_or_default());
        check(&ran, ran.code == 1 && ran.err.is_empty(), message);
        check(&ran, fault.starts_with(&start) && fault.contains(message), &format!("{start}{message}"));
        let lines = ran.out.lines().count();
        let count = if lines == 2 { "1 fault".to_owned() } else { format!("{} faults", lines - 1) };
        assert_eq!(ran.out.lines().last(), Some(count.as_str()), "{ran:?}");
    }
}

#[test]
fn l2_what_is_right_is_proved_and_what_is_not_is_found_by_running_it() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "delay = \"100ms\"", "delay = \"500ms\"");
    let proved = "naps is right: 2 scenes, 2 claims. Each claim held in 3 runs and beside busy threads, and failed for its \
                  counter.\n";
    let right = (0..ATTEMPTS).any(|_| {
        let ran = lesson.ag(&["check", "naps", "--trust", "--width", "200"]);
        let is_right = ran.out.split_whitespace().eq(proved.split_whitespace());
        is_right && (ran.code, ran.err.as_str()) == (0, "")
    });
    assert!(right, "it is proved");

    // All at once, since each run takes its time.
    lesson.replace("lesson.toml", "1.5 * together.longest", "0.5 * together.longest");
    lesson.replace("lesson.toml", "counter = { scene = \"in_turn\", file = \"together.py\" }", "");
    let title = "# naps: a few words that say what it teaches";
    lesson.replace("README.md", title, "# Naps");
    lesson.replace("README.md", "Two programs", &"Two programs ".repeat(30));
    lesson.replace("README.md", "## What to notice", "## Try");
    let ran = lesson.ag(&["check", "naps", "--trust", "--width", "200"]);
    for fault in [
        "README.md: the section \"## What to notice\" is missing",
        &format!("README.md:1:1: the first line must be the title, as lesson.toml has it: {title}"),
        "README.md:2:1: the introduction has ",
        ": the section \"## Try\" stands here again",
        ": say what must make this claim fail: counter = { scene",
        ": “together took as long as its longest nap”: it failed in run 1 of 3: wall ",
    ] {
        check(&ran, ran.code == 1 && ran.out.contains(fault), fault);
    }
}

#[test]
fn l2_a_claim_that_cannot_fail_and_a_scene_that_does_are_faults() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "file = \"counter/one_by_one.py\"", "file = \"together.py\"");
    let ran = lesson.ag(&["check", "naps", "--trust", "--width", "200"]);
    let fault = "it must fail with together.py in place of together.py, and did not: wall ";
    check(&ran, ran.code == 1 && ran.out.contains(fault), fault);

    lesson.replace("together.py", "asyncio.run(scene())", "raise ValueError(\"no\")");
    let ran = lesson.ag(&["check", "naps", "--trust", "--width", "200"]);
    let fault = "together.py: its program ended with exit code 1: ValueError: no\n";
    check(&ran, ran.code == 1 && ran.out.contains(fault), fault);
    let ran = lesson.ag(&["check", "elsewhere"]);
    let line = "error: cannot check elsewhere: No such file or directory (os error 2)\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", line));
}
