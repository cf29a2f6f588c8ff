//! The place a picture is drawn on, as plain data: its width, whether it takes colour, whether it takes Unicode.
//!
//! Renderers take a [`Page`] and nothing else, so that they can be tested without a terminal. Everything that came
//! from outside (a lane's name, a line of standard input, a panic's message) goes through [`Page::line`] or
//! [`Page::text`] before it is measured or printed. Knows nothing of traces. `term.rs` decides the values; read
//! `render/text.rs` next.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// What a renderer may know of the place it draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Columns; no line is ever wider.
    pub width: usize,
    /// Whether escape sequences for colour may be written. Colour never carries anything alone.
    pub color: bool,
    /// Whether anything beyond ASCII may be written.
    pub unicode: bool,
}

/// What a piece of text is, for choosing its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A title.
    Heading,
    /// A word that should stand out.
    Strong,
    /// Something of second rank: an axis, a path, a line number.
    Dim,
    /// A claim that held.
    Good,
    /// A claim that failed, a task that panicked.
    Bad,
    /// A claim that could not be checked, a task that was cancelled.
    Warn,
    /// A lane while its task waits.
    Waiting,
    /// A lane while its task is ready: it was woken and nobody polls it.
    Ready,
    /// A lane while its task holds the thread.
    Running,
    /// A keyword in code.
    Keyword,
    /// A string or number in code.
    Literal,
    /// A function's name in code, or `code` within prose.
    Code,
}

impl Role {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Role::Heading | Role::Strong => Style::new().bold(),
            Role::Dim => Style::new().dimmed(),
            Role::Good => colour(AnsiColor::Green),
            Role::Bad => colour(AnsiColor::Red).bold(),
            Role::Warn | Role::Ready => colour(AnsiColor::Yellow),
            Role::Waiting => colour(AnsiColor::Blue),
            Role::Running => colour(AnsiColor::Green),
            Role::Keyword => colour(AnsiColor::Magenta),
            Role::Literal => colour(AnsiColor::Green),
            Role::Code => colour(AnsiColor::Cyan),
        }
    }
}

/// The characters a page is drawn with: one column each.
#[derive(Debug)]
pub struct Glyphs {
    pub(crate) waiting: char,
    pub(crate) ready: char,
    pub(crate) running: char,
    /// A thread's lane where somebody ran for a moment too short to fill the cell.
    pub(crate) moment: char,
    pub(crate) axis: char,
    pub(crate) axis_start: char,
    pub(crate) axis_tick: char,
    pub(crate) axis_end: char,
    pub(crate) gutter: char,
    /// Below a line of code: here somebody has come to.
    pub(crate) pointer: char,
    pub(crate) held: char,
    pub(crate) failed: char,
    pub(crate) skipped: char,
    pub(crate) bullet: char,
    /// From none to all: how many of the folded lanes are in flight. None is taken for a lane's own.
    pub(crate) density: [char; 9],
}

const UNICODE: Glyphs = Glyphs {
    waiting: '░',
    ready: '▒',
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
    density: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '▇'],
};

const ASCII: Glyphs = Glyphs {
    waiting: '.',
    ready: '+',
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

impl Page {
    /// Returns a page of `width` columns without colour, with Unicode.
    pub const fn plain(width: usize) -> Self {
        Page { width, color: false, unicode: true }
    }

    /// The characters to draw with.
    pub fn glyphs(&self) -> &'static Glyphs {
        if self.unicode { &UNICODE } else { &ASCII }
    }

    /// `text` in the colour of `role`, or as it is where the page takes no colour.
    pub fn paint(&self, role: Role, text: impl std::fmt::Display) -> String {
        if self.color {
            let style = role.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// Text of several lines from anywhere, fit to be shown: control characters are spelled out, newlines and tabs
    /// stay, and what the page has no character for is replaced.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.charset(sanitize(text))
    }

    /// Like [`Page::text`], for what must stay on one line: newlines and tabs are spelled out too.
    pub fn line(&self, text: &str) -> String {
        let text = text.replace('\n', "\\n").replace('\t', "\\t");
        self.text(&text).into_owned()
    }

    fn charset<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if self.unicode || text.is_ascii() { text } else { Cow::Owned(text.chars().map(ascii).collect()) }
    }
}

/// Spells out every character that could act on a terminal instead of being shown: C0 but newline and tab, DEL, C1,
/// and the characters that reorder text. Joiners, which emoji and many scripts need, stay.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn acts(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Line and paragraph separators end a line in some viewers; marks, embeddings, overrides and isolates
        // reorder what stands around them.
        '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

fn ascii(c: char) -> Cow<'static, str> {
    Cow::Borrowed(match c {
        '·' | '•' => "*",
        '×' => "x",
        '–' | '—' | '−' | '─' => "-",
        '…' => "...",
        '→' => "->",
        '≤' => "<=",
        '≥' => ">=",
        '≈' => "~",
        '‘' | '’' => "'",
        '\u{a0}' | '\u{202f}' => " ",
        '“' | '”' => "\"",
        'µ' | 'μ' => "u",
        '✓' => "v",
        '✗' => "x",
        '█' => "#",
        '▒' => "+",
        '░' => ".",
        c if c.is_ascii() => return Cow::Owned(c.to_string()),
        _ => "?",
    })
}

/// Columns that `text`, free of escape sequences, takes up.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// `text` cut to `width` columns, its last column `~` where something was cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    // Measured as a whole each time: a character may change the width of the one before it.
    let fits = |end: &usize| columns(&text[..*end]) < width;
    let ends = text.char_indices().map(|(end, _)| end);
    let end = ends.take_while(fits).last().unwrap_or(0);
    let mark = if width > 0 { "~" } else { "" };
    format!("{}{mark}", &text[..end])
}

/// `text` cut or padded with blanks on its right to exactly `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let missing = width - columns(&text);
    text + &" ".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_spelled_out_and_joiners_stay() {
        assert_eq!(sanitize("a\u{1b}[31mb\r\u{7f}\u{9b}c\u{202e}"), "a\\u{1b}[31mb\\r\\u{7f}\\u{9b}c\\u{202e}");
        assert_eq!(sanitize("tab\tnew\nline 👩\u{200d}💻"), "tab\tnew\nline 👩\u{200d}💻");
    }

    #[test]
    fn an_ascii_page_shows_ascii_only() {
        let page = Page { width: 80, color: false, unicode: false };
        assert_eq!(page.text("a → b ≤ 2 × c … 日"), "a -> b <= 2 x c ... ?");
        assert_eq!(page.line("a\nb\tc"), "a\\nb\\tc");
    }

    #[test]
    fn wide_names_are_cut_and_padded_by_columns() {
        assert_eq!(columns(&pad("日本語の名前", 7)), 7);
        assert_eq!(pad("日本語の名前", 8), "日本語~ ");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(fit("abc", 0), "");
        assert!(columns(&fit(&"❤\u{fe0f}".repeat(30), 10)) <= 10);
    }
}
