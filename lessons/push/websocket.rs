//! Each client opens a WebSocket. The news comes as messages.

use std::sync::Arc;

use asyncguide::{Inputs, Observe};
use futures_util::StreamExt;
use tokio::{join, net::TcpStream, task::JoinSet};
use tokio_tungstenite::client_async;
use tracing::info;

use super::day::{Day, NEWS};

pub async fn scene(inputs: Inputs) {
    let day = Day::begin(&inputs).await;
    let mut clients = JoinSet::new();
    for number in 1..=inputs.tasks {
        clients.spawn(listen(Arc::clone(&day)).observe(format!("client {number}")));
    }
    join!(day.serve_news(), clients.join_all());
}

async fn listen(day: Arc<Day>) {
    let stream = TcpStream::connect(day.address()).await.expect("a server");
    info!("asks");
    let address = format!("ws://{}/socket?after=0", day.address());
    let (mut socket, _) = client_async(address, stream).await.expect("a WebSocket");
    for _ in 0..NEWS {
        let message = socket.next().await.expect("a message").expect("the line holds");
        day.has(message.to_text().expect("text"));
    }
}
