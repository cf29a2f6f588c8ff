//! Each client asks once per delay whether there is any news.

use std::sync::Arc;
use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{join, task::JoinSet, time::interval};
use tracing::info;

use super::client::Client;
use super::day::{Day, NEWS};

pub async fn scene(inputs: Inputs) {
    let day = Day::begin(&inputs).await;
    let mut clients = JoinSet::new();
    for number in 1..=inputs.tasks {
        let client = ask_again_and_again(Arc::clone(&day), inputs.delay);
        clients.spawn(client.observe(format!("client {number}")));
    }
    join!(day.serve_news(), clients.join_all());
}

async fn ask_again_and_again(day: Arc<Day>, delay: Duration) {
    let mut client = Client::connect(day.address()).await;
    let (mut ticks, mut last) = (interval(delay), 0);
    while last < NEWS {
        ticks.tick().await;
        info!("asks");
        let mut answer = client.get(&format!("/news?after={last}")).await;
        while let Some(news) = answer.next_line().await {
            last = day.has(&news);
        }
    }
}
