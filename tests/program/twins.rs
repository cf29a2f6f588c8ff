//! The lessons' Python twins: the same scenes, by the same names, with the same point.
//!
//! A twin prints a line for each scene that begins with its wall, and goes on with what else matters:
//! `tasks: 0.781 s, 0.027 ms and 1.24 KB each`. Where tasks wait, a scene takes as long in the one language as in the
//! other. Where they compute, start threads or read files, it does not, and the twin's own figures have to make the
//! lesson's point.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::iter::once;
use std::process::Stdio;

use asyncguide::trace::{Nanos, Trace};

use crate::program::{ag_reading, command, end, lessons, run, skip, spawn, there_is};

/// On a busy machine a nap may last far too long, in either language. A twin that is wrong is so each time.
const ATTEMPTS: usize = 4;
const INPUT: &str = "a\nb\nc\n";

/// The figures of each scene, by its name: its wall in seconds, then whatever else its line tells.
type Figures = BTreeMap<String, Vec<f64>>;

/// The delay that a lesson is run with, in milliseconds: as short as shows its point on a busy machine.
pub(crate) fn delay(lesson: &str) -> u32 {
    match lesson {
        // All of its threads have to be there before the first of them ends.
        "idle" => 300,
        "threads" | "blocking" | "counterparts" => 100,
        _ => 50,
    }
}

fn in_python(lesson: &str) -> Figures {
    let script = format!("{}/lessons/{}/twin.py", env!("CARGO_MANIFEST_DIR"), lesson.replace('-', "_"));
    let delay = f64::from(delay(lesson)) / 1e3;
    let mut command = command("python3", &["-B", &script, &delay.to_string()]);
    let mut child = spawn(command.stdin(Stdio::piped()));
    // A twin that reads nothing may have ended by now.
    let _ = child.stdin.take().expect("it is a pipe").write_all(INPUT.as_bytes());
    let ran = end(child);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{lesson}");
    ran.out.lines().filter_map(figures).collect()
}

/// The name and the figures of a line such as `tasks: 0.781 s, 0.027 ms and 1.24 KB each`.
fn figures(line: &str) -> Option<(String, Vec<f64>)> {
    let (name, told) = line.split_once(": ")?;
    let (wall, rest) = told.split_once(" s").filter(|(_, rest)| rest.is_empty() || rest.starts_with(", "))?;
    let others = rest.split_whitespace().filter_map(|word| word.trim_end_matches('%').parse().ok());
    Some((name.to_owned(), once(wall.parse().ok()?).chain(others).collect()))
}

fn in_rust(lesson: &str) -> Trace {
    let delay = format!("{}ms", delay(lesson));
    let ran = ag_reading(&["lesson", lesson, "--delay", &delay, "--format", "json"], INPUT);
    Trace::from_json(ran.out.as_bytes()).expect("it is a trace")
}

/// Whether a twin makes its lesson's point.
fn agree(lesson: &str, rust: &Trace, python: &Figures) -> bool {
    let wall = |scene: &str| python[scene][0];
    let wall_in_rust = |scene: &str| rust.scene(scene).map_or(0.0, |scene| scene.wall.as_f64() / 1e9);
    // Within a half, so that naps in turn are not taken for naps together.
    let alike = |scene: &str| (0.67..1.5).contains(&(wall(scene) / wall_in_rust(scene)));
    let all_alike = || python.keys().all(|scene| alike(scene));
    match lesson {
        "event-loop" => all_alike() && python.values().all(|figures| figures[1] > 90.0),
        "threads" => far_above(python, &["tasks"]),
        "blocking" => far_above(python, &["on_the_loop", "four_blockers"]),
        "counterparts" => all_alike() && python.values().all(|figures| figures[2] < 0.2 * figures[1]),
        "idle" => tasks_are_lighter(python),
        "parallel" => {
            let (busy, computed) = (|scene: &str| python[scene][1], |scene: &str| wall(scene) * python[scene][1]);
            let twice = (1.5..2.7).contains(&(computed("joined") / computed("once")));
            let in_turn = ["joined", "joined_on_workers"].iter().all(|scene| busy(scene) < 105.0);
            // Where Rust gains nothing either, there is no second core, or something else is on it.
            let no_gain = wall_in_rust("joined") < 1.5 * wall_in_rust("spawned");
            twice && in_turn && (no_gain || busy("spawned") > 120.0) && alike("waiting")
        }
        "files" => {
            let trips_cost = wall("one_by_one") > 2.0 * wall("in_place").max(wall("all_in_one"));
            let late = |figures: &[f64]| figures[1] > 0.5 * figures[0];
            let late = python.iter().all(|(scene, figures)| late(figures) == (scene == "in_place"));
            trips_cost && late && alike("slow_pipe")
        }
        "gateway" => {
            let short = ["pool_of_40", "on_the_loop"].iter().all(|scene| 2.0 * wall(scene) < wall("pool_of_4"));
            short && alike("pool_of_4") && alike("blocked_loop")
        }
        "websocket" => python["on_the_pool"][1] > 4.0 * python["on_the_loop"][1],
        "push" => all_alike() && far_above(python, &["polling"]),
        _ => all_alike(),
    }
}

/// Whether the second figure of the `high` scenes is far above that of all others.
fn far_above(python: &Figures, high: &[&str]) -> bool {
    let (above, below): (Vec<_>, Vec<_>) = python.iter().partition(|(scene, _)| high.contains(&scene.as_str()));
    let lowest = above.iter().map(|(_, figures)| figures[1]).fold(f64::INFINITY, f64::min);
    below.iter().all(|(_, figures)| 3.0 * figures[1] < lowest)
}

/// Whether tasks are made faster than threads and, where the system tells, take less memory.
fn tasks_are_lighter(python: &Figures) -> bool {
    let (tasks, threads, both) = (&python["tasks"], &python["threads"], &python["both"]);
    let untold = tasks[2] == 0.0 && threads[2] == 0.0;
    let lighter = tasks[2] > 0.0 && 5.0 * tasks[2] < threads[2];
    2.0 * both[1] < both[2] && (lighter || untold)
}

/// Whether python3 is one that the twins are for.
pub(crate) fn python_fits() -> bool {
    // Without a global interpreter lock, threads do not take turns as the twins tell.
    let fits = "import sys; print(sys.version_info >= (3, 11) and getattr(sys, '_is_gil_enabled', lambda: True)())";
    let fits = run(command("python3", &["-c", fits])).out.trim() == "True";
    if !fits {
        skip("python3 is older than 3.11, or has no global interpreter lock");
    }
    fits
}

#[test]
fn twins_have_the_scenes_and_make_the_points_of_their_lessons() {
    if !there_is("python3") {
        return;
    }
    if !python_fits() {
        return;
    }
    for lesson in lessons() {
        let mut seen = Vec::new();
        let agreed = (0..ATTEMPTS).any(|_| {
            let (rust, python) = (in_rust(&lesson), in_python(&lesson));
            let walls: BTreeMap<&str, Nanos> = rust.scenes.iter().map(|scene| (&*scene.name, scene.wall)).collect();
            assert!(walls.keys().eq(python.keys()), "{lesson}: {walls:?}, but {python:?}");
            seen.push(format!("rust {walls:?}, python {python:?}"));
            agree(&lesson, &rust, &python)
        });
        assert!(agreed, "{lesson}: {seen:#?}");
    }
}
