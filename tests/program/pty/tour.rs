//! The tour, walked by somebody at a keyboard.

use std::path::Path;

use crate::program::{ag, asyncguide, command as plain, folder, lessons, misbehaving, run};
use crate::pty::{CTRL_C, CTRL_D, Ended, Pty, command};

const QUESTION: &str = "Enter skips:";
/// Its last word: the others may stand in the line above.
const PAUSE: &str = "stops:";

fn state() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// The program of misbehaving lessons on tour, with its state in `state`.
fn tour(state: &Path, arguments: &[&str]) -> Pty {
    let mut command = command(misbehaving(), &[&["tour"], arguments].concat());
    command.env("XDG_STATE_HOME", state);
    Pty::run(command)
}

/// Waits until `text` is to be seen below the last `heading`.
#[track_caller]
fn wait_below(pty: &Pty, heading: &str, text: &str) {
    pty.wait_for(text, |terminal| {
        let all = terminal.text();
        all[all.rfind(heading)?..].contains(text).then_some(())
    });
}

/// Waits for the lesson with this in its heading, presses `answer` to its question, then `go` at its pause.
#[track_caller]
fn visit(pty: &mut Pty, heading: &str, answer: &str, go: &str) {
    wait_below(pty, heading, QUESTION);
    pty.press(answer);
    wait_below(pty, heading, PAUSE);
    pty.press(go);
}

/// The lessons that were begun, by their places, in the order they came.
fn begun(ended: &Ended) -> Vec<u32> {
    let places = ended.lines().into_iter().filter(|line| line.contains(" · misbehaves"));
    places
        .map(|line| line.trim_end_matches(" of 5").split(' ').next_back().and_then(|n| n.parse().ok()).unwrap_or(0))
        .collect()
}

#[test]
fn from_the_first_lesson_to_the_last() {
    let state = state();
    let mut command = command(asyncguide(), &["tour", "--delay", "250ms"]);
    command.env("XDG_STATE_HOME", state.path());
    let mut pty = Pty::run_in(100, 40, command);
    let lessons = lessons();
    for (index, name) in lessons.iter().enumerate() {
        let heading = format!("{} of {}", index + 1, lessons.len());
        let reads = std::fs::read_to_string(format!("{}/lessons/{}/mod.rs", env!("CARGO_MANIFEST_DIR"), folder(name)));
        wait_below(&pty, &heading, QUESTION);
        pty.press("1\r");
        if reads.expect("it is there").contains("lines: true") {
            wait_below(&pty, &heading, "Ctrl-D ends the input.");
            pty.press(&format!("a line\r{CTRL_D}"));
        }
        wait_below(&pty, &heading, PAUSE);
        pty.press("\r");
    }
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text());
    ended.check_terminal();
    assert_eq!(ended.text().matches("You guessed: ").count(), lessons.len(), "{}", ended.text());
    assert!(!ended.text().contains("Next: asyncguide"), "the tour itself leads on");
    // The first choice is right in some lessons.
    let (done, of) = (lessons.len(), lessons.len());
    let learned = ended.text();
    assert!(learned.contains(&format!("You have done {done} of {of} lessons, and guessed ")), "{learned}");
    assert!(learned.contains("Worth another look: ") && learned.contains("Compare timings: "), "{learned}");
    let mut list = plain(asyncguide(), &["list", "--ascii"]);
    let list = run(list.env("XDG_STATE_HOME", state.path())).out;
    let marked = list.lines().take(lessons.len()).filter(|line| line.starts_with(['v', '-'])).count();
    assert_eq!(marked, lessons.len(), "{list}");
    assert!(ag(&["list", "--ascii"]).out.lines().all(|line| line.starts_with(' ')), "elsewhere nothing was done");
}

