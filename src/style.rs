//! How text is drawn, as plain data: its width, whether it has colour, whether it has Unicode.
//!
//! Renderers take a [`Style`] and know nothing of the terminal, so that they can be tested without one. All text from
//! outside (a lane's name, a line of standard input, a panic's message) goes through [`Style::line`] or [`Style::text`]
//! before it is measured or printed. This module knows nothing of traces. The private module `term` decides the values.
//! Read [`crate::render`] next.

mod text;

use std::borrow::Cow;

use anstyle::Ansi256Color;

use self::text::ascii;
pub use self::text::sanitize;
pub(crate) use self::text::{Measure, columns, fit, pad};

/// How text is drawn: its width, and whether it may use colour and Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The greatest width of a line, in columns.
    pub width: usize,
    /// Whether escape sequences for colour may be written. Colour never carries information alone.
    pub color: bool,
    /// Whether characters beyond ASCII may be written.
    pub unicode: bool,
}

/// The role of a piece of text, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A title.
    Heading,
    /// A word that should stand out.
    Strong,
    /// Something of minor importance: an axis, a path, a line number.
    Dim,
    /// A claim that holds.
    Good,
    /// A claim that failed, a task that panicked.
    Bad,
    /// A claim that could not be checked, a task that was cancelled.
    Warn,
    /// A lane while its task waits.
    Waiting,
    /// A lane while its task waits and its loop cannot look at timers or sockets.
    Held,
    /// A lane while its task is ready: it could run, but no thread polls it.
    Ready,
    /// A lane while its task holds the thread and sleeps in a call.
    Blocked,
    /// A lane while its task holds the thread.
    Running,
    /// A keyword in code.
    Keyword,
    /// A string or number in code.
    Literal,
    /// A function's name in code, or `code` within prose.
    Code,
}

// Colours of the cube of 256, which themes leave alone. The 16 colours below them are a theme's own: of those, blue cannot
// be seen on black in one terminal, and yellow cannot be seen on white in another. These are neither light nor dark, so
// that each has a contrast of 3:1 with the background of any common theme; a test computes it.
const BLUE: Ansi256Color = Ansi256Color(33);
const CYAN: Ansi256Color = Ansi256Color(31);
const GREEN: Ansi256Color = Ansi256Color(65);
const ORANGE: Ansi256Color = Ansi256Color(166);
const PURPLE: Ansi256Color = Ansi256Color(134);
const RED: Ansi256Color = Ansi256Color(196);

impl Role {
    /// Returns the terminal's colours and attributes for this role.
    fn escapes(self) -> anstyle::Style {
        let colour = |colour: Ansi256Color| anstyle::Style::new().fg_color(Some(colour.into()));
        match self {
            Role::Heading | Role::Strong => anstyle::Style::new().bold(),
            Role::Dim => anstyle::Style::new().dimmed(),
            Role::Good | Role::Running | Role::Literal => colour(GREEN),
            Role::Bad => colour(RED).bold(),
            Role::Held => colour(RED),
            Role::Warn | Role::Ready => colour(ORANGE),
            Role::Waiting => colour(BLUE),
            Role::Keyword | Role::Blocked => colour(PURPLE),
            Role::Code => colour(CYAN),
        }
    }
}

/// The characters that pictures are drawn with. Each is one column wide.
///
/// The states are drawn with ink or none, never with a shade: a shade mixes its colour with the background, and has too
/// little contrast on either a light or a dark one.
#[derive(Debug)]
pub struct Glyphs {
    pub(crate) waiting: char,
    /// In a lane: the task waits, and its loop is held.
    pub(crate) kept: char,
    pub(crate) ready: char,
    pub(crate) blocked: char,
    pub(crate) running: char,
    /// In a thread's lane: some task ran here, too briefly to fill the cell.
    pub(crate) moment: char,
    pub(crate) axis: char,
    pub(crate) axis_start: char,
    pub(crate) axis_tick: char,
    pub(crate) axis_end: char,
    pub(crate) gutter: char,
    /// Below a line of code: a task has come to this point.
    pub(crate) pointer: char,
    pub(crate) held: char,
    pub(crate) failed: char,
    pub(crate) skipped: char,
    pub(crate) bullet: char,
    /// In a row of folded lanes: the share of them that are in flight, from none to all. None of these characters is a
    /// state of a single lane.
    pub(crate) density: [char; 9],
}

const UNICODE: Glyphs = Glyphs {
    waiting: '━',
    kept: '╳',
    ready: '▄',
    blocked: '▌',
    running: '█',
    moment: '·',
    axis: '─',
    axis_start: '├',
    axis_tick: '┼',
    axis_end: '┤',
    gutter: '│',
    pointer: '▲',
    held: '✓',
    failed: '✗',
    skipped: '–',
    bullet: '·',
    density: [' ', '▁', '▁', '▂', '▃', '▅', '▆', '▇', '▇'],
};

