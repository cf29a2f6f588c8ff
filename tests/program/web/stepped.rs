//! The single steps of a page that is zoomed in, and who woke whom.

use asyncguide::trace::{SceneTrace, State, Step, Task, TaskId, Trace};
use serde_json::{Value, json};

use super::browsed::{LIGHT, check_quiet, url};
use super::browser::{Browser, Page};
use super::chosen::{Recorded, recorded};
use crate::program::{ag, check};
use crate::read_back::saved;

/// The functions of the page's script that unpack a lane. On the page, no other script can call them.
const UNPACK: &str = include_str!("../../../src/render/web/html/steps.js");

/// Returns a lane's steps as the page's script unpacks them: the state's number, the moments of beginning and end, and who
/// woke the task, if that is known.
fn unpacked(name: &str) -> String {
    format!(
        "(() => {{ {UNPACK}; const lane = document.querySelector('.lane[data-name=\"{name}\"]'); const steps = stepsOf(lane); \
         return Array.from(steps.ends, (end, i) => [steps.states[i], startOf(steps, i), end, \
         isPoll(steps, i) ? null : (wakeOf(steps, i) || {{ at: null }}).at]); }})()"
    )
}

/// Returns the same of the recording.
fn expected(scene: &SceneTrace, task: &Task) -> Value {
    let number = |state| match state {
        State::Waiting => 0,
        State::Held => 1,
        State::Ready => 2,
        State::Blocked => 3,
        _ => 4,
    };
    let of_another = |by: &TaskId| scene.task(*by).is_some_and(|by| by.name != task.name);
    let known =
        |at| scene.wakers(task)[scene.wakes(task).iter().position(|one| *one == at)?].filter(of_another).map(|_| at.0);
    let step = |step: Step| {
        let wake = step.wake.filter(|_| !scene.wakers(task).is_empty()).and_then(known);
        json!([number(step.span.state), step.span.start.0, step.span.end.0, wake])
    };
    Value::from(scene.steps(task).map(step).collect::<Vec<_>>())
}

#[tokio::test]
async fn h8_a_page_has_each_step_as_it_was_recorded() {
    let Some(browser) = Browser::start() else { return };
    let saved = saved(ag, &["blocking"]);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let html = folder.path().join("run.html");
    std::fs::write(&html, &saved.html).expect("it can be written");
    let mut page = Page::open(&browser, &url(&html), LIGHT).await;
    let trace = Trace::from_json(saved.json.as_bytes()).expect("it is a recording");
    let scene = &trace.scenes[0];
    let lanes: Vec<&Task> = scene.lanes().collect();
    assert!(lanes.iter().map(|task| scene.polls(task).len()).sum::<usize>() > 10, "there are steps");
    for task in lanes {
        assert_eq!(page.evaluate(&unpacked(&task.name)).await, expected(scene, task), "{}", task.name);
    }
    check_quiet(&page, &url(&html));
}

/// Two polls of a microsecond and of two, two microseconds apart, in the middle of ten seconds. The first is woken by the task
/// `waker` 500 ns before, the second by its own task, which did that during the first.
fn apart() -> Vec<Value> {
    let created = |task: u64, kind: &str, name: &str| json!({"event": "created", "task": task, "at": 0, "parent": null, "kind": kind, "name": name});
    let poll = |task: u64, start: u64, end: u64| json!({"event": "poll", "task": task, "thread": 0, "start": start, "end": end});
    let wake = |task: u64, at: u64, by: u64| json!({"event": "wake", "task": task, "at": at, "by": by});
    vec![
        created(0, "scene", "outside"),
        created(1, "future", "waker"),
        created(2, "future", "woken"),
        poll(1, 0, 1_000),
        poll(2, 1_000, 2_000),
        wake(1, 3_000_000_000, 0),
        poll(1, 4_999_999_000, 5_000_000_000),
        wake(2, 4_999_999_500, 1),
        poll(2, 5_000_000_000, 5_000_001_000),
        wake(2, 5_000_000_400, 2),
        poll(2, 5_000_003_000, 5_000_005_000),
    ]
}

fn page_of_apart() -> Recorded {
    recorded(&apart(), 10_000_000_000, &[])
}

/// Gives the chart the focus, goes to the lane `woken` and its first poll in the middle, and zooms in as far as it goes.
async fn go_in(page: &mut Page) {
    page.evaluate("document.querySelector('.scroll').focus()").await;
    page.press("Enter", 13).await;
    page.press("ArrowDown", 40).await;
    for _ in 0..3 {
        page.press("ArrowRight", 39).await;
    }
    while page.evaluate("document.getElementById('zoom-in').disabled").await == false {
        page.press("+", 187).await;
    }
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))").await;
}

const STATES: &str = "document.getElementById('states').textContent";

/// The bars of the polls in sight in the lane `woken`: where each begins on the screen, and how wide it is.
const POLLS: &str = "document.querySelector('.lane[data-name=woken] .steps .running').getAttribute('d').split('M').slice(1)\
                     .map((bar) => [Number(bar.split(' ')[0]), Number(bar.split('h')[1].split('v')[0])])";

