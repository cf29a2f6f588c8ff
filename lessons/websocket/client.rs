//! The clients, which connect over real sockets.

use std::{io, net, net::SocketAddr, time::Duration};

use asyncguide::Observe;
use futures_util::{SinkExt, StreamExt};
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream, task::JoinSet, task::yield_now, time::sleep};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};
use tracing::info;

type Socket = WebSocketStream<TcpStream>;

/// Runs four clients that hold a WebSocket each: the first for one `delay`, the others for one and a half. When all
/// four are connected, a fifth client sends a request.
pub async fn four_and_a_fifth(server: SocketAddr, delay: Duration) {
    let mut people = JoinSet::new();
    for (name, time) in [("client 1", 2), ("client 2", 3), ("client 3", 3), ("client 4", 3)] {
        let socket = connect(server).await.expect("a server");
        people.spawn(stay(socket, delay * time / 2).observe(name));
    }
    let fifth = async move { ask(server).await.expect("an answer") };
    people.spawn(fifth.observe("fifth"));
    people.join_all().await;
}

/// Connects, and asks for the connection to become a WebSocket.
pub async fn connect(server: SocketAddr) -> tungstenite::Result<Socket> {
    let stream = TcpStream::connect(server).await?;
    let (socket, _) = client_async(format!("ws://{server}/"), stream).await?;
    Ok(socket)
}

async fn stay(mut socket: Socket, time: Duration) {
    info!("is connected");
    sleep(time).await;
    info!("leaves");
    let _ = socket.close(None).await;
    // Waits until the server has closed its end as well.
    while let Some(Ok(_)) = socket.next().await {}
}

/// Sends a plain request, and waits for its answer.
async fn ask(server: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    info!("asks");
    let request = format!("GET / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    info!("is answered: {}", answer.lines().next().unwrap_or_default());
    Ok(())
}

/// Opens WebSockets until there are `many`, or until one cannot be opened. The client's ends take hardly any memory
/// beside the server's: each is a plain socket that no task waits for.
pub async fn idle(sockets: &mut Vec<net::TcpStream>, many: usize, server: SocketAddr) {
    while sockets.len() < many
        && let Ok(socket) = connect_bare(server).await
    {
        sockets.push(socket);
    }
}

/// Closes one socket after the other, so that the server does not have to end all connections at the same moment.
pub async fn leave(sockets: Vec<net::TcpStream>) {
    for socket in sockets {
        drop(socket);
        yield_now().await;
    }
}

async fn connect_bare(server: SocketAddr) -> io::Result<net::TcpStream> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YXN5bmNndWlkZSBpcyBpdA==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.into_std()
}

/// Sends a hundred messages, each when the one before it has come back.
pub async fn talk(socket: &mut Socket) {
    for _ in 0..100 {
        info!("says hello");
        socket.send("hello".into()).await.expect("a server");
        socket.next().await.expect("an answer").expect("an echo");
        info!("hears it");
    }
}
