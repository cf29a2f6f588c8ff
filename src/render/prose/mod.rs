//! A lesson's `README.md` on a page: its introduction, and its sections one by one.
//!
//! Understands what lessons are written in: paragraphs, lists, `code`, emphasis, links and short blocks of code. Other
//! Markdown is shown as text rather than dropped. Code keeps its backticks and emphasis its asterisks, with colour and
//! without, so that a page without colour says the same.
//!
//! Knows pages and Markdown, nothing of lessons. Text is made of the styled characters of `text/letters.rs`; `html.rs`
//! beside this file renders the same parts as HTML.

pub(crate) mod code;
mod focus;
mod highlight;
mod html;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

pub(super) use self::html::{introduction_html, section_html};
use super::text::letters::{MAX_COLUMNS, StyledChar, cut, paint, styled_chars, wrap};
use crate::style::{Role, Style};

/// Blanks before every line.
const MARGIN: usize = 2;

/// Renders what stands between the title and the first section.
pub(crate) fn introduction(markdown: &str, style: &Style) -> String {
    let events: Vec<Event> = Parser::new(markdown).collect();
    render(introduction_of(&events), style)
}

/// Renders what stands below the heading `## title`, up to the next heading of that level.
///
/// Returns none if there is no such heading.
pub(crate) fn section(markdown: &str, title: &str, style: &Style) -> Option<String> {
    let events: Vec<Event> = Parser::new(markdown).collect();
    Some(render(section_of(&events, title)?, style))
}

fn introduction_of<'a, 'e>(events: &'a [Event<'e>]) -> &'a [Event<'e>] {
    let part = events.split(opens_section).next().unwrap_or_default();
    after_heading(part, HeadingLevel::H1)
}

fn section_of<'a, 'e>(events: &'a [Event<'e>], title: &str) -> Option<&'a [Event<'e>]> {
    let has_title = |part: &&[Event]| matches!(part.first(), Some(Event::Text(text)) if text.as_ref() == title);
    let part = events.split(opens_section).skip(1).find(has_title)?;
    Some(after_heading(part, HeadingLevel::H2))
}

fn opens_section(event: &Event) -> bool {
    matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }))
}

/// Returns what comes after the first heading of this level in `part`; all of `part` if it has none.
fn after_heading<'a, 'e>(part: &'a [Event<'e>], level: HeadingLevel) -> &'a [Event<'e>] {
    let heading = part.iter().position(|event| *event == Event::End(TagEnd::Heading(level)));
    match heading {
        Some(end) => &part[end + 1..],
        None => part,
    }
}

fn render(events: &[Event], style: &Style) -> String {
    let mut writer = Writer {
        style,
        out: String::new(),
        text: Vec::new(),
        role: None,
        link: None,
        lists: Vec::new(),
        marker: None,
        gap: false,
    };
    for event in events {
        writer.event(event);
    }
    writer.out
}

