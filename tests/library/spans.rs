//! Code that is instrumented with `tracing` alone: spans with a `lane` field are lanes, `info!` leaves marks.

use std::future::pending;
use std::thread;
use std::time::Duration;

use asyncguide::trace::{Mark, Outcome, SceneTrace, TaskId, TaskKind};
use asyncguide::{Observe, observe_thread};
use tokio::task::{JoinSet, yield_now};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info, info_span};

use crate::support::{Count, Yields, lane, parent, record, record_on_two_workers};

#[track_caller]
fn mark<'a>(scene: &'a SceneTrace, text: &str) -> &'a Mark {
    scene.marks.iter().find(|mark| mark.text == text).unwrap_or_else(|| panic!("nobody said {text:?}"))
}

/// The name of the lane that a mark lies on; none if it lies on the scene or on nothing.
fn speaker<'a>(scene: &'a SceneTrace, mark: &Mark) -> Option<&'a str> {
    let task = &scene.tasks[mark.task?.index()];
    (task.kind != TaskKind::Scene).then_some(&*task.name)
}

#[test]
fn a_span_with_a_lane_field_is_a_lane_and_others_are_none() {
    let scene = record(|| async {
        async { yield_now().await }.instrument(info_span!("request", lane = "A", path = "/")).await;
        let number = 7;
        async { yield_now().await }.instrument(info_span!("request", lane = number)).await;
        async { yield_now().await }.instrument(info_span!("request", lane = %"displayed")).await;
        async { yield_now().await }.instrument(info_span!("request", path = "/")).await;
    });
    assert_eq!(scene.lanes().map(|task| &*task.name).collect::<Vec<_>>(), ["A", "7", "displayed"]);
    for task in scene.lanes() {
        assert_eq!((task.kind, &task.outcome), (TaskKind::Span, &Outcome::Done));
        assert_eq!(parent(&scene, task).expect("the scene").kind, TaskKind::Scene);
    }
}

/// Polls of instrumented futures as they were recorded, and as the futures counted them.
fn instrumented() -> (Vec<usize>, Vec<usize>) {
    let counts: Vec<Count> = (0..60).map(|_| Count::default()).collect();
    let counted = counts.clone();
    let scene = record_on_two_workers(move || async move {
        let mut set = JoinSet::new();
        for (index, polls) in counted.iter().enumerate() {
            let span = info_span!("task", lane = index);
            set.spawn(Yields::new(index % 4, polls).instrument(span));
        }
        set.join_all().await;
    });
    let mut lanes: Vec<_> = scene.lanes().collect();
    lanes.sort_by_key(|task| task.name.parse::<usize>().expect("a number"));
    let recorded = lanes.iter().map(|task| scene.polls(task).len());
    (recorded.collect(), counts.iter().map(Count::get).collect())
}

#[test]
fn an_instrumented_future_has_exactly_its_own_polls() {
    // When it is dropped its span is entered once more, which only its shortness tells from a poll. A busy machine may
    // take the thread away just then, but not every time.
    let runs: Vec<_> = (0..20).map(|_| instrumented()).take_while(|(recorded, counted)| recorded != counted).collect();
    assert!(runs.len() < 20, "{:?}", runs[0]);
}

#[test]
fn spans_and_observed_futures_nest_in_each_other() {
    let scene = record(|| async {
        let inner = async {
            info!("inside");
            yield_now().await;
        };
        async { inner.instrument(info_span!("span", lane = "inner")).await }.observe("outer").await;
        async { yield_now().observe("within a span").await }.instrument(info_span!("span", lane = "span")).await;
    });
    assert_eq!(parent(&scene, lane(&scene, "inner")), scene.lane("outer"));
    assert_eq!(parent(&scene, lane(&scene, "within a span")), scene.lane("span"));
    assert_eq!(speaker(&scene, mark(&scene, "inside")), Some("inner"));
}

#[test]
fn a_span_that_is_entered_twice_is_left_twice() {
    let scene = record(|| async {
        {
            let span = info_span!("recursion", lane = "entered twice");
            let _outer = span.enter();
            span.in_scope(|| info!("twice in"));
            info!("once in");
        }
        info!("out");
        yield_now().observe("afterwards").await;
    });
    assert_eq!(speaker(&scene, mark(&scene, "twice in")), Some("entered twice"));
    assert_eq!(speaker(&scene, mark(&scene, "once in")), Some("entered twice"));
    assert_eq!(speaker(&scene, mark(&scene, "out")), None);
    assert_eq!(lane(&scene, "afterwards").parent, Some(TaskId::new(0)));
}

