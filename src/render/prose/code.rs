//! Source code on a page or in HTML: every line with its number, highlighted where the page takes colour.
//!
//! Knows pages and nothing of lessons. `text/letters.rs` has the styled characters that lines of code are made of, and
//! `highlight.rs` finds their roles.

use std::ops::Range;

use super::focus::{lines_to_show, python_function};
use super::highlight::{Highlighter, paint_async};
use crate::lesson::Language;
use crate::render::markup::escape;
use crate::render::text::letters::{StyledChar, cut, paint, runs, styled_chars, width};
use crate::style::{Role, Style};

/// Lines of an excerpt where nothing else says how many there may be.
pub(crate) const EXCERPT_LINES: usize = 14;

/// The columns before the code: a line's number and the rule between it and the code.
const GUTTER: usize = 7;

/// Renders the whole of `source`. A line that is wider than the page continues in the next row.
pub(crate) fn listing(source: &str, language: Language, style: &Style) -> String {
    lines(source, language, style).flat_map(|(number, code)| wrap_line(number, code, style)).collect()
}

/// Renders the whole of `source` row by row. Each row comes with the number of its line, which counts from 1.
///
/// `note` is called with a line's number; the text it returns gets a row of its own below that line.
pub(crate) fn annotated(
    source: &str,
    language: Language,
    style: &Style,
    note: impl Fn(usize) -> Option<String>,
) -> Vec<(usize, String)> {
    let mut rows = Vec::new();
    for (number, code) in lines(source, language, style) {
        rows.extend(wrap_line(number, code, style).into_iter().map(|row| (number, row)));
        if let Some(note) = note(number) {
            let note = styled_chars(&style.line(&note), Some(Role::Strong), style);
            rows.push((number, row("", note, style)));
        }
    }
    rows
}

/// Renders the lines of a scene's file that say how it differs from `before`, the file of the scene before: see
/// [`lines_to_show`]. They are at most `most`, numbered as in the file. A line that is wider than the page continues
/// in the next row.
pub(crate) fn excerpt(source: &str, before: Option<&str>, language: Language, most: usize, style: &Style) -> String {
    rows_of(source, &lines_to_show(source, before, language, most), language, style)
}

/// Renders a remark below code, in a row without a number.
pub(crate) fn remark(text: &str, style: &Style) -> String {
    row("", styled_chars(text, Some(Role::Dim), style), style)
}

/// Renders the Python function of this name, at most `most` lines of it; empty if `source` has no such function.
pub(crate) fn python(source: &str, name: &str, most: usize, style: &Style) -> String {
    let function: Vec<usize> = python_function(source, name).into_iter().flatten().collect();
    rows_of(source, &function[..function.len().min(most)], Language::Python, style)
}

/// Renders the lines of these numbers, which count from 0.
fn rows_of(source: &str, shown: &[usize], language: Language, style: &Style) -> String {
    // The lines above are parsed too: a comment or a string that begins there may reach into these.
    let all = lines(source, language, style);
    let lines = all.filter(|(number, _)| shown.contains(&(number - 1)));
    lines.flat_map(|(number, code)| wrap_line(number, code, style)).collect()
}

/// Renders the whole of `source` as HTML, one element a line. The style sheet numbers and wraps the lines.
pub(in crate::render) fn html(source: &str, language: Language) -> String {
    const PAGE: Style = Style { width: usize::MAX, color: true, unicode: true };
    let mut html = String::new();
    for (_, code) in lines(source, language, &PAGE) {
        html += "<span>";
        for (role, text) in runs(&code) {
            let text = escape(&text);
            match role.and_then(class) {
                Some(class) => html += &format!("<b class=\"{class}\">{text}</b>"),
                None => html += &text,
            }
        }
        html += "</span>\n";
    }
    html
}

/// Returns the style sheet's class for `role`; none if code never has that role.
fn class(role: Role) -> Option<&'static str> {
    match role {
        Role::Dim => Some("dim"),
        Role::Keyword => Some("keyword"),
        Role::Literal => Some("literal"),
        Role::Code => Some("function"),
        _ => None,
    }
}

/// Returns the number of the first line of the function `scene`, counted from 1.
pub(in crate::render) fn scene_line(source: &str, language: Language) -> usize {
    scene_function(source, language).start + 1
}

/// Returns the number of the first line of the Python function of this name, counted from 1; 1 if there is none.
pub(in crate::render) fn python_line(source: &str, name: &str) -> usize {
    python_function(source, name).map_or(1, |lines| lines.start + 1)
}

/// Returns the range of lines of the function `scene`, counted from 0.
///
/// A Rust file without that function counts as one that begins with it; of any other file it is the whole.
pub(super) fn scene_function(source: &str, language: Language) -> Range<usize> {
    match language {
        Language::Rust => rust_function(source),
        Language::Python => python_function(source, "scene").unwrap_or(0..source.lines().count()),
        _ => 0..source.lines().count(),
    }
}

