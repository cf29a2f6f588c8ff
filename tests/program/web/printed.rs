//! The page of a run on paper: nothing is missing, and the file is small.

use std::fs;
use std::process::Command;

use data_encoding::BASE64;
use serde_json::json;

use super::browsed::{LIGHT, check_quiet, files, url};
use super::browser::{Browser, Page};
use crate::program::{ag, check, there_is};

/// A PDF is sent by mail; larger ones are refused here and there.
const MOST_BYTES: usize = 1_000_000;

/// Leaves a page as a reader may leave it: zoomed in, scrolled, with the marker in the middle, and folded again.
const USED: &str = "\
(async () => {
  const run = document.getElementById('run');
  run.open = true;
  const moment = document.getElementById('moment');
  moment.value = 500;
  moment.dispatchEvent(new Event('input'));
  document.getElementById('zoom-in').click();
  document.getElementById('zoom-in').click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  run.open = false;
  return document.querySelectorAll('details:not([open])').length;
})()";

/// Counts what can be seen on paper, and names what cannot.
const SEEN: &str = "\
(() => {
  const all = { contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true };
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const within = (element.closest('svg') || document.documentElement).getBoundingClientRect();
    return element.checkVisibility(all) && box.width > 0 && box.left >= within.left - 1 && box.right <= within.right + 1;
  };
  const what = (selector) => Array.from(document.querySelectorAll(selector));
  const missing = what('.lane .end, .lane .name, pre, table, .claims li, .prose p, .answer').filter((one) => !seen(one));
  const disturbing = what('.marker, #controls, #tip, .skip').filter((one) => one.checkVisibility(all));
  const dark = getComputedStyle(document.querySelector('.lane .end')).fill;
  return {
    missing: missing.map((one) => one.outerHTML.slice(0, 80)),
    disturbing: disturbing.map((one) => one.outerHTML.slice(0, 80)),
    ink: [getComputedStyle(document.body).color, dark],
    ground: getComputedStyle(document.body).backgroundColor,
  };
})()";

/// Prints `page` as a PDF file.
async fn pdf(page: &mut Page) -> Vec<u8> {
    let printed = page.call("Page.printToPDF", json!({"printBackground": true})).await;
    let printed = printed["data"].as_str().expect("it is text");
    BASE64.decode(printed.as_bytes()).expect("it is base64")
}

/// Checks that the text of a PDF has the duration and the outcome of each lane. Does nothing without `pdftotext`.
fn check_text(pdf: &[u8], lanes: usize) {
    if !there_is("pdftotext") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("run.pdf");
    fs::write(&file, pdf).expect("it can be written");
    let text = Command::new("pdftotext").arg(&file).arg("-").output().expect("it can be started").stdout;
    let text = String::from_utf8(text).expect("it is UTF-8");
    let ends = text.matches(" · done").count();
    check(&text, ends == lanes, "each lane has its duration and outcome");
}

#[tokio::test]
async fn h2_a_page_prints_whole_in_black_and_white_and_in_a_small_file() {
    let Some(browser) = Browser::start() else { return };
    // The second one has some hundred bars of each pattern, and is as high as a chart gets.
    for arguments in [&["gather", "--clock", "virtual"] as &[&str], &["blocking"]] {
        let files = files(ag, arguments);
        let mut page = Page::open(&browser, &url(&files.html), LIGHT).await;
        let folded = page.evaluate(USED).await;
        let dark = json!([{"name": "prefers-color-scheme", "value": "dark"}]);
        page.call("Emulation.setEmulatedMedia", json!({"media": "print", "features": dark})).await;
        let seen = page.evaluate(SEEN).await;
        assert_eq!(seen["missing"], json!([]), "{arguments:?}");
        assert_eq!(seen["disturbing"], json!([]), "{arguments:?}");
        assert_eq!(seen["ink"], json!(["rgb(0, 0, 0)", "rgb(0, 0, 0)"]));
        assert_eq!(seen["ground"], "rgb(255, 255, 255)");
        page.call("Emulation.setEmulatedMedia", json!({"media": ""})).await;
        let pdf = pdf(&mut page).await;
        assert!(pdf.len() < MOST_BYTES, "{arguments:?}: {} bytes", pdf.len());
        let lanes = page.evaluate("document.querySelectorAll('.lane .end').length").await;
        check_text(&pdf, usize::try_from(lanes.as_u64().unwrap_or_default()).expect("it is small"));
        let still = page.evaluate("document.querySelectorAll('details:not([open])').length").await;
        assert_eq!(still, folded, "afterwards, the page is as it was");
        check_quiet(&page, &url(&files.html));
    }
}
