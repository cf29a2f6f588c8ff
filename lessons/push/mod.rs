//! `push`: the server speaks first. Shows that a client that polls gets news half an interval late on average and makes
//! some requests for nothing, and that over an open connection news comes at once, in each of three ways.

mod app;
mod client;
mod day;
mod events;
mod news;
mod page;
mod polling;
mod promises;
mod served;
mod websocket;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Scene, Takes, Verdict, check};
use asyncguide::trace::Quantity::{Time, Unknown};
use asyncguide::trace::{Evidence, Figure, Mark, Nanos, SceneTrace, Trace};
use asyncguide::{scene, source_file};

pub const LESSON: Lesson = Lesson {
    name: "push",
    aliases: &["polling", "sse", "eventsource", "server-sent-events", "notifications"],
    summary: "the server speaks first",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        a_day(scene!(polling, "Polling"))
            .to_see("Each lane named “news” lasts from the making of a piece until the clients ask for news again.")
            .beside(&[
                source_file!("client.rs"),
                source_file!("day.rs"),
                source_file!("news.rs"),
                source_file!("app.rs"),
            ]),
        a_day(scene!(websocket, "WebSocket"))
            .to_see("Each lane named “news” ends almost where it begins: the server sends a piece when it is made."),
        a_day(scene!(events, "Server-sent events"))
            .to_see("Again each lane named “news” is short: the server adds each piece to an answer that stays open."),
        a_day(scene!(promises, "HTTP/2 push")).to_see(
            "Again each lane named “news” is short: each piece answers a request that the client has not made.",
        ),
        scene!(served, "By hand").on_the_real_clock(SOCKETS).beside(&[source_file!("page.rs")]).served(),
    ],
    question: Question {
        ask: "Clients ask a server every {delay} whether there is news, and a request is answered at once. How late does \
              news reach them on average? And how late if the server sends it without being asked?",
        choices: &[
            Choice::wrong(
                "hardly late in both cases: each request is answered at once",
                "a quick answer is a quick delivery",
                "in “Polling” the lane of each piece of news is as long as it waits for the next request",
            ),
            Choice::right("half of {delay} if they ask, hardly late if the server sends it"),
            Choice::wrong(
                "half of {delay} in both cases: instead of the clients, the server looks every {delay}",
                "behind every push something polls",
                "in “WebSocket” the lane of each piece of news ends almost where it begins, whenever it was made",
            ),
            Choice::wrong(
                "{delay} if they ask, half of it if the server sends it: one way instead of two",
                "sending the messages takes most of the time",
                "“mean delay” of “WebSocket” in the last table is almost 0: sending a message takes hardly any time",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("polled news was about half an interval late, on average", half_an_interval),
        Claim::function("pushed news was at most a twentieth as late as polled news, on average", pushed_at_once),
        Claim::function("some of the polls brought no news", some_were_wasted),
        Claim::function("with a push, each client sent one request, and none was wasted", none_were_wasted),
    ],
    takes: Takes { tasks: Some(3), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

/// The scenes in which the server pushes the news.
const PUSHED: [&str; 3] = ["websocket", "events", "promises"];
const SOCKETS: &str = "its clients and its server use sockets, whose real time a virtual clock cannot shorten";

/// Adds what the scenes with clients have in common: each makes the same news, and each client gets all of it.
const fn a_day(scene: Scene) -> Scene {
    scene
        .with_figures(figures)
        .lasting(|_, delay| delay.saturating_mul(3))
        .on_the_real_clock(SOCKETS)
        .with_at_most(100, "more clients would wait for each other, since they share a thread with the server")
}

fn figures(scene: &SceneTrace) -> Vec<Figure> {
    let (delays, requests) = (delays(scene), requests(scene));
    vec![
        Figure::new("mean delay", delays.first().map_or(Unknown, |_| Time(mean(&delays)))),
        Figure::new("worst delay", delays.iter().copied().max().map_or(Unknown, Time)),
        Figure::new("requests", requests.len()),
        Figure::new("wasted", wasted(&requests)),
    ]
}

fn measured(trace: &Trace) -> Evidence {
    let of = |name| trace.scene(name).map(|scene| Time(mean(&delays(scene))));
    match (of("polling"), of("websocket")) {
        (Some(polled), Some(pushed)) => {
            let sentence = "With a request every {interval}, the news was {polled} late on average; over a WebSocket, it \
                            was {pushed} late.";
            Evidence::new(sentence)
                .with("interval", Time(trace.inputs.delay))
                .with("polled", polled)
                .with("pushed", pushed)
        }
        _ => "They did not run.".into(),
    }
}

fn half_an_interval(trace: &Trace) -> Verdict {
    check_news(trace, ["polling"], |[scene]| {
        let (mean, interval) = (mean(&delays(scene)), trace.inputs.delay);
        let evidence = Evidence::new("mean delay {mean}; between 0.25 and 0.75 × {interval}")
            .with("mean", Time(mean))
            .with("interval", Time(interval));
        Verdict::of((interval..=3 * interval).contains(&(4 * mean)), evidence)
    })
}

fn pushed_at_once(trace: &Trace) -> Verdict {
    check_news(trace, ["polling"], |[polling]| {
        let bound = mean(&delays(polling)) / 20;
        check_news(trace, PUSHED, |scenes| {
            let means = scenes.map(|scene| mean(&delays(scene)));
            let [websocket, events, promises] = means.map(Time);
            let evidence = Evidence::new("WebSocket {websocket}, events {events}, HTTP/2 {promises}; at most {bound}")
                .with("websocket", websocket)
                .with("events", events)
                .with("promises", promises)
                .with("bound", Time(bound));
            match scenes.into_iter().zip(means).find(|(_, mean)| *mean > bound) {
                None => Verdict::Held(evidence),
                Some((late, _)) => unless_the_machine_was_busy(late, bound, evidence),
            }
        })
    })
}

/// Returns a failure, or skips the claim if a quarter of the deliveries were in time all the same.
///
/// On a busy machine, some of the news is late although the server sent it at once. A server that does not send it at
/// once is late with every piece.
fn unless_the_machine_was_busy(scene: &SceneTrace, bound: Nanos, evidence: Evidence) -> Verdict {
    let mut delays = delays(scene);
    delays.sort_unstable();
    let quarter = delays.get(delays.len() / 4).copied().unwrap_or(Nanos::MAX);
    if quarter <= bound {
        let busy = "a quarter of the news in “{scene}” took at most {quarter}: the machine was busy";
        let evidence = evidence.but(busy).with("quarter", Time(quarter));
        return Verdict::Skipped(evidence.with("scene", scene.title.clone()));
    }
    Verdict::Failed(evidence.append("; late in “{scene}”").with("scene", scene.title.clone()))
}

fn some_were_wasted(trace: &Trace) -> Verdict {
    check_news(trace, ["polling"], |[scene]| {
        let requests = requests(scene);
        let evidence = Evidence::new("wasted {wasted}, requests {requests}")
            .with("wasted", wasted(&requests))
            .with("requests", requests.len());
        Verdict::of(wasted(&requests) > 0, evidence)
    })
}

fn none_were_wasted(trace: &Trace) -> Verdict {
    check_news(trace, PUSHED, |scenes| {
        let requests = scenes.map(requests);
        let once = requests.iter().all(|requests| requests.len() == trace.inputs.tasks && wasted(requests) == 0);
        let [websocket, events, promises] = &requests;
        let of_each = "wasted: WebSocket {websocket_wasted} of {websocket}, events {events_wasted} of {events}, HTTP/2 \
                       {promises_wasted} of {promises}";
        let evidence = Evidence::new(of_each)
            .with("websocket_wasted", wasted(websocket))
            .with("websocket", websocket.len())
            .with("events_wasted", wasted(events))
            .with("events", events.len())
            .with("promises_wasted", wasted(promises))
            .with("promises", promises.len());
        Verdict::of(once, evidence)
    })
}

/// The shortest delay whose failures count. With a shorter one, the figures measure the requests themselves.
const SHORTEST_DELAY: Nanos = Nanos::from_millis(200);
/// The shortest delay for each client whose failures count: all clients share a thread with their server.
const EACH: Nanos = Nanos::from_millis(20);

/// Checks something about scenes in which every client had all the news. Fails if a client had not.
///
/// Skips recordings made before marks had fields, because they do not say which news was made.
fn check_news<const N: usize>(
    trace: &Trace,
    scenes: [&str; N],
    check_it: impl FnOnce([&SceneTrace; N]) -> Verdict,
) -> Verdict {
    let verdict = check(trace, scenes, |scenes| {
        if scenes.iter().any(|scene| scene.marks.iter().all(|mark| piece(mark).is_none())) {
            return Verdict::Skipped("the recording does not say which news was made when".into());
        }
        let missing = |scene: &&SceneTrace| {
            let (had, wanted) = (delays(scene).len(), made(scene).count().saturating_mul(trace.inputs.tasks));
            let evidence = Evidence::new("{had} of {wanted} deliveries in “{scene}”")
                .with("had", had)
                .with("wanted", wanted)
                .with("scene", scene.title.clone());
            (had != wanted || wanted == 0).then_some(evidence)
        };
        match scenes.iter().find_map(missing) {
            Some(missing) => Verdict::Failed(missing),
            None => check_it(scenes),
        }
    });
    let (clients, delay) = (trace.inputs.tasks, trace.inputs.delay);
    match verdict {
        Verdict::Failed(evidence) if delay < SHORTEST_DELAY.max(EACH * clients as u64) => {
            let evidence = evidence.but("a delay of {delay} is too short for this number of clients: {clients}");
            Verdict::Skipped(evidence.with("delay", Time(delay)).with("clients", clients))
        }
        verdict => verdict,
    }
}

/// Returns the number of each piece of news, and when it was made.
fn made(scene: &SceneTrace) -> impl Iterator<Item = (u64, Nanos)> {
    news(scene, "made")
}

/// Returns the piece's number and the time of each mark about news that begins with `verb`.
fn news(scene: &SceneTrace, verb: &str) -> impl Iterator<Item = (u64, Nanos)> {
    let said = scene.marks.iter().filter(move |mark| mark.text.starts_with(verb));
    said.filter_map(|mark| Some((piece(mark)?, mark.at)))
}

/// Returns the number of the piece of news that a mark is about. The marks of the twin have no fields, and end with it.
fn piece(mark: &Mark) -> Option<u64> {
    mark.count("news").or_else(|| mark.text.split_once(" news ")?.1.parse().ok())
}

/// Returns the delay of each delivery: from when a piece of news was made to when a client had it.
fn delays(scene: &SceneTrace) -> Vec<Nanos> {
    let delay = |(number, had): (u64, Nanos)| {
        let (_, made) = made(scene).find(|(made, _)| *made == number)?;
        Some(had - made)
    };
    news(scene, "has").filter_map(delay).collect()
}

/// Returns how many pieces of news each request brought: those that its client has before it asks again.
fn requests(scene: &SceneTrace) -> Vec<usize> {
    let asks = |(at, mark): &(usize, &Mark)| (mark.text == "asks").then_some((*at, mark.task));
    let brought = |(at, client)| {
        let then = scene.marks[at + 1..].iter().filter(|mark| mark.task == client);
        then.take_while(|mark| mark.text != "asks").filter(|mark| piece(mark).is_some()).count()
    };
    scene.marks.iter().enumerate().filter_map(|mark| asks(&mark)).map(brought).collect()
}

fn wasted(requests: &[usize]) -> usize {
    requests.iter().filter(|brought| **brought == 0).count()
}

fn mean(delays: &[Nanos]) -> Nanos {
    delays.iter().copied().sum::<Nanos>() / (delays.len() as u64).max(1)
}
