//! Source code on a page or in HTML: every line with its number, highlighted where the page takes colour.
//!
//! Knows pages and languages, nothing else of lessons. Made of the letters of `letters.rs`, which `highlight.rs` gives
//! their roles.

use super::highlight::{Highlighter, paint_async};
use crate::lesson::Language;
use crate::page::{Page, Role};
use crate::render::markup::escape;
use crate::render::text::letters::{Letter, cut, letters, painted, width};

/// An excerpt has at most so many lines.
const MOST_LINES: usize = 14;

/// The whole of `source`. What is wider than the page goes on in the next row: none of it is lost.
pub(crate) fn listing(source: &str, language: Language, page: &Page) -> String {
    lines(source, language, page).flat_map(|(number, code)| wrapped(number, code, page)).collect()
}

/// The same row by row, each with its line's number; what `note` has to say of a line stands in a row below it.
pub(crate) fn annotated(
    source: &str,
    language: Language,
    page: &Page,
    note: impl Fn(usize) -> Option<String>,
) -> Vec<(usize, String)> {
    let below = |number| note(number).map(|note| row("", letters(&page.line(&note), Some(Role::Strong), page), page));
    let rows = |(number, code)| {
        let rows = wrapped(number, code, page).into_iter().chain(below(number));
        rows.map(move |row| (number, row)).collect::<Vec<_>>()
    };
    lines(source, language, page).flat_map(rows).collect()
}

/// Returns the function `scene` of a scene's file, with the numbers its lines have there; of a long one, its first
/// lines. They are cut where the page ends: this is a glance.
pub(crate) fn excerpt(source: &str, language: Language, page: &Page) -> String {
    let (first, count) = scene_function(source, language);
    // Everything above is parsed too: the grammar has to know what it is in the middle of.
    let lines = lines(source, language, page).skip(first);
    let rows = lines.map(|(number, code)| row(&number.to_string(), code, page));
    if count <= MOST_LINES {
        return rows.take(count).collect();
    }
    let more = row("", letters("    …", Some(Role::Dim), page), page);
    rows.take(MOST_LINES - 1).chain([more]).collect()
}

/// The whole of `source` as HTML, an element for each line: in a browser, lines are numbered and wrapped by style.
pub(in crate::render) fn html(source: &str, language: Language) -> String {
    const PAGE: Page = Page { width: usize::MAX, color: true, unicode: true };
    let line = |code: Vec<Letter>| {
        let pieces = code.chunk_by(|(_, a), (_, b)| a == b).map(|run| {
            let text = escape(&run.iter().map(|(c, _)| c).collect::<String>());
            run[0].1.and_then(class).map_or_else(|| text.clone(), |class| format!("<b class=\"{class}\">{text}</b>"))
        });
        format!("<span>{}</span>\n", pieces.collect::<String>())
    };
    lines(source, language, &PAGE).map(|(_, code)| line(code)).collect()
}

/// What the style sheet calls a role that code can have.
fn class(role: Role) -> Option<&'static str> {
    match role {
        Role::Dim => Some("dim"),
        Role::Keyword => Some("keyword"),
        Role::Literal => Some("literal"),
        Role::Code => Some("function"),
        _ => None,
    }
}

/// Returns the number of the line that the function `scene` begins with, from 1.
pub(in crate::render) fn scene_line(source: &str, language: Language) -> usize {
    scene_function(source, language).0 + 1
}

/// Returns how many lines stand before the function `scene`, and how many it has.
///
/// In a Rust file without one, it is the first item; in any other, the whole file.
fn scene_function(source: &str, language: Language) -> (usize, usize) {
    match language {
        Language::Rust => rust_function(source),
        Language::Python => python_function(source).unwrap_or((0, source.lines().count())),
        _ => (0, source.lines().count()),
    }
}

fn rust_function(source: &str) -> (usize, usize) {
    let opens = |line: &str| line.starts_with("pub async fn scene(") || line.starts_with("pub fn scene(");
    let first = source.lines().position(opens).unwrap_or(0);
    let function = source.lines().skip(first);
    let count = function.clone().position(|line| line == "}").map_or(function.count(), |last| last + 1);
    (first, count)
}

/// The function ends where a line begins in the first column again. Its parameters may end with such a line: `):`.
fn python_function(source: &str) -> Option<(usize, usize)> {
    let opens = |line: &str| line.starts_with("def scene(") || line.starts_with("async def scene(");
    let goes_on = |line: &str| line.is_empty() || line.starts_with([' ', '\t', ')']);
    let first = source.lines().position(opens)?;
    let mut count = 1;
    for (line, number) in source.lines().skip(first + 1).take_while(|line| goes_on(line)).zip(2..) {
        // Empty lines at its end do not belong to it.
        if !line.trim().is_empty() {
            count = number;
        }
    }
    Some((first, count))
}

