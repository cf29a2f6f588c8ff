//! A lesson that is a folder runs, saves, replays and shows as one that is built in (L1), once it is trusted (L3).

use std::fs;

use asyncguide::trace::{Outcome, SceneTrace, Trace, Verdict};

use super::{Lesson, can_run, files_in};
use crate::program::{check, command, lines, run, spawn, wait_for};

fn names(scene: &SceneTrace) -> Vec<&str> {
    scene.work().map(|task| &*task.name).collect()
}

#[test]
fn l1_a_folder_runs_as_a_built_in_lesson_does() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    let before = files_in(&lesson.path());
    let ran = lesson.ag(&["lesson", "./naps", "--trust", "--width", "80", "--save", "run.json", "--tasks", "2"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    for part in [
        "naps · a few words that say what it teaches\n",
        "Compare how long each takes",
        "nap 1 falls asleep\n",
        "1  One after another",
        "naps/in_turn.py",
        "│ async def scene():",
        "Every lane begins at the left",
        "✓ together took as long as its longest nap (wall ",
        "  What to notice\n",
    ] {
        check(&ran.out, ran.out.contains(part), part);
    }
    let saved = fs::read(lesson.path().with_file_name("run.json")).expect("it is saved");
    let trace = Trace::from_json(&saved).expect("it is a recording");
    let scenes: Vec<_> = trace.scenes.iter().map(|scene| (&*scene.name, names(scene), &scene.outcome)).collect();
    let both = || vec!["nap 1", "nap 2"];
    assert_eq!(scenes, [("in_turn", both(), &Outcome::Done), ("together", both(), &Outcome::Done)]);
    let of_sites = trace.scenes[0].sites.iter().any(|site| site.file == "naps/in_turn.py");
    assert!(of_sites && trace.scenes[0].language.is_none(), "{:?}", trace.scenes[0].sites);
    assert!(trace.claims.iter().all(|claim| matches!(claim.verdict, Verdict::Held(_))), "{:?}", trace.claims);

    let page = lesson.ag(&["lesson", "./naps", "--format", "html"]);
    check(&page, page.out.contains("All naps were over after "), "a page answers the question");
    let again = lesson.ag(&["replay", "run.json"]);
    check(&again, again.code == 0 && again.out.contains("✓ together took as long"), "it is replayed");
    let steps = lesson.ag(&["lesson", "./naps", "--step"]);
    check(&steps, steps.code == 0 && steps.out.contains("nap 1 says “falls asleep”"), "and shown step by step");
    let stream = lesson.ag(&["lesson", "./naps", "--format", "jsonl"]);
    let streamed = Trace::from_jsonl(stream.out.as_bytes()).expect("it is a stream");
    assert_eq!((streamed.scenes.len(), streamed.claims.len()), (2, 2));
    assert_eq!(files_in(&lesson.path()), before, "nothing is left in the folder");
}

#[test]
fn l1_a_folder_is_shown_and_refuses_what_it_cannot_do() {
    let lesson = Lesson::new();
    let shown = lesson.ag(&["show", "./naps"]);
    check(&shown, shown.code == 0 && shown.out.contains("\"\"\"Each nap begins when"), "its code is shown");
    for (arguments, why) in [
        (&["lesson", "./naps", "--clock", "virtual"] as &[&str], "it needs the real clock"),
        (&["lesson", "./naps", "--python"], "has no Python twin"),
        (&["show", "./naps", "--python"], "has no Python twin"),
        (&["lesson", "./naps", "--limit", "3"], "has no use for --limit"),
        (&["lesson", "./elsewhere"], "cannot load the lesson in ./elsewhere: No such file"),
        (&["lesson", "."], "cannot load the lesson in .: it is no lesson: it has no lesson.toml"),
        (&["lesson", "naps"], "invalid value 'naps'"),
    ] {
        let ran = lesson.ag(arguments);
        check(&ran, ran.code == 2 && ran.out.is_empty() && ran.err.contains(why), why);
    }
}

#[test]
fn l3_nothing_runs_before_it_is_trusted_and_a_changed_byte_ends_that() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    let runs = lesson.path().with_file_name("it-ran");
    let mark = format!("open({:?}, \"a\").close()\nDELAY = ", runs.display().to_string());
    lesson.replace("in_turn.py", "DELAY = ", &mark);
    for arguments in [&["lesson", "./naps"], &["check", "naps"]] {
        let ran = lesson.ag(arguments);
        let says = ran.err.contains("python3 in_turn.py 0.1 3") && ran.err.contains("add --trust");
        check(&ran, ran.code == 2 && ran.out.is_empty() && ran.err.lines().count() == 1 && says, "it is refused");
        assert!(!runs.exists(), "{arguments:?} ran it");
    }
    lesson.ag(&["show", "./naps"]);
    assert!(!runs.exists(), "to show it runs nothing");
    assert_eq!(lesson.ag(&["lesson", "./naps", "--trust"]).code, 0);
    assert!(runs.exists());
    assert_eq!(lesson.ag(&["lesson", "./naps"]).code, 0, "it is remembered");
    lesson.replace("counter/one_by_one.py", "The mistake", "A mistake");
    let ran = lesson.ag(&["lesson", "./naps"]);
    check(&ran, ran.code == 2 && ran.err.contains("add --trust"), "another byte is another lesson");
}

