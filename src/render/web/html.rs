//! A run as an HTML page to hand out: the introduction, the question, what the run showed, and the code.
//!
//! The page is one file that loads nothing. Its content security policy allows only its own style and script, by their
//! digests. Without the script everything can be read; only hovering, zooming, playing, choosing lanes and tabs are missing. The page is
//! also well-formed XML, so that tests can parse it. `html/results.rs` has what the run showed, `html/code.rs` the code.

mod code;
mod results;

use std::io::{self, Write};

use super::digest::policy_source;
use super::drawing;
use crate::lesson::{Choice, Lesson};
use crate::render::Report;
use crate::render::markup::{finished, line};
use crate::render::prose;
use crate::render::text::question::feedback;
use crate::style::Style;
use crate::units;

const SCRIPT: &str = concat!(
    include_str!("html.js"),
    include_str!("html/filter.js"),
    include_str!("html/steps.js"),
    include_str!("html/zoom.js"),
    include_str!("html/pointing.js"),
    include_str!("html/playing.js"),
    include_str!("html/tabs.js")
);
/// The class of the page's charts and of their legend, which have one style sheet and one set of patterns.
const SCOPE: &str = "drawing";

/// Writes the whole file. What belongs to the lesson is left out if the lesson is not known.
pub(in crate::render) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let css = format!("{}{}{}", include_str!("html.css"), drawing::style(SCOPE), include_str!("html/print.css"));
    let css_digest = policy_source(&css);
    let script_digest = policy_source(SCRIPT);
    let title = line(&report.title());
    let run = results::section(report, style);
    let main = match report.lesson {
        Some(lesson) => {
            format!("{}{}{run}{}", introduction(lesson), question(lesson, report), code::section(lesson, report))
        }
        None => findings(report) + &run + &code::own_files(report),
    };
    let list = match report.list {
        Some(file) => format!("<nav><a href=\"{}\">All lessons</a></nav>\n", line(file)),
        None => String::new(),
    };
    let program = line(&report.trace.program);
    let document = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{css_digest}'; \
         script-src '{script_digest}'; base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{title}</title>\n<style>{css}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#run\">Skip to the run</a>\n\
         <header>{list}<h1>{title}</h1></header>\n<main>\n\
         {main}</main>\n<footer><p>Recorded by {program}.</p></footer>\n\
         <script type=\"module\">{SCRIPT}</script>\n</body>\n</html>\n"
    );
    out.write_all(finished(&document, style).as_bytes())
}

/// Returns a list of what was found in a program of somebody's own; nothing for a lesson.
fn findings(report: &Report<'_>) -> String {
    let items: String = report.findings().iter().map(|finding| format!("<li>{}</li>\n", with_code(finding))).collect();
    match items.is_empty() {
        true => items,
        false => format!("<section class=\"prose\">\n<h2>What stands out</h2>\n<ul>\n{items}</ul>\n</section>\n"),
    }
}

/// Escapes one line of text; what stands between backticks is code.
fn with_code(text: &str) -> String {
    let text = line(text);
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => part.to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    text.split('`').enumerate().map(part).collect()
}

/// Returns the section with the lesson's introduction.
fn introduction(lesson: &Lesson) -> String {
    let prose = prose::introduction_html(lesson.readme);
    format!("<section class=\"prose\" aria-label=\"Introduction\">\n{prose}</section>\n")
}

/// Returns the section with the question. The answer to each choice shows once it is chosen.
fn question(lesson: &Lesson, report: &Report<'_>) -> String {
    let question = &lesson.question;
    let measured = units::evidence(&question.measured.evidence(report.trace));
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
         <fieldset aria-live=\"polite\">\n<legend>{}</legend>\n{choices}</fieldset>\n\
         <p class=\"dim to-code\">The code that ran stands at the end of this page, <a href=\"#code\">below the results</a>.</p>\n\
         </section>\n",
        line(&units::with_inputs(question.ask, report.trace.inputs))
    )
}
