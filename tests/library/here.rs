//! `record_here`: a future is recorded within the runtime that awaits it, and nothing else is.

use std::time::Duration;

use asyncguide::session::{self, Recording, record_here};
use asyncguide::trace::{Clock, Nanos, Outcome, SceneTrace, State, TaskKind};
use asyncguide::{Observe, observe_thread};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::support::{ONE_THREAD, lane, parent};

const NAP: Duration = Duration::from_millis(20);

/// The states that the lane of this name went through.
fn states(trace: &SceneTrace, name: &str) -> Vec<State> {
    trace.states(lane(trace, name)).map(|span| span.state).collect()
}

/// Whether a future that is observed here and now gets a lane.
fn is_recorded() -> bool {
    let observed = format!("{:?}", std::future::ready(()).observe("later"));
    !observed.contains("lane: None")
}

async fn two_naps() -> &'static str {
    tokio::join!(sleep(NAP).observe("A"), sleep(NAP).observe("B"));
    "rested"
}

fn assert_two_naps(recording: &Recording<&str>, workers: usize) {
    let Recording { output, trace, .. } = recording;
    let flavor = if workers == 1 { "current_thread" } else { "multi_thread" };
    assert_eq!((&*trace.runtime.flavor, trace.runtime.workers), (flavor, workers));
    assert_eq!((*output, &trace.outcome), ("rested", &Outcome::Done));
    assert_eq!(trace.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["A", "B"]);
    for name in ["A", "B"] {
        let task = lane(trace, name);
        assert_eq!((&task.outcome, parent(trace, task).map(|task| task.kind)), (&Outcome::Done, Some(TaskKind::Scene)));
        let states = states(trace, name);
        assert!(states.contains(&State::Waiting) && states.ends_with(&[State::Running]), "{states:?}");
        assert!(trace.ended(task) <= trace.wall);
    }
    assert!(trace.wall >= Nanos::from(NAP));
    assert_eq!(trace.peak_tasks(), 2, "both wait at the same time");
}

