//! Figures and verdicts are data: they are read back the same, and a lesson that is made at run time has them too.

use std::time::Duration;

use asyncguide::lesson::{
    Bound, Choice, Claim, Ending, Language, Lesson, Measure, Metric, Operand, Question, Relation, Reply, Scene, Takes,
};
use asyncguide::trace::{
    Builder, ClaimResult, Clock, Event, Evidence, Figure, Nanos, Outcome, Quantity, RunInputs, SceneTrace, TaskId,
    TaskKind, ThreadId, Trace, Verdict,
};
use asyncguide::units;
use proptest::prelude::*;
use serde_json::{Value, json};

fn quantity() -> impl Strategy<Value = Quantity> {
    let finite = || any::<f64>().prop_filter("JSON has no other numbers", |value| value.is_finite());
    prop_oneof![
        any::<u64>().prop_map(|nanos| Quantity::Time(Nanos(nanos))),
        any::<u64>().prop_map(Quantity::Count),
        finite().prop_map(Quantity::Factor),
        finite().prop_map(Quantity::Share),
        finite().prop_map(Quantity::Bytes),
        ".*".prop_map(Quantity::from),
        Just(Quantity::Unknown),
    ]
}

fn figures() -> impl Strategy<Value = Vec<Figure>> {
    let figure = (".*", quantity()).prop_map(|(name, quantity)| Figure::new(name, quantity));
    prop::collection::vec(figure, 0..4)
}

fn claim() -> impl Strategy<Value = ClaimResult> {
    (".*", 0..3, ".*", figures()).prop_map(|(statement, verdict, template, figures)| {
        let of_figure = |evidence: Evidence, figure: Figure| evidence.with(figure.name, figure.quantity);
        let evidence = figures.into_iter().fold(Evidence::new(template), of_figure);
        let verdict = match verdict {
            0 => Verdict::Held(evidence),
            1 => Verdict::Failed(evidence),
            _ => Verdict::Skipped(evidence),
        };
        ClaimResult::new(statement, verdict)
    })
}

proptest! {
    #[test]
    fn figures_and_claims_are_read_back_the_same(own in figures(), claims in prop::collection::vec(claim(), 0..3)) {
        let mut trace = trace(vec![Builder::new().finish(Nanos(7))]);
        trace.scenes[0].figures = own;
        trace.claims = claims;
        let mut json = Vec::new();
        trace.write_json(&mut json).expect("memory can be written");
        prop_assert_eq!(&Trace::from_json(&json).expect("it is a trace"), &trace);
    }
}

#[test]
fn a_quantity_is_a_value_and_its_unit() {
    for (quantity, form) in [
        (Quantity::Time(Nanos(1_002_000_000)), json!({"value": 1_002_000_000, "unit": "ns"})),
        (Quantity::Count(u64::MAX), json!({"value": u64::MAX, "unit": "count"})),
        (Quantity::Factor(0.98), json!({"value": 0.98, "unit": "factor"})),
        (Quantity::Share(1.0), json!({"value": 1.0, "unit": "share"})),
        (Quantity::Bytes(1536.0), json!({"value": 1536.0, "unit": "bytes"})),
        (Quantity::from("thread::sleep"), json!({"text": "thread::sleep"})),
        (Quantity::Unknown, json!({"value": null})),
    ] {
        assert_eq!(serde_json::to_value(&quantity).expect("it is written"), form);
        assert_eq!(serde_json::from_value::<Quantity>(form).expect("it is read"), quantity);
    }
}

#[test]
fn what_is_no_quantity_is_refused_and_what_a_later_version_writes_is_unknown() {
    let read = |form: Value| serde_json::from_value::<Quantity>(form).ok();
    for wrong in [
        json!({"value": 0.5, "unit": "ns"}),
        json!({"value": -1, "unit": "count"}),
        json!({"value": "1", "unit": "count"}),
    ] {
        assert_eq!(read(wrong.clone()), None, "{wrong}");
    }
    for later in [json!({"value": 1, "unit": "joule"}), json!({"value": null, "unit": "ns"}), json!({"value": 1})] {
        assert_eq!(read(later.clone()), Some(Quantity::Unknown), "{later}");
    }
    let infinite = serde_json::to_value(Quantity::Factor(f64::INFINITY)).expect("it is written");
    assert_eq!(infinite, json!({"value": null}));
}

#[test]
fn a_claim_names_its_verdict_and_its_figures() {
    let claim = ClaimResult::new("it was short", Verdict::at_most(("wall", Nanos(3)), 1.5, ("nap", Nanos(2))));
    let figure = |name: &str, value: Value, unit: &str| json!({"name": name, "value": value, "unit": unit});
    let form = json!({
        "statement": "it was short",
        "verdict": "held",
        "evidence": {
            "template": "wall {value}, nap {base}; at most {factor} ×",
            "figures": [figure("value", 3.into(), "ns"), figure("base", 2.into(), "ns"), figure("factor", 1.5.into(), "factor")],
        },
    });
    assert_eq!(serde_json::to_value(&claim).expect("it is written"), form);
    assert_eq!(units::evidence(claim.verdict.evidence()), "wall 3 ns, nap 2 ns; at most 1.5 ×");
}

