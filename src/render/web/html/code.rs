//! The part of a page that shows code: of each scene in Rust and in Python, and whole files that can be unfolded.
//!
//! The languages of a scene stand beside each other. `tabs.js` makes tabs of them, so without it both can be read.

use crate::lesson::{Language, Lesson, Scene, SourceFile};
use crate::render::markup::line;
use crate::render::prose::code;
use crate::render::{OwnSource, Report};

/// The id of the whole Python file.
const PYTHON: &str = "python";

/// Returns the section with the code of the scenes that ran or were skipped, and of their Python twin.
pub(super) fn section(lesson: &Lesson, report: &Report<'_>) -> String {
    let shown = |scene: &Scene| {
        report.trace.scene(scene.name).is_some() || report.trace.skipped.iter().any(|one| one.scene == scene.name)
    };
    // Some twins show all scenes in one piece. Tabs of which each leads to the whole file would be of no use.
    let in_pieces = lesson.scenes.iter().any(|scene| python_piece(lesson.twin, scene.name).is_some());
    let numbered = lesson.scenes.iter().zip(1..).filter(|(scene, _)| shown(scene));
    let scenes: String = numbered.map(|(scene, number)| block(lesson, scene, number, in_pieces)).collect();
    let twin = listing(lesson.twin, Language::Python, "The same in Python", PYTHON);
    format!(
        "<section aria-labelledby=\"code\">\n<h2 id=\"code\">The code</h2>\n{scenes}\
         <details>\n<summary>The same in Python’s asyncio: the whole file</summary>\n{twin}</details>\n</section>\n"
    )
}

/// Returns the section with the files of a program of somebody's own, folded; nothing if none could be read.
pub(super) fn own_files(report: &Report<'_>) -> String {
    let file = |(own, index): (&OwnSource, usize)| {
        let code = listing(&own.text, Language::of_file(&own.file), &own.file, &format!("source-{index}"));
        format!("<details>\n<summary>{}</summary>\n{code}</details>\n", line(&own.file))
    };
    let files: String = report.sources.iter().zip(1..).map(file).collect();
    match files.is_empty() {
        true => files,
        false => format!("<section aria-labelledby=\"code\">\n<h2 id=\"code\">The code</h2>\n{files}</section>\n"),
    }
}

/// Returns the code of one scene.
fn block(lesson: &Lesson, scene: &Scene, number: usize, in_pieces: bool) -> String {
    let title = line(scene.title);
    let file = line(&scene.file());
    let own = format!(
        "<p class=\"dim\">{file}</p>\n{}",
        listing(scene.source, scene.language, scene.title, &format!("source-{number}"))
    );
    let code = match scene.language {
        Language::Rust if in_pieces => {
            let rust = tab("Rust", number, &own);
            let python = tab("Python", number, &python(lesson, scene, number));
            format!("<div class=\"languages\">\n{rust}{python}</div>\n")
        }
        _ => own,
    };
    let beside: String = scene.beside.iter().zip(1..).map(|(file, index)| beside(scene, file, number, index)).collect();
    format!("<article>\n<h3>{number} · {title}</h3>\n{code}{beside}</article>\n")
}

/// Returns the code of a scene in one language.
fn tab(language: &str, number: usize, code: &str) -> String {
    format!(
        "<div class=\"language\" id=\"scene-{number}-{language}\" data-language=\"{language}\">\n\
         <h4>{language}</h4>\n{code}</div>\n"
    )
}

/// Returns the counterpart of a scene in Python, or where to find it.
fn python(lesson: &Lesson, scene: &Scene, number: usize) -> String {
    match python_piece(lesson.twin, scene.name) {
        Some(piece) => {
            let name = line(scene.name);
            let code =
                listing(&piece, Language::Python, &format!("{} in Python", scene.title), &format!("python-{number}"));
            format!("<p class=\"dim\"><code>{name}</code> in the Python file</p>\n<div class=\"piece\">{code}</div>\n")
        }
        None => format!(
            "<p>The Python file does this in several places: <a href=\"#{PYTHON}\">see the whole of it</a>.</p>\n"
        ),
    }
}

/// Returns the function of a Python file that is called like a scene, with its body.
fn python_piece(source: &str, name: &str) -> Option<String> {
    let opens = |line: &&str| {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ");
        rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    let mut lines = source.lines().skip_while(|line| !opens(line));
    let first = lines.next()?;
    // Parameters may end in a line `):`, which still belongs to it.
    let body = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '\t', ')']));
    let piece: Vec<&str> = std::iter::once(first).chain(body).collect();
    Some(format!("{}\n", piece.join("\n").trim_end()))
}

/// Returns another file that a scene uses, folded. `index` counts the files of the scene.
fn beside(scene: &Scene, beside: &SourceFile, number: usize, index: usize) -> String {
    let file = line(&scene.file_beside(beside.name));
    let id = format!("source-{number}-{index}");
    let code = listing(beside.text, Language::of_file(beside.name), beside.name, &id);
    format!("<details>\n<summary>{file}</summary>\n{code}</details>\n")
}

/// Returns code in a frame that the keyboard can scroll. `id` must not contain anything from outside.
fn listing(source: &str, language: Language, label: &str, id: &str) -> String {
    let code = code::html(source, language);
    let label = line(label);
    format!("<pre id=\"{id}\" tabindex=\"0\" role=\"region\" aria-label=\"Code: {label}\"><code>{code}</code></pre>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_of_a_scene_is_found_with_its_body() {
        let twin = "import x\n\n\ndef inner(a):\n    pass\n\n\nasync def in(\n    a,\n):\n    async def in(b):\n\n        pass\n\n\nrun()\n";
        let expected = "async def in(\n    a,\n):\n    async def in(b):\n\n        pass\n";
        assert_eq!(python_piece(twin, "in").as_deref(), Some(expected));
        assert_eq!(python_piece(twin, "inn"), None);
        assert_eq!(python_piece("", ""), None);
    }
}
