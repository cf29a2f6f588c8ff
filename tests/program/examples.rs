//! Every command that is shown to people works as it stands: in help texts, in the lessons, in the README.

use std::path::Path;

use crate::program::{
    Ran, ag, asyncguide, check, command, commands, folder, four_at_once, lessons, root, run, there_is,
};

/// Makes naps a fiftieth as long, so that an example with a twin in it is quick.
const HURRY: &str = "\
import asyncio, time
sleep, asleep = time.sleep, asyncio.sleep
time.sleep = lambda seconds: sleep(seconds / 50)
asyncio.sleep = lambda seconds, *rest: asleep(seconds / 50, *rest)
";

/// A program of somebody's own.
const APP: &str = "\
import asyncio
async def main():
    await asyncio.sleep(0.1)
asyncio.run(main())
";

/// Runs `line` in a shell that finds asyncguide, in an empty folder, in next to no time.
fn in_a_shell(line: &str) -> Ran {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let python = folder.path().join("python");
    std::fs::create_dir(&python).expect("a folder can be made");
    std::fs::write(python.join("sitecustomize.py"), HURRY).expect("it can be written");
    // What some examples take for granted.
    if line.contains("asyncguide replay run.json") {
        let saved = folder.path().join("run.json");
        std::fs::write(saved, ag(&["lesson", "gather", "--clock", "virtual", "--format", "json"]).out)
            .expect("it can be");
    }
    if line.contains("asyncguide watch") {
        std::fs::write(folder.path().join("app.py"), APP).expect("it can be written");
    }
    if line.contains("asyncguide exercise") && line.contains(" --once") {
        let solution = root().join("exercises/overlap/solution.py");
        std::fs::copy(solution, folder.path().join("overlap.py")).expect("it can be copied");
    }
    let with = |variable: &str, value: &str| {
        let mut command = command("sh", &["-c", line]);
        command.env("PATH", path()).env("PYTHONPATH", &python).env(variable, value).current_dir(&folder);
        run(command.env("XDG_STATE_HOME", folder.path().join("state")))
    };
    // The claims are checked on what Python did, too, so that must not be hurried.
    if runs_python(line) {
        let mut command = command("sh", &["-c", line]);
        command.env("PATH", path()).env("ASYNCGUIDE_DELAY", "200ms").current_dir(&folder);
        return run(command.env("XDG_STATE_HOME", folder.path().join("state")));
    }
    // A tour and a site have lessons that no virtual clock can show.
    if line.contains("asyncguide tour") || line.contains("asyncguide site") {
        return with("ASYNCGUIDE_DELAY", "20ms");
    }
    let ran = with("ASYNCGUIDE_CLOCK", "virtual");
    if ran.err.contains("it needs the real clock") { with("ASYNCGUIDE_DELAY", "20ms") } else { ran }
}

/// Whether `line` runs a lesson's Python twin, or a lesson that is a folder.
fn runs_python(line: &str) -> bool {
    let runs_a_twin = line.contains("asyncguide lesson ") && line.contains(" --python");
    runs_a_twin || line.contains("asyncguide check ") || line.contains("asyncguide lesson ./")
}

/// The usual path, with the folder of asyncguide first.
fn path() -> std::ffi::OsString {
    let own = asyncguide().parent().expect("a program lies in a folder").to_owned();
    let usual = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&usual))).expect("they are paths")
}

