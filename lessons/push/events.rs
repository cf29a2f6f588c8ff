//! Each client asks once. The answer stays open: each piece of news adds some lines to it, which are an event.

use std::sync::Arc;

use asyncguide::{Inputs, Observe};
use tokio::{join, task::JoinSet};
use tracing::info;

use super::client::Client;
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
    let mut client = Client::connect(day.address()).await;
    info!("asks");
    let (mut answer, mut last) = (client.get("/events?after=0").await, 0);
    while last < NEWS {
        let line = answer.next_line().await.expect("a line");
        if let Some(news) = line.strip_prefix("data: ") {
            last = day.has(news);
        }
    }
}
