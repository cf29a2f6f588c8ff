//! Each client asks once, over HTTP/2. Each piece of news is the answer to a request that the client has not made.

use std::sync::Arc;

use asyncguide::{Inputs, Observe};
use h2::client::Builder;
use hyper::{Request, body::Bytes};
use tokio::{join, net::TcpStream, task::JoinSet};
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
    let (mut requests, connection) =
        Builder::new().enable_push(true).handshake::<_, Bytes>(stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::get(format!("http://{}/pushes?after=0", day.address())).body(());
    info!("asks");
    let (mut answer, _) = requests.send_request(request.expect("a request"), true).expect("it is sent");
    let mut promises = answer.push_promises();
    for _ in 0..NEWS {
        let promise = promises.push_promise().await.expect("a promise").expect("the line holds");
        let (_request, answer) = promise.into_parts();
        let news = answer.await.expect("it is kept").into_body().data().await;
        day.has(std::str::from_utf8(&news.expect("news").expect("whole")).expect("text"));
    }
}