#[tokio::test]
async fn h8_steps_are_drawn_at_their_real_places_and_keys_lead_to_each() {
    let Some(browser) = Browser::start() else { return };
    let recorded = page_of_apart();
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    go_in(&mut page).await;
    let first = "woken: running for 1.000 µs from 5.000000000 s on; woken by waker at 4.999999500 s";
    assert_eq!(page.evaluate(STATES).await, first);
    page.press("ArrowRight", 39).await;
    assert_eq!(page.evaluate(STATES).await, "woken: ready for 2.000 µs from 5.000001000 s on; woken by itself");
    page.press("ArrowRight", 39).await;
    assert_eq!(page.evaluate(STATES).await, "woken: running for 2.000 µs from 5.000003000 s on; woken by itself");
    page.press("ArrowUp", 38).await;
    let waker = page.evaluate(STATES).await;
    check(&waker, waker.as_str().is_some_and(|words| words.starts_with("waker: waiting")), "it is the lane above");
    // Zoomed out a little, both polls are in sight.
    page.evaluate("document.getElementById('zoom-out').click(); document.getElementById('zoom-out').click()").await;
    page.wait_for(&format!("{POLLS}.length === 2")).await;
    let polls = page.evaluate(POLLS).await;
    let number = |poll: usize, index: usize| polls[poll][index].as_f64().unwrap_or_default();
    let pixels_of_a_microsecond = number(0, 1);
    assert!(pixels_of_a_microsecond > 10.0, "{polls}");
    let is_about = |value: f64, microseconds: f64| (value / pixels_of_a_microsecond - microseconds).abs() < 0.02;
    assert!(is_about(number(1, 1), 2.0), "the second poll is twice as long: {polls}");
    assert!(is_about(number(1, 0) - number(0, 0), 3.0), "it begins three microseconds later: {polls}");
    check_quiet(&page, &url(&recorded.page));
}

/// Where the arrows of wakes are: the lane that each begins in, the lane that it ends in, and how far it goes to the right.
const ARROWS: &str = "Array.from(document.querySelectorAll('.pointed .arrow'), (arrow) => { \
                      const [x1, y1, x2, y2] = arrow.getAttribute('d').match(/[0-9.]+/g).map(Number); \
                      const at = (y) => Array.from(document.querySelectorAll('.lane')).find((lane) => { \
                      const top = lane.transform.baseVal.consolidate().matrix.f; return top + 15 < y && y < top + 34; }); \
                      return [at(y1).dataset.name, at(y2).dataset.name, x2 > x1]; })";

#[tokio::test]
async fn h8_arrows_lead_from_the_lane_that_woke_a_task_to_its_poll() {
    let Some(browser) = Browser::start() else { return };
    let recorded = page_of_apart();
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    go_in(&mut page).await;
    page.wait_for(&format!("{ARROWS}.length === 1")).await;
    assert_eq!(page.evaluate(ARROWS).await, json!([["waker", "woken", true]]), "none from its own lane");
    page.press("Escape", 27).await;
    page.wait_for(&format!("{ARROWS}.length === 0")).await;
    // With the pointer.
    page.point_at(".lane[data-name=woken] .steps .running").await;
    page.wait_for(&format!("{ARROWS}.length === 1")).await;
    let tip = page.evaluate("document.getElementById('tip').textContent").await;
    check(&tip, tip.as_str().is_some_and(|tip| tip.ends_with("woken by waker at 4.999999500 s")), "it says so");
    // A lane that is left out is named all the same.
    page.evaluate("document.getElementById('filter').focus()").await;
    page.types("woken").await;
    page.point_at(".lane[data-name=woken] .steps .running").await;
    page.wait_for("document.getElementById('tip').textContent.includes('woken by waker')").await;
    page.wait_for(&format!("{ARROWS}.length === 0")).await;
    check_quiet(&page, &url(&recorded.page));
}

#[tokio::test]
async fn h8_a_waker_without_a_lane_is_named() {
    let Some(browser) = Browser::start() else { return };
    let recorded = page_of_apart();
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    page.evaluate("document.querySelector('.scroll').focus()").await;
    page.press("Enter", 13).await;
    page.press("ArrowRight", 39).await;
    page.press("ArrowRight", 39).await;
    let words = "waker: ready for 2.000 s from 3.000000 s on; woken by outside at 3.000000 s";
    assert_eq!(page.evaluate(STATES).await, words);
    check_quiet(&page, &url(&recorded.page));
}

const LABELS: &str = "Array.from(document.querySelectorAll('.ruler .label'), (label) => parseFloat(label.textContent))";

