//! Measures the server's memory for an idle WebSocket, beside a bare connection to a server that does nothing else.
//!
//! `cargo bench --bench sockets` prints the table in `README.md` beside this file. Server and clients are separate
//! processes, so that the memory of the clients is not counted. The figure is the growth of the server's resident
//! memory; the kernel's own memory for a socket is not part of it. It works on Linux only.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use asyncguide::Observe;
use asyncguide::record::Recorder;
use asyncguide::serve::{Endpoint, EventReceiver, EventSender, ReceiveEvent, Scope, SendEvent, Server};
use asyncguide::trace::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::common::{figure, middle, this_program};

const ROUNDS: usize = 5;
const SOCKETS: usize = 5_000;
const RECORDED: &str = "websocket, recorded";
const KINDS: [&str; 3] = ["bare", "websocket", RECORDED];
/// The number of connections before the measurement, so that memory which a server takes only once is not counted.
const FEW: usize = 10;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve", "bare"] => run(serve_bare()),
        ["serve", what] => run(serve(what == RECORDED)),
        ["connect", what, address, count] => {
            connect_and_stay(what == "bare", address, count.parse().expect("a number"))
        }
        _ if !cfg!(target_os = "linux") => println!("this system does not tell what a process holds"),
        _ => sockets(),
    }
}

fn sockets() {
    let mut each = KINDS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (each, kind) in each.iter_mut().zip(KINDS) {
            each.push(bytes_each(kind));
        }
    }
    println!("{SOCKETS} idle connections: bytes of the server's resident memory for each\n");
    for (each, kind) in each.into_iter().zip(KINDS) {
        println!("{kind:30}{:>10.0}", middle(each));
    }
}

fn bytes_each(what: &str) -> f64 {
    let (server, address) = start(&["serve", what]);
    let held = || 1024.0 * figure(format!("/proc/{}/smaps_rollup", server.id()), "Rss:");
    let connect = |count: usize| start(&["connect", what, &address, &count.to_string()]).0;
    let few = connect(FEW);
    let before = held();
    let many = connect(SOCKETS);
    let after = held();
    [many, few, server].into_iter().for_each(end);
    (after - before) / SOCKETS as f64
}

/// Starts this program again with the highest limit of file descriptors. Returns it and the first line that it prints.
fn start(args: &[&str]) -> (Child, String) {
    let shell = ["-c", "ulimit -S -n \"$(ulimit -H -n)\"; exec \"$@\"", "sh", &this_program()];
    let mut command = Command::new("/bin/sh");
    command.args(shell).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it runs again");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("it prints a line");
    (child, line.trim().to_owned())
}

/// Closes the child's standard input, which ends it, and waits for that.
fn end(mut child: Child) {
    drop(child.stdin.take());
    let _ = child.wait();
}

fn stay() {
    let _ = std::io::stdin().read(&mut [0]);
}

fn run(work: impl Future<Output = ()>) {
    std::thread::spawn(|| {
        stay();
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work);
}

async fn serve_bare() {
    let mut connections = JoinSet::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("it has an address"));
    while let Ok((mut stream, _)) = listener.accept().await {
        connections.spawn(async move {
            // The client waits for this byte.
            let _ = stream.write_u8(b'\n').await;
            let _ = stream.read_u8().await;
        });
    }
}

async fn serve(recorded: bool) {
    let recorder = Recorder::new(Clock::Real);
    if recorded {
        recorder.attach();
        recorder.start();
    }
    let mut connections = JoinSet::new();
    let server = Server::open(&Endpoint::default()).await.expect("a port");
    println!("{}", server.address());
    while let Some(connection) = server.accept().await {
        // Without a recorder, the observed future only passes polls on.
        connections.spawn(connection.serve(echo).observe("a connection"));
    }
}

/// Sends each message back, as the lesson does.
async fn echo(scope: Scope, mut receiver: EventReceiver, sender: EventSender) {
    drop(scope);
    loop {
        let sent = match receiver.recv().await {
            ReceiveEvent::WebSocketConnect => sender.send(SendEvent::WebSocketAccept).await,
            ReceiveEvent::WebSocketReceive(message) => sender.send(SendEvent::WebSocketSend(message)).await,
            _ => return,
        };
        if sent.is_err() {
            return;
        }
    }
}

fn connect_and_stay(bare: bool, address: &str, count: usize) {
    let address: SocketAddr = address.parse().expect("an address");
    let sockets: Vec<TcpStream> = (0..count).map(|_| connect(bare, address)).collect();
    println!("{} are connected", sockets.len());
    stay();
}

fn connect(bare: bool, address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("there is a server");
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YXN5bmNndWlkZSBpcyBpdA==\r\n\r\n"
    );
    let answer_ends = if bare { "\n" } else { "\r\n\r\n" };
    if !bare {
        stream.write_all(request.as_bytes()).expect("the server reads");
    }
    let mut answer = Vec::new();
    while !answer.ends_with(answer_ends.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the server answers");
        answer.push(byte[0]);
    }
    stream
}
