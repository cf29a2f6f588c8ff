//! The part of a page that says what the run showed: charts, tables, claims, and the prose that explains them.

use super::SCOPE;
use crate::chart::Window;
use crate::render::Report;
use crate::render::claims::VerdictText;
use crate::render::markup::line;
use crate::render::prose;
use crate::render::report::{AFTERWARDS, ON_THE_VIRTUAL_CLOCK, remarks};
use crate::render::text::table::{self, Cells};
use crate::render::web::drawing::{self, Drawing};
use crate::render::web::steps::{self, Packed};
use crate::render::web::svg::{in_words, lasted, result};
use crate::style::Style;
use crate::trace::{ClaimResult, Clock, SceneTrace, TaskId};

/// Returns the section with what the run showed. It is folded away until the reader has guessed; if there is no question,
/// it is open.
pub(super) fn section(report: &Report<'_>, style: &Style) -> String {
    let open = report.guess.is_some() || report.lesson.is_none();
    let open = if open { " open=\"open\"" } else { "" };
    let charts = charts(report);
    let result = line(&result(report));
    let cells = table::cells(report.trace, report.numbers());
    let own = table::own_cells(report.trace, report.numbers());
    let notes = table::notes(report.trace, cells.as_ref().map_or(&[], |cells| &cells.headings));
    let notes: String = notes.map(|note| format!("<p class=\"dim\">{note}</p>\n")).collect();
    let tables = html_table(cells, "Figures") + &html_table(own, "More figures") + &notes;
    let by_name = report.tables_by_name(style).into_iter().map(|cells| {
        let note = table::note_on_names(&cells.headings).map(|note| format!("<p class=\"dim\">{note}</p>\n"));
        html_table(Some(cells), "By name") + &note.unwrap_or_default()
    });
    let tables = tables + &by_name.collect::<String>();
    let claims: String = report.trace.claims.iter().map(|result| claim(result, style)).collect();
    let claims =
        if claims.is_empty() { claims } else { format!("<h3>Claims</h3>\n<ul class=\"claims\">\n{claims}</ul>\n") };
    let part = |name: &str| {
        let body = prose::section_html(report.lesson?.readme, name)?;
        Some(format!("<section class=\"prose\">\n<h3>{name}</h3>\n{body}</section>\n"))
    };
    let prose: String = AFTERWARDS.into_iter().filter_map(part).collect();
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
    let window = match report.shown.window {
        Some(Window { from, to }) if to - from < axis.extent => format!(" data-from=\"{from}\" data-to=\"{to}\""),
        _ => String::new(),
    };
    let mut numbers = report.numbers();
    let mut chart = |(scene, packed): (&SceneTrace, Packed)| {
        let number = numbers.of(scene);
        let title = line(&scene.title);
        let name = line(&scene.name);
        let lasted = line(&lasted(scene));
        let words = line(&in_words(scene));
        let Drawing { shapes, height, .. } =
            drawing::scene(scene, report.view, &report.shown, axis, &|id| lane_data(scene, id, &packed));
        let to_see = match report.own(scene) {
            Some(own) if !own.to_see.is_empty() => format!("<p class=\"to-see\">{}</p>\n", line(own.to_see)),
            _ => String::new(),
        };
        let remark = |remark: &String| format!("<p class=\"failed\">{}</p>\n", line(remark));
        let remarks: String = remarks(scene).iter().map(remark).collect();
        format!(
            "<figure>\n<figcaption><span>{number} · {title}</span> <span>{lasted}</span></figcaption>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart: {title}\">\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart {SCOPE}\" width=\"100%\" height=\"{height}\" role=\"img\" \
             aria-label=\"{words}\" data-scene=\"{name}\" data-title=\"{title}\" data-wall=\"{}\"{}>\n{shapes}</svg>\n\
             </div>\n{remarks}{to_see}</figure>\n",
            scene.wall, packed.wakers
        )
    };
    let figures: String = report.trace.scenes.iter().zip(steps::pack(report)).map(&mut chart).collect();
    let skipped = report.trace.skipped.iter().map(|skipped| {
        let number = numbers.of_skipped(skipped);
        format!("<p>{number} · {}, skipped: {}.</p>\n", line(&skipped.title), line(&skipped.reason))
    });
    let skipped: String = skipped.collect();
    let Drawing { shapes, height, .. } = drawing::legend(&report.trace.scenes, report.view);
    let patterns = drawing::patterns(SCOPE);
    format!(
        "{clock}<div id=\"charts\" data-extent=\"{}\"{window}>\n{CONTROLS}{figures}</div>\n{skipped}\
         <svg xmlns=\"http://www.w3.org/2000/svg\" class=\"legend {SCOPE}\" width=\"100%\" height=\"{height}\" role=\"img\" \
         aria-label=\"What the patterns mean\">\n{patterns}{shapes}</svg>\n",
        axis.extent
    )
}

