//! A walk through a recording, key by key.

use super::replay::recording;
use crate::program::asyncguide;
use crate::pty::{CTRL_C, CTRL_D, Ended, Pty, command};

const KEYS: &str = "q stops";
const RIGHT: &str = "\u{1b}[C";
const LEFT: &str = "\u{1b}[D";
/// What some of the first scene's steps say.
const MADE: &str = "0 ns  A is made.";
const RUNS: &str = "0 ns  A runs on main.";
const SAYS: &str = "0 ns  A says “falls asleep”.";
const WOKEN: &str = "1.000 s  A is woken.";

/// A walk through a recording of gather, in a terminal of this size, at its first step.
struct Stepping {
    pty: Pty,
    _folder: tempfile::TempDir,
}

impl Stepping {
    fn start(columns: u16, rows: u16, term: &str) -> Self {
        let (folder, file) = recording();
        let mut command = command(asyncguide(), &["replay", file.to_str().expect("it is text"), "--step", "-q"]);
        command.env("TERM", term);
        let pty = Pty::run_in(columns, rows, command);
        let stepping = Stepping { pty, _folder: folder };
        stepping.sees(MADE);
        stepping.sees(KEYS);
        stepping
    }

    /// Waits until `text` stands on the screen.
    #[track_caller]
    fn sees(&self, text: &str) {
        self.pty.wait_for_text(text);
    }

    /// Presses `key`, and waits for what is to be seen then.
    #[track_caller]
    fn press(&mut self, key: &str, seen: &str) {
        self.pty.press(key);
        self.sees(seen);
    }

    /// Presses the last key, and checks that the terminal is left as it was found.
    #[track_caller]
    fn ends_with(mut self, key: &str) -> Ended {
        self.pty.press(key);
        self.ended()
    }

    #[track_caller]
    fn ended(self) -> Ended {
        let ended = self.pty.end();
        ended.check_terminal();
        ended
    }
}

/// The row below which the pointer of `name` stands.
fn pointed_at(shown: &str, name: &str) -> Option<String> {
    let rows: Vec<&str> = shown.lines().collect();
    let pointer = rows.iter().position(|row| row.trim_end().ends_with(&format!("▲ {name}")))?;
    Some(rows[pointer.checked_sub(1)?].to_owned())
}

#[test]
fn each_key_acts_at_once_on_and_back_and_to_a_time() {
    let mut walk = Stepping::start(100, 60, "xterm-256color");
    walk.press(RIGHT, RUNS);
    walk.press(" ", SAYS);
    walk.press(LEFT, RUNS);
    walk.press("\r", SAYS);
    walk.press("b", RUNS);
    // Two keys that come at once, as they do when one is held down.
    walk.press(&format!("{LEFT}{RIGHT}{RIGHT}"), SAYS);
    // What was typed wrong can be mended, and a time that makes no sense goes nowhere.
    walk.press("g1x", "To which time, such as 1.5s? 1x");
    walk.press("\r\u{7f}s", "such as 1.5s? 1s");
    walk.press("\r", WOKEN);
    walk.press("g5", "1.5s? 5");
    walk.press("\u{1b}", KEYS);
    walk.press("g", "1.5s?");
    walk.press("\r", KEYS);
    walk.sees(WOKEN);
    walk.press("g1h\r", "2.000 s  B is done.");
    walk.press(RIGHT, "0 ns  A is spawned.");
    walk.press(LEFT, "2.000 s  B is done.");
    assert_eq!(walk.ends_with("q").code, 0);
}

#[test]
fn the_pointer_moves_in_the_code_and_the_last_step_stays() {
    let mut walk = Stepping::start(100, 60, "xterm-256color");
    walk.press(&RIGHT.repeat(2), SAYS);
    let at = walk.pty.wait_for("a pointer", |terminal| pointed_at(&terminal.shown(), "A"));
    assert!(at.contains("info!(\"falls asleep\")"), "{at}");
    walk.press(&RIGHT.repeat(4), "1.000 s  A says “wakes up”.");
    let at = walk.pty.wait_for("a pointer", |terminal| pointed_at(&terminal.shown(), "A"));
    assert!(at.contains("info!(\"wakes up\")"), "{at}");
    let ended = walk.ends_with("q");
    let text = ended.text();
    let (steps, _) = text.split_once("On the virtual clock").expect("the report follows");
    assert_eq!(steps.matches("One after another").count(), 1, "it was drawn in one place: {text}");
    assert!(steps.contains("A says “wakes up”") && !steps.contains(KEYS) && !steps.contains(MADE), "{text}");
}

/// The columns of the pointer below the lanes and of the end of the lane of `name`, both counted from the left.
fn below_lanes(shown: &str, name: &str) -> Option<(usize, usize)> {
    let lane = shown.lines().find(|row| row.trim_start().starts_with(&format!("{name} ━")))?;
    let pointer = shown.lines().find(|row| row.trim() == "▲")?;
    let column = |row: &str, found: char| row.chars().position(|c| c == found);
    Some((column(pointer, '▲')?, lane.trim_end().chars().count()))
}