fn rust_function(source: &str) -> Range<usize> {
    let opens = |line: &str| line.starts_with("pub async fn scene(") || line.starts_with("pub fn scene(");
    let start = source.lines().position(opens).unwrap_or(0);
    let last = source.lines().skip(start).position(|line| line == "}");
    match last {
        Some(last) => start..start + last + 1,
        None => start..source.lines().count(),
    }
}

/// Iterates over the lines of `source`, highlighted, with their numbers from 1.
fn lines(source: &str, language: Language, style: &Style) -> impl Iterator<Item = (usize, Vec<StyledChar>)> {
    let mut highlighter = if style.color { Highlighter::new(language) } else { None };
    source.lines().zip(1..).map(move |(line, number)| {
        let pieces = highlighter.as_mut().and_then(|highlighter| highlighter.pieces(line));
        let Some(pieces) = pieces else {
            // After a line that it cannot parse, a grammar no longer knows where it is: the rest of the file stays
            // plain.
            highlighter = None;
            return (number, styled_chars(line, None, style));
        };
        let mut code: Vec<StyledChar> =
            pieces.iter().flat_map(|(text, role)| styled_chars(text, *role, style)).collect();
        paint_async(&mut code);
        (number, code)
    })
}

/// Renders one line in as many rows as it needs, broken at blanks where possible.
///
/// Only the first row has the number. The others are indented by four columns more than the line.
fn wrap_line(number: usize, mut code: Vec<StyledChar>, style: &Style) -> Vec<String> {
    let room = style.width.saturating_sub(GUTTER).max(1);
    let blanks = code.iter().take_while(|styled| styled.char == ' ').count();
    let indent = vec![StyledChar::BLANK; (blanks + 4).min(room / 2)];
    let mut rows = Vec::new();
    let mut number = number.to_string();
    while width(&code) > room {
        let rest = code.split_off(break_at(&code, room));
        rows.push(row(&number, code, style));
        code = [indent.clone(), rest].concat();
        number.clear();
    }
    rows.push(row(&number, code, style));
    rows
}

/// Returns the index at which to break `code`, which is wider than `room` columns: behind its last blank that fits, or
/// where the room ends if that would leave the row less than half full.
fn break_at(code: &[StyledChar], room: usize) -> usize {
    let fitting = (1..code.len()).take_while(|end| width(&code[..*end]) <= room).last().unwrap_or(1);
    let last_blank = code[..fitting].iter().rposition(|styled| styled.char == ' ');
    match last_blank {
        Some(blank) if width(&code[..=blank]) > room / 2 => blank + 1,
        _ => fitting,
    }
}