/// The lines of `source` with their numbers.
fn lines(source: &str, language: Language, page: &Page) -> impl Iterator<Item = (usize, Vec<Letter>)> {
    let mut highlighter = if page.color { Highlighter::new(language) } else { None };
    source.lines().zip(1..).map(move |(line, number)| {
        let pieces = highlighter.as_mut().and_then(|highlighter| highlighter.pieces(line)).unwrap_or_else(|| {
            // A grammar that has lost its way knows nothing of the lines to come either: they stay plain.
            highlighter = None;
            vec![(line, None)]
        });
        let mut code = pieces.iter().flat_map(|(text, role)| letters(text, *role, page)).collect::<Vec<_>>();
        if highlighter.is_some() {
            paint_async(&mut code);
        }
        (number, code)
    })
}

/// One line in as many rows as it needs, broken at blanks where there are any; what goes on is indented once more than
/// the line.
fn wrapped(number: usize, mut code: Vec<Letter>, page: &Page) -> Vec<String> {
    let room = page.width.saturating_sub(GUTTER).max(1);
    let indent = code.iter().take_while(|(c, _)| *c == ' ').count();
    let indent = vec![(' ', None); (indent + 4).min(room / 2)];
    let (mut rows, mut number) = (Vec::new(), number.to_string());
    while width(&code) > room {
        let fits = (1..code.len()).take_while(|end| width(&code[..*end]) <= room).last().unwrap_or(1);
        let blank = code[..fits].iter().rposition(|(c, _)| *c == ' ').map(|blank| blank + 1);
        let rest = code.split_off(blank.filter(|end| width(&code[..*end]) > room / 2).unwrap_or(fits));
        rows.push(row(&number, code, page));
        code = [indent.clone(), rest].concat();
        number.clear();
    }
    rows.push(row(&number, code, page));
    rows
}

/// The columns that a line's number takes, and what sets it off.
const GUTTER: usize = 7;

/// One line. Numbers of up to two digits stand under prose, which begins two columns in.
fn row(number: &str, code: Vec<Letter>, page: &Page) -> String {
    let mut row = letters(&format!("{number:>4} {} ", page.glyphs().gutter), Some(Role::Dim), page);
    row.extend(code);
    painted(&cut(&row, page.width), page) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::columns;

    const PLAIN: Page = Page { width: 80, color: false, unicode: true };
    const COLOURS: Page = Page { color: true, ..PLAIN };

    const SCENE: &str = "//! Naps → “in turn”.\n\npub async fn scene(inputs: Inputs) {\n\tlet n = 3 * 2; // 日本語の長い説明\n    \
                         info!(\"A \u{1b}[31m\").await;\n}\n\nasync fn nap() {\n}\n";
    const TWIN: &str = "async def main():\n    \"\"\"Naps.\"\"\"\n    await nap(f\"{1} é\") # sleeps\n";

    #[test]
    fn numbers_gutter_and_lines() {
        assert_eq!(listing("a\n\n\tb", Language::Rust, &PLAIN), "   1 │ a\n   2 │\n   3 │     b\n");
        let ascii = Page { unicode: false, ..PLAIN };
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
            let plain = Page { width, color: false, unicode };
            let coloured = Page { color: true, ..plain };
            let everything = |page| {
                listing(SCENE, Language::Rust, page)
                    + &listing(TWIN, Language::Python, page)
                    + &excerpt(SCENE, Language::Rust, page)
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
            let page = Page { width, color: false, unicode: true };
            let text = listing(source, Language::Rust, &page);
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
        assert_eq!(excerpt(SCENE, Language::Rust, &PLAIN), expected);
        assert_eq!(excerpt("fn a() {\n}\n", Language::Rust, &PLAIN), "   1 │ fn a() {\n   2 │ }\n");
    }

    #[test]
    fn an_excerpt_of_python_is_the_function_and_of_others_the_file() {
        let scene = "async def scene(\n    tasks,\n):\n    nap()\n\n    nap()\n";
        let source = format!("import asyncio\n\n{scene}\n\nasyncio.run(scene(2))\n");
        let expected = "   3 │ async def scene(\n   4 │     tasks,\n   5 │ ):\n   6 │     nap()\n   7 │\n   \
                        8 │     nap()\n";
        assert_eq!(excerpt(&source, Language::Python, &PLAIN), expected);
        assert_eq!((scene_line(&source, Language::Python), scene_line(&source, Language::Other)), (3, 1));
        assert_eq!(excerpt("a = 1\n\n}\nb\n", Language::Python, &PLAIN).lines().count(), 4);
        assert_eq!(excerpt("fn scene() {\n}\nb\n", Language::Other, &COLOURS).lines().count(), 3);
    }

    #[test]
    fn a_long_excerpt_ends_early() {
        let scene = |statements: usize| format!("\npub fn scene() {{\n{}}}\n", "    nap();\n".repeat(statements));
        let whole = excerpt(&scene(12), Language::Rust, &PLAIN);
        assert_eq!((whole.lines().count(), whole.lines().last()), (14, Some("  15 │ }")));
        let cut = excerpt(&scene(13), Language::Rust, &PLAIN);
        assert_eq!(cut.lines().skip(12).collect::<Vec<_>>(), ["  14 │     nap();", "     │     …"]);
    }

    #[test]
    fn a_comment_above_the_scene_reaches_into_it() {
        let source = "/*\npub fn scene() {\n}\n*/\n";
        assert!(
            excerpt(source, Language::Rust, &COLOURS).contains(&COLOURS.paint(Role::Dim, "   2 │ pub fn scene() {"))
        );
    }
}
