//! A lesson screen by screen: each fits the terminal, and what it refers to is on it.

use std::collections::HashSet;
use std::fs;

use crate::program::{asyncguide, folder, four_at_once, lessons, misbehaving, root, there_is};
use crate::pty::{CTRL_C, CTRL_D, Ended, Pty, Terminal, command};
use crate::twins::python_fits;

/// The last word of the prompt: the others may stand in the line above.
const QUESTION: &str = "skips:";
/// How every prompt of a pause begins.
const PAUSE: &str = "Enter: on";

fn walk(columns: u16, rows: u16, arguments: &[&str]) -> Pty {
    let mut command = command(asyncguide(), &[&["lesson"], arguments].concat());
    command.env("ASYNCGUIDE_NO_PAUSE", "");
    Pty::run_in(columns, rows, command)
}

/// A walk through a lesson, of which the pauses are counted.
struct Walk {
    pty: Pty,
    pauses: usize,
}

impl Walk {
    /// Waits for the next pause, and returns the rows of the screen; none if the lesson has ended instead.
    #[track_caller]
    fn pause(&mut self) -> Option<Vec<String>> {
        let pauses = self.pauses + 1;
        let rows = self.pty.wait_for_or_end("a pause", |terminal| {
            let at_prompt = terminal.rows().iter().any(|row| row.contains(PAUSE));
            (at_prompt && prompts(terminal) >= pauses).then(|| terminal.rows())
        });
        self.pauses = pauses;
        rows
    }

    /// Presses `key` and waits for the pause after it.
    #[track_caller]
    fn press(&mut self, key: &str) -> Vec<String> {
        self.pty.press(key);
        self.pause().expect("a pause")
    }
}

/// How many prompts of pauses were written.
fn prompts(terminal: &Terminal) -> usize {
    String::from_utf8_lossy(&terminal.bytes()).matches(PAUSE).count()
}

