//! The clients: each connects, asks once, and reads the whole answer.

use std::{error::Error, net::SocketAddr, sync::Arc};

use asyncguide::serve::Server;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle, task::JoinSet};
use tracing::warn;

/// Starts `clients` clients, which ask at the same time. Closes the server when all of them are done.
pub fn ask(server: &Arc<Server>, clients: usize) -> JoinHandle<()> {
    let (server, mut asking) = (Arc::clone(server), JoinSet::new());
    for _ in 0..clients {
        asking.spawn(get(server.address()));
    }
    tokio::spawn(async move {
        for error in asking.join_all().await.into_iter().filter_map(Result::err) {
            warn!("a client has no answer: {error}");
        }
        server.close();
    })
}

async fn get(server: SocketAddr) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(server).await.expect("a socket");
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/").header("host", server.to_string()).header("connection", "close");
    let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
    Ok(answer.into_body().collect().await?.to_bytes())
}
