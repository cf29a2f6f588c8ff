//! The lessons' Python twins: the same scenes, whose walls are those of the Rust scenes.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;

use asyncguide::trace::Trace;

use crate::program::{ag_reading, command, end, lessons, skip, spawn, there_is};

/// On a busy machine a nap may last far too long, in either language. A twin that is wrong is so each time.
const ATTEMPTS: usize = 4;
const INPUT: &str = "a\nb\nc\n";

/// The wall of each scene in seconds, by name.
type Walls = BTreeMap<String, f64>;

fn in_python(lesson: &str) -> Walls {
    let script = format!("{}/lessons/{lesson}/twin.py", env!("CARGO_MANIFEST_DIR"));
    let mut command = command("python3", &["-B", &script, "0.05"]);
    let mut child = spawn(command.stdin(Stdio::piped()));
    // A twin that reads nothing may have ended by now.
    let _ = child.stdin.take().expect("it is a pipe").write_all(INPUT.as_bytes());
    let ran = end(child);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{lesson}");
    let wall = |line: &str| {
        let (name, wall) = line.split_once(": ")?;
        Some((name.to_owned(), wall.strip_suffix(" s")?.parse().ok()?))
    };
    ran.out.lines().filter_map(wall).collect()
}

fn in_rust(lesson: &str) -> Walls {
    let ran = ag_reading(&["lesson", lesson, "--delay", "50ms", "--format", "json"], INPUT);
    let trace = Trace::from_json(ran.out.as_bytes()).expect("it is a trace");
    trace.scenes.iter().map(|scene| (scene.name.clone(), scene.wall as f64 / 1e9)).collect()
}

/// Whether both have the same scenes, and each takes about as long in the one language as in the other: within a
/// half, so that naps in turn are not taken for naps together.
fn agree(rust: &Walls, python: &Walls) -> bool {
    rust.keys().eq(python.keys()) && rust.iter().all(|(scene, wall)| (0.67..1.5).contains(&(python[scene] / wall)))
}

#[test]
fn twins_have_the_scenes_and_the_walls_of_their_lessons() {
    if !there_is("python3") {
        return;
    }
    let version = crate::program::run(command("python3", &["-c", "import sys; print(sys.version_info >= (3, 11))"]));
    if version.out.trim() != "True" {
        return skip("python3 is older than 3.11");
    }
    for lesson in lessons() {
        let mut attempts = (0..ATTEMPTS).map(|_| (in_rust(&lesson), in_python(&lesson)));
        let mut seen = Vec::new();
        let agreed = attempts.any(|(rust, python)| {
            seen.push(format!("rust {rust:?}, python {python:?}"));
            agree(&rust, &python)
        });
        assert!(agreed, "{lesson}: {seen:#?}");
    }
}
