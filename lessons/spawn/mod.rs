//! `spawn`: start work and carry on. Shows that spawned tasks run beside the code that spawned them, and that none is
//! lost if the scene waits for them before it returns.

mod echo;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check};
use asyncguide::scene;
use asyncguide::trace::Quantity::Time;
use asyncguide::trace::{Evidence, Mark, Nanos, Outcome, SceneTrace, Task, TaskKind, Trace};

pub const LESSON: Lesson = Lesson {
    name: "spawn",
    aliases: &["echo", "task", "tasks", "create_task"],
    summary: "start work and carry on",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[scene!(echo, "An echo for every line")
        .to_see("Each lane begins when its line is read, and waits for one delay, whatever the other lanes do.")
        .on_the_real_clock("its lines come from outside, and the virtual clock cannot make them come earlier")],
    question: Question {
        ask: "Three lines come together, then the input ends. For each line, a task echoes it {delay} later. \
              What comes out?",
        choices: &[
            Choice::wrong(
                "three echoes, one by one, each {delay} after the one before",
                "a loop finishes one line before it reads the next line",
                "in “An echo for every line”, lanes begin when their line is read, even if other lanes still wait",
            ),
            Choice::right("three echoes after {delay}, all from one thread"),
            Choice::wrong(
                "three echoes after {delay}, each from a thread of its own",
                "spawning a task starts a thread",
                "“threads” in the table is 1: one thread ran all the tasks",
            ),
            Choice::wrong(
                "no echo: the program ends as soon as its input ends",
                "tasks end together with the loop that spawned them",
                "the lanes in “An echo for every line” end as “done”: the scene waits for its tasks before it returns",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("every line was echoed", every_line_was_echoed),
        Claim::function("the scene went on reading while echoes waited", reading_went_on),
        Claim::function("no echo was pending at the end", nothing_was_pending),
    ],
    takes: Takes { tasks: None, delay: Some(Duration::from_secs(1)), lines: true },
    calibrates: false,
};

fn measured(trace: &Trace) -> Evidence {
    let Some(scene) = trace.scene("echo") else { return "The scene did not run.".into() };
    let ended = scene.lanes().map(|echo| scene.ended(echo)).max();
    let (Some((first, last)), Some(ended)) = (first_and_last_read(scene), ended) else {
        return "No line came, so there was nothing to echo.".into();
    };
    let echoing = Time(ended - last);
    match scene.lane_count() {
        1 => Evidence::new("One line came, and its echo was out {echoing} later.").with("echoing", echoing),
        lines => {
            let sentence = "{lines} lines were read within {reading}, and the last echo was out {echoing} after the \
                            last line.";
            let sentence = Evidence::new(sentence).with("lines", lines);
            sentence.with("reading", Time(last - first)).with("echoing", echoing)
        }
    }
}

/// Returns when the first and the last line were read, or `None` if no line was.
fn first_and_last_read(scene: &SceneTrace) -> Option<(Nanos, Nanos)> {
    let read = || scene.lanes().map(|echo| echo.created);
    read().min().zip(read().max())
}

fn every_line_was_echoed(trace: &Trace) -> Verdict {
    check_lines(trace, |scene, lines| {
        let evidence = Evidence::new("{echoed} of {lines}").with("echoed", echoed(scene)).with("lines", lines);
        match stopped_reading(scene) {
            Some(why) if echoed(scene) == lines => {
                let evidence = evidence.but("more lines had come: {why}");
                Verdict::Skipped(evidence.with("why", why.to_owned()))
            }
            _ => Verdict::of(echoed(scene) == lines, evidence),
        }
    })
}

fn reading_went_on(trace: &Trace) -> Verdict {
    let skipped = |reason: &'static str| Verdict::Skipped(reason.into());
    check_lines(trace, |scene, lines| match most_at_once(scene) {
        _ if lines < 2 => skipped("only one line came"),
        _ if echoed(scene) < lines => skipped("not every line was echoed"),
        peak @ 2.. => Verdict::Held(Evidence::new("up to {peak} echoes at once").with("peak", peak)),
        _ if waits_for_an_echo(scene) == lines => skipped("the limit was one echo at a time"),
        _ if trace.inputs.delay < 20 * AT_ONCE => skipped("the delay is too short: lines may come as slowly as echoes"),
        _ if reading_was_held_up(scene) => Verdict::Failed("each line was read only after the echo before it".into()),
        _ => skipped("each echo was out before the next line came"),
    })
}

fn nothing_was_pending(trace: &Trace) -> Verdict {
    check_lines(trace, |scene, _| {
        let pending = echoes(scene).filter(|echo| echo.ended.is_none_or(|ended| ended > scene.wall)).count();
        let evidence =
            Evidence::new("{pending} of {echoes}").with("pending", pending).with("echoes", echoes(scene).count());
        Verdict::of(pending == 0, evidence)
    })
}

/// The field of the mark that the scene makes for every line. A line without a task leaves no other trace.
const LINE_READ: &str = "line";
/// What the mark that the twin makes for every line begins with.
const READS: &str = "reads ";
/// The field of the mark that says that the scene reads no more although lines have come.
const UNREAD: &str = "unread";
/// The text of the mark that the scene makes when it reached the limit and waits for an echo to be out.
const LIMIT_REACHED: &str = "reads on when an echo is out";

/// Returns why the scene read no more although lines had come; `None` if it read all of them.
fn stopped_reading(scene: &SceneTrace) -> Option<&str> {
    let stop = scene.marks.iter().find(|mark| mark.fields.contains_key(UNREAD))?;
    let why = stop.text.strip_prefix("stops reading: ")?;
    why.split(&format!(" {UNREAD}=")).next()
}

/// Checks something about the scene and the number of lines that it read. Skips if it read none.
fn check_lines(trace: &Trace, check_it: impl FnOnce(&SceneTrace, usize) -> Verdict) -> Verdict {
    check(trace, ["echo"], |[scene]| match lines_read(scene) {
        0 if echoes(scene).count() > 0 => {
            Verdict::Skipped("the recording does not say which lines the scene read".into())
        }
        0 => Verdict::Skipped("no line came".into()),
        lines => check_it(scene, lines),
    })
}

fn echoed(scene: &SceneTrace) -> usize {
    echoes(scene).filter(|echo| echo.outcome == Outcome::Done).count()
}

/// Returns the lanes of the echoes: all but those of calls that read a line on another thread, as the twin has them.
fn echoes(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|lane| lane.kind != TaskKind::Call)
}

/// Counts the lines that the scene read. The marks of the twin have no fields.
fn lines_read(scene: &SceneTrace) -> usize {
    let is_twin = scene.language.is_some();
    let tells = |mark: &&Mark| mark.fields.contains_key(LINE_READ) || is_twin && mark.text.starts_with(READS);
    scene.marks.iter().filter(tells).count()
}

/// Returns the largest number of echoes that waited at the same moment.
fn most_at_once(scene: &SceneTrace) -> usize {
    let life = |echo: &Task| [(echo.created, 1), (scene.ended(echo), -1)];
    let mut changes: Vec<(Nanos, i64)> = echoes(scene).flat_map(life).collect();
    changes.sort_unstable();
    let mut waiting = 0;
    let after = |(_, change): (Nanos, i64)| {
        waiting += change;
        waiting
    };
    changes.into_iter().map(after).max().unwrap_or_default() as usize
}

fn waits_for_an_echo(scene: &SceneTrace) -> usize {
    scene.marks.iter().filter(|mark| mark.text == LIMIT_REACHED).count()
}

/// A time that is longer than the scene takes to read a line that has already come, and shorter than people take to
/// type one.
const AT_ONCE: Nanos = Nanos::from_micros(500);

/// Returns whether every line was read the moment the echo before it was out, as if the scene had waited for the echo.
/// Lines that are typed slowly come some time after the echo.
fn reading_was_held_up(scene: &SceneTrace) -> bool {
    let echoes: Vec<&Task> = echoes(scene).collect();
    echoes.windows(2).all(|pair| pair[1].created - scene.ended(pair[0]) < AT_ONCE)
}
