//! Tests of the whole way to the screen: the real indicatif draws, and a terminal in memory shows.

use std::num::NonZeroU16;

use proptest::prelude::*;

use super::screen::{DrawBuffer, REDRAWS};
use super::*;

/// A terminal in memory, 24 rows high.
struct Terminal(vt100::Parser);

impl Terminal {
    fn new(columns: u16, before: &str) -> Self {
        let size = |n| NonZeroU16::new(n).expect("a terminal has rows and columns");
        let mut terminal = Terminal(vt100::Parser::new(size(24), size(columns), 100));
        terminal.write(before);
        terminal
    }

    /// Writes `text`. Turns each newline into CR LF, as a terminal's line discipline does.
    fn write(&mut self, text: &str) {
        self.0.process(text.replace('\n', "\r\n").as_bytes());
    }

    /// Returns the text and colours of each row, without the blank rows at the end.
    fn rows(&self) -> Vec<String> {
        let screen = self.0.screen();
        let (rows, columns) = screen.size();
        let cell = |row, column| {
            let cell = screen.cell(row, column).expect("it is on the screen");
            let plain = cell.fgcolor() == vt100::Color::Default && !cell.bold() && !cell.dim();
            let attributes =
                if plain { String::new() } else { format!("{:?}", (cell.fgcolor(), cell.bold(), cell.dim())) };
            attributes + if cell.has_contents() { cell.contents() } else { " " }
        };
        let row = |row| (0..columns.get()).map(|column| cell(row, column)).collect::<String>().trim_end().to_owned();
        let mut rows: Vec<String> = (0..rows.get()).map(row).collect();
        while rows.pop_if(|row| row.is_empty()).is_some() {}
        rows
    }

    /// Returns how many columns of each row were written. Written blanks count, because a terminal that gets narrower
    /// re-wraps them like text.
    fn written(&self) -> Vec<u16> {
        let screen = self.0.screen();
        let (rows, columns) = screen.size();
        let holds = |row, column| {
            screen.cell(row, column).is_some_and(|cell| cell.has_contents() || cell.is_wide_continuation())
        };
        let length = |row| (0..columns.get()).rfind(|column| holds(row, *column)).map_or(0, |last| last + 1);
        (0..rows.get()).map(length).collect()
    }

    fn cursor(&self) -> (u16, u16) {
        self.0.screen().cursor_position()
    }
}

fn line(name: &str, lane: &str) -> Line {
    Line { name: name.to_owned(), lane: lane.to_owned() }
}

/// Returns `lines` as text without indicatif's padding.
fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}{}", line.name, line.lane).trim_end().to_owned() + "\n").collect()
}

fn buffer_with_bars(columns: u16) -> (DrawBuffer, Bars) {
    let buffer = DrawBuffer::new();
    buffer.state().diff.resize(columns, 23);
    let bars = Bars::on(&buffer);
    (buffer, bars)
}

/// Draws a frame of `lines` and returns the number of bytes that the terminal got for it.
fn draw(bars: &mut Bars, buffer: &DrawBuffer, terminal: &mut Terminal, lines: Vec<Line>) -> usize {
    bars.set(lines);
    let changes = buffer.state().diff.changes();
    terminal.write(&changes);
    changes.len()
}

/// Returns eight lanes in colour, drawn up to `cells` of their 50 cells.
fn eight(cells: usize) -> Vec<Line> {
    let lane = format!("\x1b[38;5;33m{}\x1b[0m{}  {} s", "━".repeat(cells), " ".repeat(50 - cells), cells / 10);
    (0..8).map(|n| line(&format!("   {n} "), &lane)).collect()
}

