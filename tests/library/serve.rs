//! The ASGI server over real sockets: the events that an application sees, and the clients that never reach it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use asyncguide::serve::{Endpoint, EventReceiver, EventSender, ReceiveEvent, Scope, SendEvent, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message as Frame, handshake::client::Request};
use tokio_tungstenite::{WebSocketStream, client_async};

/// The longest wait for anything that the server must do.
const PATIENCE: Duration = Duration::from_secs(30);

/// The names of the events of all connections, in the order of their arrival.
type Log = Arc<Mutex<Vec<String>>>;

/// Serves an application that echoes and keeps a log, for the rest of the test.
async fn serve() -> (Arc<Server>, SocketAddr, Log) {
    let server = Arc::new(Server::open(&Endpoint::default()).await.expect("a port"));
    let (log, accepting, address) = (Log::default(), Arc::clone(&server), server.address());
    let kept = Arc::clone(&log);
    tokio::spawn(async move {
        while let Some(connection) = accepting.accept().await {
            let log = Arc::clone(&kept);
            let app = move |scope, receiver, sender| echo(scope, receiver, sender, Arc::clone(&log));
            tokio::spawn(connection.serve(app));
        }
    });
    (server, address, log)
}

async fn echo(scope: Scope, mut receiver: EventReceiver, sender: EventSender, log: Log) {
    let note = |name: &str| log.lock().expect("no panic").push(name.to_owned());
    let say = async |event: SendEvent| {
        let name = event.name();
        if sender.send(event).await.is_ok() {
            note(name);
        }
    };
    loop {
        let event = receiver.recv().await;
        note(event.name());
        match event {
            ReceiveEvent::WebSocketConnect if scope.path == "/closed" => {
                say(SendEvent::WebSocketClose { code: 1000 }).await
            }
            ReceiveEvent::WebSocketConnect => say(SendEvent::WebSocketAccept).await,
            ReceiveEvent::WebSocketReceive(message) => say(SendEvent::WebSocketSend(message)).await,
            ReceiveEvent::HttpRequest { body, more_body } => {
                match scope.path.as_str() {
                    "/says-nothing" => return,
                    "/endless" => {
                        let _gone = NoteWhenDropped(Arc::clone(&log));
                        say(start(200)).await;
                        while sender.send(part(&[0; 32 * 1024], true)).await.is_ok() {}
                        return;
                    }
                    "/waits" => {
                        say(start(200)).await;
                        say(part(b"wait\n", true)).await;
                        continue;
                    }
                    "/pushes" => say(SendEvent::HttpResponsePush { path: "/pushed".to_owned() }).await,
                    _ => {}
                }
                assert!(!more_body || scope.path == "/upload");
                if !more_body {
                    say(start(201)).await;
                    say(part(scope.path.as_bytes(), true)).await;
                    return say(part(&body, false)).await;
                }
            }
            _ => return,
        }
    }
}

/// Logs `gone` when the application is dropped, even in the middle of its work.
struct NoteWhenDropped(Log);

impl Drop for NoteWhenDropped {
    fn drop(&mut self) {
        self.0.lock().expect("no panic").push("gone".to_owned());
    }
}

fn start(status: u16) -> SendEvent {
    SendEvent::HttpResponseStart { status, headers: vec![("content-type".to_owned(), "text/plain".to_owned())] }
}

fn part(body: &[u8], more_body: bool) -> SendEvent {
    SendEvent::HttpResponseBody { body: body.to_vec(), more_body }
}

/// Sends `request` and returns everything that comes back until the connection ends.
async fn answer(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends");
    // A client that is cut off while it still sends may get an error after the response.
    assert!(read.is_ok() || !answer.is_empty());
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str, host: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n")
}

async fn websocket(address: SocketAddr, path: &str) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let socket = client_async(format!("ws://{address}{path}"), stream).await;
    socket.map(|(socket, _)| socket)
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Frame> {
    timeout(PATIENCE, socket.next()).await.expect("something comes").and_then(Result::ok)
}

/// Returns the code of the server's close frame, or `None` if the connection ends without one.
async fn close_code(socket: &mut WebSocketStream<TcpStream>) -> Option<u16> {
    loop {
        if let Frame::Close(why) = next(socket).await? {
            return why.map(|why| why.code.into());
        }
    }
}