#[test]
fn a_mark_lies_on_the_lane_that_ran_with_its_place_and_its_moment() {
    let mut line = 0;
    let told = &mut line;
    *told = line!() + 4;
    let line = *told;
    let scene = record(|| async {
        let speaks = async {
            info!(answer = 42, "said");
            yield_now().observe("silent").await;
            info!("said again");
        };
        info!("before");
        tokio::join!(speaks.observe("speaks"), async { info!("beside") }.observe("beside"));
    });
    let speaks = lane(&scene, "speaks");
    let said = mark(&scene, "said answer=42");
    assert_eq!((speaker(&scene, said), said.line), (Some("speaks"), Some(line)));
    assert!(said.file.as_deref().expect("a file").ends_with("tests/library/spans.rs"));
    let poll = scene.polls(speaks)[0];
    assert!(poll.start <= said.at && said.at <= poll.end && said.thread == poll.thread);
    let again = mark(&scene, "said again");
    let poll = scene.polls(speaks)[1];
    assert!(poll.start <= again.at && again.at <= poll.end);
    assert_eq!(speaker(&scene, again), Some("speaks"));
    assert_eq!(mark(&scene, "before").task, Some(TaskId::new(0)));
    assert_eq!(speaker(&scene, mark(&scene, "beside")), Some("beside"));
    let texts: Vec<&str> = scene.marks.iter().map(|mark| &*mark.text).collect();
    assert_eq!(texts, ["before", "said answer=42", "beside", "said again"]);
    assert!(scene.marks.is_sorted_by_key(|mark| mark.at));
}

#[test]
fn a_mark_knows_the_thread_it_was_made_on() {
    let scene = record(|| async {
        let work = observe_thread("T", || info!("from a thread"));
        let thread = thread::Builder::new().name("elsewhere".to_owned()).spawn(work).expect("a thread can be had");
        thread.join().expect("it does not panic");
        // This thread belongs to no recording: what it says is nobody's.
        thread::spawn(|| info!("from nowhere")).join().expect("it does not panic");
    });
    let said = mark(&scene, "from a thread");
    assert_eq!(scene.threads[said.thread.index()].name, "elsewhere");
    assert_eq!(speaker(&scene, said), Some("T"));
    assert_eq!(scene.marks.len(), 1);
}

#[test]
fn what_is_said_below_info_leaves_no_mark_and_what_is_long_is_cut() {
    let scene = record(|| async {
        debug!("quiet");
        tracing::warn!("loud");
        info!("{}", "é".repeat(2_000));
    });
    let texts: Vec<&str> = scene.marks.iter().map(|mark| &*mark.text).collect();
    assert_eq!(texts, ["loud", &format!("{}…", "é".repeat(1_000))]);
}

/// A span with this lane.
fn span(lane: &str) -> Span {
    info_span!("task", lane)
}

#[test]
fn a_task_in_a_span_that_is_aborted_is_cancelled() {
    let scene = record(|| async {
        let aborted = tokio::spawn(pending::<()>().instrument(span("aborted")));
        let other = async { yield_now().await }.instrument(span("done"));
        // Recorded between the last poll of the one and its end.
        tokio::spawn(other.observe("other")).await.expect("it does not panic");
        aborted.abort();
        assert!(aborted.await.expect_err("it was aborted").is_cancelled());
        let dropped = tokio::spawn(pending::<()>().instrument(span("outer"))).abort_handle();
        yield_now().observe("between").await;
        dropped.abort();
        yield_now().await;
    });
    let outcome = |name| (&lane(&scene, name).outcome, scene.polls(lane(&scene, name)).len());
    assert_eq!([outcome("aborted"), outcome("outer")], [(&Outcome::Cancelled, 1); 2]);
    assert_eq!(outcome("done"), (&Outcome::Done, 2));
}

#[test]
fn a_span_is_cancelled_with_an_observed_future_that_is_dropped_in_it() {
    let scene = record(|| async {
        let within = async { pending::<()>().observe("within").await }.instrument(span("around"));
        assert!(tokio::time::timeout(Duration::ZERO, within).await.is_err());
    });
    for name in ["around", "within"] {
        assert_eq!(lane(&scene, name).outcome, Outcome::Cancelled, "{name}");
    }
}

#[test]
fn what_wins_a_select_is_done_in_whichever_order_they_are_dropped() {
    let scene = record(|| async {
        let ready = |name| async { yield_now().await }.instrument(span(name));
        tokio::select! {
            biased;
            () = ready("first") => {}
            () = pending().instrument(span("loser")) => {}
        }
        tokio::select! {
            biased;
            () = pending().instrument(span("loser")) => {}
            () = ready("second") => {}
        }
        tokio::join!(ready("A"), ready("B"), ready("C"));
        tokio::spawn(ready("wrapped").observe("wrapper")).await.expect("it does not panic");
    });
    for name in ["first", "second", "A", "B", "C", "wrapped", "wrapper"] {
        assert_eq!(lane(&scene, name).outcome, Outcome::Done, "{name}");
    }
}

