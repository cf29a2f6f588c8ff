//! Lanes of a page that are chosen by their names.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::browsed::{LIGHT, check_quiet, url};
use super::browser::{Browser, Page};
use crate::program::{ag, check};

/// A recording of hand-written events, as a page.
pub(super) struct Recorded {
    _folder: tempfile::TempDir,
    pub(super) events: PathBuf,
    pub(super) page: PathBuf,
}

/// Saves `events`, all of one scene of that length, as a page, with these options of `replay`.
pub(super) fn recorded(events: &[Value], wall: u64, options: &[&str]) -> Recorded {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (file, page) = (folder.path().join("run.jsonl"), folder.path().join("run.html"));
    let inputs = json!({"tasks": 0, "delay": 0});
    let process = json!({"pid": 1, "command": ["app"], "folder": "/"});
    let run = json!({"event": "run", "schema": 1, "program": "a test", "lesson": "app", "clock": "real", "inputs": inputs,
                     "process": process});
    let runtime = json!({"flavor": "current_thread", "workers": 1});
    let scene = json!({"event": "scene", "scene": "main", "title": "main", "file": "", "runtime": runtime});
    let thread = json!({"event": "thread", "thread": 0, "name": "main"});
    let end = json!({"event": "scene_end", "scene": "main", "wall": wall, "outcome": "done"});
    let lines = [run, scene, thread].into_iter().chain(events.iter().cloned()).chain([end]);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, lines).expect("it can be written");
    let paths = [file.to_str(), page.to_str()].map(|path| path.expect("it was made here"));
    let ran = ag(&[&["replay", "-q", paths[0], "--save", paths[1]], options].concat());
    check(&ran, ran.code == 0, "it is a recording");
    Recorded { _folder: folder, events: file, page }
}

/// The events of tasks with these names. Each waits for a second, one after the other.
fn named(names: &[&str]) -> Vec<Value> {
    let task = |(name, task): (&&str, u64)| {
        let at = task * 1_000_000_000;
        [
            json!({"event": "created", "task": task, "at": at, "parent": null, "kind": "call", "name": name}),
            json!({"event": "poll", "task": task, "thread": 0, "start": at, "end": at + 1}),
            json!({"event": "end", "task": task, "at": at + 1_000_000_000, "outcome": "done"}),
        ]
    };
    names.iter().zip(0..).flat_map(task).collect()
}

/// Types a pattern into the field, as a reader does it.
async fn type_pattern(page: &mut Page, pattern: &str) {
    page.evaluate("document.getElementById('filter').focus(); document.activeElement.select()").await;
    if pattern.is_empty() {
        page.press("Backspace", 8).await;
    }
    page.types(pattern).await;
}

const SHOWN: &str = "Array.from(document.querySelectorAll('.lane')).filter((lane) => \
                     lane.getBoundingClientRect().height > 0).map((lane) => lane.dataset.name)";
const SAID: &str = "document.getElementById('filtered').textContent";

/// Returns the names of the lanes that `--only` draws.
fn only(events: &std::path::Path, pattern: &str) -> Vec<String> {
    let events = events.to_str().expect("it was made here");
    let svg = ag(&["replay", "-q", events, "--only", pattern, "--format", "svg"]).out;
    let names = svg.split("data-name=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    names.map(|(name, _)| name.replace("&#39;", "'")).collect()
}

#[tokio::test]
async fn h7_a_pattern_chooses_the_lanes_that_only_draws() {
    let Some(browser) = Browser::start() else { return };
    let names = ["fetch('a', 3)", "fetch('b', 4)", "ticker 1", "ticker 2", "日本語", "a*b", "aab"];
    let recorded = recorded(&named(&names), 7_000_000_000, &[]);
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    let every = ["fetch*", "fetch()", "ticker", "ticker ?", "*b*", "日??", "*", "??????*1", "a*b", "*a*a*b"];
    for pattern in every {
        type_pattern(&mut page, pattern).await;
        let expected = only(&recorded.events, pattern);
        check(&expected, !expected.is_empty(), pattern);
        assert_eq!(page.evaluate(SHOWN).await, json!(expected), "{pattern}");
    }
    type_pattern(&mut page, "ticker*").await;
    assert_eq!(page.evaluate(SAID).await, "Shows 2 lanes, leaves out 5.");
    type_pattern(&mut page, "TICKER").await;
    assert_eq!(page.evaluate(SHOWN).await, json!(names), "a pattern that no name matches leaves all of them");
    let said = page.evaluate(SAID).await;
    check(&said, said.as_str().is_some_and(|said| said.starts_with("No lane has a name like TICKER")), "it says so");
    type_pattern(&mut page, "").await;
    assert_eq!(page.evaluate(SAID).await, "");
    check_quiet(&page, &url(&recorded.page));
}

/// The height of the chart, how far its axis and its last lane are from its top, and the part of the lane above the axis.
const PLACES: &str = "(() => { const chart = document.querySelector('svg.chart'); \
                      const top = chart.getBoundingClientRect().top; const from = (selector) => \
                      Math.round(Array.from(chart.querySelectorAll(selector)).pop().getBoundingClientRect().top - top); \
                      return [chart.height.baseVal.value, from('.axis'), from('.lane .name')]; })()";

#[tokio::test]
async fn h7_lanes_keep_their_heights_and_the_axis_stays_below_them() {
    let Some(browser) = Browser::start() else { return };
    let recorded = recorded(&named(&["one", "two", "three", "four"]), 4_000_000_000, &[]);
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    let before = page.evaluate(PLACES).await;
    type_pattern(&mut page, "*o*").await;
    assert_eq!(page.evaluate(SHOWN).await, json!(["one", "two", "four"]));
    let after = page.evaluate(PLACES).await;
    // A lane without a note is 38 pixels high.
    for place in 0..3 {
        assert_eq!(before[place].as_i64().zip(after[place].as_i64()).map(|(a, b)| a - b), Some(38), "{before} {after}");
    }
    let ticks = "new Set(Array.from(document.querySelectorAll('.tick, .grid'), (one) => \
                 Number(one.getAttribute('y') || one.getAttribute('y2')) - Number(document.querySelector('.axis')\
                 .getAttribute('y1')))).size";
    assert_eq!(page.evaluate(ticks).await, 2, "all labels, and all lines, end as far below the axis");
    check_quiet(&page, &url(&recorded.page));
}

#[tokio::test]
async fn h7_lanes_without_names_are_counted_and_without_scripts_there_is_no_field() {
    let Some(browser) = Browser::start() else { return };
    let names: Vec<String> = (0..100).map(|number| format!("job {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let recorded = recorded(&named(&names), 100_000_000_000, &["--lanes", "10"]);
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    type_pattern(&mut page, "job 0").await;
    assert_eq!(page.evaluate(SHOWN).await, json!(["job 0"]));
    let said = page.evaluate(SAID).await;
    let said = said.as_str().unwrap_or_default();
    check(said, said.starts_with("Shows 1 lane, leaves out 8. Left out as well: 91 lanes"), "all are counted");
    check(said, said.contains("--only"), "it says how to see them");
    let look = super::browser::Look { scripts: false, ..LIGHT };
    let mut page = Page::open(&browser, &url(&recorded.page), look).await;
    assert_eq!(page.evaluate("document.getElementById('filter').checkVisibility()").await, false);
}