/// Renders one row, cut to the page. Numbers are right-aligned in four columns, so that most begin two columns in, as
/// prose does.
fn row(number: &str, code: Vec<StyledChar>, style: &Style) -> String {
    let mut row = styled_chars(&format!("{number:>4} {} ", style.glyphs().gutter), Some(Role::Dim), style);
    row.extend(code);
    paint(&cut(&row, style.width), style) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::columns;

    const PLAIN: Style = Style { width: 80, color: false, unicode: true };
    const COLOURS: Style = Style { color: true, ..PLAIN };

    const SCENE: &str = "//! Naps → “in turn”.\n\npub async fn scene(inputs: Inputs) {\n\tlet n = 3 * 2; // 日本語の長い説明\n    \
                         info!(\"A \u{1b}[31m\").await;\n}\n\nasync fn nap() {\n}\n";
    const TWIN: &str = "async def main():\n    \"\"\"Naps.\"\"\"\n    await nap(f\"{1} é\") # sleeps\n";

    #[test]
    fn numbers_gutter_and_lines() {
        assert_eq!(listing("a\n\n\tb", Language::Rust, &PLAIN), "   1 │ a\n   2 │\n   3 │     b\n");
        let ascii = Style { unicode: false, ..PLAIN };
        assert_eq!(listing("// → é\n", Language::Rust, &ascii), "   1 | // -> ?\n");
        assert_eq!(listing("", Language::Rust, &PLAIN), "");
    }

    #[test]
    fn each_role_is_painted() {
        let rust = listing(SCENE, Language::Rust, &COLOURS);
        let python = listing(TWIN, Language::Python, &COLOURS);
        for (shown, role, texts) in [
            (&rust, Role::Dim, ["   1 │ //! Naps → “in turn”.", "// 日本語の長い説明"]),
            (&rust, Role::Keyword, ["async", "await"]),
            (&rust, Role::Code, ["scene", "info!"]),
            (&rust, Role::Literal, ["3", "\"A \\u{1b}[31m\""]),
            (&python, Role::Keyword, ["async", "await"]),
            (&python, Role::Literal, ["1", "f\""]),
        ] {
            for text in texts {
                assert!(shown.contains(&COLOURS.paint(role, text)), "{text} in {shown}");
            }
        }
        assert!(rust.contains(" = "), "an operator is no keyword: {rust}");
    }

    #[test]
    fn colours_add_nothing_and_no_line_is_too_wide() {
        for (width, unicode) in [(5, true), (20, true), (20, false), (40, true), (80, false), (200, true)] {
            let plain = Style { width, color: false, unicode };
            let coloured = Style { color: true, ..plain };
            let everything = |style| {
                listing(SCENE, Language::Rust, style)
                    + &listing(TWIN, Language::Python, style)
                    + &excerpt(SCENE, None, Language::Rust, 14, style)
            };
            let text = everything(&plain);
            assert!(text.lines().all(|line| columns(line) <= width), "at {width}: {text}");
            assert!(unicode || text.is_ascii(), "{text}");
            assert!(!text.contains('\u{1b}'), "{text:?}");
            assert_eq!(anstream::adapter::strip_str(&everything(&coloured)).to_string(), text);
        }
    }

    #[test]
    fn html_has_the_same_roles_and_takes_no_tags_from_the_code() {
        let html = html("let a: B<C> = \"</code>\"; // <b>\n\nawait", Language::Rust);
        let keyword = |word: &str| format!("<b class=\"keyword\">{word}</b>");
        let literal = "<b class=\"literal\">&quot;&lt;/code&gt;&quot;</b>";
        let dim = "<b class=\"dim\">// &lt;b&gt;</b>";
        let expected =
            [format!("{} a: B&lt;C&gt; = {literal}; {dim}", keyword("let")), String::new(), keyword("await")];
        assert_eq!(html, expected.map(|line| format!("<span>{line}</span>\n")).concat());
    }

    #[test]
    fn a_listing_wraps_and_loses_nothing() {
        let source = "fn main() {\n    let long = some::function(\"with an argument\", 日本語, another_one_without_blanks);\n}\n";
        for width in [20, 24, 40, 80, 120] {
            let style = Style { width, color: false, unicode: true };
            let text = listing(source, Language::Rust, &style);
            assert!(text.lines().all(|line| columns(line) <= width), "{text}");
            let code: String = text.lines().map(|line| line.split_once('│').map_or("", |(_, code)| code)).collect();
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(bare(&code), bare(source), "{text}");
            let numbers: Vec<&str> =
                text.lines().map(|line| line[..5].trim()).filter(|number| !number.is_empty()).collect();
            assert_eq!(numbers, ["1", "2", "3"], "{text}");
        }
    }

    #[test]
    fn an_excerpt_is_the_scene_and_nothing_else() {
        let expected = "   3 │ pub async fn scene(inputs: Inputs) {\n   4 │     let n = 3 * 2; // 日本語の長い説明\n   \
                        5 │     info!(\"A \\u{1b}[31m\").await;\n   6 │ }\n";
        assert_eq!(excerpt(SCENE, None, Language::Rust, 14, &PLAIN), expected);
        assert_eq!(excerpt("fn a() {\n}\n", None, Language::Rust, 14, &PLAIN), "   1 │ fn a() {\n   2 │ }\n");
    }

    #[test]
    fn an_excerpt_of_python_is_the_function_and_of_others_the_file() {
        let scene = "async def scene(\n    tasks,\n):\n    nap()\n\n    nap()\n";
        let source = format!("import asyncio\n\n{scene}\n\nasyncio.run(scene(2))\n");
        let expected = "   3 │ async def scene(\n   4 │     tasks,\n   5 │ ):\n   6 │     nap()\n   7 │\n   \
                        8 │     nap()\n";
        assert_eq!(excerpt(&source, None, Language::Python, 14, &PLAIN), expected);
        assert_eq!((scene_line(&source, Language::Python), scene_line(&source, Language::Other)), (3, 1));
        assert_eq!(excerpt("a = 1\n\n}\nb\n", None, Language::Python, 14, &PLAIN).lines().count(), 4);
        assert_eq!(excerpt("fn scene() {\n}\nb\n", None, Language::Other, 14, &COLOURS).lines().count(), 3);
    }

    #[test]
    fn a_long_excerpt_ends_early() {
        let scene = |statements: usize| format!("\npub fn scene() {{\n{}}}\n", "    nap();\n".repeat(statements));
        let whole = excerpt(&scene(12), None, Language::Rust, 14, &PLAIN);
        assert_eq!((whole.lines().count(), whole.lines().last()), (14, Some("  15 │ }")));
        let cut = excerpt(&scene(13), None, Language::Rust, 14, &PLAIN);
        assert_eq!((cut.lines().count(), cut.lines().last()), (14, Some("  15 │     nap();")));
    }

    #[test]
    fn a_comment_above_the_scene_reaches_into_it() {
        let source = "/*\npub fn scene() {\n}\n*/\n";
        assert!(
            excerpt(source, None, Language::Rust, 14, &COLOURS)
                .contains(&COLOURS.paint(Role::Dim, "   2 │ pub fn scene() {"))
        );
    }
}
