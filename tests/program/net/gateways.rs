//! The lesson `gateway` by hand, and its twin's ASGI application under uvicorn: for the same client, both tell the same
//! sequence of events.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;

use asyncguide::trace::Trace;
use tokio_tungstenite::tungstenite::{Message, client};

use crate::program::{PATIENCE, Ran, asyncguide, command, end, lines, run, skip, spawn};

/// What an application is to have told of a request and of a WebSocket that sent one text and closed.
const EVENTS: [&str; 8] = [
    "receive http.request",
    "send http.response.start",
    "send http.response.body",
    "receive websocket.connect",
    "send websocket.accept",
    "receive websocket.receive",
    "send websocket.send",
    "receive websocket.disconnect",
];

/// Asks once, over a connection of its own; then opens a WebSocket, has a text sent back, and closes.
fn ask_and_talk(server: &str) {
    let connect = || {
        let stream = TcpStream::connect(server).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it can wait");
        stream
    };
    let (mut stream, mut answer) = (connect(), String::new());
    write!(stream, "GET /somebody HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\r\n").expect("it is read");
    stream.read_to_string(&mut answer).expect("it is answered");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("/somebody is here.\n"), "{answer}");

    let (mut socket, _) = client(format!("ws://{server}/"), connect()).expect("it is accepted");
    socket.send(Message::text("hello")).expect("it is read");
    assert_eq!(socket.read().expect("it is answered"), Message::text("hello"));
    socket.close(None).expect("it is told");
    while socket.read().is_ok() {}
}

/// What follows `mark` in the next line that has it, up to a blank; other lines go into `seen`.
fn next_after(lines: &Receiver<String>, mark: &str, seen: &mut Vec<String>) -> String {
    loop {
        let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {mark} in {seen:#?}"));
        if let Some((_, rest)) = line.split_once(mark) {
            return rest.split([' ', '/']).next().unwrap_or_default().to_owned();
        }
        seen.push(line);
    }
}

/// A server, which is not left behind by a test that fails.
struct Server(Option<Child>);

impl Server {
    fn start(program: impl AsRef<Path>, arguments: &[&str]) -> (Self, Receiver<String>) {
        let mut child = spawn(&mut command(program, arguments));
        let said = lines(child.stderr.take().expect("it is a pipe"));
        (Server(Some(child)), said)
    }

    /// Presses Ctrl-C.
    fn stop(mut self) -> Ran {
        let child = self.0.take().expect("it is stopped once");
        assert_eq!(run(command("kill", &["-INT", &child.id().to_string()])).code, 0);
        end(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
        }
    }
}

fn in_the_lesson() -> Vec<String> {
    let (server, said) = Server::start(asyncguide(), &["lesson", "gateway", "--serve", "--format", "json"]);
    ask_and_talk(&next_after(&said, "http://", &mut Vec::new()));
    let ran = server.stop();
    assert_eq!(ran.code, 130, "{ran:?}");
    let trace = Trace::from_json(ran.out.as_bytes()).expect("it is a trace");
    let [scene] = &trace.scenes[..] else { panic!("one scene was served: {trace:?}") };
    scene.marks.iter().map(|mark| mark.text.clone()).collect()
}

fn under_uvicorn(python: &Path) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons/gateway");
    let uvicorn = ["-B", "-m", "uvicorn", "twin:app", "--port", "0", "--app-dir", folder];
    let ((server, said), mut seen) = (Server::start(python, &uvicorn), Vec::new());
    ask_and_talk(&next_after(&said, "running on http://", &mut seen));
    // A server that is stopped forgets whom it was about to tell something.
    let last = EVENTS[EVENTS.len() - 1];
    next_after(&said, last, &mut seen);
    server.stop();
    let text = seen.iter().filter_map(|line| line.strip_prefix("INFO:")).map(str::trim_start);
    let events = text.filter(|text| text.starts_with("receive ") || text.starts_with("send "));
    events.chain([last]).map(str::to_owned).collect()
}

#[test]
fn the_lesson_tells_every_event() {
    assert_eq!(in_the_lesson(), EVENTS);
}

#[test]
fn the_twins_application_runs_under_uvicorn_and_tells_the_same_events() {
    let python = std::env::var_os("ASYNCGUIDE_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let python = Path::new(&python);
    let imports = |names: &str| {
        let ran = Command::new(python).args(["-c", &format!("import {names}")]).output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    if !(imports("uvicorn, websockets") || imports("uvicorn, wsproto")) {
        return skip(&format!("{} has no uvicorn with websockets or wsproto", python.display()));
    }
    assert_eq!(under_uvicorn(python), in_the_lesson());
}
