//! Code that is instrumented with `tracing` alone: spans with a `lane` field are lanes, `info!` leaves marks.

use std::thread;

use asyncguide::trace::{Mark, Outcome, SceneTrace, TaskId, TaskKind};
use asyncguide::{Observe, observe_thread};
use tokio::task::{JoinSet, yield_now};
use tracing::{Instrument, debug, info, info_span};

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
