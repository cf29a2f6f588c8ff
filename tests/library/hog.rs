//! A task that is woken while another hogs the thread shows as ready, for as long as the hog holds the thread.
//!
//! No test here knows how long anything takes: the hog lets go when something else has happened, and moments of one
//! recording are compared with each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use asyncguide::Observe;
use asyncguide::trace::{SceneTrace, State};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::support::{Count, Yields, lane, record, single, states};

/// Holds the thread until `let_go`, and for a moment more: long enough to be told from the cost of a poll.
fn hold_the_thread_until(let_go: impl Fn() -> bool) {
    while !let_go() {
        std::hint::spin_loop();
    }
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
}

/// A task waits for a message; while a hog holds the thread, another thread sends it.
fn woken_behind_a_hog() -> SceneTrace {
    record(|| async {
        let (sender, receiver) = oneshot::channel();
        let waiter = tokio::spawn(receiver.observe("waiter"));
        // The waiter is polled, and waits.
        yield_now().await;
        let (begin, begun) = mpsc::channel();
        let sent = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&sent);
        let messenger = thread::spawn(move || {
            begun.recv().expect("the hog begins");
            sender.send(()).expect("the waiter waits");
            tell.store(true, Ordering::SeqCst);
        });
        let hog = async move {
            begin.send(()).expect("the messenger waits");
            hold_the_thread_until(|| sent.load(Ordering::SeqCst));
        };
        tokio::spawn(hog.observe("hog")).await.expect("it does not panic");
        waiter.await.expect("it does not panic").expect("it was sent");
        messenger.join().expect("it does not panic");
    })
}

#[test]
fn a_task_that_is_woken_behind_a_hog_is_ready_until_the_hog_lets_go() {
    let scene = woken_behind_a_hog();
    let (waiter, hog) = (lane(&scene, "waiter"), lane(&scene, "hog"));
    let (polls, held) = (scene.polls(waiter), scene.polls(hog)[0]);
    assert_eq!((polls.len(), scene.polls(hog).len(), scene.wakes(waiter).len()), (2, 1, 1));
    let wake = scene.wakes(waiter)[0];
    assert!(polls[0].end <= held.start, "the waiter waited when the hog began");
    assert!(held.start <= wake && wake < held.end, "the wake came while the hog held the thread");

    let ready = (State::Ready, wake, polls[1].start);
    // Of what held the thread, only what did so for long counts as holding the loop: the hog, or the scene itself.
    let waited: Vec<_> = states(&scene, waiter)[2..].iter().copied().take_while(|span| *span != ready).collect();
    let mut moment = polls[0].end;
    for (state, start, end) in waited {
        assert!(matches!(state, State::Waiting | State::Held) && start == moment, "{:?}", states(&scene, waiter));
        moment = end;
    }
    assert_eq!(moment, wake);
    let after = [ready, (State::Running, polls[1].start, polls[1].end)];
    assert!(states(&scene, waiter).ends_with(&after), "{:?}", states(&scene, waiter));
    assert!(polls[1].start >= held.end, "nobody else can be polled before the hog's poll is over");
    assert!(scene.stall() >= held.end - wake);
    assert!(scene.longest_poll() >= held.end - held.start);
}

#[test]
fn the_picture_of_a_hog_shows_who_is_ready_meanwhile() {
    use asyncguide::chart::{Axis, Cell, Row, rows};

    let scene = woken_behind_a_hog();
    let (wake, let_go) = (scene.wakes(lane(&scene, "waiter"))[0], scene.polls(lane(&scene, "hog"))[0].end);
    // So wide that the time of interest has several cells.
    let axis = Axis::new(scene.wall, (5 * scene.wall.0 / (let_go - wake).0) as usize);
    let rows = rows(&scene, axis, &single(24));
    let cells = |name: &str| {
        let lanes = rows.iter().filter_map(|row| if let Row::Lane(lane) = row { Some(lane) } else { None });
        lanes.filter(|lane| lane.name == name).map(|lane| lane.cells.clone()).next().expect("a lane")
    };
    // Cells that lie between the wake and the hog's end from edge to edge.
    let between = axis.cell_at(wake) + 1..axis.cell_at(let_go);
    assert!(between.len() > 2);
    for cell in between {
        assert_eq!(cells("hog")[cell], Cell::In(State::Running));
        assert_eq!(cells("waiter")[cell], Cell::In(State::Ready));
    }
}

#[test]
fn a_task_that_is_spawned_before_the_hog_is_ready_from_its_creation_on() {
    let scene = record(|| async {
        let hog = tokio::spawn(async { hold_the_thread_until(|| true) }.observe("hog"));
        let late = tokio::spawn(async {}.observe("late"));
        hog.await.expect("it does not panic");
        late.await.expect("it does not panic");
    });
    let (late, held) = (lane(&scene, "late"), scene.polls(lane(&scene, "hog"))[0]);
    let (state, start, end) = states(&scene, late)[0];
    assert_eq!((state, start), (State::Ready, late.created));
    assert!(late.created <= held.start && end >= held.end);
    assert_eq!(end, scene.polls(late)[0].start);
    assert!(scene.stall() >= held.end - held.start);
}

#[test]
fn a_task_that_wakes_itself_and_lets_a_hog_go_first_is_ready_all_the_while() {
    let scene = record(|| async {
        let polite = tokio::spawn(Yields::new(1, &Count::default()).observe("polite"));
        let hog = tokio::spawn(async { hold_the_thread_until(|| true) }.observe("hog"));
        polite.await.expect("it does not panic");
        hog.await.expect("it does not panic");
    });
    let (polite, held) = (lane(&scene, "polite"), scene.polls(lane(&scene, "hog"))[0]);
    let polls = scene.polls(polite);
    assert!(polls[0].end <= held.start && held.end <= polls[1].start);
    assert_eq!(states(&scene, polite)[2], (State::Ready, polls[0].end, polls[1].start));
    assert!(scene.stall() >= held.end - held.start);
}