#[test]
fn the_lanes_are_below_the_code_with_a_pointer_to_the_moment() {
    for (columns, rows) in [(80, 24), (40, 20)] {
        let mut walk = Stepping::start(columns, rows, "xterm-256color");
        walk.press("g1s\r", WOKEN);
        walk.pty.wait_for("a pointer at the end of A, which has slept until then", |terminal| {
            below_lanes(&terminal.shown(), "A").filter(|(pointer, end)| pointer == end)
        });
        walk.press("g0s\r", MADE);
        walk.pty.wait_for("a pointer at the start of A", |terminal| {
            below_lanes(&terminal.shown(), "A").filter(|(pointer, _)| *pointer == "   A ".len())
        });
        assert_eq!(walk.ends_with("q").code, 0);
    }
}

#[test]
fn a_source_higher_than_the_screen_is_shown_around_its_pointer_whatever_its_size() {
    let mut walk = Stepping::start(40, 16, "xterm-256color");
    walk.press(&RIGHT.repeat(2), SAYS);
    let pointed = |walk: &Stepping| {
        walk.pty.wait_for("a pointer and the keys", |terminal| {
            pointed_at(&terminal.shown(), "A").filter(|_| terminal.shown().contains(KEYS))
        })
    };
    assert!(pointed(&walk).contains("info!(\"falls asleep\")"));
    walk.pty.resize(90, 12);
    walk.sees("A says “falls asleep”. It still runs.");
    assert!(pointed(&walk).contains("16 │     info!(\"falls asleep\")"));
    walk.pty.resize(100, 60);
    walk.sees("  1 │ //! Each nap begins");
    assert!(pointed(&walk).contains("info!(\"falls asleep\")"));
    assert_eq!(walk.ends_with("q").code, 0);
}

#[test]
fn p10_where_the_cursor_cannot_be_moved_one_step_follows_the_other() {
    let mut walk = Stepping::start(100, 200, "dumb");
    walk.press(RIGHT, RUNS);
    walk.press("g1s", "1.5s? 1s");
    walk.press("\r", WOKEN);
    let ended = walk.ends_with("q");
    assert_eq!((ended.code, ended.text().matches("One after another\n").count()), (0, 3), "{}", ended.text());
    assert!(!ended.bytes().contains(&0x1b), "{}", ended.text());
}

#[test]
fn what_is_no_key_is_ignored() {
    let mut walk = Stepping::start(100, 60, "xterm-256color");
    // Up, page down, F1, Ctrl and an arrow, Alt and q, Ctrl-L, letters, escape.
    for unknown in ["\u{1b}[A", "\u{1b}[6~", "\u{1b}OP", "\u{1b}[1;5C", "\u{1b}q", "\u{c}", "x", "é", "\u{1b}"] {
        walk.pty.press(unknown);
    }
    walk.press(RIGHT, RUNS);
    assert_eq!(walk.ends_with("q").code, 0);
}

#[test]
fn s5_the_terminal_is_as_it_was_however_a_walk_ends() {
    for (key, code) in [(CTRL_D, 0), (CTRL_C, 130), ("g1\u{3}", 130), ("g\u{4}", 0)] {
        assert_eq!(Stepping::start(80, 24, "xterm-256color").ends_with(key).code, code, "{key:?}");
    }
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let walk = Stepping::start(80, 24, "xterm-256color");
        walk.pty.signal(signal);
        assert_eq!(walk.ended().code, code, "{signal}");
    }
    // Behind the last step there is none.
    let mut walk = Stepping::start(80, 24, "xterm-256color");
    for scene in ["2.000 s  B is done.", "1.000 s  B is done.", "3.000 s  B is done."] {
        walk.press("g1h\r", scene);
        walk.pty.press(RIGHT);
        if scene != "3.000 s  B is done." {
            walk.sees("0 ns  A is");
        }
    }
    assert_eq!(walk.ended().code, 0);
}

#[test]
fn a_run_is_walked_through_after_its_question_was_answered_in_a_line() {
    let mut pty = Pty::run_in(100, 60, command(asyncguide(), &["lesson", "gather", "--clock", "virtual", "--step"]));
    pty.wait_for_text("Enter skips:");
    pty.press("3\r");
    pty.wait_for_text(MADE);
    // Each of them arrives: nobody else reads what is typed.
    for (key, seen) in [(RIGHT, RUNS), (RIGHT, SAYS), ("b", RUNS), (" ", SAYS), (LEFT, RUNS)] {
        pty.press(key);
        pty.wait_for_text(seen);
    }
    pty.press("q");
    let ended = pty.end();
    assert!(ended.code == 0 && ended.text().contains("Right."), "{}", ended.text());
    ended.check_terminal();
}
