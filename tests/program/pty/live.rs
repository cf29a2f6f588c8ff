//! The live picture in a terminal: that it grows, keeps to its place, and costs little.

use std::time::Duration;

use crate::program::{asyncguide, misbehaving};
use crate::pty::{BEFORE, Pty, Terminal, after_a_line, command};

/// Waits until the lane `name` has begun while `heading` is above it, then until it has grown.
#[track_caller]
fn watch_it_grow(pty: &Pty, heading: &str, name: &str) {
    let lane = |terminal: &Terminal| {
        let live = terminal.shown().contains(heading) && !terminal.shown().contains("it gave the thread back");
        terminal.lane(name).filter(|length| live && *length > 0)
    };
    let first = pty.wait_for("a lane that has begun", lane);
    pty.wait_for("the lane has grown", |terminal| lane(terminal).filter(|length| *length > first));
}

/// Whether anything on the screen has a colour.
fn is_colourful(terminal: &Terminal) -> bool {
    let (screen, (rows, columns)) = (terminal.screen(), terminal.screen().size());
    let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    cells.filter_map(|(row, column)| screen.cell(row, column)).any(|cell| cell.fgcolor() != vt100::Color::Default)
}

#[test]
fn p10_a_dumb_terminal_sees_no_cursor_moves() {
    let started = [Some("dumb"), Some(""), None].map(|term| {
        [(asyncguide(), "gather"), (misbehaving(), "panics")].map(|(program, lesson)| {
            let mut command = command(program, &["lesson", lesson, "--no-predict", "--delay", "200ms"]);
            match term {
                Some(term) => command.env("TERM", term),
                None => command.env_remove("TERM"),
            }
            Pty::run(command)
        })
    });
    for ended in started.into_iter().flatten().map(Pty::end) {
        let bytes = String::from_utf8(ended.bytes()).expect("what is written is UTF-8");
        // The terminal itself makes a line feed a carriage return and a line feed.
        let lines = bytes.replace("\r\n", "\n");
        assert!(!lines.contains(|c: char| c.is_control() && c != '\n'), "{lines:?}");
        assert!(lines.contains("What to notice"), "{lines}");
        ended.check_terminal();
    }
}

#[test]
fn p12_no_color_takes_the_colour_and_leaves_the_growing_lanes() {
    let arguments = ["lesson", "many", "--no-predict", "--delay", "2s"];
    let colourful = Pty::run(command(misbehaving(), &arguments));
    let mut without = command(misbehaving(), &arguments);
    without.env("NO_COLOR", "1");
    let plain = Pty::run(without);
    watch_it_grow(&colourful, "One task for each number  ", "1");
    watch_it_grow(&plain, "One task for each number  ", "1");
    colourful.wait_for("colour", |terminal| is_colourful(terminal).then_some(()));
    let ended = plain.end();
    let bytes = String::from_utf8(ended.bytes()).expect("what is written is UTF-8");
    // Every sequence that sets colours and the like sets none.
    let sequences = bytes.split("\x1b[").skip(1).filter_map(|after| {
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        after[end..].starts_with('m').then_some(&after[..end])
    });
    assert!(sequences.clone().all(|sets| sets.is_empty()), "{:?}", sequences.collect::<Vec<_>>());
    ended.check_terminal();
}

#[test]
fn the_picture_moves_while_a_scene_blocks_its_loop() {
    let pty = Pty::run(command(asyncguide(), &["lesson", "sequential", "--no-predict", "--tasks", "1"]));
    watch_it_grow(&pty, "2  Blocking functions  ", "A");
}

