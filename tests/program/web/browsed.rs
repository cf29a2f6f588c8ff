//! The page and the picture of a run as a browser shows them. Where there is no Chromium, nothing of it is tested.

use std::fs;
use std::path::PathBuf;

use asyncguide::trace::Nanos;
use asyncguide::units::duration;
use serde_json::Value;

use super::browser::{Browser, Look, Page};
use crate::program::{Ran, ag, check, fixture};
use crate::read_back::saved;

pub(super) const LIGHT: Look = Look { scripts: true, dark: false, width: 1280 };

/// The files of one run, and the folder they are in.
pub(super) struct Files {
    _folder: tempfile::TempDir,
    pub(super) html: PathBuf,
    pub(super) svg: PathBuf,
}

pub(super) fn files(program: fn(&[&str]) -> Ran, arguments: &[&str]) -> Files {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (html, svg) = (folder.path().join("run.html"), folder.path().join("run.svg"));
    let run = saved(program, arguments);
    fs::write(&html, run.html).and_then(|()| fs::write(&svg, run.svg)).expect("it can be written");
    Files { _folder: folder, html, svg }
}

pub(super) fn url(file: &std::path::Path) -> String {
    format!("file://{}", file.display())
}

/// Checks that `page` asked for nothing but itself, and complained about nothing.
#[track_caller]
pub(super) fn check_quiet(page: &Page, url: &str) {
    assert!(page.errors.is_empty(), "{:#?}", page.errors);
    assert_eq!(page.requests, [url]);
}

const REVEAL: &str = "document.getElementById('run').open = true; 0";

#[tokio::test]
async fn pointing_at_a_bar_says_what_it_is_and_a_guess_reveals_the_run() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    assert_eq!(page.evaluate("document.getElementById('run').open").await, false);
    page.evaluate("document.getElementById('guess-2').click()").await;
    assert_eq!(page.evaluate("document.getElementById('run').open").await, true);
    let answer = "getComputedStyle(document.querySelector('#guess-2 ~ .answer')).display";
    assert_eq!(page.evaluate(answer).await, "block");
    page.point_at("svg[data-scene=uneven] .lane[data-name=B] rect").await;
    let tip = "(tip => [tip.hidden, tip.textContent])(document.getElementById('tip'))";
    assert_eq!(page.evaluate(tip).await, serde_json::json!([false, "B: waiting, 0 – 3.000 s"]));
    page.point_at("h1").await;
    assert_eq!(page.evaluate("document.getElementById('tip').hidden").await, true);
    check_quiet(&page, &url(&files.html));
}

/// The function of the page's script that writes durations. On the page, no other script can call it.
fn duration_of_the_script() -> &'static str {
    let script = include_str!("../../../src/render/web/html.js");
    let from = script.find("function duration(").expect("it has the function");
    let length = script[from..].find("\n}\n").expect("the function ends");
    &script[from..from + length + 3]
}

#[tokio::test]
async fn its_durations_are_written_as_the_program_writes_them() {
    let Some(browser) = Browser::start() else { return };
    let mut page = Page::open(&browser, "about:blank", LIGHT).await;
    let function = duration_of_the_script();
    for nanos in [999, 1_000, 999_949, 999_951, 1_234_567, 999_949_000, 999_951_000, 34_500_000_000, 999_951_000_000] {
        let written = page.evaluate(&format!("(() => {{ {function} return duration({nanos}); }})()")).await;
        assert_eq!(written, duration(Nanos(nanos)), "{nanos}");
    }
}

/// Kept once the marker is beyond so much of the axis.
fn marker_beyond(percent: u32) -> String {
    format!(
        "new Promise(kept => {{ const look = () => parseFloat(document.querySelector('.marker').getAttribute('x1')) > \
         {percent} ? kept(true) : requestAnimationFrame(look); look(); }})"
    )
}