#[test]
fn b_goes_back_r_runs_again_and_q_stops() {
    let state = state();
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "1 of 5", "\r", "b\r");
    // There is nothing before the first: it asks again.
    pty.wait_for("another prompt", |terminal| (terminal.text().matches(PAUSE).count() == 2).then_some(()));
    pty.press("what?\r");
    pty.wait_for("another prompt", |terminal| (terminal.text().matches(PAUSE).count() == 3).then_some(()));
    pty.press("\r");
    visit(&mut pty, "2 of 5", "\r", "r\r");
    pty.wait_for("the same again", |terminal| (terminal.text().matches("2 of 5").count() == 2).then_some(()));
    visit(&mut pty, "2 of 5", "\r", "b\r");
    pty.wait_for("the first again", |terminal| (terminal.text().matches("1 of 5").count() == 2).then_some(()));
    visit(&mut pty, "1 of 5", "\r", "q\r");
    let ended = pty.end();
    assert_eq!(begun(&ended), [1, 2, 2, 1], "{}", ended.text());
    assert!(ended.text().contains("goes on with fails another time"), "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn q_at_a_question_stops_and_that_lesson_comes_again() {
    let state = state();
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "1 of 5", "1\r", "\r");
    wait_below(&pty, "2 of 5", QUESTION);
    pty.press("q\r");
    let ended = pty.end();
    assert_eq!((ended.code, begun(&ended)), (1, vec![1, 2]), "a task panicked on the way: {}", ended.text());
    assert!(ended.text().contains("goes on with fails another time"), "{}", ended.text());
    let mut pty = tour(state.path(), &[]);
    wait_below(&pty, "2 of 5", QUESTION);
    pty.press(CTRL_C);
    assert_eq!(begun(&pty.end()), [2]);
}

#[test]
fn ctrl_d_ends_it_after_a_key_was_pressed_in_a_picture() {
    let state = state();
    let mut pty = tour(state.path(), &["--from", "many", "--delay", "1s"]);
    wait_below(&pty, "5 of 5", QUESTION);
    pty.press("\r");
    pty.wait_for("a lane", |terminal| terminal.lane("1").filter(|length| *length > 0));
    pty.press(" ");
    pty.wait_for_text("paused here");
    pty.press(" ");
    wait_below(&pty, "5 of 5", PAUSE);
    pty.press(CTRL_D);
    let ended = pty.end();
    assert_eq!(begun(&ended), [5], "{}", ended.text());
    ended.check_terminal();
}

#[test]
fn it_goes_on_where_it_was_left() {
    let state = state();
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "1 of 5", "1\r", "\r");
    visit(&mut pty, "2 of 5", "2\r", "q\r");
    assert_eq!(pty.end().code, 1, "something panicked on the way");

    // The end of input at a pause, as q; a terminal that is closed ends the tour, too.
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "3 of 5", "\r", CTRL_D);
    let ended = pty.end();
    assert!(ended.text().contains("The tour goes on with hostile, 3 of 5"), "{}", ended.text());

    // Ctrl-C at a pause.
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "4 of 5", "\r", CTRL_C);
    let ended = pty.end();
    assert_eq!((ended.code, begun(&ended)), (130, vec![4]), "{}", ended.text());

    // Ctrl-C in the middle of a lesson: that one comes again.
    let mut pty = tour(state.path(), &["--from", "fails", "--delay", "1h"]);
    pty.wait_for_text(QUESTION);
    pty.press("\r");
    pty.wait_for_text("├");
    pty.press(CTRL_C);
    let ended = pty.end();
    assert_eq!((ended.code, begun(&ended)), (130, vec![2]), "{}", ended.text());
    assert!(!ended.text().contains("another time"), "{}", ended.text());
    ended.check_terminal();
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "2 of 5", "\r", "q\r");
    assert_eq!(begun(&pty.end()), [2]);

    // What was done is done: after the last lesson, the first comes again.
    let mut pty = tour(state.path(), &["--from", "many"]);
    visit(&mut pty, "5 of 5", "\r", "\r");
    assert_eq!(pty.end().code, 0);
    let mut pty = tour(state.path(), &[]);
    visit(&mut pty, "1 of 5", "\r", "q\r");
    let ended = pty.end();
    assert!(ended.text().contains("You have seen all lessons"), "{}", ended.text());
    // A guess outlives a run in which nobody guessed.
    let kept = std::fs::read_to_string(state.path().join("asyncguide/tour.json")).expect("it is kept");
    assert!(kept.contains("\"panics\": \"right\"") && kept.contains("\"fails\": \"wrong\""), "{kept}");

    let mut pty = tour(state.path(), &["--fresh", "--from", "many"]);
    visit(&mut pty, "5 of 5", "\r", "q\r");
    pty.end();
    let kept = std::fs::read_to_string(state.path().join("asyncguide/tour.json")).expect("it is kept");
    assert!(!kept.contains("panics"), "{kept}");
}