/// A renderer that collects the text of one block at a time and writes it when the block ends.
struct Writer<'p> {
    style: &'p Style,
    out: String,
    /// The text of the current block so far.
    text: Vec<StyledChar>,
    /// The role of the text that comes next.
    role: Option<Role>,
    /// The address of the link around the current text, as it is shown behind that text; none if it is not shown.
    link: Option<String>,
    /// The lists around the current block, the innermost last. A numbered list has the number of its next item.
    lists: Vec<Option<u64>>,
    /// The bullet or number of the current item, until its first line is written.
    marker: Option<String>,
    /// Whether an empty line is due before the next line.
    gap: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            // Outside of backticks, Markdown takes something like Vec<u8> for HTML; a lesson means the words.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.say(text, self.role),
            Event::Code(code) => self.say(&format!("`{code}`"), Some(Role::Code)),
            Event::SoftBreak => self.say(" ", None),
            Event::HardBreak => self.flush(),
            // A rule needs no more than the empty line that is there anyway; the parser sends no other events, since
            // its extensions are off.
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag) {
        match tag {
            Tag::List(first) => {
                self.flush();
                self.lists.push(*first);
            }
            Tag::Item => self.marker = Some(self.next_marker()),
            Tag::CodeBlock(_) => {
                self.flush();
                self.role = Some(Role::Code);
            }
            Tag::Emphasis => self.say("*", self.role),
            Tag::Strong => {
                self.role = Some(Role::Strong);
                self.say("*", self.role);
            }
            // A path within the project leads nowhere from a terminal, and an automatic link is its own text.
            Tag::Link { link_type, dest_url, .. } if *link_type != LinkType::Autolink && dest_url.contains("://") => {
                self.link = Some(format!(" ({dest_url})"));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Item => self.flush(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.end_block();
            }
            TagEnd::CodeBlock => {
                self.write_code();
                self.role = None;
                self.end_block();
            }
            TagEnd::Emphasis => self.say("*", self.role),
            TagEnd::Strong => {
                self.say("*", self.role);
                self.role = None;
            }
            TagEnd::Link => {
                let link = self.link.take().unwrap_or_default();
                self.say(&link, Some(Role::Dim));
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str, role: Option<Role>) {
        self.text.extend(styled_chars(text, role, self.style));
    }

    fn next_marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(next)) => {
                let number = *next;
                *next += 1;
                format!("{:<4}", format!("{number}."))
            }
            _ => format!("{} ", self.style.glyphs().bullet),
        }
    }

    /// Returns the number of blanks before text: the margin and the width of the markers around it, but at most half
    /// of the page.
    fn indent(&self) -> usize {
        let markers: usize = self.lists.iter().map(|numbers| if numbers.is_some() { 4 } else { 2 }).sum();
        (MARGIN + markers).min(self.style.width / 2)
    }

    /// Writes the block. An empty line will follow, but not within a list.
    fn end_block(&mut self) {
        self.flush();
        self.gap = self.lists.is_empty();
    }

    /// Writes the text so far, wrapped, with the marker of its item. Writes nothing if there is neither.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let marker = self.marker.take();
        let indent = self.indent();
        let room = self.style.width.min(MAX_COLUMNS).saturating_sub(indent);
        let mut lines = wrap(&text, room);
        if marker.is_some() && lines.is_empty() {
            lines.push(Vec::new());
        }
        let mut lead = format!("{:>indent$}", marker.unwrap_or_default());
        for line in lines {
            self.write_line(&lead, &paint(&line, self.style));
            lead = " ".repeat(indent);
        }
    }

    /// Writes the text so far as code: it keeps its lines, and a line that is wider than the page is cut.
    fn write_code(&mut self) {
        let code = std::mem::take(&mut self.text);
        let lead = " ".repeat(self.indent() + 2);
        let room = self.style.width.saturating_sub(lead.len());
        for line in code.split_inclusive(|styled| styled.char == '\n') {
            self.write_line(&lead, &paint(&cut(line, room), self.style));
        }
    }

    fn write_line(&mut self, lead: &str, line: &str) {
        let gap = std::mem::take(&mut self.gap);
        if gap && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(if line.is_empty() { lead.trim_end() } else { lead });
        self.out.push_str(line);
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::{columns, sanitize};

    const PLAIN: Style = Style { width: 40, color: false, unicode: true };

    const README: &str = "\
# gather: wait for many things at once

Two naps of *one* second. Awaited one after the other they take **two
seconds**; gathered, they share the same second, on `one thread`. See
[the book](https://example.org/book) and [ways](../ways/README.md).

日本語の説明は空白なしで続くので、行の途中で折り返す必要があります。a&#27;[31mb&#x202e;c \u{9b}d

```rust
let a_rather_long_line_of_code = 1;\t// cut, not wrapped
\u{1b}[2J
```

## What to notice

- Both naps started before either ended, and the thread was busy for under 1 ms.
- Second:
  1. nested
- <https://example.org/a/very/long/path/that/does/not/fit/on/one/narrow/line/anywhere>

## Try

`asyncguide lesson gather --tasks 10`
";

    fn everything(style: &Style) -> String {
        let section = |title| section(README, title, style).expect("it is there");
        introduction(README, style) + &section("What to notice") + &section("Try")
    }

    #[test]
    fn paragraphs_are_wrapped_and_set_off() {
        let expected = "  Two naps of *one* second. Awaited one\n  after the other they take *two\n  seconds*; gathered, \
                        they share the\n  same second, on `one thread`. See the\n  book (https://example.org/book) and\n  \
                        ways.\n\n  日本語の説明は空白なしで続くので、行の\n";
        let shown = introduction(README, &PLAIN);
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.ends_with("\n\n    let a_rather_long_line_of_code = 1;~\n    \\u{1b}[2J\n"), "{shown}");
        assert_eq!(introduction("No title, two  \nlines.\n\n---\n\n## Try\n", &PLAIN), "  No title, two\n  lines.\n");
    }

    #[test]
    fn lists_hang() {
        let expected = "  · Both naps started before either\n    ended, and the thread was busy for\n    under 1 ms.\n  · \
                        Second:\n    1.  nested\n  · https://example.org/a/very/long/path\n    \
                        /that/does/not/fit/on/one/narrow/lin\n    e/anywhere\n";
        assert_eq!(section(README, "What to notice", &PLAIN).as_deref(), Some(expected));
    }

    #[test]
    fn a_section_is_found_by_its_whole_title() {
        assert_eq!(section(README, "Try", &PLAIN).as_deref(), Some("  `asyncguide lesson gather --tasks 10`\n"));
        assert_eq!(section(README, "What", &PLAIN), None);
        assert_eq!(section(README, "gather: wait for many things at once", &PLAIN), None);
    }

    #[test]
    fn colour_adds_nothing_and_no_line_is_too_wide() {
        for (width, unicode) in [(20, true), (20, false), (40, true), (80, true), (80, false), (200, true)] {
            let plain = Style { width, color: false, unicode };
            let text = everything(&plain);
            assert!(text.lines().all(|line| columns(line) <= width.min(78)), "at {width}: {text}");
            assert!(unicode || text.is_ascii(), "{text}");
            assert_eq!(sanitize(&text), text);
            let style = Style { color: true, ..plain };
            let coloured = everything(&style);
            assert!(coloured.contains(&style.paint(Role::Code, "`one")), "{coloured:?}");
            assert!(coloured.contains(&style.paint(Role::Strong, "*two")), "{coloured:?}");
            assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
        }
    }

    #[test]
    fn deep_lists_and_words_without_room_come_to_an_end() {
        let deep: String = (0..40).map(|depth| format!("{}- 日本\n", "  ".repeat(depth))).collect();
        for width in 0..24 {
            let text = introduction(&deep, &Style { width, ..PLAIN });
            assert_eq!(text.matches('日').count(), 40);
            assert!(width < 4 || text.lines().all(|line| columns(line) <= width), "at {width}: {text}");
        }
    }
}