/// The number and the title of the last scene that is shown on the screen.
fn scene_on(rows: &[String]) -> Option<usize> {
    let is_title = |row: &&String| {
        let number = row.split("  ").next().unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let title = rows.iter().rfind(is_title)?;
    title.split("  ").next()?.parse().ok()
}

/// The lines of code on the screen below the last title, without their numbers.
fn code_on(rows: &[String]) -> HashSet<String> {
    let code = rows.iter().rev().take_while(|row| scene_on(&[(*row).clone()]).is_none());
    code.filter_map(|row| row.split_once('│')).map(|(_, code)| code.trim().to_owned()).collect()
}

fn one_line(rows: &[String]) -> String {
    rows.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of `text` in typographic quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('“').skip(1).filter_map(|rest| rest.split_once('”')).map(|(part, _)| part.to_owned()).collect()
}

/// Walks through the lesson with a wrong guess and checks each screen.
fn check_walk(name: &str, columns: u16, rows: u16) {
    let source = fs::read_to_string(root().join("lessons").join(folder(name)).join("mod.rs")).expect("it is there");
    let takes_delay = !source.contains("delay: None");
    let delay = ["--delay", "60ms"];
    let arguments = [&[name] as &[&str], if takes_delay { &delay } else { &[] }].concat();
    let mut walk = Walk { pty: walk(columns, rows, &arguments), pauses: 0 };
    let asked = walk.pty.wait_for(QUESTION, |terminal| terminal.shown().contains(QUESTION).then(|| terminal.text()));
    let readme = fs::read_to_string(root().join("lessons").join(folder(name)).join("README.md")).expect("it is there");
    let (_, answer) = readme.split_once("## What happens").expect("it explains itself");
    for line in answer.lines().filter(|line| line.len() > 30) {
        assert!(!asked.contains(line.trim()), "{name}: the answer before the question: {line}");
    }
    // The first choice, or the second one if that is right.
    let choices = source.split_once("choices: &[").expect("it asks").1;
    let wrong = if choices.trim_start().starts_with("Choice::right") { "2\r" } else { "1\r" };
    walk.pty.press(wrong);
    if source.contains("lines: true") {
        walk.pty.wait_for_text("ends the");
        walk.pty.press("a\rb\r");
        walk.pty.press(CTRL_D);
    }

    let mut before: Option<HashSet<String>> = None;
    let answered = loop {
        let shown = walk.pause().expect("a pause");
        let text = one_line(&shown);
        if text.contains("Not quite.") {
            break text;
        }
        let place = format!("{name} at {columns} columns:\n{}", shown.join("\n"));
        assert!(scene_on(&shown).is_some(), "the title is on the screen, {place}");
        assert!(shown.iter().any(|row| row.contains('├')), "so is the axis, {place}");
        assert!(shown.iter().any(|row| row.contains("━ waiting")), "so is what the characters mean, {place}");
        let code = code_on(&shown);
        if let Some(before) = before {
            assert!(code.iter().any(|line| !before.contains(line)), "a line of code differs, {place}");
        }
        before = Some(code);
        walk.pty.press("\r");
    };
    let (above, answer) = answered.split_once("Not quite.").expect("it answers");
    for part in quoted(answer.split_once("But ").map_or("", |(_, refuted)| refuted)) {
        // At 40 columns, titles and names are cut.
        let start: String = part.chars().take(if columns < 60 { 6 } else { 10 }).collect();
        assert!(above.contains(start.trim()), "{name} at {columns} columns: “{part}” is on the screen:\n{answered}");
    }
    walk.pty.press("\r");
    while walk.pause().is_some() {
        walk.pty.press("\r");
    }
    let Walk { pty, .. } = walk;
    let ended = pty.end();
    ended.check_terminal();
    check_fits(name, &ended, rows);
}

/// Checks that what follows the last pause is no taller than the terminal.
fn check_fits(name: &str, ended: &Ended, rows: u16) {
    let bytes = ended.bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let last = text.rsplit(PAUSE).next().unwrap_or_default();
    assert!(last.lines().count() <= usize::from(rows), "{name}: the last screen fits {rows} rows:\n{last}");
}

fn check_walks(columns: u16, rows: u16) {
    four_at_once(&lessons(), |name| check_walk(name, columns, rows));
}

#[test]
fn every_lesson_fits_80_columns_and_24_rows() {
    check_walks(80, 24);
}

#[test]
fn every_lesson_fits_40_columns_and_20_rows() {
    check_walks(40, 20);
}

#[test]
fn keys_act_at_a_pause() {
    let mut walk = Walk { pty: walk(80, 24, &["gather", "--clock", "virtual", "--no-predict"]), pauses: 0 };
    assert_eq!(scene_on(&walk.pause().expect("a pause")), Some(1));
    assert_eq!(scene_on(&walk.press("\r")), Some(2));
    assert!(code_on(&walk.press("p")).contains("async def together():"), "Python");
    assert!(!code_on(&walk.press("p")).contains("async def together():"), "Rust again");
    assert_eq!(scene_on(&walk.press("b")), Some(1));
    assert_eq!(scene_on(&walk.press("b")), Some(1), "there is no scene before the first");
    assert_eq!(scene_on(&walk.press(" ")), Some(2));
    assert_eq!(scene_on(&walk.press("r")), Some(2), "it ran again");
    assert!(one_line(&walk.press("?")).contains("b or Left goes back to the scene before"));
    assert!(one_line(&walk.press("c")).contains("use tokio::{task::JoinSet, time::sleep};"), "the whole file");
    assert_eq!(scene_on(&walk.press("\r")), Some(2));
    assert!(walk.press("x").iter().any(|row| row.contains(PAUSE)), "a key without a meaning");
    walk.pty.press("q");
    let ended = walk.pty.end();
    ended.check_terminal();
    assert!(ended.code == 0 && !ended.text().contains("3  Together, uneven"), "{}", ended.text());
}

#[test]
fn keys_do_not_garble_a_live_picture() {
    let mut walk = Walk { pty: walk(80, 24, &["gather", "--delay", "1s", "--no-predict"]), pauses: 0 };
    walk.pty.wait_for("the picture", |terminal| terminal.lane("A"));
    walk.pty.press("xyzzy\rxyzzy");
    let shown = walk.pause().expect("a pause");
    assert!(!shown.join("\n").contains("xyz"), "{}", shown.join("\n"));
    assert_eq!(scene_on(&shown), Some(1), "what was typed before the pause does not answer it");
    // Nor between the lanes that grow and those that stay, which take a while to draw if they are many.
    walk.pty.press("q");
    walk.pty.end().check_terminal();
    let arguments = ["gather", "--tasks", "20000", "--delay", "50ms", "--no-predict"];
    let mut walk = Walk { pty: self::walk(80, 24, &arguments), pauses: 0 };
    walk.pty.wait_for_text("2  Together");
    for _ in 0..2_000 {
        walk.pty.press("z");
    }
    walk.pty.press("\u{3}");
    let ended = walk.pty.end();
    assert!(!ended.text().contains('z'), "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn a_live_picture_stands_still_for_a_key() {
    // The heading of a picture that grows ends in seconds, that of a scene in its file.
    let grows = |terminal: &Terminal, title: &str| {
        let rows = terminal.rows();
        let seconds = rows.iter().filter_map(|row| row.strip_prefix(title)?.trim().strip_suffix(" s"));
        seconds.filter_map(|seconds| seconds.parse::<f64>().ok()).next()
    };
    let mut walk = Walk { pty: walk(80, 24, &["gather", "--delay", "2s", "--no-predict"]), pauses: 0 };
    walk.pty.wait_for("the picture", |terminal| grows(terminal, "1  One after another  "));
    walk.pty.press("x ");
    walk.pty.wait_for_text("paused here");
    // The scene goes on and ends meanwhile, and the picture stays: there is no pause yet to answer with Enter.
    walk.pty.press("\r");
    walk.pty.press(" ");
    assert_eq!(scene_on(&walk.pause().expect("a pause")), Some(1));
    // While the second picture stands still, a signal is heard all the same.
    walk.pty.press("\r");
    walk.pty.wait_for("the second picture", |terminal| grows(terminal, "2  Together  "));
    walk.pty.press(" ");
    walk.pty.wait_for_text("paused here");
    walk.pty.press("\u{3}");
    let ended = walk.pty.end();
    assert_eq!(ended.code, 130);
    ended.check_terminal();
}

#[test]
fn whoever_stops_keeps_what_ran() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let saved = folder.path().join("run.json");
    let saved = saved.to_str().expect("it is UTF-8");
    let arguments = ["gather", "--clock", "virtual", "--no-predict", "--save", saved];
    let mut walk = Walk { pty: walk(80, 24, &arguments), pauses: 0 };
    walk.pause();
    walk.pty.press("q");
    assert_eq!(walk.pty.end().code, 0);
    let run: serde_json::Value = serde_json::from_str(&fs::read_to_string(saved).expect("it is saved")).expect("JSON");
    assert_eq!(run["scenes"].as_array().map(Vec::len), Some(1));
    assert_eq!(run["skipped"][1]["reason"], "the lesson was stopped");
}

#[test]
fn the_twins_scenes_are_screens_behind_the_lessons_own() {
    if !there_is("python3") || !python_fits() {
        return;
    }
    let arguments = ["gather", "--python", "--delay", "60ms", "--no-predict"];
    for (columns, rows) in [(80, 24), (40, 20)] {
        let mut walk = Walk { pty: walk(columns, rows, &arguments), pauses: 0 };
        assert_eq!(scene_on(&walk.pause().expect("a pause")), Some(1));
        assert_eq!((scene_on(&walk.press("\r")), scene_on(&walk.press("\r"))), (Some(2), Some(3)));
        let twin = walk.press("\r");
        assert!(scene_on(&twin) == Some(4) && one_line(&twin).contains("(Python)"), "{twin:#?}");
        assert!(code_on(&twin).contains("async def in_turn():"), "{twin:#?}");
        assert_eq!(scene_on(&walk.press("r")), Some(4), "it ran again");
        assert_eq!(scene_on(&walk.press("b")), Some(3), "the lesson's own scenes are still there");
        assert_eq!(scene_on(&walk.press("\r")), Some(4));
        assert_eq!((scene_on(&walk.press("\r")), scene_on(&walk.press("\r"))), (Some(5), Some(6)));
        walk.pty.press("\r");
        while walk.pause().is_some() {
            walk.pty.press("\r");
        }
        let ended = walk.pty.end();
        ended.check_terminal();
        check_fits("gather", &ended, rows);
    }
}

#[test]
fn ctrl_c_at_the_question_of_a_walk_runs_nothing() {
    let mut pty = walk(80, 24, &["gather", "--delay", "30s"]);
    pty.wait_for_text(QUESTION);
    pty.press(CTRL_C);
    let ended = pty.end();
    assert_eq!(ended.code, 130, "{}", ended.text());
    assert!(!ended.text().contains('├'), "there is no picture: {}", ended.text());
    ended.check_terminal();
}

#[test]
fn a_second_ctrl_c_in_a_walk_leaves_the_keyboard_as_it_was() {
    // So many lanes take some time to be drawn once the scene is over.
    let arguments = ["lesson", "many", "--no-predict", "--tasks", "20000", "--delay", "30s"];
    let mut command = command(misbehaving(), &arguments);
    command.env("ASYNCGUIDE_NO_PAUSE", "");
    let mut pty = Pty::run_in(80, 24, command);
    pty.wait_for("a lane", |terminal| terminal.lane("1").filter(|length| *length > 0));
    pty.press(CTRL_C);
    pty.wait_for("the picture is gone", |terminal| terminal.lane("1").is_none().then_some(()));
    pty.press(CTRL_C);
    let ended = pty.end();
    assert_eq!(ended.code, 130, "{}", ended.text());
    ended.check_modes();
}
