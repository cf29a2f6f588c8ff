//! What is found in a recording: each kind in one that has it, and nothing in its twin.

use asyncguide::finding::{Limit, by_name, findings};
use asyncguide::trace::Nanos;

use crate::support::asyncio_scene;

fn found(lines: &[&str]) -> Vec<String> {
    findings(&asyncio_scene(lines)).into_iter().map(|finding| finding.statement).collect()
}

const MAIN: [&str; 2] = [
    r#"{"event":"created","task":0,"at":0,"kind":"future","name":"main()"}"#,
    r#"{"event":"spawned","task":0,"at":0}"#,
];
const TICKER: [&str; 3] = [
    r#"{"event":"created","task":1,"at":0,"kind":"future","name":"ticker(1)","parent":0}"#,
    r#"{"event":"spawned","task":1,"at":0}"#,
    r#"{"event":"poll","task":1,"thread":0,"start":1ms,"end":2ms}"#,
];

#[test]
fn a_step_that_held_the_loop_and_who_was_late() {
    let lines = |length: u64| {
        let poll = format!(r#"{{"event":"poll","task":0,"thread":0,"start":10ms,"end":{}ms}}"#, 10 + length);
        let stands = format!(r#"{{"event":"stands","task":0,"at":{}ms,"site":1}}"#, 10 + length);
        let late =
            format!(r#"{{"event":"poll","task":1,"thread":0,"start":{}ms,"end":{}ms}}"#, 10 + length, 11 + length);
        let rest = [
            r#"{"event":"stands","task":0,"at":1ms,"site":0}"#.to_owned(),
            r#"{"event":"wake","task":0,"at":10ms}"#.to_owned(),
            r#"{"event":"wake","task":1,"at":12ms}"#.to_owned(),
        ];
        rest.into_iter().chain([poll, stands, late]).collect::<Vec<_>>()
    };
    let held = |length| {
        let own = lines(length);
        let own = own.iter().map(String::as_str);
        let first = r#"{"event":"poll","task":0,"thread":0,"start":0,"end":1ms}"#;
        found(&MAIN.into_iter().chain(TICKER).chain([first]).chain(own).collect::<Vec<_>>())
    };
    assert_eq!(
        held(200),
        [
            "main() held the loop for 200.0 ms, after the await at app.py:3, before the one at app.py:9. Meanwhile 1 other \
          task could not run, for up to 198.0 ms."
        ]
    );
    assert_eq!(held(4), [""; 0]);
}

#[test]
fn of_nested_polls_the_innermost_held_the_loop() {
    let inner = [
        r#"{"event":"created","task":1,"at":0,"kind":"future","name":"fetch('a')","parent":0,"code":0}"#,
        r#"{"event":"poll","task":1,"thread":0,"start":10ms,"end":110ms}"#,
        r#"{"event":"poll","task":0,"thread":0,"start":10ms,"end":110ms}"#,
    ];
    let lines = MAIN.into_iter().chain(inner).collect::<Vec<_>>();
    assert_eq!(found(&lines), ["fetch() held the loop for 100.0 ms, in the function at app.py:3."]);
    let usage = |computed: u64| {
        format!(r#"{{"event":"usage","task":1,"start":10ms,"computed":{computed}ms,"preempted":{}ms}}"#, 100 - computed)
    };
    let used = |computed: u64| found(&lines.iter().copied().chain([usage(computed).as_str()]).collect::<Vec<_>>());
    assert_eq!(used(30).len(), 1);
    assert_eq!(used(3), [""; 0], "other programs had the core for most of it");
}

/// Two awaits of `second_at` and `ms` each within main.
fn two_waits(second_at: u64, name: &str) -> Vec<String> {
    let mut lines: Vec<String> = MAIN.map(str::to_owned).into();
    for (task, at, name) in [(1, 0, "fetch('a')"), (2, second_at, name)] {
        lines.push(format!(
            r#"{{"event":"created","task":{task},"at":{at}ms,"kind":"future","name":"{name}","parent":0,"code":0}}"#
        ));
        let (from, to) = (at + 300, at + 301);
        lines.push(format!(
            r#"{{"event":"poll","task":{task},"thread":0,"start":{at}ms,"end":{}}}"#,
            at * 1_000_000 + 1_000
        ));
        lines.push(format!(r#"{{"event":"wake","task":{task},"at":{from}ms}}"#));
        lines.push(format!(r#"{{"event":"poll","task":{task},"thread":0,"start":{from}ms,"end":{to}ms}}"#));
        lines.push(format!(r#"{{"event":"end","task":{task},"at":{to}ms,"outcome":"done"}}"#));
    }
    lines
}

#[test]
fn waits_in_turn_but_not_at_the_same_time_or_of_different_functions() {
    let found = |second_at, name| {
        let lines = two_waits(second_at, name);
        self::found(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(
        found(302, "fetch('b')"),
        ["main() awaited 2 of fetch() one after the other (fetch() is at app.py:3): 602.0 ms in all. If none of them \
          needs what the one before gave, together they would take about 301.0 ms."]
    );
    let mut interrupted = two_waits(304, "fetch('b')");
    interrupted.push(r#"{"event":"poll","task":0,"thread":0,"start":300ms,"end":302ms}"#.to_owned());
    interrupted.push(r#"{"event":"poll","task":0,"thread":0,"start":303ms,"end":305ms}"#.to_owned());
    let interrupted = self::found(&interrupted.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(interrupted, [""; 0], "main() awaited something else in between");
    let twice: Vec<String> =
        two_waits(302, "fetch('b')").iter().map(|line| line.replace("main()", "worker(1)")).collect();
    let other_tasks = twice.iter().map(|line| {
        let line = line.replace("\"task\":2", "\"task\":5").replace("\"task\":1", "\"task\":4");
        line.replace("\"task\":0", "\"task\":3").replace("\"parent\":0", "\"parent\":3")
    });
    let both: Vec<String> = twice.iter().cloned().chain(other_tasks).collect();
    assert_eq!(
        self::found(&both.iter().map(String::as_str).collect::<Vec<_>>()),
        [
            "worker() awaited 2 times 2 of fetch() one after the other (fetch() is at app.py:3): 602.0 ms each time. If none of \
          them needs what the one before gave, together they would take about 301.0 ms."
        ]
    );
    for other in [found(1, "fetch('b')"), found(400, "fetch('b')"), found(302, "store('b')")] {
        assert_eq!(other, [""; 0]);
    }
}

#[test]
fn a_lock_that_several_tasks_wait_for() {
    let standing = |awaits: &str, second_until: u64| {
        let stands =
            |task: u64, awaits: &str| format!(r#"{{"event":"stands","task":{task},"at":2ms,"site":0{awaits}}}"#);
        let poll = |task: u64, at: u64| {
            format!(r#"{{"event":"poll","task":{task},"thread":0,"start":{at}ms,"end":{}ms}}"#, at + 1)
        };
        let word = format!(r#","awaits":"{awaits}""#);
        let more = [stands(0, &word), stands(1, ""), poll(0, 40), poll(1, second_until), poll(0, 1)];
        found(&MAIN.into_iter().chain(TICKER).chain(more.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let line = "fetch() waited 2 times for a lock at app.py:3: 96.00 ms in all, up to 2 tasks at once.";
    assert_eq!(standing("Lock.acquire", 60), [line]);
    assert_eq!(standing("sleep", 60), [""; 0]);
    assert_eq!(standing("Lock.acquire", 10), [""; 0], "46 milliseconds are little");
}

#[test]
fn a_queue_that_keeps_growing() {
    let told = |items: u64, looks: u64, fewest: u64| {
        let mark = |at: u64, items: u64, looks: u64, fewest: u64| {
            format!(
                r#"{{"event":"mark","at":{at}ms,"task":null,"thread":0,"file":"app.py","line":9,"text":"","fields":{{"queue":3,"queue_items":{items},"queue_looks":{looks},"queue_fewest":{fewest}}}}}"#
            )
        };
        let marks = [mark(10, 80, 2, 0), mark(50, items, looks, fewest)];
        found(&MAIN.into_iter().chain(marks.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    assert_eq!(
        told(1_200, 10, 0),
        [
            "A queue without a limit, made at app.py:9, grew until 1,200 items waited in it, after 50.00 ms: at none of the \
          last 10 looks there were fewer than before. With a maxsize, those who put items in wait for those who take them \
          out."
        ]
    );
    assert_eq!(told(99, 10, 0), [""; 0], "a short queue");
    assert_eq!(told(1_200, 7, 0), [""; 0], "it was seen too seldom");
    assert_eq!(told(1_200, 10, 900), [""; 0], "it was that long before");
}

#[test]
fn calls_that_waited_for_a_thread() {
    let call = |first_until: u64, thread: u64| {
        let lines = [
            r#"{"event":"created","task":0,"at":0,"kind":"call","name":"read()"}"#.to_owned(),
            r#"{"event":"created","task":1,"at":0,"kind":"call","name":"read()"}"#.to_owned(),
            format!(r#"{{"event":"poll","task":0,"thread":1,"start":1ms,"end":{first_until}ms}}"#),
            format!(r#"{{"event":"poll","task":1,"thread":{thread},"start":{first_until}ms,"end":60ms}}"#),
        ];
        found(&lines.each_ref().map(String::as_str))
    };
    assert_eq!(call(50, 1), ["1 call waited for a free thread of a pool, for 50.00 ms at most and 50.00 ms in all."]);
    assert_eq!(call(5, 1), [""; 0]);
    assert_eq!(call(50, 0), [""; 0], "the thread was new");
}

#[test]
fn what_failed_but_not_what_was_cancelled() {
    let ended = |outcome: &str| {
        let end = format!(r#"{{"event":"end","task":0,"at":50ms,"outcome":{outcome}}}"#);
        let polls = [
            r#"{"event":"poll","task":0,"thread":0,"start":0,"end":1ms}"#,
            r#"{"event":"stands","task":0,"at":1ms,"site":0}"#,
            r#"{"event":"poll","task":0,"thread":0,"start":50ms,"end":50ms}"#,
        ];
        found(&MAIN.into_iter().chain(polls).chain([end.as_str()]).collect::<Vec<_>>())
    };
    assert_eq!(ended(r#"{"panicked":{"message":"ValueError: no"}}"#), ["main() failed after app.py:3: ValueError: no"]);
    let nested = [
        r#"{"event":"created","task":1,"at":0,"kind":"future","name":"inner()","parent":0}"#,
        r#"{"event":"poll","task":1,"thread":0,"start":0,"end":1ms}"#,
        r#"{"event":"end","task":1,"at":50ms,"outcome":{"panicked":{"message":"no"}}}"#,
        r#"{"event":"end","task":0,"at":50ms,"outcome":{"panicked":{"message":"no"}}}"#,
    ];
    let lines = MAIN.into_iter().chain(nested).collect::<Vec<_>>();
    assert_eq!(found(&lines), ["main() failed: no"], "an exception that passes through is one");
    let limit: Limit = "failed > 1".parse().expect("it is a limit");
    assert_eq!(limit.exceeded_in(&[asyncio_scene(&lines)]).count(), 0);
    for sound in [r#""cancelled""#, r#""done""#] {
        assert_eq!(ended(sound), [""; 0], "{sound}");
    }
}

#[test]
fn where_an_exception_was_raised_and_who_caught_it() {
    let scene = |outer: &str| {
        let lines = [
            r#"{"event":"created","task":1,"at":0,"kind":"future","name":"fetch('a')","parent":0}"#.to_owned(),
            r#"{"event":"created","task":2,"at":0,"kind":"future","name":"read()","parent":1}"#.to_owned(),
            r#"{"event":"poll","task":2,"thread":0,"start":0,"end":1ms}"#.to_owned(),
            r#"{"event":"stands","task":2,"at":1ms,"site":0}"#.to_owned(),
            r#"{"event":"end","task":2,"at":50ms,"outcome":{"panicked":{"message":"no"}},"site":1}"#.to_owned(),
            r#"{"event":"end","task":1,"at":50ms,"outcome":{"panicked":{"message":"no"}},"site":1}"#.to_owned(),
            format!(r#"{{"event":"end","task":0,"at":60ms,"outcome":{outer}}}"#),
        ];
        asyncio_scene(&MAIN.into_iter().chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let told = |scene| findings(&scene).into_iter().map(|finding| finding.statement).collect::<Vec<_>>();
    let limit: Limit = "failed > 0".parse().expect("it is a limit");
    let caught = scene(r#""done""#);
    assert_eq!(
        limit.exceeded_in(std::slice::from_ref(&caught)).count(),
        0,
        "what is caught is no failure of the program's"
    );
    assert_eq!(told(caught), ["fetch() failed at app.py:9, and main() caught it: no"]);
    let passed_on = scene(r#"{"panicked":{"message":"no"}},"site":1"#);
    assert_eq!(limit.exceeded_in(std::slice::from_ref(&passed_on)).count(), 1);
    assert_eq!(told(passed_on), ["main() failed at app.py:9: no"]);
}

#[test]
fn tasks_that_main_did_not_wait_for() {
    let found = |woken: u64, ended: u64, outcome: &str| {
        let lines = [
            r#"{"event":"end","task":0,"at":500ms,"outcome":"done"}"#.to_owned(),
            format!(r#"{{"event":"wake","task":1,"at":{woken}ms}}"#),
            format!(r#"{{"event":"poll","task":1,"thread":0,"start":{ended}ms,"end":{ended}ms}}"#),
            format!(r#"{{"event":"end","task":1,"at":{ended}ms,"outcome":"{outcome}"}}"#),
        ];
        self::found(&MAIN.into_iter().chain(TICKER).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let lost = "ticker() was cancelled because main() ended while it was still under way.";
    assert_eq!(found(501, 501, "cancelled"), [lost]);
    assert_eq!(found(400, 400, "cancelled"), [""; 0], "main() cancelled it");
    assert_eq!(found(499, 501, "cancelled"), [""; 0], "main() cancelled it at its end");
    assert_eq!(found(400, 400, "done"), [""; 0]);
}

#[test]
fn one_worker_that_does_everything() {
    let found = |shares: [u64; 3]| {
        let mut lines = Vec::new();
        for (task, polls) in shares.into_iter().enumerate() {
            lines
                .push(format!(r#"{{"event":"created","task":{task},"at":0,"kind":"future","name":"worker({task})"}}"#));
            lines.push(format!(r#"{{"event":"spawned","task":{task},"at":0}}"#));
            for poll in 0..polls {
                let (start, end) = (10 * poll + 3 * task as u64, 10 * poll + 3 * task as u64 + 1);
                lines.push(format!(r#"{{"event":"poll","task":{task},"thread":0,"start":{start}ms,"end":{end}ms}}"#));
                lines.push(format!(r#"{{"event":"stands","task":{task},"at":{end}ms,"site":0}}"#));
            }
        }
        self::found(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(found([30, 1, 1]), ["One of 3 worker() ran 30 of their 32 steps. The others waited at app.py:3."]);
    assert_eq!(found([10, 12, 10]), [""; 0]);
    assert_eq!(found([8, 1, 1]), [""; 0], "ten steps are few");
}

#[test]
fn tasks_of_one_function_share_a_row() {
    let lines = two_waits(302, "fetch('b')");
    let scene = asyncio_scene(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let groups = by_name(&scene);
    let fetch = groups.iter().find(|group| group.name == "fetch()").expect("it has a row");
    assert_eq!((fetch.lanes, fetch.not_done, fetch.polls), (2, 0, 4));
    assert_eq!((fetch.longest_poll, fetch.ready(0.5)), (Nanos::from_millis(1), Nanos::ZERO));
    assert_eq!(groups.iter().map(|group| group.lanes).sum::<usize>(), scene.lane_count());
}

#[test]
fn tasks_that_were_destroyed_while_they_waited() {
    let found = |last_poll: u64, outcome: &str| {
        let lines = [
            format!(r#"{{"event":"poll","task":1,"thread":0,"start":{last_poll}ms,"end":{last_poll}ms}}"#),
            format!(r#"{{"event":"end","task":1,"at":40ms,"outcome":"{outcome}"}}"#),
            r#"{"event":"end","task":0,"at":500ms,"outcome":"done"}"#.to_owned(),
        ];
        self::found(&MAIN.into_iter().chain(TICKER).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    assert_eq!(
        found(20, "cancelled"),
        [
            "ticker() was destroyed while it waited, because nothing referred to it any more. Keep what create_task() returns \
          until the task is done."
        ]
    );
    assert_eq!(found(40, "cancelled"), [""; 0], "it was cancelled in a poll");
    assert_eq!(found(20, "done"), [""; 0]);
}