/// Waits until `log` holds `event`.
async fn wait_for(log: &Log, event: &str) {
    let seen = async {
        while !log.lock().expect("no panic").iter().any(|name| name == event) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("no {event} in {log:?}"));
}

#[tokio::test]
async fn requests_are_events_and_so_are_their_answers() {
    let (_server, address, log) = serve().await;
    let said = answer(address, &get("/a?b=c", &address.to_string(), "")).await;
    assert!(said.starts_with("HTTP/1.1 201 Created\r\ncontent-type: text/plain\r\n") && said.contains("/a"), "{said}");
    let events = ["http.request", "http.response.start", "http.response.body", "http.response.body"];
    assert_eq!(*log.lock().expect("no panic"), events);
    let said = answer(address, &get("/says-nothing", "localhost", "")).await;
    assert!(said.starts_with("HTTP/1.1 500 "), "{said}");
}

#[tokio::test]
async fn a_websocket_is_accepted_echoes_and_closes() {
    let (_server, address, log) = serve().await;
    let mut socket = websocket(address, "/").await.expect("it is accepted");
    for message in [Frame::text("text"), Frame::binary(vec![0, 255])] {
        socket.send(message.clone()).await.expect("it reads");
        assert_eq!(next(&mut socket).await, Some(message));
    }
    socket.close(None).await.expect("it reads");
    wait_for(&log, "websocket.disconnect").await;
    let (received, sent) = ("websocket.receive", "websocket.send");
    let events = ["websocket.connect", "websocket.accept", received, sent, received, sent, "websocket.disconnect"];
    assert_eq!(*log.lock().expect("no panic"), events);
    let Err(Error::Http(refused)) = websocket(address, "/closed").await else { panic!("it is not let in") };
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn what_is_not_quite_a_websocket_is_refused() {
    let (_server, address, _) = serve().await;
    let whole = "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    for (wrong, right, status) in [
        ("Version: 13", "Version: 12", "426"),
        ("Key: AAAA", "Key: AA", "400"),
        ("Connection: upgrade\r\n", "", "400"),
        ("", "", "101"),
    ] {
        let headers = whole.replace(if wrong.is_empty() { "\0" } else { wrong }, right);
        let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut said = [0; 12];
        stream.read_exact(&mut said).await.expect("it answers");
        assert_eq!(said[9..].to_vec(), status.as_bytes(), "{wrong}");
    }
}

