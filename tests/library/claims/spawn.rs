//! `spawn`, with three lines to read: programs that lose echoes, and programs that read only one line at a time.

use std::time::Duration;

use asyncguide::lesson::Verdict;
use asyncguide::trace::{Clock, SceneTrace};
use asyncguide::{InputLines, Inputs, Observe};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::info;

use super::{DELAY, claim, comes_up, failed, held, lesson, named, own, run};

const EVERY_LINE: &str = "every line was echoed";
const WENT_ON: &str = "the scene went on reading while echoes waited";
const NONE_PENDING: &str = "no echo was pending at the end";

fn lines(text: &'static str) -> Inputs {
    let mut inputs = Inputs::new(0, DELAY);
    inputs.lines = InputLines::read(text.as_bytes()).expect("a thread starts");
    inputs
}

fn three_lines() -> Inputs {
    lines("a\nb\nc\n")
}

fn verdict(statement: &str, echo: SceneTrace) -> Verdict {
    let mut trace = run(lesson("spawn"), Clock::Real, &three_lines());
    trace.scenes.push(echo);
    claim(lesson("spawn"), statement).verdict(&trace)
}

fn own_scene(inputs: Inputs) -> SceneTrace {
    own(lesson("spawn"), "echo", Clock::Real, inputs)
}

fn echo<F: Future + 'static>(work: fn(Inputs) -> F) -> SceneTrace {
    named("echo", Clock::Real, move || work(three_lines()))
}

async fn next_line(inputs: &Inputs) -> Option<String> {
    let line = inputs.lines.next_line().await?;
    info!(line, "reads");
    Some(line)
}

/// Leaves without waiting for its tasks: they are aborted.
async fn drops_its_set(inputs: Inputs) {
    let mut echoes = JoinSet::new();
    while let Some(line) = next_line(&inputs).await {
        echoes.spawn(sleep(inputs.delay).observe(line));
    }
}

/// Likewise, with tasks that nobody holds.
async fn detaches_its_tasks(inputs: Inputs) {
    while let Some(line) = next_line(&inputs).await {
        drop(tokio::spawn(sleep(inputs.delay).observe(line)));
    }
}

/// Waits for the first echo only.
async fn waits_for_one(inputs: Inputs) {
    let mut echoes = JoinSet::new();
    let mut delay = Duration::ZERO;
    while let Some(line) = next_line(&inputs).await {
        delay += inputs.delay;
        echoes.spawn(sleep(delay).observe(line));
    }
    echoes.join_next().await;
}

/// Reads the next line when the echo is out.
async fn awaits_each_echo(inputs: Inputs) {
    while let Some(line) = next_line(&inputs).await {
        sleep(inputs.delay).observe(line).await;
    }
}

/// Likewise, with tasks.
async fn awaits_each_task(inputs: Inputs) {
    while let Some(line) = next_line(&inputs).await {
        tokio::spawn(sleep(inputs.delay).observe(line)).await.expect("it does not panic");
    }
}

/// Forgets every second line.
async fn forgets_lines(inputs: Inputs) {
    let mut echoes = JoinSet::new();
    while let Some(line) = next_line(&inputs).await {
        echoes.spawn(sleep(inputs.delay).observe(line));
        next_line(&inputs).await;
    }
    echoes.join_all().await;
}

/// Loses an echo to a panic.
async fn panics_at_one(inputs: Inputs) {
    let mut echoes = JoinSet::new();
    while let Some(line) = next_line(&inputs).await {
        let name = line.clone();
        let echo = async move {
            sleep(inputs.delay).await;
            assert_ne!(line, "b", "this line is too much");
        };
        echoes.spawn(echo.observe(name));
    }
    while echoes.join_next().await.is_some() {}
}

#[test]
fn every_claim_holds_for_the_lessons_own_scene() {
    for statement in [EVERY_LINE, WENT_ON, NONE_PENDING] {
        comes_up(held, || verdict(statement, own_scene(three_lines())));
    }
    assert_eq!(lesson("spawn").claims.len(), 3);
}

#[test]
fn every_line_fails_if_echoes_are_lost() {
    comes_up(failed, || verdict(EVERY_LINE, echo(drops_its_set)));
    comes_up(failed, || verdict(EVERY_LINE, echo(detaches_its_tasks)));
    comes_up(failed, || verdict(EVERY_LINE, echo(waits_for_one)));
    comes_up(failed, || verdict(EVERY_LINE, echo(forgets_lines)));
    comes_up(failed, || verdict(EVERY_LINE, echo(panics_at_one)));
}

#[test]
fn none_pending_fails_if_nobody_waits_for_all_echoes() {
    comes_up(failed, || verdict(NONE_PENDING, echo(drops_its_set)));
    comes_up(failed, || verdict(NONE_PENDING, echo(detaches_its_tasks)));
    comes_up(failed, || verdict(NONE_PENDING, echo(waits_for_one)));
}

#[test]
fn reading_went_on_fails_if_each_echo_is_awaited_before_the_next_line_is_read() {
    comes_up(failed, || verdict(WENT_ON, echo(awaits_each_echo)));
    comes_up(failed, || verdict(WENT_ON, echo(awaits_each_task)));
}

#[test]
fn what_the_input_or_the_limit_does_not_let_it_show_fails_no_claim() {
    for input in ["", "only one\n"] {
        for statement in [EVERY_LINE, WENT_ON, NONE_PENDING] {
            assert!(!failed(&verdict(statement, own_scene(lines(input)))), "{statement} for {input:?}");
        }
    }
    let mut one_at_a_time = three_lines();
    one_at_a_time.limit = 1;
    let verdict = verdict(WENT_ON, own_scene(one_at_a_time));
    assert!(matches!(verdict, Verdict::Skipped(_)), "{verdict:?}");
}
