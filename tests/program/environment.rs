//! Environment variables that set options: an empty one is none, and a wrong one is named.

use crate::program::{ag, asyncguide, check, command, commands, run};

/// The variables that the help of any command names.
fn variables() -> Vec<String> {
    let helps = commands().into_iter().map(|name| ag(&[&name, "--help", "--width", "200"]).out);
    let named = helps.flat_map(|help| {
        let rest: Vec<String> = help.split("[env: ").skip(1).map(str::to_owned).collect();
        rest.into_iter().filter_map(|rest| rest.split([']', '=']).next().map(str::to_owned))
    });
    let mut names: Vec<String> = named.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn p19_an_empty_variable_is_not_set() {
    let variables = variables();
    assert!(variables.len() >= 15, "{variables:?}");
    let others = ["COLUMNS", "TERM", "LANG", "LC_ALL", "NO_COLOR", "CLICOLOR_FORCE", "XDG_STATE_HOME", "VIRTUAL_ENV"];
    let missing = ["replay", "/missing/run.json"];
    for arguments in [&["list"] as &[&str], &["lesson", "gather", "--clock", "virtual"], &missing, &["lesson", "x"]] {
        let without = ag(arguments);
        for variable in variables.iter().map(String::as_str).chain(others) {
            let mut command = command(asyncguide(), arguments);
            let ran = run(command.env(variable, ""));
            let same = (ran.code, &ran.out, &ran.err) == (without.code, &without.out, &without.err);
            check(&ran, same, &format!("{variable} is not set: {arguments:?}"));
        }
    }
}

#[test]
fn p19_a_wrong_value_is_refused_with_the_name_of_its_variable() {
    for (variable, arguments) in [
        ("COLOR", &["list"] as &[&str]),
        ("WIDTH", &["list"]),
        ("LOG", &["list"]),
        ("TASKS", &["lesson", "gather"]),
        ("DELAY", &["site", "/missing/folder"]),
        ("FORMAT", &["replay", "x"]),
        ("BY", &["replay", "x"]),
        ("LANES", &["tour"]),
        ("LANG", &["lesson", "gather"]),
        ("CLOCK", &["lesson", "gather"]),
    ] {
        let variable = format!("ASYNCGUIDE_{variable}");
        let ran = run(command(asyncguide(), arguments).env(&variable, "[wrong"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{variable}: {ran:#?}");
        check(&ran.err, ran.err.contains(&variable) && ran.err.contains("[wrong"), "it is named");
    }
    let typed = run(command(asyncguide(), &["list", "--width=1"]).env("ASYNCGUIDE_WIDTH", "1"));
    check(&typed, typed.code == 2 && !typed.err.contains("ASYNCGUIDE"), "what was typed is wrong");
}

#[cfg(unix)]
#[test]
fn p19_a_variable_that_is_not_utf8_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let mut list = command(asyncguide(), &["lesson", "gather"]);
    let ran = run(list.env("ASYNCGUIDE_DELAY", OsStr::from_bytes(b"\xff")));
    check(&ran, ran.code == 2 && ran.err.starts_with("error: ASYNCGUIDE_DELAY is not UTF-8"), "it is named");
    let mut watch = command(asyncguide(), &["watch", "src/main.rs"]);
    let ran = run(watch.current_dir(env!("CARGO_MANIFEST_DIR")).env("ASYNCGUIDE_PYTHON", "/missing/python"));
    check(&ran, ran.code == 2 && ran.err.contains("ASYNCGUIDE_PYTHON: cannot start /missing/python"), "it is named");
}
