//! A run as an HTML page to hand out: prose, code, the question, and what the run showed.
//!
//! The page is one file that loads nothing. Its content security policy allows only its own style and script, by their
//! digests. Without the script everything can be read; only hovering, zooming and playing are missing. The page is also
//! well-formed XML, so that tests can parse it.

use std::io::{self, Write};

use super::digest::policy_source;
use super::drawing::{self, Drawing};
use super::svg::{in_words, lasted, result};
use crate::lesson::{Choice, Language, Lesson, Scene, SourceFile};
use crate::render::Report;
use crate::render::claims::VerdictText;
use crate::render::markup::{finished, line};
use crate::render::prose::{self, code};
use crate::render::report::{AFTERWARDS, ON_THE_VIRTUAL_CLOCK};
use crate::render::text::question::feedback;
use crate::render::text::table::{self, Cells};
use crate::style::Style;
use crate::trace::{ClaimResult, Clock, Outcome, SceneTrace};
use crate::units;

const SCRIPT: &str = include_str!("html.js");
/// The class of the page's charts and of their legend, which have one style sheet and one set of patterns.
const SCOPE: &str = "drawing";

/// Writes the whole file. What belongs to the lesson is left out if the lesson is not known.
pub(in crate::render) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let css = format!("{}{}{}", include_str!("html.css"), drawing::style(SCOPE), include_str!("html/print.css"));
    let css_digest = policy_source(&css);
    let script_digest = policy_source(SCRIPT);
    let title = line(&report.title());
    let lesson = match report.lesson {
        Some(lesson) => format!("{}{}{}", introduction(lesson), code(lesson, report), question(lesson, report)),
        None => String::new(),
    };
    let run = run(report, style);
    let program = line(&report.trace.program);
    let document = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{css_digest}'; \
         script-src '{script_digest}'; base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{title}</title>\n<style>{css}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#run\">Skip to the run</a>\n\
         <header><h1>{title}</h1></header>\n<main>\n\
         {lesson}{run}</main>\n<footer><p>Recorded by {program}.</p></footer>\n\
         <script type=\"module\">{SCRIPT}</script>\n</body>\n</html>\n"
    );
    out.write_all(finished(&document, style).as_bytes())
}

/// Returns the section with the lesson's introduction.
fn introduction(lesson: &Lesson) -> String {
    let prose = prose::introduction_html(lesson.readme);
    format!("<section class=\"prose\" aria-label=\"Introduction\">\n{prose}</section>\n")
}

/// Returns the section with the code of the scenes that ran or were skipped, and of their Python twin.
fn code(lesson: &Lesson, report: &Report<'_>) -> String {
    let shown = |scene: &Scene| {
        report.trace.scene(scene.name).is_some() || report.trace.skipped.iter().any(|one| one.scene == scene.name)
    };
    let beside = |scene: &Scene| -> String {
        let file = |beside: &SourceFile| {
            let file = line(&scene.file_beside(beside.name));
            let code = listing(beside.text, Language::of_file(beside.name), beside.name);
            format!("<details>\n<summary>{file}</summary>\n{code}</details>\n")
        };
        scene.beside.iter().map(file).collect()
    };
    let mut scenes = String::new();
    for (scene, number) in lesson.scenes.iter().zip(1..).filter(|(scene, _)| shown(scene)) {
        let title = line(scene.title);
        let file = line(&scene.file());
        let code = listing(scene.source, scene.language, scene.title);
        let beside = beside(scene);
        scenes +=
            &format!("<article>\n<h3>{number} · {title}</h3>\n<p class=\"dim\">{file}</p>\n{code}{beside}</article>\n");
    }
    let twin = listing(lesson.twin, Language::Python, "The same in Python");
    format!(
        "<section aria-labelledby=\"code\">\n<h2 id=\"code\">The code</h2>\n<div class=\"columns\">\n{scenes}</div>\n\
         <details>\n<summary>The same in Python’s asyncio</summary>\n{twin}</details>\n</section>\n"
    )
}

/// Returns code in a frame that the keyboard can scroll.
fn listing(source: &str, language: Language, label: &str) -> String {
    let code = code::html(source, language);
    let label = line(label);
    format!("<pre tabindex=\"0\" role=\"region\" aria-label=\"Code: {label}\"><code>{code}</code></pre>\n")
}

/// Returns the section with the question. The answer to each choice shows once it is chosen.
fn question(lesson: &Lesson, report: &Report<'_>) -> String {
    let question = &lesson.question;
    let measured = units::evidence(&(question.measured)(report.trace));
    let choice = |(index, choice): (usize, &Choice)| {
        let checked = if report.guess == Some(index) { " checked=\"checked\"" } else { "" };
        let text = line(&units::with_inputs(choice.text, report.trace.inputs));
        let answer = line(&feedback(choice, &measured, report.trace.inputs).join(" "));
        format!(
            "<div>\n<input type=\"radio\" name=\"guess\" id=\"guess-{index}\"{checked}/>\n\
             <label for=\"guess-{index}\">{text}</label>\n<p class=\"answer\">{answer}</p>\n</div>\n"
        )
    };
    let choices: String = question.choices.iter().enumerate().map(choice).collect();
    format!(
        "<section aria-labelledby=\"question\">\n<h2 id=\"question\">Guess before you look</h2>\n\
         <fieldset aria-live=\"polite\">\n<legend>{}</legend>\n{choices}</fieldset>\n</section>\n",
        line(&units::with_inputs(question.ask, report.trace.inputs))
    )
}