/// Returns the attributes that the page's script needs of a lane, each with a blank before it.
fn lane_data(scene: &SceneTrace, id: TaskId, packed: &Packed) -> String {
    let Some(task) = scene.task(id) else { return String::new() };
    let kind = task.kind_name();
    let kind = if *kind == *task.name { String::new() } else { format!(" data-kind=\"{}\"", line(&kind)) };
    packed.lanes.get(&id).map_or(String::new(), |steps| kind + steps)
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
<label class=\"filter\">Only lanes named <input type=\"search\" id=\"filter\" placeholder=\"fetch*\" autocomplete=\"off\" \
autocapitalize=\"none\" spellcheck=\"false\" aria-describedby=\"filtered\"/></label>
<p id=\"filtered\" aria-live=\"polite\"></p>
<p id=\"joined\" aria-live=\"polite\"></p>
<p id=\"keys\">In a picture: Enter, then arrow keys from step to step and from lane to lane; + and − zoom; Esc leaves.</p>
<p id=\"states\" aria-live=\"polite\"></p>
</div>
<div id=\"tip\" hidden=\"hidden\"></div>
";

/// Returns a table; nothing if there are no cells.
///
/// On a narrow screen the style sheet makes it a list, which takes its meaning as a table. So each part says by its role
/// what it is, and each cell has the heading of its column as a label.
fn html_table(cells: Option<Cells>, caption: &str) -> String {
    let Some(Cells { headings, rows }) = cells else { return String::new() };
    let headings: Vec<String> = headings.iter().map(|text| line(text)).collect();
    let head: String =
        headings.iter().map(|text| format!("<th role=\"columnheader\" scope=\"col\">{text}</th>")).collect();
    let rows: String = rows.iter().map(|row| html_row(row, &headings)).collect();
    format!(
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table role=\"table\">\n\
         <caption>{caption}</caption>\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><td role=\"cell\"></td>{head}</tr></thead>\n\
         <tbody role=\"rowgroup\">\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

/// Returns a row of a table, whose first cell is its title. `headings` are those of the other cells, escaped.
fn html_row(row: &[String], headings: &[String]) -> String {
    let title = row.first().map_or_else(String::new, |title| line(title));
    let cells = row.iter().skip(1).zip(headings);
    let cells: String = cells
        .map(|(text, heading)| format!("<td role=\"cell\" data-label=\"{heading}\">{}</td>", line(text)))
        .collect();
    format!("<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">{title}</th>{cells}</tr>\n")
}

fn claim(result: &ClaimResult, style: &Style) -> String {
    let verdict = VerdictText::of(result, style);
    let (class, statement, evidence) = (verdict.word, line(&verdict.statement), line(&verdict.evidence));
    format!(
        "<li class=\"{class}\"><strong>{class}:</strong> {statement} <span class=\"dim\">({evidence})</span></li>\n"
    )
}
