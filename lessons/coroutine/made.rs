//! Makes two futures. Awaits A after the tea, and never awaits B.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let a = job(inputs.delay).observe("A");
    let b = job(inputs.delay).observe("B");
    sleep(inputs.delay).observe("tea").await;
    a.await;
    drop(b);
}

async fn job(time: Duration) {
    info!("begins");
    sleep(time).await;
    info!("is done");
}