#[tokio::test]
async fn a_future_is_recorded_on_the_runtime_of_one_thread_that_awaits_it() {
    let recording = record_here(two_naps()).await;
    assert_two_naps(&recording, 1);
    assert_eq!(recording.trace.threads_used(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_is_recorded_on_workers_wherever_it_is_polled() {
    assert_two_naps(&record_here(two_naps()).await, 2);
    let spawned = tokio::spawn(record_here(two_naps())).await;
    assert_two_naps(&spawned.expect("it does not panic"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn observed_tasks_are_recorded_on_the_workers_that_poll_them_and_so_are_their_children() {
    let work = async {
        let mut tasks = JoinSet::new();
        for index in 0..50 {
            let task = async move {
                yield_now().await;
                sleep(NAP).observe(format!("within {index}")).await;
                index
            };
            tasks.spawn(task.observe(index.to_string()));
        }
        tasks.join_all().await.into_iter().sum::<usize>()
    };
    let Recording { output, trace, .. } = record_here(work).await;
    assert_eq!((output, trace.lane_count()), ((0..50).sum(), 100));
    for index in 0..50 {
        let (task, within) = (lane(&trace, &index.to_string()), lane(&trace, &format!("within {index}")));
        assert_eq!((task.spawned, within.spawned, parent(&trace, within)), (true, false, Some(task)));
        assert_eq!((&task.outcome, &within.outcome), (&Outcome::Done, &Outcome::Done));
        assert_eq!(trace.wakes(within).len(), 1);
    }
}

#[tokio::test]
async fn a_thread_that_the_work_starts_is_recorded() {
    let work = async {
        let (tell, told) = oneshot::channel();
        let (start, started) = std::sync::mpsc::channel();
        let answer = move || started.recv().map(|()| tell.send(7)).expect("it is started");
        let thread = std::thread::spawn(observe_thread("T", answer));
        // The thread answers once the task waits: otherwise there might be nothing to wake.
        let start = async { start.send(()).expect("the thread is there") };
        let (told, ()) = tokio::join!(biased; told.observe("waits"), start);
        thread.join().expect("it does not panic").expect("somebody waits");
        told
    };
    let Recording { output, trace, .. } = record_here(work).await;
    assert_eq!(output, Ok(7));
    assert_eq!((lane(&trace, "T").kind, trace.threads_used()), (TaskKind::Thread, 2));
    assert_eq!(trace.wakes(lane(&trace, "waits")).len(), 1);
}

#[tokio::test]
async fn what_goes_on_beside_the_work_is_not_recorded() {
    let (done, wait) = oneshot::channel::<()>();
    let beside = tokio::spawn(async move {
        for index in 0..5 {
            yield_now().observe(format!("beside {index}")).await;
        }
        drop(done);
    });
    let work = async {
        yield_now().observe("A").await;
        tokio::spawn(yield_now().observe("spawned")).await.expect("it does not panic");
        wait.observe("B").await.is_err()
    };
    let Recording { output, trace, .. } = record_here(work).await;
    beside.await.expect("it does not panic");
    assert!(output);
    assert_eq!(trace.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["A", "spawned", "B"]);
}

#[tokio::test]
async fn nothing_is_recorded_afterwards() {
    let work = async {
        tokio::spawn(yield_now().observe("spawned")).await.expect("it does not panic");
        is_recorded()
    };
    let first = record_here(work).await;
    assert!(first.output && first.trace.lane("spawned").is_some());
    assert!(!is_recorded());
    // What is observed outside of a recording and awaited within one stays unrecorded.
    let outside = yield_now().observe("outside");
    let second = record_here(outside).await;
    assert_eq!(second.trace.lane_count(), 0);
}

#[tokio::test]
async fn a_task_that_is_left_behind_is_interrupted_and_goes_on_unrecorded() {
    let (go, going) = oneshot::channel::<()>();
    let work = async {
        let left = tokio::spawn(
            async move {
                let _ = going.await;
                yield_now().observe("later").await;
                is_recorded()
            }
            .observe("left behind"),
        );
        yield_now().await;
        Some(left)
    };
    let Recording { output, trace, .. } = record_here(work).await;
    assert_eq!(lane(&trace, "left behind").outcome, Outcome::Interrupted);
    // The thread belongs to another recording when the task goes on.
    let second = record_here(async {
        go.send(()).expect("somebody waits");
        yield_now().observe("B").await;
        output.expect("it was spawned").await.expect("it does not panic")
    });
    let Recording { output, trace, .. } = second.await;
    assert!(!output);
    assert_eq!(trace.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["B"]);
}

#[tokio::test]
async fn an_error_is_an_output_and_a_panic_of_a_task_is_in_the_trace() {
    let failing = async {
        let panicking = async { panic!("of no use") };
        let joined = tokio::spawn(panicking.observe("panics")).await;
        joined.map_err(|error| error.is_panic())
    };
    let Recording { output, trace, .. } = record_here(failing).await;
    assert_eq!(output, Err::<(), _>(true));
    assert_eq!(lane(&trace, "panics").outcome, Outcome::Panicked { message: "of no use".to_owned() });
}

#[tokio::test]
async fn a_panic_goes_on_and_a_recording_that_is_dropped_lets_the_thread_go() {
    let panics = tokio::spawn(record_here(async { panic!("of no use") })).await;
    assert!(panics.expect_err("it panics").is_panic());
    let timed_out =
        tokio::time::timeout(NAP, record_here(async { std::future::pending::<()>().observe("A").await })).await;
    assert!(timed_out.is_err());
    assert!(!is_recorded());
    assert_two_naps(&record_here(two_naps()).await, 1);
}

#[tokio::test]
async fn one_recording_can_lie_within_another() {
    let outer = async {
        let inner = record_here(async { yield_now().observe("inner").await }).observe("recording").await;
        yield_now().observe("after").await;
        inner.trace
    };
    let Recording { output: inner, trace: outer, .. } = record_here(async { outer.observe("outer").await }).await;
    let names = |trace: &SceneTrace| trace.lanes().map(|task| task.name.to_string()).collect::<Vec<_>>();
    assert_eq!((names(&inner).join(" "), names(&outer).join(" ")), ("inner".into(), "outer recording after".into()));
    assert!(inner.lanes().chain(outer.lanes()).all(|task| task.outcome == Outcome::Done));
    assert_eq!(parent(&outer, lane(&outer, "after")), outer.lane("outer"));
}

#[test]
fn a_recording_within_a_session_leaves_the_session_whole() {
    let work = || async {
        let recording = record_here(two_naps()).await;
        assert_two_naps(&recording, 1);
        yield_now().observe("after").await;
        "rested"
    };
    let Recording { output, trace, .. } = session::record(ONE_THREAD, Clock::Real, work).expect("a thread");
    assert_eq!((trace.outcome.clone(), output), (Outcome::Done, Some("rested")));
    assert_eq!(trace.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["after"]);
}

#[test]
fn a_session_returns_what_its_future_returned_an_error_included() {
    let record = |fails| session::record(ONE_THREAD, Clock::Real, move || main(fails)).expect("a thread");
    assert_eq!(record(Fails::No).output, Some(Ok(())));
    assert_eq!(record(Fails::WithAnError).output, Some(Err("no such page".to_owned())));
    let panicked = record(Fails::WithAPanic);
    assert_eq!(panicked.output, None);
    assert_eq!(panicked.trace.outcome, Outcome::Panicked { message: "no such luck".to_owned() });
}

#[derive(Clone, Copy)]
enum Fails {
    No,
    WithAnError,
    WithAPanic,
}

async fn main(fails: Fails) -> Result<(), String> {
    yield_now().observe("work").await;
    match fails {
        Fails::No => Ok(()),
        Fails::WithAnError => Err("no such page".to_owned()),
        Fails::WithAPanic => panic!("no such luck"),
    }
}

#[test]
fn without_a_runtime_of_tokio_it_is_recorded_too() {
    let Recording { trace, .. } =
        futures_util::future::FutureExt::now_or_never(record_here(async { std::future::ready(1).observe("A").await }))
            .expect("it is ready at once");
    assert_eq!((trace.runtime.workers, trace.lane_count()), (1, 1));
}