#[test]
fn the_terminal_shows_what_indicatif_drew_even_where_it_had_to_scroll() {
    let before: String = (0..20).map(|n| format!("line {n}\n")).collect();
    let mut terminal = Terminal::new(80, &before);
    let (buffer, mut bars) = buffer_with_bars(80);
    let to_the_edge = format!("\x1b[32m日本\x1b[0m{}", "x".repeat(69));
    let last = [line("日本語 ", &to_the_edge), line("", "├──┤")];
    let frames = [
        vec![line("", "heading")],
        vec![line("", "heading"), line("A ", "━━"), line("   ", "\x1b[2m├──┤\x1b[0m")],
        [&[line("", "heading 1.0 s")], eight(9).as_slice(), &last].concat(),
        [&[line("", "heading 2.0 s")], eight(10).as_slice(), &last].concat(),
    ];
    for frame in frames {
        let expected = Terminal::new(80, &(before.clone() + &text(&frame)));
        draw(&mut bars, &buffer, &mut terminal, frame);
        assert_eq!(terminal.rows(), expected.rows());
        assert_eq!(terminal.cursor(), expected.cursor());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_after_whatever_else(
        frames in prop::collection::vec(prop::collection::vec("[ a━日\u{1f469}]{0,15}", 1..8), 1..6)
    ) {
        let mut terminal = Terminal::new(30, "before\n");
        let (buffer, mut bars) = buffer_with_bars(30);
        for frame in frames {
            let lines: Vec<Line> = frame.iter().map(|lane| line("|", lane)).collect();
            let expected = Terminal::new(30, &format!("before\n{}", text(&lines)));
            draw(&mut bars, &buffer, &mut terminal, lines);
            prop_assert_eq!(terminal.rows(), expected.rows());
            prop_assert_eq!(terminal.written(), expected.written());
        }
    }
}

#[test]
fn a_step_of_eight_lanes_takes_little() {
    let mut terminal = Terminal::new(80, "");
    let (buffer, mut bars) = buffer_with_bars(80);
    draw(&mut bars, &buffer, &mut terminal, eight(20));
    let step = draw(&mut bars, &buffer, &mut terminal, eight(21));
    assert!(step <= 8 * 30, "{step} bytes");
    assert_eq!(draw(&mut bars, &buffer, &mut terminal, eight(21)), 0);
}

#[test]
fn it_goes_without_a_trace_and_comes_back_whole() {
    let mut terminal = Terminal::new(80, "before\n");
    let (buffer, mut bars) = buffer_with_bars(80);
    let untouched = (terminal.rows(), terminal.cursor());
    draw(&mut bars, &buffer, &mut terminal, eight(20));
    let whole = terminal.rows();

    terminal.write(&buffer.state().diff.erase());
    assert_eq!((terminal.rows(), terminal.cursor()), untouched);
    assert_eq!(buffer.state().diff.erase(), "");

    terminal.write("said\n");
    terminal.write(&buffer.state().diff.changes());
    assert_eq!(terminal.rows()[..2], ["before", "said"]);
    assert_eq!(terminal.rows()[2..], whole[1..]);
}

#[test]
fn when_the_terminal_has_broken_its_rows_they_are_erased_all_the_same() {
    let mut wide = Terminal::new(80, "before\n");
    let (buffer, mut bars) = buffer_with_bars(80);
    let lines = [eight(50), vec![line("", "short")]].concat();
    draw(&mut bars, &buffer, &mut wide, lines.clone());

    // Most terminals that get narrower re-wrap rows: the rest of a row goes on in the next one.
    let mut narrow = Terminal::new(40, &format!("before\n{}", text(&lines)));
    narrow.write(&buffer.state().diff.resize(40, 23));
    assert_eq!((narrow.rows(), narrow.cursor()), (vec!["before".to_owned()], (1, 0)));

    let lines = vec![line("", "anew"); 3];
    let expected = Terminal::new(40, &format!("before\n{}", text(&lines)));
    draw(&mut bars, &buffer, &mut narrow, lines);
    assert_eq!(narrow.rows(), expected.rows());
}

#[test]
fn a_row_that_becomes_shorter_is_erased_as_a_whole() {
    let (buffer, mut bars) = buffer_with_bars(80);
    let changes = |bars: &mut Bars, lane: &str| {
        bars.set(vec![line("A ", lane)]);
        buffer.state().diff.changes()
    };
    assert!(!changes(&mut bars, "━━━━").contains("\x1b[2K"));
    assert!(!changes(&mut bars, "━━  ━━").contains("\x1b[2K"));
    assert_eq!(changes(&mut bars, "━━"), "\r\x1b[1A\x1b[2KA\x1b[C━━\r\n");
}

#[test]
fn there_are_at_most_fifteen_redraws_in_any_second() {
    let buffer = DrawBuffer::new();
    let start = Instant::now();
    let at = |n: u64| start + Duration::from_millis(10 * n);
    let redrawn: Vec<u64> = (0..300).filter(|n| buffer.state().may_redraw(at(*n))).collect();
    let most = redrawn.iter().map(|from| redrawn.iter().filter(|n| (*from..from + 100).contains(n)).count()).max();
    assert_eq!(most, Some(REDRAWS));
    assert_eq!(redrawn.len(), 3 * REDRAWS);
}

#[test]
fn drawing_takes_a_tenth_of_the_time_and_few_bytes_a_second() {
    let mut pace = Pace::default();
    assert_eq!(pace.pause(Duration::ZERO, 0), FRAME);
    assert_eq!(pace.pause(Duration::from_millis(50), 0), Duration::from_millis(450));

    let frames = std::iter::repeat_with(|| pace.pause(Duration::from_millis(1), 300));
    let mut time = Duration::ZERO;
    let frames = frames.take_while(|pause| {
        time += *pause + Duration::from_millis(1);
        time < Duration::from_secs(10)
    });
    let bytes = 300.0 * frames.count() as f64;
    assert!(bytes <= 10.0 * BYTES_A_SECOND, "{bytes} in ten seconds");
    assert!(bytes >= 9.0 * BYTES_A_SECOND, "{bytes} in ten seconds");
    assert_eq!(pace.pause(Duration::ZERO, 1_000_000), SLOWEST);
}