#[tokio::test]
async fn play_moves_the_marker_and_so_do_keys() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    page.evaluate(REVEAL).await;
    page.evaluate("document.getElementById('play').focus(); document.activeElement.click()").await;
    assert_eq!(page.evaluate("document.getElementById('play').textContent").await, "Pause");
    page.evaluate(&marker_beyond(5)).await;
    page.evaluate("document.getElementById('play').click()").await;
    assert_eq!(page.evaluate("document.getElementById('play').textContent").await, "Play");
    page.evaluate("(moment => { moment.value = 500; moment.focus(); })(document.getElementById('moment'))").await;
    page.press("ArrowRight", 39).await;
    page.evaluate(&marker_beyond(50)).await;
    let states = page.evaluate("document.getElementById('states').textContent").await;
    assert_eq!(states, "One after another: waiting B. Together: nothing. Together, uneven: waiting B.");
    check_quiet(&page, &url(&files.html));
}

#[tokio::test]
async fn zooming_stretches_the_axis_and_keeps_names_in_sight() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
    page.evaluate(REVEAL).await;
    let bar = "document.querySelector('svg[data-scene=uneven] .lane[data-name=B] rect').getBoundingClientRect().width";
    let before = page.evaluate(bar).await.as_f64().expect("it is a number");
    page.evaluate("document.getElementById('zoom-in').click(); document.getElementById('zoom-in').click()").await;
    let after = page.evaluate(bar).await.as_f64().expect("it is a number");
    assert!((after / before - 4.0).abs() < 0.05, "from {before} to {after}");
    let scrolled = "new Promise(kept => { const [first, second] = document.querySelectorAll('.scroll'); \
                    second.addEventListener('scroll', () => requestAnimationFrame(() => kept([first.scrollLeft, \
                    first.querySelector('.name').getBoundingClientRect().left - first.getBoundingClientRect().left]))); \
                    first.scrollLeft = 600; })";
    assert_eq!(page.evaluate(scrolled).await, serde_json::json!([600, 0]));
    check_quiet(&page, &url(&files.html));
}

#[tokio::test]
async fn without_scripts_the_charts_are_there() {
    let Some(browser) = Browser::start() else { return };
    let files = files(ag, &["gather", "--clock", "virtual"]);
    let mut page = Page::open(&browser, &url(&files.html), Look { scripts: false, ..LIGHT }).await;
    assert_eq!(page.evaluate("document.querySelectorAll('.marker').length").await, 0);
    assert_eq!(page.evaluate("getComputedStyle(document.getElementById('controls')).display").await, "none");
    page.evaluate("document.querySelector('#run > summary').click()").await;
    let bars = "Array.from(document.querySelectorAll('.lane rect'), bar => bar.getBoundingClientRect().width > 100)";
    assert_eq!(page.evaluate(bars).await, serde_json::json!(vec![true; 6]));
    check_quiet(&page, &url(&files.html));
}

#[tokio::test]
async fn it_fits_on_a_phone_and_on_a_desk_in_light_and_in_dark() {
    let Some(browser) = Browser::start() else { return };
    let files = files(fixture, &["hostile", "--clock", "virtual"]);
    for (dark, width) in [(false, 1280), (true, 1280), (false, 390), (true, 390)] {
        let look = Look { dark, width, ..LIGHT };
        let mut page = Page::open(&browser, &url(&files.html), look).await;
        page.evaluate(REVEAL).await;
        assert_eq!(page.evaluate("document.documentElement.scrollWidth").await, width);
        let grounds = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)";
        let ground = page.evaluate(grounds).await;
        assert_eq!(ground[0].as_u64().is_some_and(|red| red < 128), dark, "{ground}");
        check_quiet(&page, &url(&files.html));
        let mut picture = Page::open(&browser, &url(&files.svg), look).await;
        let fill = picture.evaluate("getComputedStyle(document.querySelector('.ground')).fill").await;
        let around = picture.evaluate("getComputedStyle(document.documentElement).backgroundColor").await;
        assert_eq!(fill, if dark { "rgb(20, 23, 29)" } else { "rgb(255, 255, 255)" });
        assert_eq!(around, fill, "there is no edge where the picture ends");
        let names = picture.evaluate("Array.from(document.querySelectorAll('.lane'), one => one.dataset.name)").await;
        let names = names.as_array().cloned().unwrap_or_default();
        check(&names, names.contains(&Value::from("</script><img src=x onerror=1>&\"'")), "it is a name");
        check_quiet(&picture, &url(&files.svg));
    }
}