fn trace(scenes: Vec<SceneTrace>) -> Trace {
    let mut trace = Trace::new("made", Clock::Real, RunInputs { tasks: 2, delay: Nanos(100) });
    trace.scenes = scenes;
    trace
}

/// Two tasks, from 0 to 100 and from `second` to 100 later, each polled at its beginning and at its end.
fn two_tasks(name: &str, second: u64) -> SceneTrace {
    let mut events = vec![Event::Thread { thread: ThreadId(0), name: "main".to_owned(), process: None }];
    for (task, at) in [(0, 0), (1, second)] {
        let name = ["A", "B"][task as usize].into();
        let (task, thread, outcome) = (TaskId::new(task), ThreadId(0), Outcome::Done);
        let at = Nanos(at);
        events.extend([
            Event::Created { task, at, parent: None, kind: TaskKind::Future, name, site: None, code: None },
            Event::Poll { task, thread, start: at, end: at + Nanos(1) },
            Event::Wake { task, at: at + Nanos(98), by: None },
            Event::Poll { task, thread, start: at + Nanos(99), end: at + Nanos(100) },
            Event::End { task, at: at + Nanos(100), outcome, site: None },
        ]);
    }
    let mut builder = Builder::new();
    for event in events {
        builder.apply(event).expect("nothing contradicts");
    }
    let mut scene = builder.finish(Nanos(second + 100));
    scene.name = name.to_owned();
    scene
}

/// Leaks a text that was read at run time: a lesson is there until the program ends.
fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// A lesson whose every text and number might come from a file.
fn made_at_run_time(claims: Vec<Claim>) -> &'static Lesson {
    let scene = |name: &str| Scene {
        name: leaked(name),
        title: leaked(name),
        source: leaked("async def scene():\n    pass\n"),
        language: Language::Python,
        ..Scene::PLAIN
    };
    let choices = vec![Choice::right(leaked("yes")), Choice::wrong(leaked("no"), leaked("…"), leaked("…"))];
    Box::leak(Box::new(Lesson {
        name: leaked("made"),
        aliases: &[],
        summary: leaked("made at run time"),
        readme: leaked("# made: made at run time\n"),
        twin: "",
        scenes: vec![scene("in_turn"), scene("together")].leak(),
        question: Question {
            ask: leaked("?"),
            choices: choices.leak(),
            measured: Reply::Function(|_| "It did.".into()),
        },
        claims: claims.leak(),
        takes: Takes { tasks: Some(2), delay: Some(Duration::from_nanos(100)), lines: false },
        calibrates: false,
    }))
}