#[test]
fn s6_ten_thousand_tasks_keep_to_the_screen_and_are_all_told_of() {
    let arguments = ["lesson", "many", "--no-predict", "--tasks", "10000", "--delay", "3s"];
    let pty = Pty::run(after_a_line(misbehaving(), &arguments));
    pty.wait_for("a folded picture", |terminal| {
        let (rows, text) = (terminal.rows(), terminal.shown());
        let folded = text.contains("+ 9,988 more") && !text.contains("it gave the thread back");
        // Nothing of it has scrolled away.
        (folded && rows[0] == BEFORE && rows.iter().any(|row| row.contains('┤'))).then_some(())
    });
    let ended = pty.end();
    let lines = ended.lines();
    assert_eq!(lines.iter().filter(|line| line.ends_with("+ 9,988 more")).count(), 1, "{}", ended.text());
    assert_eq!((ended.code, lines[0].as_str()), (0, BEFORE));
    let last = lines.iter().find(|line| line.trim_start().starts_with("10000 "));
    assert!(last.is_some_and(|line| line.ends_with("done")), "{}", ended.text());
    assert_eq!(lines.iter().filter(|line| line.contains('├')).count(), 1, "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn s7_eight_lanes_take_few_redraws_and_few_bytes() {
    let arguments = ["lesson", "many", "--no-predict", "--tasks", "8", "--delay", "3s"];
    let pty = Pty::run(command(misbehaving(), &arguments));
    let from = pty.wait_for("the picture", |terminal| {
        terminal.lane("8").map(|_| terminal.written().last().expect("something was written"))
    });
    let ended = pty.end();
    let bytes = ended.bytes();
    // The picture is erased before the report; nothing else erases anything here.
    let erased = bytes.windows(3).rposition(|bytes| bytes == b"\x1b[J").expect("it is erased");
    let until = ended.written().find(|(_, written)| *written > erased).expect("it was written at some time").0;
    let elapsed = until - from.0;
    assert!(elapsed > Duration::from_secs(1), "a while was watched: {elapsed:?}");
    let picture = String::from_utf8_lossy(&bytes[from.1..erased]);
    let a_second = picture.len() as f64 / elapsed.as_secs_f64();
    assert!(a_second < 2_048.0, "{a_second} bytes a second");
    // The cursor is parked below the picture, so each redraw moves it up, and no more than once.
    let ups =
        picture.split("\x1b[").filter(|after| after.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('A'));
    let redraws = ups.count() as f64;
    assert!(redraws >= 2.0 && redraws <= 15.0 * elapsed.as_secs_f64(), "{redraws} redraws in {elapsed:?}");
}

#[test]
fn s7_a_resized_terminal_gets_the_report_whole() {
    let arguments = ["lesson", "many", "--no-predict", "--tasks", "3", "--delay", "3s"];
    let undisturbed = Pty::run(command(misbehaving(), &arguments));
    let resized = Pty::run(command(misbehaving(), &arguments));
    for (columns, rows) in [(50, 24), (100, 30)] {
        let before = resized.wait_for("a lane", |terminal| {
            terminal.lane("3").filter(|length| *length > 0).map(|_| terminal.bytes().len())
        });
        resized.resize(columns, rows);
        resized.wait_for("a picture of that size", |terminal| (terminal.bytes().len() > before).then_some(()));
    }
    let (undisturbed, resized) = (undisturbed.end(), resized.end());
    assert_eq!(report(&resized), report(&undisturbed), "{}", resized.text());
    assert_eq!(resized.broken_lines(), [""; 0]);
    resized.check_terminal();
}

/// The report, from its first scene on, as far as it is the same after every run: lanes in one piece, and without the
/// table of figures and the axis, whose ticks stand where the wall puts them.
fn report(terminal: &Terminal) -> Vec<String> {
    let lines = terminal.lines();
    let start = lines.iter().rposition(|line| line.starts_with("1  ")).expect("there is a report");
    let figures = |line: &String| line.contains("wall  ") || line.starts_with("  1 ");
    let without = |line: &String| match line.find(crate::pty::GLYPHS) {
        Some(lane) if line.ends_with("done") => format!("{}lane, {} columns", &line[..lane], line.chars().count()),
        _ => line.clone(),
    };
    let axis = |line: &String| line.trim_start().starts_with(['├', '0']);
    lines[start..].iter().filter(|line| !figures(line) && !axis(line)).map(without).collect()
}