/// Returns the section with what the run showed. It is folded away until the reader has guessed; if there is no question,
/// it is open.
fn run(report: &Report<'_>, style: &Style) -> String {
    let open = report.guess.is_some() || report.lesson.is_none();
    let open = if open { " open=\"open\"" } else { "" };
    let charts = charts(report);
    let result = line(&result(report));
    let cells = table::cells(report.trace, report.numbers());
    let own = table::own_cells(report.trace, report.numbers());
    let tables = html_table(cells, "Figures") + &html_table(own, "More figures");
    let claims: String = report.trace.claims.iter().map(|result| claim(result, style)).collect();
    let claims =
        if claims.is_empty() { claims } else { format!("<h3>Claims</h3>\n<ul class=\"claims\">\n{claims}</ul>\n") };
    let section = |name: &str| {
        let body = prose::section_html(report.lesson?.readme, name)?;
        Some(format!("<section class=\"prose\">\n<h3>{name}</h3>\n{body}</section>\n"))
    };
    let prose: String = AFTERWARDS.into_iter().filter_map(section).collect();
    format!(
        "<details id=\"run\" class=\"run\"{open}>\n<summary><h2>What this run showed</h2></summary>\n\
         <p class=\"hidden\">{result}</p>\n{charts}{tables}{claims}{prose}</details>\n"
    )
}

/// Returns the charts of all scenes, the remarks on skipped ones, and the legend.
fn charts(report: &Report<'_>) -> String {
    let axis = drawing::axis(report.trace.extent());
    let clock = match report.trace.clock {
        Clock::Virtual => format!("<p>{ON_THE_VIRTUAL_CLOCK}</p>\n"),
        Clock::Real => String::new(),
    };
    let mut numbers = report.numbers();
    let mut chart = |scene: &SceneTrace| {
        let number = numbers.next(&scene.name);
        let title = line(&scene.title);
        let name = line(&scene.name);
        let lasted = line(&lasted(scene));
        let words = line(&in_words(scene));
        let Drawing { shapes, height } = drawing::scene(scene, report.view, axis);
        let panicked = match &scene.outcome {
            Outcome::Panicked { message } => format!("<p class=\"failed\">The scene panicked: {}</p>\n", line(message)),
            _ => String::new(),
        };
        format!(
            "<figure>\n<figcaption><span>{number} · {title}</span> <span>{lasted}</span></figcaption>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart: {title}\">\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart {SCOPE}\" width=\"100%\" height=\"{height}\" role=\"img\" \
             aria-label=\"{words}\" data-scene=\"{name}\" data-title=\"{title}\" data-wall=\"{}\">\n{shapes}</svg>\n\
             </div>\n{panicked}</figure>\n",
            scene.wall
        )
    };
    let figures: String = report.trace.scenes.iter().map(&mut chart).collect();
    let skipped = report.trace.skipped.iter().map(|skipped| {
        let number = numbers.next(&skipped.scene);
        format!("<p>{number} · {}, skipped: {}.</p>\n", line(&skipped.title), line(&skipped.reason))
    });
    let skipped: String = skipped.collect();
    let Drawing { shapes, height } = drawing::legend(report.view);
    let patterns = drawing::patterns(SCOPE);
    format!(
        "{clock}<div id=\"charts\" data-extent=\"{}\">\n{CONTROLS}{figures}</div>\n{skipped}\
         <svg xmlns=\"http://www.w3.org/2000/svg\" class=\"legend {SCOPE}\" width=\"100%\" height=\"{height}\" role=\"img\" \
         aria-label=\"What the patterns mean\">\n{patterns}{shapes}</svg>\n",
        axis.extent
    )
}

/// The controls of the charts. They are hidden until the script shows them, since they need it.
const CONTROLS: &str = "\
<div id=\"controls\" role=\"group\" aria-label=\"Look at the charts\" hidden=\"hidden\">
<button type=\"button\" id=\"play\">Play</button>
<label>Moment <input type=\"range\" id=\"moment\" min=\"0\" max=\"1000\" value=\"0\"/></label>
<output id=\"now\" for=\"moment\"></output>
<span class=\"zoom\"><button type=\"button\" id=\"zoom-out\" aria-label=\"Zoom out\">−</button>
<output id=\"zoom\">1×</output>
<button type=\"button\" id=\"zoom-in\" aria-label=\"Zoom in\">+</button></span>
<p id=\"states\" aria-live=\"polite\"></p>
</div>
<div id=\"tip\" hidden=\"hidden\"></div>
";

/// Returns a table; nothing if there are no cells.
fn html_table(cells: Option<Cells>, caption: &str) -> String {
    let Some(Cells { headings, rows }) = cells else { return String::new() };
    let headings: String = headings.iter().map(|text| format!("<th scope=\"col\">{}</th>", line(text))).collect();
    let row = |row: &Vec<String>| {
        let title = row.first().map_or_else(String::new, |title| line(title));
        let figures: String = row.iter().skip(1).map(|text| format!("<td>{}</td>", line(text))).collect();
        format!("<tr><th scope=\"row\">{title}</th>{figures}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table>\n\
         <caption>{caption}</caption>\n<thead><tr><td></td>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         </div>\n"
    )
}

fn claim(result: &ClaimResult, style: &Style) -> String {
    let verdict = VerdictText::of(result, style);
    let (class, statement, evidence) = (verdict.word, line(&result.statement), line(&verdict.evidence));
    format!(
        "<li class=\"{class}\"><strong>{class}:</strong> {statement} <span class=\"dim\">({evidence})</span></li>\n"
    )
}
