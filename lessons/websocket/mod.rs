//! `websocket`: connections that stay. Shows that on a pool each connection takes a thread and shuts others out, that
//! on the loop each takes some memory and hardly anything else, and what a thousand of them take.

mod app;
mod by_hand;
mod chat;
mod client;
mod figures;
mod mostly_idle;
mod on_the_loop;
mod on_the_pool;
mod system;

use std::time::Duration;

use asyncguide::lesson::{
    Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check, check_lanes, unless_too_short,
};
use asyncguide::trace::Quantity::{Bytes, Share, Time};
use asyncguide::trace::{Evidence, Nanos, SceneTrace, Task, Trace};
use asyncguide::{scene, source_file};

/// The lanes of the clients. Those of their sockets show what the server does.
const CLIENTS: &[&str] = &["client 1", "client 2", "client 3", "client 4", "fifth"];

pub const LESSON: Lesson = Lesson {
    name: "websocket",
    aliases: &["websockets", "ws", "stateful", "connections", "chat"],
    summary: "connections that stay",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(on_the_pool, "Pool of 4")
            .helpers(CLIENTS)
            .to_see("“socket 1” to “socket 4” hold their threads; “socket 5” begins only when “client 1” has left.")
            .lasting(stays)
            .on_the_real_clock(SOCKETS)
            .beside(&[source_file!("app.rs"), source_file!("client.rs")]),
        scene!(on_the_loop, "The loop")
            .helpers(CLIENTS)
            .to_see(
                "The lanes “fifth” and “socket 5” are short and near the left: no open connection holds the thread.",
            )
            .lasting(stays)
            .on_the_real_clock(SOCKETS),
        scene!(mostly_idle, "Many idle")
            .to_see("The lanes of the sockets wait nearly all the time: an idle connection holds no thread.")
            // Most systems have no descriptors for more than 30,000 connections.
            .lasting(|tasks, delay| delay + Duration::from_micros(300) * tasks.min(30_000) as u32)
            .on_the_real_clock(SOCKETS)
            .with_figures(figures::row)
            .beside(&[source_file!("system.rs")]),
        scene!(by_hand, "By hand").served().on_the_real_clock(SOCKETS).beside(&[source_file!("chat.rs")]),
    ],
    question: Question {
        ask: "Many clients keep a WebSocket open, and hardly ever send anything. What does each of them cost a server \
              that runs on one loop?",
        choices: &[
            Choice::right("a few kilobytes of memory, and hardly anything else"),
            Choice::wrong(
                "a thread, which has to be there when the client sends something",
                "an open connection keeps a thread busy",
                "in “The loop” four connections stay open while a fifth one is served, and “threads” in the table says 1",
            ),
            Choice::wrong(
                "processor time: the loop checks again and again whether the client has sent something",
                "waiting means checking again and again",
                "“processor” in the last table is almost 0: the loop sleeps until the system wakes it",
            ),
            Choice::wrong(
                "time: a client that sends something waits until the loop has checked all the others",
                "the loop goes through its connections one by one",
                "“echo, many” in the last table is about as long as “echo, few”: only a connection with something to read \
                 is polled",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("on the pool, the fifth client was answered only after the first had left", pool_makes_wait),
        Claim::function("on the pool, the fifth client waited about as long as the first stayed", wait_is_a_stay),
        Claim::function("on the loop, the fifth client was answered at once", loop_answers),
        Claim::function("all idle connections together took less than 1 % of a processor", idle_is_idle)
            .only_in_rust(RECORDER),
        Claim::function("an echo beside many idle connections took at most 3 × as long as beside few", echo)
            .only_in_rust(RECORDER),
    ],
    takes: Takes { tasks: Some(1_000), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

const RECORDER: &str = "Python's recorder takes more time than idle connections do";
const SOCKETS: &str = "messages take real time from socket to socket, which a virtual clock cannot shorten";

/// Returns how long a scene lasts: the first of the four clients stays for one delay, the others for one and a half.
fn stays(_tasks: usize, delay: Duration) -> Duration {
    delay.saturating_mul(3) / 2
}

fn measured(trace: &Trace) -> Evidence {
    let Some(figures) = trace.scene("mostly_idle").map(figures::Figures::of) else {
        return "They did not run.".into();
    };
    match (figures.each, figures.processor) {
        (Some(each), Some(share)) => {
            let sentence = "Each of the idle WebSockets ({idle}) took {each} of memory; all of them together took \
                            {processor} of a processor.";
            Evidence::new(sentence).with("idle", figures.idle).with("each", Bytes(each)).with("processor", Share(share))
        }
        _ => {
            let sentence = Evidence::new("This system does not say what the idle WebSockets ({idle}) took.");
            sentence.with("idle", figures.idle)
        }
    }
}

/// The lane of the first of the four clients, which leaves first.
const FIRST: &str = "client 1";
/// The lane of the fifth client, which sends a request when the four are connected.
const FIFTH: &str = "fifth";

fn pool_makes_wait(trace: &Trace) -> Verdict {
    check_fifth(trace, "on_the_pool", |scene, fifth, first| {
        let (answered, left) = (answered(scene, fifth)?, said(scene, first, "leaves")?);
        let evidence = Evidence::new("the first left after {left}, the fifth was answered after {answered}")
            .with("answered", Time(answered))
            .with("left", Time(left));
        Some(Verdict::of(answered > left, evidence))
    })
}

fn wait_is_a_stay(trace: &Trace) -> Verdict {
    check_fifth(trace, "on_the_pool", |scene, fifth, first| {
        let waited = answered(scene, fifth)? - said(scene, fifth, "asks")?;
        let stayed = said(scene, first, "leaves")? - said(scene, first, "is connected")?;
        let evidence = Evidence::new(
            "the fifth waited {waited}, the first stayed {stayed}, for a delay of {delay}; at most a quarter apart",
        )
        .with("waited", Time(waited))
        .with("stayed", Time(stayed))
        .with("delay", Time(trace.inputs.delay));
        let about = |value: Nanos, base: Nanos| 4 * value.abs_diff(base) <= base;
        let verdict = Verdict::of(about(waited, stayed) && about(stayed, trace.inputs.delay), evidence);
        Some(unless_too_short(trace, SHORTEST, verdict))
    })
}

fn loop_answers(trace: &Trace) -> Verdict {
    check_fifth(trace, "on_the_loop", |scene, fifth, _| {
        let waited = answered(scene, fifth)? - said(scene, fifth, "asks")?;
        Some(unless_too_short(
            trace,
            SHORTEST,
            Verdict::at_most(("answered after", waited), 0.25, ("a client stays", trace.inputs.delay)),
        ))
    })
}

fn idle_is_idle(trace: &Trace) -> Verdict {
    check_figures(trace, |figures| {
        let share = figures.processor?;
        let evidence = Evidence::new("processor {processor}, idle connections {idle}{limit}")
            .with("processor", Share(share))
            .with("idle", figures.idle)
            .with("limit", figures.limit.clone());
        Some(unless_too_short(trace, SHORTEST, Verdict::of(share < 0.01, evidence)))
    })
}

fn echo(trace: &Trace) -> Verdict {
    check_figures(trace, |figures| {
        let (few, many) = (figures.beside_few.as_ref()?, figures.beside_many.as_ref()?);
        let verdict = match Verdict::at_most(("beside many", many.median), 3.0, ("beside few", few.median)) {
            Verdict::Failed(evidence) if many.quick < 3 * few.quick => {
                let quick = "the quickest tenth took {quick} beside many, {quick_beside_few} beside few: the machine was \
                             busy";
                let evidence = evidence.but(quick).with("quick", Time(many.quick));
                Verdict::Skipped(evidence.with("quick_beside_few", Time(few.quick)))
            }
            verdict => verdict,
        };
        let beside = |evidence: Evidence| {
            let evidence = evidence.append("; idle connections {idle}{limit}");
            evidence.with("idle", figures.idle).with("limit", figures.limit.clone())
        };
        Some(match verdict {
            Verdict::Held(evidence) => Verdict::Held(beside(evidence)),
            Verdict::Failed(evidence) => Verdict::Failed(beside(evidence)),
            skipped => skipped,
        })
    })
}

/// Checks something about the fifth client and the first of the four.
fn check_fifth(
    trace: &Trace,
    scene: &str,
    check_it: impl FnOnce(&SceneTrace, &Task, &Task) -> Option<Verdict>,
) -> Verdict {
    check(trace, [scene], |[scene]| {
        check_lanes(scene, [FIFTH, FIRST], |[fifth, first]| {
            check_it(scene, fifth, first).unwrap_or_else(|| Verdict::Failed("a client was not served".into()))
        })
    })
}

fn check_figures(trace: &Trace, check_it: impl FnOnce(&figures::Figures) -> Option<Verdict>) -> Verdict {
    check(trace, ["mostly_idle"], |[scene]| match figures::Figures::of(scene) {
        figures if figures.idle == 0 => Verdict::Skipped(
            Evidence::new("the system had no room for idle connections{limit}").with("limit", figures.limit),
        ),
        figures => check_it(&figures)
            .unwrap_or_else(|| Verdict::Skipped("this system does not say it, or no echo came back".into())),
    })
}

/// Returns when `task` got an answer with status 200, or `None` if it got none.
fn answered(scene: &SceneTrace, task: &Task) -> Option<Nanos> {
    said(scene, task, "is answered: HTTP/1.1 200")
}

/// Returns the time of the first mark of `task` that starts with `start`.
fn said(scene: &SceneTrace, task: &Task, start: &str) -> Option<Nanos> {
    figures::marks(scene, task).find(|mark| mark.text.starts_with(start)).map(|mark| mark.at)
}

/// The shortest delay whose failures count. Handshakes and other work of the machine take too large a part of a
/// shorter one.
const SHORTEST: Nanos = Nanos::from_millis(200);