#[test]
fn what_is_typed_while_a_lesson_runs_does_not_answer_the_pause() {
    let state = state();
    let mut pty = tour(state.path(), &["--delay", "600ms", "--no-predict", "--from", "fails"]);
    pty.wait_for_text("├");
    pty.press("\r\r\r");
    pty.wait_for_text(PAUSE);
    pty.press("q\r");
    assert_eq!(begun(&pty.end()), [2]);
}

fn kept(state: &Path) -> std::path::PathBuf {
    state.join("asyncguide/tour.json")
}

/// Stores `text` as what is kept of a tour.
fn store(state: &Path, text: &str) {
    let kept = kept(state);
    std::fs::create_dir_all(kept.parent().expect("a folder")).expect("it can be made");
    std::fs::write(&kept, text).expect("it can be written");
}

fn stored(state: &Path) -> String {
    std::fs::read_to_string(kept(state)).expect("it is kept")
}

#[test]
fn two_tours_at_once_are_both_kept() {
    let state = state();
    let mut first = tour(state.path(), &["--from", "fails"]);
    wait_below(&first, "2 of 5", QUESTION);
    let mut second = tour(state.path(), &["--from", "many"]);
    visit(&mut second, "5 of 5", "\r", "q\r");
    second.end();
    visit(&mut first, "2 of 5", "1\r", "q\r");
    first.end();
    let kept = stored(state.path());
    assert!(kept.contains("\"fails\": \"right\"") && kept.contains("\"many\": \"none\""), "{kept}");
}

#[test]
fn s15_a_file_that_is_not_the_tours_is_set_aside_and_never_lost() {
    let state = state();
    let newer = "{\"schema\": 2, \"next\": null, \"done\": {}}";
    for (number, rubbish) in ["", "rubbish \u{1b}[31m", newer].into_iter().enumerate() {
        store(state.path(), rubbish);
        let mut pty = tour(state.path(), &["--from", "many", "-q", "--no-predict"]);
        pty.wait_for_text(PAUSE);
        pty.press("q\r");
        let ended = pty.end();
        let name = format!("tour.set-aside-{}.json", number + 1);
        let aside = kept(state.path()).with_file_name(&name);
        assert_eq!(std::fs::read_to_string(&aside).expect("it was set aside"), rubbish);
        let told: String = ended.text().split_whitespace().collect();
        assert!(told.contains("warning:") && told.contains(&name), "{}", ended.text());
        assert!(stored(state.path()).contains("\"many\""), "the tour is kept beside it");
    }
}

#[test]
fn what_is_kept_survives_names_that_nobody_knows() {
    let state = state();
    store(
        state.path(),
        r#"{"schema": 1, "next": "\u001b[2J", "done": {"gather": "right", "gone\u001b": "wrong"}, "new": 0}"#,
    );
    let mut pty = tour(state.path(), &[]);
    // Its next lesson is none of these, so the first that is not done comes first.
    visit(&mut pty, "1 of 5", "\r", "q\r");
    pty.end();
    let kept = stored(state.path());
    assert!(kept.contains("\"gather\": \"right\"") && kept.contains("\"panics\": \"none\""), "{kept}");
}

#[test]
fn where_nothing_can_be_kept_the_tour_says_so_once_and_goes_on() {
    let state = state();
    std::fs::write(state.path().join("asyncguide"), "in the way").expect("it can be written");
    let mut pty = tour(state.path(), &["-q", "--no-predict", "--from", "hogs"]);
    pty.wait_for_text(PAUSE);
    pty.press("\r");
    pty.wait_for("another prompt", |terminal| (terminal.text().matches(PAUSE).count() == 2).then_some(()));
    pty.press("\r");
    let ended = pty.end();
    assert_eq!(ended.text().matches("will not be saved").count(), 1, "{}", ended.text());
}
