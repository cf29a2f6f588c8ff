//! Which Python runs a script, and what cannot be recorded.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Desk, NAPS, warnings};
use crate::program::{check, run};

/// Makes a program at `path` that says `name` and its arguments.
fn fake(path: &Path, name: &str) {
    std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
    std::fs::write(path, format!("#!/bin/sh\necho {name} \"$@\"\n")).expect("it can be written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[test]
fn w2_the_python_is_the_one_that_the_user_would_get() {
    let Some(desk) = Desk::with("a.py", "") else { return };
    let on_path = desk.path("on-path");
    fake(&on_path.join("python3"), "path");
    let said = |words: &[&str], active: Option<&str>| {
        let mut command = desk.watching(words);
        command.env("PATH", format!("{}:/usr/bin:/bin", on_path.display()));
        command.envs(active.map(|folder| ("VIRTUAL_ENV", desk.path(folder))));
        run(command).out
    };
    assert_eq!(said(&["a.py", "-x", "--save"], None), "path a.py -x --save\n");
    fake(&desk.path(".venv/bin/python"), "here");
    assert_eq!(said(&["a.py"], None), "here a.py\n");
    fake(&desk.path("active/bin/python3"), "active");
    assert_eq!(said(&["a.py"], Some("active")), "active a.py\n");
    assert_eq!(said(&["a.py"], Some("gone")), "here a.py\n");
    fake(&desk.path("named"), "named");
    assert_eq!(said(&["--python", "./named", "a.py"], Some("active")), "named a.py\n");
    assert_eq!(said(&["--python", "./named", "-m", "a.b", "--for", "-m"], None), "named -m a.b --for -m\n");
    assert_eq!(said(&["--", "echo", "a.py", "--", "-m"], None), "a.py -- -m\n", "a command is run as it is");
}

#[test]
fn w3_a_python_that_ignores_the_recorder_is_named() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let cases: [(&[&str], &str); 6] = [
        (&["--", "python3", "-I", "naps.py"], "python3 -I ignores PYTHONPATH"),
        (&["--", "python3", "-uE", "naps.py"], "python3 -E ignores PYTHONPATH"),
        (
            &["--", "sh", "-c", "python3 -I naps.py"],
            "sh started no Python with an event loop, or one with -I, -E or -S",
        ),
        (&["--", "echo", "hello"], "echo started no Python with an event loop"),
        (&["-m", "platform"], "the program ran no event loop"),
        (&["--", "sh", "-c", "python3 -c 1"], "the program ran no event loop"),
    ];
    for (words, message) in cases {
        let ran = desk.watch(words);
        assert_eq!(ran.code, 0, "{ran:?}");
        let said = warnings(&ran);
        assert!(said.len() == 1 && said[0].contains(message), "{words:?}: {said:?}");
        check(&ran, ran.err.lines().count() == 1, "there is no empty picture");
    }
}
