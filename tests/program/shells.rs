//! Completion scripts and manual pages, as the programs that they are for see them.

use std::process::Command;

use crate::program::{Ran, ag, check, command, commands, lessons, run, there_is};

/// The shells, each with how it is told to read a script without running it, or where it cannot, to load it.
const SHELLS: [(&str, &str, &[&str]); 5] = [
    ("bash", "bash", &["-n"]),
    ("zsh", "zsh", &["-n"]),
    ("fish", "fish", &["--no-execute"]),
    ("elvish", "elvish", &["-compileonly"]),
    ("powershell", "pwsh", &["-NoProfile", "-NonInteractive", "-File"]),
];

/// Runs `program` on a file of this `text`.
fn on_file(program: &str, arguments: &[&str], name: &str, text: &str) -> Ran {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join(name);
    std::fs::write(&file, text).expect("it can be written");
    let mut command: Command = command(program, arguments);
    command.arg(&file).env("HOME", folder.path());
    run(command)
}

#[test]
fn p17_completion_scripts_load_and_name_commands_and_lessons() {
    for (shell, program, arguments) in SHELLS {
        let script = ag(&["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (0, ""), "{shell}");
        for word in commands().iter().chain(&lessons()) {
            assert!(script.out.contains(word.as_str()), "{shell} completes {word}");
        }
        if there_is(program) {
            let name = if shell == "powershell" { "script.ps1" } else { "script" };
            let loaded = on_file(program, arguments, name, &script.out);
            assert_eq!((loaded.code, loaded.err.as_str()), (0, ""), "{shell}");
        }
    }
    assert_eq!(ag(&["completions", "tcsh"]).code, 2);
}

#[test]
fn p17_bash_completes_the_names_of_lessons() {
    if !there_is("bash") {
        return;
    }
    for (command, typed, completed) in [
        ("lesson", "gath", "gather"),
        ("show", "sp", "spawn"),
        ("lesson", "--ta", "--tasks"),
        ("compare", "spawn-b", "spawn-blocking"),
        ("compare", "gath", "gather"),
        ("man", "repl", "replay"),
    ] {
        let ask = format!(
            "{}\nCOMP_WORDS=(asyncguide {command} {typed}) COMP_CWORD=2\n_asyncguide asyncguide {typed} {command}\n\
             echo \"${{COMPREPLY[@]}}\"\n",
            ag(&["completions", "bash"]).out,
        );
        let ran = on_file("bash", &["--norc"], "script", &ask);
        assert_eq!((ran.out.trim(), ran.err.as_str()), (completed, ""), "{command} {typed}");
    }
}

#[test]
fn p17_fish_completes_the_names_of_lessons() {
    if !there_is("fish") {
        return;
    }
    for (typed, completed) in [
        ("lesson ga", "gather"),
        ("show sp", "spawn"),
        ("lesson gather --ta", "--tasks"),
        ("compare gath", "gather"),
        ("compare spawn-b", "spawn-blocking"),
        ("compare join spawn-b", "spawn-blocking"),
        ("man repl", "replay"),
    ] {
        let ask = format!("{}\ncomplete -C 'asyncguide {typed}'\n", ag(&["completions", "fish"]).out);
        let ran = on_file("fish", &["--no-config"], "script", &ask);
        let offered: Vec<&str> = ran.out.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(offered.contains(&completed) && ran.err.is_empty(), "{typed}: {ran:#?}");
    }
}

#[test]
fn p17_every_shell_is_told_of_ways_and_lessons_to_compare() {
    for (shell, ..) in SHELLS {
        let script = ag(&["completions", shell]).out;
        assert!(script.contains("spawn-blocking") && script.contains("buffered"), "{shell}");
    }
    let zsh = ag(&["completions", "zsh"]).out;
    let line = zsh.lines().find(|line| line.contains("*::what")).expect("it completes what is compared");
    assert!(line.contains("spawn-blocking") && line.contains(" gather") && !line.contains("_default"), "{line}");
}

#[test]
fn p17_manual_pages_name_the_variables() {
    let page = ag(&["man", "lesson"]).out;
    for variable in ["ASYNCGUIDE_DELAY", "ASYNCGUIDE_TASKS", "ASYNCGUIDE_COLOR", "ASYNCGUIDE_NO_PAUSE"] {
        assert!(page.contains(&variable.replace('-', "\\-")), "{variable}: {page}");
    }
}

#[test]
fn p17_manual_pages_render_clean() {
    for name in [None].into_iter().chain(commands().iter().map(Some)) {
        let page = ag(&[&["man"], name.map(String::as_str).as_slice()].concat());
        assert_eq!((page.code, page.err.as_str()), (0, ""), "{name:?}");
        let called = name.map_or("asyncguide".to_owned(), |name| format!("asyncguide\\-{}", name.replace('-', "\\-")));
        let named = format!(".SH NAME\n{called} \\- ");
        check(&page.out, page.out.contains(&named), "it says whose page it is");
        check(&page.out, page.out.contains(".SH SYNOPSIS\n\\fBasyncguide"), "and how it is called");
        for (program, arguments) in
            [("groff", &["-man", "-Tutf8", "-ww", "-z"]), ("mandoc", &["-T", "lint", "-W", "warning"])]
        {
            if there_is(program) {
                let rendered = on_file(program, arguments, "page.1", &page.out);
                assert_eq!((rendered.code, rendered.both().as_str()), (0, ""), "{program} renders {name:?}");
            }
        }
    }
    let refused = ag(&["man", "nope"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    check(&refused.err, refused.err.contains("nope"), "it names what there is not");
}
