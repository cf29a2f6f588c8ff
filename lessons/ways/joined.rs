//! Runs both jobs at the same time in one task. They begin at the `join!`.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{join, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let a = job(3 * inputs.delay).observe("A");
    let b = job(2 * inputs.delay).observe("B");
    sleep(inputs.delay).observe("tea").await;
    join!(a, b);
}

async fn job(time: Duration) {
    info!("begins");
    sleep(time).await;
    info!("is done");
}