#[test]
fn a_lesson_that_is_made_at_run_time_can_claim() {
    let measure = |scene: &str, metric| Measure::of(leaked(scene), metric);
    let other = |scene: &str, metric| Operand::Measure(measure(scene, metric));
    let relations = [
        ("the sum", Relation::at_least(measure("in_turn", Metric::Wall), 0.98, Operand::Delays)),
        ("faster", Relation::at_most(measure("together", Metric::Wall), 0.6, other("in_turn", Metric::Wall))),
        ("overlap", Relation::at_least(measure("together", Metric::Overlap), 1.5, other("in_turn", Metric::Overlap))),
        (
            "polls",
            Relation::at_most(
                measure("together", Metric::Polls).lane(leaked("B")),
                1.0,
                other("in_turn", Metric::Threads),
            ),
        ),
        ("one thread", Relation::at_most(measure("together", Metric::Threads), 1.0, other("in_turn", Metric::Threads))),
        ("a lane", Relation::at_most(measure("together", Metric::Wall).lane(leaked("C")), 1.0, Operand::Delay)),
        ("no sense", Relation::at_most(measure("together", Metric::Polls), 1.0, Operand::Delay)),
        ("no scene", Relation::at_most(measure("elsewhere", Metric::Stall), 1.0, Operand::Delay)),
    ];
    let claims = relations.map(|(statement, relation)| Claim::relation(leaked(statement), relation));
    let lesson = made_at_run_time(claims.into());
    let mut trace = trace(vec![two_tasks("in_turn", 100), two_tasks("together", 0)]);
    trace.scenes[0].figures.push(Figure::new("forged", 7));
    lesson.conclude(&mut trace);
    assert_eq!(trace.scenes[0].figures, [], "its lesson has no such figure");
    let verdicts: Vec<String> = trace
        .claims
        .iter()
        .map(|claim| {
            let word = match claim.verdict {
                Verdict::Held(_) => "held",
                Verdict::Failed(_) => "failed",
                Verdict::Skipped(_) => "skipped",
            };
            format!("{}: {word}: {}", claim.statement, units::evidence(claim.verdict.evidence()))
        })
        .collect();
    let expected = [
        "the sum: held: wall 200 ns, all delays 200 ns; at least 0.98 ×",
        "faster: held: wall of “together” 100 ns, wall of “in_turn” 200 ns; at most 0.6 ×",
        "overlap: held: overlap of “together” 2, overlap of “in_turn” 1; at least 1.5 ×",
        "polls: failed: polls of B of “together” 2, threads of “in_turn” 1; at most 1 ×",
        "one thread: held: threads of “together” 1, threads of “in_turn” 1; at most 1 ×",
        "a lane: failed: “” has no lane C",
        "no sense: failed: 4 and 100 ns cannot be compared",
        "no scene: skipped: a scene that it is about did not run to its end",
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn each_metric_of_a_scene_and_of_a_lane() {
    let trace = trace(vec![two_tasks("in_turn", 100)]);
    let value = |measure: Measure| {
        let verdict = Relation::at_least(measure, 0.0, Operand::Measure(measure)).verdict(&trace);
        verdict.evidence().figures[0].quantity.clone()
    };
    for (metric, of_scene, of_lane) in [
        (Metric::Wall, Quantity::Time(Nanos(200)), Quantity::Time(Nanos(100))),
        (Metric::Longest, Quantity::Time(Nanos(100)), Quantity::Time(Nanos(100))),
        (Metric::Sum, Quantity::Time(Nanos(200)), Quantity::Time(Nanos(100))),
        (Metric::Overlap, Quantity::Factor(1.0), Quantity::Factor(0.5)),
        (Metric::Stall, Quantity::Time(Nanos(1)), Quantity::Time(Nanos(1))),
        (Metric::Busy, Quantity::Time(Nanos(4)), Quantity::Time(Nanos(2))),
        (Metric::Polls, Quantity::Count(4), Quantity::Count(2)),
        (Metric::Threads, Quantity::Count(1), Quantity::Count(1)),
        (Metric::Held, Quantity::Time(Nanos(1)), Quantity::Time(Nanos(1))),
        (Metric::Lanes, Quantity::Count(2), Quantity::Count(1)),
        (Metric::Peak, Quantity::Count(1), Quantity::Count(1)),
    ] {
        let measure = Measure::of("in_turn", metric);
        assert_eq!((value(measure), value(measure.lane("B"))), (of_scene, of_lane), "{metric:?}");
    }
}

#[test]
fn outcomes_orders_and_figures_are_compared_with_what_was_written() {
    let scene = |name: &'static str, metric| Measure::of(name, metric);
    let equal = |measure, other| Relation::new(measure, Bound::Equal, 1.0, other);
    let mut done = two_tasks("done", 50);
    done.figures.push(Figure::new("lines", 3));
    let mut failed = two_tasks("failed", 50);
    failed.outcome = Outcome::Panicked { message: "no".to_owned() };
    failed.tasks[1].outcome = Outcome::Cancelled;
    let mut stopped = two_tasks("stopped", 50);
    stopped.outcome = Outcome::Interrupted;
    let trace = trace(vec![done, failed, stopped]);
    let said = |relation: Relation| {
        let verdict = relation.verdict(&trace);
        let word = match verdict {
            Verdict::Held(_) => "held",
            Verdict::Failed(_) => "failed",
            Verdict::Skipped(_) => "skipped",
        };
        format!("{word}: {}", units::evidence(verdict.evidence()))
    };
    for (relation, expected) in [
        (equal(scene("done", Metric::Ends), Operand::Names("A,B")), "held: order of ends A, B; must be A, B"),
        (equal(scene("done", Metric::Ends), Operand::Names("B, A")), "failed: order of ends A, B; must be B, A"),
        (equal(scene("done", Metric::Outcome), Operand::Outcome(Ending::Done)), "held: outcome done; must be done"),
        (
            equal(scene("failed", Metric::Outcome), Operand::Outcome(Ending::Done)),
            "failed: outcome failed; must be done",
        ),
        (
            equal(scene("failed", Metric::Outcome).lane("B"), Operand::Outcome(Ending::Cancelled)),
            "held: outcome of B cancelled; must be cancelled",
        ),
        (equal(scene("done", Metric::Figure("lines")), Operand::Number(3.0)), "held: lines 3; must be 3"),
        (equal(scene("done", Metric::Figure("words")), Operand::Number(3.0)), "failed: “” tells no figure “words”"),
        (
            Relation::new(scene("done", Metric::Wall), Bound::Below, 1.0, Operand::Time(Nanos(150))),
            "failed: wall 150 ns; less than 150 ns",
        ),
        (
            Relation::new(scene("done", Metric::Lanes), Bound::Above, 1.0, Operand::Tasks),
            "failed: lanes 2, tasks asked for 2; more than 1 ×",
        ),
    ] {
        assert_eq!(said(relation), expected);
    }
    for metric in [Metric::Outcome, Metric::Wall] {
        let skipped = said(equal(scene("stopped", metric), Operand::Outcome(Ending::Done)));
        assert_eq!(skipped, "skipped: a scene that it is about did not run to its end");
    }
    let failed = said(equal(scene("failed", Metric::Wall), Operand::Time(Nanos(150))));
    assert_eq!(failed, "skipped: a scene that it is about did not run to its end");
}
