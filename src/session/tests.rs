//! The recording of a scene, looked at while it runs.

use std::sync::mpsc::{TryRecvError, channel};

use super::*;
use crate::observe::{Observe, observe_thread};
use crate::trace::State;

/// Beyond the end of every scene here.
const HORIZON: Nanos = Nanos::from_secs(3_600);

/// Takes snapshots until one that did not change is as `seen` wants it.
fn snapshot_until(session: &Session, mut snapshot: Snapshot, seen: impl Fn(&SceneTrace) -> bool) -> Snapshot {
    for _ in 0..1_000_000 {
        if !snapshot.changed && seen(&snapshot.trace) {
            return snapshot;
        }
        thread::yield_now();
        snapshot = session.snapshot(Some(snapshot), HORIZON);
    }
    panic!("never seen, or something new each time: {snapshot:?}");
}

fn last_state(trace: &SceneTrace, name: &str) -> Option<(State, Nanos)> {
    trace.states(trace.lane(name)?).last().map(|span| (span.state, span.end))
}

#[test]
fn the_virtual_clock_needs_its_feature() {
    let recorded = record(Runtime::CURRENT_THREAD, Clock::Virtual, || async {});
    match recorded {
        Ok(Recording { output, trace }) => {
            let virtual_clock = cfg!(feature = "virtual-clock");
            assert_eq!((virtual_clock, output, trace.wall), (true, Some(()), Nanos::ZERO));
        }
        Err(error) => {
            assert_eq!((cfg!(feature = "virtual-clock"), error.kind()), (false, io::ErrorKind::Unsupported));
            assert!(error.to_string().contains("`virtual-clock`"), "{error}");
        }
    }
}

#[test]
fn a_snapshot_is_made_anew_only_when_something_has_happened() {
    let (wake, woken) = tokio::sync::oneshot::channel::<()>();
    let (ended, end) = channel::<()>();
    let work = move || async { woken.observe("A").await.ok() };
    let session =
        Session::start(SceneStart::default(), Runtime::CURRENT_THREAD, Clock::Real, work, move || drop(ended))
            .expect("a thread");

    let waits = |trace: &SceneTrace| last_state(trace, "A") == Some((State::Waiting, HORIZON));
    let snapshot = snapshot_until(&session, session.snapshot(None, HORIZON), waits);
    let (before, later) = (snapshot.now, session.snapshot(Some(snapshot), HORIZON));
    assert!(!later.changed && later.now > before && waits(&later.trace));

    wake.send(()).expect("the scene waits for it");
    let _ = end.recv();
    let last = session.snapshot(Some(later), HORIZON);
    assert!(last.changed && last.trace == session.finish());
    assert_eq!((last.now, &last.trace.outcome), (last.trace.wall, &Outcome::Done));
}

#[test]
fn a_poll_under_way_is_seen_though_nothing_is_recorded_of_it_yet() {
    let ((go, going), (stop, stopping)) = (channel::<()>(), channel::<()>());
    let work = move || async move {
        // It computes: a thread that is asleep is seen to wait after some milliseconds.
        let hog = observe_thread("hog", move || while stopping.try_recv() == Err(TryRecvError::Empty) {});
        let _ = going.recv();
        // From here to its end there is no event of it.
        hog();
    };
    let session =
        Session::start(SceneStart::default(), Runtime::CURRENT_THREAD, Clock::Real, work, || ()).expect("a thread");
    let snapshot = snapshot_until(&session, session.snapshot(None, HORIZON), |trace| trace.lane("hog").is_some());
    drop(go);
    snapshot_until(&session, snapshot, |trace| last_state(trace, "hog") == Some((State::Running, HORIZON)));
    drop(stop);
}

#[test]
fn of_a_server_the_last_events_are_kept_and_the_others_are_freed() {
    let (ended, end) = channel::<()>();
    let work = || async {
        let steps = async {
            for _ in 0..100_000 {
                tokio::task::yield_now().await;
            }
        };
        steps.observe("steps").await;
    };
    let session =
        Session::start(SceneStart::default(), Runtime::CURRENT_THREAD, Clock::Real, work, move || drop(ended))
            .expect("a thread");
    session.keep_last();
    let _ = end.recv();
    let snapshot = session.snapshot(None, Nanos::ZERO);
    let (kept_from, held) = (session.kept_from(), session.recorder.bytes_held());
    let trace = session.finish();
    assert!(kept_from > Nanos::ZERO && held < 200_000, "kept from {kept_from}, {held} bytes");
    assert_eq!((snapshot.now, &snapshot.trace.outcome), (trace.wall, &Outcome::Done));
    let steps = trace.lane("steps").expect("it has a lane however long ago it was made");
    let polls = trace.polls(steps).len();
    assert!((10_000..=100_000).contains(&polls), "{polls} of 100,001");
    assert_eq!(trace.polls(steps).last().map(|poll| poll.end <= trace.wall), Some(true));
}

#[test]
fn a_bounded_recording_ends_when_it_is_full() {
    let (stop, stopped) = channel::<()>();
    let work = move || async move {
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            tokio::task::yield_now().observe("step").await;
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    };
    let session =
        Session::start(SceneStart::default(), Runtime::CURRENT_THREAD, Clock::Real, work, || ()).expect("a thread");
    session.hold_at_most(4 << 10);
    while !session.recorder.is_stopped() {
        thread::yield_now();
    }
    let held = session.recorder.bytes_held();
    thread::sleep(Duration::from_millis(50));
    assert!(session.recorder.bytes_held() - held < 1 << 10, "hardly anything is added");
    drop(stop);
}
