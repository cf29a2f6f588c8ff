//! The page of a run as a reader goes through it: the question first, then pictures and figures, then code in two
//! languages, with scripts and without, on a desk and on a phone.

use serde_json::json;

use super::browsed::{LIGHT, check_quiet, files, url};
use super::browser::{Browser, Look, Page};
use crate::program::{ag, check, fixture};

const ALL: &str = "{ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true }";

/// Returns the texts of what `selector` finds and a reader sees.
async fn seen(page: &mut Page, selector: &str) -> Vec<String> {
    let found = format!(
        "Array.from(document.querySelectorAll({selector:?})).filter(one => one.checkVisibility({ALL})) \
         .map(one => one.textContent.replace(/\\s+/g, ' ').trim())"
    );
    let texts = page.evaluate(&found).await;
    serde_json::from_value(texts).expect("they are texts")
}

#[tokio::test]
async fn h3_the_question_comes_first_and_an_answer_opens_the_results() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    let headings = ["Guess before you look", "What this run showed", "The code"];
    assert_eq!(seen(&mut page, "h2").await, headings);
    assert_eq!(seen(&mut page, "figcaption, table, .answer").await, [""; 0], "nothing gives the answer away");
    page.evaluate("document.getElementById('guess-2').click()").await;
    assert_eq!(seen(&mut page, "figcaption").await.len(), 3);
    let answers = seen(&mut page, ".answer").await;
    check(&answers, answers.len() == 1 && answers[0].starts_with("Right."), "the answer to that choice");
    let parts = seen(&mut page, "#run figcaption, #run caption, #run h3").await;
    let prose: Vec<&str> = parts.iter().skip(3).map(String::as_str).collect();
    assert_eq!(prose, ["Figures", "Claims", "What happens", "What to notice", "Try"]);
    check_quiet(&page, &url(&files.html));
}

#[tokio::test]
async fn h3_below_a_picture_stands_what_to_see_there() {
    let Some(browser) = Browser::start() else { return };
    let files = files(fixture, &["hostile", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    page.evaluate("document.getElementById('run').open = true; 0").await;
    assert_eq!(seen(&mut page, "figure > .scroll ~ .to-see").await, ["See <b>all</b> & each."]);
}

#[tokio::test]
async fn h3_a_tab_shows_a_language_in_all_scenes_and_without_scripts_both_show() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    assert_eq!(seen(&mut page, "[role=tab][aria-selected=true]").await, ["Rust"; 3]);
    let code = seen(&mut page, ".language pre").await;
    check(&code, code.len() == 3 && code.iter().all(|code| code.contains("pub async fn scene")), "Rust shows");
    page.evaluate("document.querySelectorAll('[role=tab]')[2].focus(); 0").await;
    page.press("ArrowRight", 39).await;
    assert_eq!(page.evaluate("document.activeElement.textContent").await, "Python");
    assert_eq!(seen(&mut page, "[role=tab][aria-selected=true]").await, ["Python"; 3]);
    let code = seen(&mut page, ".language pre").await;
    let functions = ["async def in_turn():", "async def together():", "async def uneven():"];
    let each = code.iter().zip(functions).all(|(code, function)| code.starts_with(function));
    check(&code, code.len() == 3 && each, "each scene has its own function");
    check_quiet(&page, &url(&files.html));

    let mut plain = Page::open(&browser, &url(&files.html), Look { scripts: false, ..LIGHT }).await;
    assert_eq!(seen(&mut plain, ".language pre").await.len(), 6);
    assert_eq!(seen(&mut plain, ".language h4").await, ["Rust", "Python"].repeat(3));
}

/// Returns the figures of the first row of a table, each with the heading before it, and whether anything scrolls
/// sideways but code.
const ROW: &str = "\
(() => {
  const row = Array.from(document.querySelectorAll('tbody tr:first-child td'));
  const heading = (cell) => getComputedStyle(cell, '::before').content.replaceAll('\"', '');
  const wide = (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto';
  const scrolling = Array.from(document.querySelectorAll('main *:not(pre)')).filter(wide);
  return [row.map((cell) => heading(cell) + cell.textContent), scrolling.map((one) => one.className)];
})()";

#[tokio::test]
async fn h4_on_a_phone_a_table_is_a_list_and_nothing_but_code_scrolls_sideways() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), Look { width: 390, ..LIGHT }).await;
    page.evaluate("for (const one of document.querySelectorAll('details')) { one.open = true; } 0").await;
    let row = ["wall: 2.000 s", "task time: 2.000 s", "overlap: 1.0×", "busy: 0.0 %", "threads: 1", "against 1: 1.0×"];
    assert_eq!(page.evaluate(ROW).await, json!([row, []]));
    assert_eq!(page.evaluate("document.documentElement.scrollWidth").await, 390);
    let row = page.evaluate("document.querySelector('tbody tr').getBoundingClientRect().height").await;
    check(&row, row.as_f64().is_some_and(|height| height > 60.0), "it is a block of several lines");
    check_quiet(&page, &url(&files.html));
}