#[tokio::test]
async fn s14_a_foreign_host_or_origin_gets_403() {
    let (_server, address, log) = serve().await;
    for (host, headers) in [("evil.example", ""), ("localhost", "Origin: http://evil.example\r\n")] {
        for upgrade in ["", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"] {
            let said = answer(address, &get("/", host, &format!("{headers}{upgrade}"))).await;
            assert!(said.starts_with("HTTP/1.1 403 "), "{said}");
        }
    }
    let said = answer(address, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 400 "), "no host at all: {said}");
    let (status, ..) = over_http2(address, "http://evil.example/", "").await;
    assert_eq!(status, 403);
    assert!(log.lock().expect("no panic").is_empty(), "the application was not asked");
    let own = format!("Origin: http://{address}\r\n");
    let said = answer(address, &get("/", &address.to_string(), &own)).await;
    assert!(said.starts_with("HTTP/1.1 201 "), "{said}");
}

#[tokio::test]
async fn s14_long_messages_are_refused() {
    let (_server, address, _) = serve().await;
    let mut socket = websocket(address, "/").await.expect("it is accepted");
    let longest = Frame::text("x".repeat(64 * 1024));
    socket.send(longest.clone()).await.expect("it reads");
    assert_eq!(next(&mut socket).await, Some(longest));
    let _ = socket.send(Frame::text("x".repeat(64 * 1024 + 1))).await;
    assert_eq!(close_code(&mut socket).await, Some(1009));
    let body = "x".repeat(64 * 1024 + 1);
    let request = format!(
        "POST /upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let said = answer(address, &request).await;
    assert!(said.starts_with("HTTP/1.1 413 "), "{said}");
    let (status, ..) = over_http2(address, "http://localhost/upload", &body).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn s14_whoever_begins_and_falls_silent_is_dropped_and_others_are_served() {
    let (_server, address, _) = serve().await;
    let begun = Instant::now();
    let upload = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf";
    let silent = ["", "PRI * HT", "GET / HTTP/1.1\r\nHost: local", upload, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    let silent = silent.map(|said| tokio::spawn(async move { silence(address, said).await }));
    let said = answer(address, &get("/others", "localhost", "")).await;
    assert!(said.contains("/others") && !silent.iter().any(|silent| silent.is_finished()));
    for (silent, status) in silent.into_iter().zip(["", "", "", "HTTP/1.1 408 ", ""]) {
        let said = timeout(PATIENCE, silent).await.expect("it is dropped").expect("no panic");
        assert!(said.starts_with(status) && (said.is_empty() || !status.is_empty() || !said.contains("201")), "{said}");
    }
    assert!(begun.elapsed() >= Duration::from_secs(4), "they had their time");
}

/// Sends `said` and nothing more, and returns everything that comes back until the connection ends.
async fn silence(address: SocketAddr, said: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(said.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn s14_a_reader_that_stops_reading_is_cut_off_and_others_do_not_notice() {
    let (_server, address, log) = serve().await;
    let mut slow = TcpStream::connect(address).await.expect("it listens");
    slow.write_all(get("/endless", "localhost", "").as_bytes()).await.expect("it reads");
    slow.read_exact(&mut [0; 100]).await.expect("it begins");
    let said = answer(address, &get("/others", "localhost", "")).await;
    assert!(said.contains("/others"));
    // The client reads nothing more, so the server drops the connection, and the application with it.
    wait_for(&log, "gone").await;
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, slow.read_to_end(&mut rest)).await.expect("it ends");
    assert!(read.is_err() || !rest.is_empty());
}

#[tokio::test]
async fn closing_ends_websockets_with_1001_and_streams_at_once() {
    let (server, address, log) = serve().await;
    let mut socket = websocket(address, "/").await.expect("it is accepted");
    let stream = tokio::spawn(async move { answer(address, &get("/waits", "localhost", "")).await });
    wait_for(&log, "http.response.body").await;
    server.close();
    assert_eq!(close_code(&mut socket).await, Some(1001));
    let said = timeout(PATIENCE, stream).await.expect("it ends").expect("no panic");
    assert!(said.contains("wait"), "{said}");
    wait_for(&log, "websocket.disconnect").await;
}

#[tokio::test]
async fn http2_answers_and_pushes_if_it_may() {
    let (_server, address, log) = serve().await;
    let (status, body, pushed) = over_http2(address, "http://localhost/pushes", "").await;
    assert_eq!((status, body.as_str(), pushed.as_str()), (201, "/pushes", "/pushed /pushed"));
    assert!(log.lock().expect("no panic").contains(&"http.response.push".to_owned()));
}

/// Requests `uri` over HTTP/2. Returns the status, the body, and the path and the body of each push.
async fn over_http2(address: SocketAddr, uri: &str, body: &str) -> (u16, String, String) {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (client, connection) = h2::client::handshake(stream).await.expect("it speaks HTTP/2");
    tokio::spawn(connection);
    let mut client = client.ready().await.expect("it is ready");
    let request = Request::builder().uri(uri).body(()).expect("a request");
    let (mut response, mut body_stream) = client.send_request(request, body.is_empty()).expect("it can be sent");
    let mut pushes = response.push_promises();
    if !body.is_empty() {
        body_stream.send_data(body.to_owned().into(), true).expect("it can be sent");
    }
    let response = timeout(PATIENCE, response).await.expect("it answers").expect("it is an answer");
    let status = response.status().as_u16();
    let body = all(response.into_body()).await;
    let mut pushed = String::new();
    while let Ok(Some(Ok(push))) = timeout(PATIENCE, pushes.push_promise()).await {
        let (request, response) = push.into_parts();
        let response = response.await.expect("it was promised");
        pushed += &format!("{} {}", request.uri().path(), all(response.into_body()).await);
    }
    (status, body, pushed)
}

async fn all(mut body: h2::RecvStream) -> String {
    let mut text = Vec::new();
    while let Some(Ok(part)) = body.data().await {
        let _ = body.flow_control().release_capacity(part.len());
        text.extend(part);
    }
    String::from_utf8_lossy(&text).into_owned()
}