#[test]
fn a_span_that_a_panic_leaves_has_panicked() {
    let scene = record(|| async {
        let bursts = async {
            yield_now().await;
            panic!("a word");
        };
        assert!(tokio::spawn(bursts.instrument(span("task"))).await.expect_err("it panics").is_panic());
        let catches = async {
            let caught = std::panic::catch_unwind(|| span("by hand").in_scope(|| panic!("another")));
            assert!(caught.is_err());
        };
        catches.instrument(span("catches")).await;
    });
    for (name, polls) in [("task", 2), ("by hand", 1)] {
        let task = lane(&scene, name);
        assert!(matches!(task.outcome, Outcome::Panicked { .. }), "{task:?}");
        assert_eq!(scene.polls(task).len(), polls, "{name}");
    }
    assert_eq!(lane(&scene, "catches").outcome, Outcome::Done);
}

fn named_at_last() -> SceneTrace {
    record(|| async {
        let named = async {
            info!("before it has a name");
            Span::current().record("lane", "named later");
            yield_now().observe("within").await;
        };
        named.instrument(info_span!("task", lane = Empty)).await;
        let outside = info_span!("task", lane = Empty);
        outside.record("lane", tracing::field::display("named outside"));
        outside.record("lane", "named twice");
        yield_now().instrument(outside).await;
        yield_now().instrument(tracing::trace_span!("task", lane = "of any level")).await;
        yield_now().instrument(info_span!("task", lane = Empty)).await;
    })
}

#[test]
fn a_lane_can_be_named_later_and_at_any_level() {
    let names = ["named later", "within", "named outside", "of any level"];
    let has_polls_of_its_own = |scene: &SceneTrace| scene.lanes().all(|task| scene.polls(task).len() == 2);
    // As above, a busy machine may take the thread away while a future is dropped.
    let scene = (0..20).map(|_| named_at_last()).find(has_polls_of_its_own).expect("two polls each");
    assert_eq!(
        scene.lanes().map(|task| (&*task.name, &task.outcome)).collect::<Vec<_>>(),
        names.map(|name| (name, &Outcome::Done))
    );
    assert_eq!(parent(&scene, lane(&scene, "within")), scene.lane("named later"));
    assert_eq!(speaker(&scene, mark(&scene, "before it has a name")), None);
}

/// The span that tokio makes of a task that is spawned on this line, with these fields of its own.
macro_rules! runtime_spawn {
    ($target:literal, $line:literal, $($fields:tt)*) => {
        tracing::trace_span!(
            target: $target,
            parent: None,
            "runtime.spawn",
            task.id = 7_u64,
            size.bytes = 64_u64,
            loc.file = "src/server.rs",
            loc.line = $line as u64,
            loc.col = 5_u64,
            $($fields)*
        )
    };
}

#[test]
fn tasks_of_which_tokio_tells_have_lanes_without_being_touched() {
    let scene = record(|| async {
        let connection = runtime_spawn!("tokio::task", 259, kind = %"task", task.name = %"");
        let number = connection.id().expect("it is recorded").into_u64();
        let wakes = async move {
            yield_now().await;
            tracing::trace!(target: "tokio::task::waker", op = "waker.clone", task.id = number);
            tracing::trace!(target: "tokio::task::waker", op = "waker.wake", task.id = number);
        };
        let aborted = runtime_spawn!("tokio::task", 12, kind = %"task", task.name = %"a name");
        let aborted = tokio::spawn(pending::<()>().instrument(aborted));
        let never = runtime_spawn!("tokio::task", 13, kind = %"task", task.name = %"never polled");
        drop(pending::<()>().instrument(never));
        let wakes = wakes.instrument(runtime_spawn!("tokio::task", 300, kind = %"local", task.name = %""));
        let connected = async move {
            tokio::spawn(wakes).await.expect("it does not panic");
            yield_now().await;
        };
        tokio::spawn(connected.instrument(connection)).await.expect("it does not panic");
        aborted.abort();
        assert!(aborted.await.expect_err("it was aborted").is_cancelled());
        let call = runtime_spawn!(
            "tokio::task::blocking", 40, kind = %"blocking", task.name = %"", "fn" = %"server::hash::{{closure}}"
        );
        tokio::task::spawn_blocking(move || [(), ()].map(|()| call.in_scope(|| ()))).await.expect("it does not panic");
        let worker = runtime_spawn!(
            "tokio::task::blocking", 457, kind = %"blocking", task.name = %"",
            "fn" = %"tokio::runtime::scheduler::multi_thread::worker::Launch::launch::{{closure}}"
        );
        worker.in_scope(|| ());
    });
    let lanes: Vec<_> = scene.lanes().map(|task| (&*task.name, task.kind, &task.outcome)).collect();
    let expected = [
        ("server.rs:259", TaskKind::Future, &Outcome::Done),
        ("a name", TaskKind::Future, &Outcome::Cancelled),
        ("never polled", TaskKind::Future, &Outcome::Cancelled),
        ("server.rs:300", TaskKind::Future, &Outcome::Done),
        ("server.rs:40", TaskKind::Call, &Outcome::Done),
    ];
    assert_eq!(lanes, expected);
    let connection = lane(&scene, "server.rs:259");
    assert!(connection.spawned);
    assert_eq!(scene.wakes(connection).len(), 1);
    assert_eq!(scene.marks, []);
}