const ASCII: Glyphs = Glyphs {
    waiting: '.',
    kept: 'x',
    ready: '+',
    blocked: '=',
    running: '#',
    moment: '\'',
    axis: '-',
    axis_start: '|',
    axis_tick: '+',
    axis_end: '|',
    gutter: '|',
    pointer: '^',
    held: 'v',
    failed: 'x',
    skipped: '-',
    bullet: '*',
    density: [' ', '1', '2', '3', '4', '5', '6', '7', '8'],
};

impl Style {
    /// Returns a style of `width` columns without colour, with Unicode.
    pub const fn plain(width: usize) -> Self {
        Style { width, color: false, unicode: true }
    }

    /// Returns the characters to draw with.
    pub fn glyphs(&self) -> &'static Glyphs {
        if self.unicode { &UNICODE } else { &ASCII }
    }

    /// Returns `text` in the colour of `role`, or unchanged without colour. Does not sanitise it.
    pub fn paint(&self, role: Role, text: impl std::fmt::Display) -> String {
        if self.color {
            let escapes = role.escapes();
            format!("{escapes}{text}{escapes:#}")
        } else {
            text.to_string()
        }
    }

    /// Returns `text`, which may come from anywhere and have several lines, made safe to print.
    ///
    /// Control characters are spelled out, except newlines and tabs. Without Unicode, characters beyond ASCII are
    /// replaced by similar ones or by `?`.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.charset(sanitize(text))
    }

    /// Returns `text` made safe to print on one line: like [`Style::text`], but newlines and tabs are spelled out too.
    pub fn line(&self, text: &str) -> String {
        let text = text.replace('\n', "\\n").replace('\t', "\\t");
        self.text(&text).into_owned()
    }

    fn charset<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if self.unicode || text.is_ascii() { text } else { Cow::Owned(text.chars().map(ascii).collect()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ascii_style_shows_ascii_only() {
        let style = Style { width: 80, color: false, unicode: false };
        assert_eq!(style.text("a → b ≤ 2 × c … 日"), "a -> b <= 2 x c ... ?");
        assert_eq!(style.line("a\nb\tc"), "a\\nb\\tc");
    }

    /// Backgrounds of common terminals, dark and light: xterm, Windows Terminal, GNOME, VS Code, Tango, Solarized.
    const BACKGROUNDS: [(&str, u32); 10] = [
        ("xterm, black", 0x00_0000),
        ("xterm, white", 0xff_ffff),
        ("Windows Terminal, Campbell", 0x0c_0c0c),
        ("GNOME, dark", 0x1e_1e1e),
        ("VS Code, dark", 0x18_1818),
        ("VS Code, light", 0xf8_f8f8),
        ("Tango, dark", 0x2e_3436),
        ("Tango, light", 0xee_eeec),
        ("Solarized, dark", 0x00_2b36),
        ("Solarized, light", 0xfd_f6e3),
    ];

    /// Returns the colour of this number in the cube of 256 colours: 16 + 36 r + 6 g + b, each from 0 to 5.
    fn of_cube(colour: Ansi256Color) -> u32 {
        let number = u32::from(colour.0) - 16;
        let part = |step: u32| if step == 0 { 0 } else { 55 + 40 * step };
        part(number / 36) << 16 | part(number / 6 % 6) << 8 | part(number % 6)
    }

    /// Returns the relative luminance as WCAG 2.2 defines it: 0 for black, 1 for white.
    fn luminance(colour: u32) -> f64 {
        let linear = |shift: u32| {
            let value = f64::from(colour >> shift & 0xff) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_has_contrast_on_every_common_background() {
        assert!((contrast(0x00_0000, 0xff_ffff) - 21.0).abs() < 0.01);
        for colour in [BLUE, CYAN, GREEN, ORANGE, PURPLE, RED] {
            for (terminal, background) in BACKGROUNDS {
                let contrast = contrast(of_cube(colour), background);
                assert!(contrast >= 3.0, "{} has {contrast:.2}:1 in {terminal}", colour.0);
            }
        }
    }

    #[test]
    fn no_state_is_drawn_with_a_shade() {
        let Glyphs { waiting, kept, ready, running, .. } = UNICODE;
        for glyph in [waiting, kept, ready, running] {
            assert!(!['░', '▒', '▓'].contains(&glyph), "{glyph}");
            assert!(!UNICODE.density.contains(&glyph), "{glyph} is a state and a density");
        }
    }
}
