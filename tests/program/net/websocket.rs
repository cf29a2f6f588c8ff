//! `lesson websocket --serve`, and those who connect to it: this test, Python, and a browser.

use std::env;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::serving::Serving;
use crate::program::{PATIENCE, asyncguide, check, command, end, lines, run, skip, spawn};

type Socket = WebSocketStream<TcpStream>;

pub(crate) fn serve() -> Serving {
    Serving::start(command(asyncguide(), &["lesson", "websocket", "--serve", "-q"]))
}

/// The ones who connect need one as well.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("it can be built")
}

async fn connect(address: SocketAddr) -> Socket {
    let stream = TcpStream::connect(address).await.expect("a server");
    client_async(format!("ws://{address}/"), stream).await.expect("a handshake").0
}

/// The next thing that the server says.
async fn next(socket: &mut Socket) -> Message {
    let next = timeout(PATIENCE, socket.next()).await;
    next.expect("it does not hang").expect("it is not over").expect("it is well-formed")
}

/// Waits until the server says `line`.
async fn hear(socket: &mut Socket, line: &str) {
    while next(socket).await != Message::text(line) {}
}

#[test]
fn what_one_says_all_hear_and_ctrl_c_says_goodbye_to_everybody() {
    let served = serve();
    runtime().block_on(async {
        let mut first = connect(served.address).await;
        assert_eq!(next(&mut first).await, Message::text("you are client 1"));
        assert_eq!(next(&mut first).await, Message::text("client 1 is here; connected: 1"));
        let mut second = connect(served.address).await;
        hear(&mut first, "client 2 is here; connected: 2").await;
        second.send(Message::text("hello\nclient 1: I owe you a beer")).await.expect("it is there");
        for socket in [&mut first, &mut second] {
            hear(socket, "client 2: hello client 1: I owe you a beer").await;
        }
        let mut third = connect(served.address).await;
        hear(&mut first, "client 3 is here; connected: 3").await;
        third.close(None).await.expect("it is there");
        hear(&mut first, "client 3 is gone; connected: 2").await;

        let since = Instant::now();
        served.interrupt();
        for socket in [&mut first, &mut second] {
            let code = loop {
                match next(socket).await {
                    Message::Close(close) => break close.map(|close| u16::from(close.code)),
                    // Somebody has gone before.
                    told => check(&told, told.is_text(), "nothing else comes"),
                }
            };
            assert_eq!(code, Some(1001));
        }
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    });
    let ran = served.end();
    assert_eq!((ran.code, ran.err.as_str()), (130, ""));
    for lane in ["client 1", "client 2", "client 3"] {
        let drawn = ran.out.lines().any(|line| line.trim_start().starts_with(lane) && line.ends_with("done"));
        check(&ran, drawn, lane);
    }
}

#[test]
fn who_does_not_answer_does_not_hold_up_the_end() {
    let served = serve();
    runtime().block_on(async {
        let mut silent = connect(served.address).await;
        assert_eq!(next(&mut silent).await, Message::text("you are client 1"));
        let (since, address) = (Instant::now(), served.address);
        served.interrupt();
        let ran = served.end();
        assert_eq!(ran.code, 130, "{ran:?}");
        check(&ran, ran.out.contains("client 1"), "the timeline is drawn");
        // Two seconds to close, and some to draw on a busy machine.
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        assert!(TcpStream::connect(address).await.is_err(), "nobody is there any more");
    });
}

/// Connects with so little room for what comes that the server soon has to wait.
async fn connect_narrowly(address: SocketAddr) -> Socket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("it can be narrow");
    let stream = socket.connect(address).await.expect("a server");
    client_async(format!("ws://{address}/"), stream).await.expect("a handshake").0
}

/// Says something long again and again, each time once it has heard it.
async fn chatter(mut socket: Socket, name: String) {
    let said = "😀".repeat(500);
    let heard = format!("{name}: {said}");
    loop {
        socket.send(Message::text(&said)).await.expect("it is there");
        hear(&mut socket, &heard).await;
    }
}

#[test]
fn who_does_not_read_is_cut_off_and_the_others_do_not_notice() {
    let served = serve();
    runtime().block_on(async {
        let _silent = connect_narrowly(served.address).await;
        let mut listener = connect(served.address).await;
        hear(&mut listener, "client 2 is here; connected: 2").await;
        let mut chatters = JoinSet::new();
        for number in 3..7 {
            chatters.spawn(chatter(connect(served.address).await, format!("client {number}")));
        }
        let (mut longest, mut last) = (Duration::ZERO, Instant::now());
        loop {
            let told = next(&mut listener).await;
            (longest, last) = (longest.max(last.elapsed()), Instant::now());
            if told == Message::text("client 1 is gone; connected: 5") {
                break;
            }
        }
        // A server that waited for who is slow would do so for the five seconds that it gives them.
        assert!(longest < Duration::from_millis(2500), "{longest:?}");
    });
    served.interrupt();
    assert_eq!(served.end().code, 130);
}

#[test]
fn the_page_may_do_no_more_than_it_needs() {
    let served = serve();
    let answers = runtime().block_on(async {
        [ask(served.address, "/").await, ask(served.address, "/").await, ask(served.address, "/other").await]
    });
    let [page, again, other] = &answers;
    check(page, page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("<title>"), "it is a page");
    let policy = page.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).expect("a policy");
    check(policy, policy.starts_with("default-src 'none'; "), "nothing but what follows");
    check(policy, !policy.contains("unsafe") && !policy.contains('*'), "nothing wide");
    let nonce = policy.split("script-src 'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert_eq!(page.matches("nonce=").count(), page.matches(&format!("nonce=\"{nonce}\"")).count(), "{page}");
    check(again, !again.contains(nonce), "a nonce is used once");
    check(other, other.starts_with("HTTP/1.1 404 "), "there is nothing else");
    served.interrupt();
    assert_eq!(served.end().code, 130);
}

async fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

/// Says hello, hears it, and waits for the end.
const IN_PYTHON: &str = r#"
import asyncio, sys, websockets

async def main():
    async with websockets.connect(sys.argv[1]) as socket:
        await socket.send("hello from Python")
        try:
            async for line in socket:
                print(line, flush=True)
        except websockets.ConnectionClosed:
            pass
    print("closed", socket.close_code, flush=True)

asyncio.run(main())
"#;

#[test]
fn a_client_in_python_joins_in() {
    let python = env::var("ASYNCGUIDE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_websockets = Command::new(&python).args(["-c", "import websockets"]).output();
    if !has_websockets.is_ok_and(|ran| ran.status.success()) {
        return skip(&format!("{python} has no websockets, or there is no {python}"));
    }
    let served = serve();
    let url = format!("ws://{}/", served.address);
    let mut client = spawn(&mut command(&python, &["-c", IN_PYTHON, &url]));
    let out = lines(client.stdout.take().expect("it is a pipe"));
    crate::program::wait_for(&out, &mut client, |line| line == "client 1: hello from Python");
    served.interrupt();
    crate::program::wait_for(&out, &mut client, |line| line == "closed 1001");
    assert_eq!((end(client).code, served.end().code), (0, 130));
}

#[test]
fn only_who_serves_takes_a_port() {
    for (arguments, what) in [
        (&["lesson", "gather", "--serve"] as &[&str], "has no use for --serve"),
        (&["lesson", "websocket", "--port", "0"], "--serve"),
    ] {
        let ran = run(command(asyncguide(), arguments));
        check(&ran, ran.code == 2 && ran.err.contains(what), what);
    }
}