#[track_caller]
fn check_works(line: &str) {
    let judges = line.contains("asyncguide exercise") && line.contains(" --once");
    let python = line.contains("python3") || line.contains("asyncguide watch") || runs_python(line) || judges;
    if python && !there_is("python3") || line.contains("uv run") && !there_is("uv") {
        return;
    }
    // A program cannot be watched there yet.
    let watches = ["asyncguide watch", "asyncguide exercise"].iter().any(|command| line.contains(command));
    if cfg!(windows) && (watches || runs_python(line)) {
        return;
    }
    // A server stays up until somebody ends it: those who test it do.
    if line.contains(" --serve") {
        return;
    }
    let ran = in_a_shell(line);
    // A site is all that its command is for, so what became of each lesson is said on standard error. The standard output
    // of a program that is watched is its own, so its picture is there, too.
    let elsewhere = ["asyncguide site", "asyncguide watch"].iter().any(|command| line.contains(command));
    let notes = elsewhere && !line.contains("--save -") || line.split_whitespace().any(|word| word == "-v");
    assert!(ran.code == 0 && ran.err.is_empty() != notes, "{line}: {ran:#?}");
}

#[test]
fn p2_every_help_ends_in_examples_that_work() {
    if !there_is("sh") {
        return;
    }
    let mut all = Vec::new();
    for name in [None].into_iter().chain(commands().iter().map(Some)) {
        let arguments: Vec<&str> = name.map(String::as_str).into_iter().chain(["--help", "--width", "200"]).collect();
        let help = ag(&arguments);
        assert_eq!((help.code, help.err.as_str()), (0, ""), "{name:?}");
        let (_, examples) = help.out.split_once("\nEXAMPLES:\n").expect("there are examples");
        check(&help.out, examples.lines().all(|line| line.starts_with("  ")), "nothing follows the examples");
        let about = name.map_or("asyncguide".to_owned(), |name| format!("asyncguide {name}"));
        check(examples, examples.lines().all(|line| line.contains(&about)), "they are about this command");
        all.extend(examples.lines().map(str::to_owned));
    }
    four_at_once(&all, |example| check_works(example));
}

#[test]
fn p2_short_help_has_them_too() {
    for name in commands() {
        let help = ag(&[&name, "-h"]).out;
        check(&help, help.contains("\nEXAMPLES:\n"), "there are examples");
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pieces of `markdown` between backticks.
fn code(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split('`').skip(1).step_by(2)
}

#[test]
fn what_lessons_say_to_try_works() {
    if !there_is("sh") {
        return;
    }
    four_at_once(&lessons(), |name| to_try(name).iter().for_each(|command| check_works(command)));
}

/// The commands that the lesson tells its readers to try.
fn to_try(name: &str) -> Vec<String> {
    let readme = read(&root().join("lessons").join(folder(name)).join("README.md"));
    let (_, to_try) = readme.split_once("\n## Try\n").unwrap_or_else(|| panic!("{name} says what to try"));
    let commands = code(to_try).filter(|code| code.contains("asyncguide "));
    let commands: Vec<String> = commands.map(str::to_owned).collect();
    let points = to_try.matches("\n- ").count();
    assert_eq!(commands.len(), points, "{name}: each point has a command: {commands:?}");
    commands
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let readme = read(&root().join("README.md"));
    let blocks = readme.split("```").skip(1).step_by(2);
    // A dependency in TOML begins with the name of the program, too.
    let blocks = blocks.filter(|block| !block.starts_with("toml"));
    let commands: Vec<&str> = blocks.flat_map(str::lines).map(|line| line.trim_start_matches("$ ")).collect();
    let lesson = "cargo run --release -- lesson gather";
    check(&commands, commands.contains(&lesson), "one runs the main job");
    check(&commands, commands.contains(&"cargo test"), "one runs the tests");
    // The others are built from the same sources by whoever runs these tests.
    let own = commands.iter().filter_map(|line| line.strip_prefix("cargo run --release -- "));
    own.for_each(|arguments| check_works(&format!("asyncguide {arguments}")));
    let others = commands.iter().filter(|line| line.starts_with("asyncguide ") || line.contains("| asyncguide "));
    // A Rust program of somebody's own is not there to be built; `guarded.rs` watches two that are.
    let others = others.filter(|line| !line.starts_with("asyncguide watch -- cargo run"));
    others.for_each(|line| check_works(line));
}