#[test]
fn a_scene_that_fails_says_why() {
    if !can_run() {
        return;
    }
    for (body, why) in [
        ("raise ValueError(\"no naps today\")", "its program ended with exit code 1: ValueError: no naps today"),
        ("sys.exit(3)", "its program ended with exit code 3"),
        ("pass", "nothing was recorded: the program ran no event loop"),
        ("asyncio.run(scene()); asyncio.run(scene())", "its program ran 2 event loops, and a scene is one"),
    ] {
        let lesson = Lesson::new();
        lesson.replace("together.py", "asyncio.run(scene())", body);
        let ran = lesson.ag(&["lesson", "./naps", "--trust", "--width", "200"]);
        let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        check(&ran, ran.code == 1 && said.contains(&format!("The scene failed: {why}")), why);
        let traceback = ran.err.contains("Traceback");
        check(&ran, traceback == body.starts_with("raise"), "what it wrote to standard error is there");
    }
}

#[test]
fn an_interrupted_scene_is_drawn_and_its_program_ends() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    let arguments = ["lesson", "./naps", "--trust", "--delay", "60s", "--tasks", "1"];
    let mut child = spawn(&mut lesson.command(&arguments));
    let out = lines(child.stdout.take().expect("it is a pipe"));
    wait_for(&out, &mut child, |line| line == "nap 1 falls asleep");
    assert_eq!(run(command("kill", &["-INT", &child.id().to_string()])).code, 0);
    wait_for(&out, &mut child, |line| line.contains("nap 1") && line.ends_with("interrupted"));
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn scenes_read_lines_and_each_of_them_reads_all() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "tasks = 3 ", "lines = true\ntasks = 3 ");
    for file in ["in_turn.py", "together.py"] {
        lesson.replace(file, "async def scene():", "async def scene():\n    print(\"read\", sys.stdin.read().split())");
    }
    let mut command = lesson.command(&["lesson", "./naps", "--trust"]);
    let mut child = spawn(command.stdin(std::process::Stdio::piped()));
    std::io::Write::write_all(&mut child.stdin.take().expect("it is a pipe"), b"a\nb\n").expect("it reads");
    let ran = crate::program::end(child);
    assert_eq!(ran.out.matches("read ['a', 'b']\n").count(), 2, "{ran:?}");
}

#[test]
fn a_command_is_a_scene_too() {
    if !can_run() {
        return;
    }
    let lesson = Lesson::new();
    lesson.replace("lesson.toml", "file = \"together.py\"", "command = [\"env\", \"python3\", \"together.py\"]");
    let ran = lesson.ag(&["lesson", "./naps", "--trust"]);
    check(&ran, ran.code == 0 && ran.out.contains("✓ together took as long"), "it is recorded as well");
}