#[tokio::test]
async fn h8_scrolling_goes_on_beyond_what_a_zoomed_chart_holds() {
    let Some(browser) = Browser::start() else { return };
    let recorded = page_of_apart();
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    for _ in 0..8 {
        page.evaluate("document.getElementById('zoom-in').click()").await;
    }
    page.wait_for(&format!("{LABELS}.length > 5")).await;
    let before = page.evaluate(LABELS).await[0].as_f64().expect("it is a number");
    let to_the_end = "(scroller => { scroller.scrollLeft = scroller.scrollWidth; })(document.querySelector('.scroll'))";
    for _ in 0..3 {
        page.evaluate(to_the_end).await;
        // It is moved away from the end, so that there is more to scroll.
        let room = "(scroller => scroller.scrollWidth - scroller.scrollLeft > 2 * scroller.clientWidth)(document.querySelector('.scroll'))";
        page.wait_for(room).await;
    }
    // Each time by at least half of the chart, which shows a 64th of the ten seconds.
    page.wait_for(&format!("{LABELS}[0] > {before} + 3 * 0.07")).await;
    check_quiet(&page, &url(&recorded.page));
}

#[tokio::test]
async fn h8_a_part_of_the_time_is_what_the_page_opens_at() {
    let Some(browser) = Browser::start() else { return };
    let early = (1..100_u64).map(|poll| poll * 1_000_000);
    let early = early.map(|at| json!({"event": "poll", "task": 2, "thread": 0, "start": at, "end": at + 1_000}));
    let events: Vec<Value> = apart().into_iter().chain(early).collect();
    let recorded = recorded(&events, 10_000_000_000, &["--from", "4.9s", "--to", "5.1s"]);
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    page.wait_for(&format!("{LABELS}.length > 5")).await;
    let labels = page.evaluate(LABELS).await;
    let labels: Vec<f64> = labels.as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
    check(&labels, labels.iter().all(|label| (4.7..5.3).contains(label)), "about the part that was asked for");
    check(&labels, labels.iter().any(|label| (label - 5.0).abs() < 0.01), "with its middle");
    let steps = page.evaluate(&unpacked("woken")).await;
    let poll = json!([4, 5_000_003_000_u64, 5_000_005_000_u64, null]);
    check(&steps, steps.as_array().is_some_and(|steps| steps.contains(&poll)), "steps of that time are exact");
    let before = steps.as_array().map_or(0, Vec::len);
    assert!(before < 30, "those of the time before are joined: {before}");
    check_quiet(&page, &url(&recorded.page));
}

#[tokio::test]
async fn h8_lanes_of_threads_are_zoomed_as_they_are() {
    let Some(browser) = Browser::start() else { return };
    let recorded = recorded(&apart(), 10_000_000_000, &["--by", "thread"]);
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    let bars = "Array.from(document.querySelectorAll('.lane rect[data-from]'), (bar) => [bar.getAttribute('x'), \
                bar.getAttribute('width')])";
    let before = page.evaluate(bars).await;
    for _ in 0..7 {
        page.evaluate("document.getElementById('zoom-in').click()").await;
    }
    page.wait_for(&format!("{LABELS}.length > 5")).await;
    // The chart shows a sixteenth of the axis, with its middle in the middle; the bar is a 960th of it.
    let bar = "(bar => { const box = bar.getBoundingClientRect(); const chart = bar.closest('svg').getBoundingClientRect(); \
               return [(box.x - chart.x) / chart.width, box.width / chart.width]; })\
               (Array.from(document.querySelectorAll('.lane rect[data-from]')).pop())";
    let place = page.evaluate(bar).await;
    let place = [place[0].as_f64().unwrap_or_default(), place[1].as_f64().unwrap_or_default()];
    assert!((place[0] - 0.5).abs() < 0.02 && (place[1] * 960.0 / 16.0 - 1.0).abs() < 0.2, "{place:?}");
    page.evaluate("for (let i = 0; i < 7; i += 1) { document.getElementById('zoom-out').click(); }").await;
    assert_eq!(page.evaluate(bars).await, before);
    check_quiet(&page, &url(&recorded.page));
}

#[tokio::test]
async fn h8_joined_steps_are_said_to_be_joined() {
    let Some(browser) = Browser::start() else { return };
    let recorded = page_of_apart();
    // A recording that is too large for a page takes minutes to make, so the page is changed as if it were of one.
    let html = std::fs::read_to_string(&recorded.page).expect("it was saved");
    let joined = html.replace(" data-steps=", " data-joined=\"12345\" data-steps=");
    std::fs::write(&recorded.page, joined).expect("it can be written");
    let mut page = Page::open(&browser, &url(&recorded.page), LIGHT).await;
    let said = "document.getElementById('joined').textContent";
    assert_eq!(page.evaluate(said).await, "", "without zoom, steps are joined anyway");
    go_in(&mut page).await;
    let said = page.evaluate(said).await;
    let said = said.as_str().unwrap_or_default();
    check(said, said.contains("In 2 lanes, steps shorter than 12.35 µs are joined."), "it says what is joined");
    let (from, to) = said.split_once("--from ").and_then(|(_, rest)| rest.split_once(" --to ")).unwrap_or_default();
    let events = recorded.events.to_str().expect("it was made here");
    let ran = ag(&["replay", "-q", events, "--from", from, "--to", to.trim_end_matches('.')]);
    check(&ran, ran.code == 0 && ran.err.is_empty(), "it says how to see more");
    let words = page.evaluate(STATES).await;
    check(&words, words.as_str().is_some_and(|words| words.contains("mostly running")), "it is about most of the time");
}
