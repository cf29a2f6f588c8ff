//! The animated picture of a run: its lanes grow in the run's proportions, and where motion is not wanted nothing moves.

use std::fs;

use serde_json::json;

use super::browsed::{LIGHT, check_quiet, url};
use super::browser::{Browser, Page};
use crate::program::{ag, check};
use crate::read_back::{parse, scenes};

/// Returns what a picture shows: the share of the lanes that has grown, of each scene its wall and the ends of its lanes
/// if they can be seen, and how many animations there are.
const SHOWN: &str = "\
(() => {
  const seen = (text) => getComputedStyle(text).opacity === '1' ? [text.textContent] : [];
  const curtain = document.querySelector('.curtain');
  const whole = curtain.getBBox().width * curtain.getScreenCTM().a;
  const clipped = getComputedStyle(document.querySelector('.lane rect')).clipPath !== 'none';
  const walls = Array.from(document.querySelectorAll(':root > .end')).flatMap(seen);
  const ends = Array.from(document.querySelectorAll('.lane .end')).flatMap(seen);
  const scale = new DOMMatrix(getComputedStyle(curtain).transform).a;
  return { grown: clipped ? scale : 1, walls, ends, animations: document.getAnimations().length };
})()";

/// Holds all animations at a moment of their first loop, in milliseconds.
fn hold(at: u32) -> String {
    format!("for (const one of document.getAnimations()) {{ one.pause(); one.currentTime = {at}; }} 0")
}

/// Sets whether the reader wants less motion.
async fn calm(page: &mut Page, calm: bool) {
    let value = if calm { "reduce" } else { "no-preference" };
    let media = json!({"features": [{"name": "prefers-reduced-motion", "value": value}]});
    page.call("Emulation.setEmulatedMedia", media).await;
}

#[tokio::test]
async fn h5_lanes_grow_in_the_proportions_of_the_run_unless_motion_is_unwanted() {
    let Some(browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("run.animated.svg");
    let path = file.to_str().expect("it was made here");
    let ran = ag(&["lesson", "gather", "--clock", "virtual", "--save", path]);
    check(&ran, ran.code == 0, "it ran");
    let mut page = Page::open(&browser, &url(&file), LIGHT).await;
    calm(&mut page, false).await;
    // The axis is 3 s long, and the lanes grow for 6 s. One after another, together and uneven take 2, 1 and 3 s.
    let (second, two, three) = ("1.000 s · done", "2.000 s", "3.000 s · done");
    for (at, grown, walls, ends) in [
        (1_000, 1.0 / 6.0, vec![], vec![]),
        (3_000, 0.5, vec!["1.000 s"], vec![second; 4]),
        (4_500, 0.75, vec![two, "1.000 s"], vec![second; 5]),
        (8_000, 1.0, vec![two, "1.000 s", "3.000 s"], vec![second, second, second, second, second, three]),
    ] {
        page.evaluate(&hold(at)).await;
        let shown = page.evaluate(SHOWN).await;
        let share = shown["grown"].as_f64().expect("it is a number");
        assert!((share - grown).abs() < 0.01, "{at} ms: {shown}");
        assert_eq!((&shown["walls"], &shown["ends"]), (&json!(walls), &json!(ends)), "{at} ms");
    }
    calm(&mut page, true).await;
    let shown = page.evaluate(SHOWN).await;
    assert_eq!((&shown["grown"], &shown["animations"]), (&json!(1), &json!(0)));
    assert_eq!(shown["ends"].as_array().map(Vec::len), Some(6), "{shown}");
    check_quiet(&page, &url(&file));
    let animated = fs::read_to_string(&file).expect("it was saved");
    let still = ag(&["lesson", "gather", "--clock", "virtual", "--format", "svg"]).out;
    assert_eq!(scenes(&parse(&animated)), scenes(&parse(&still)), "it shows the same");
    check(&animated, !animated.contains("<script"), "nothing in it is a program");
}
