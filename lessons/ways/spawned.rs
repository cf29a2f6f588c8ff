//! Spawns each job as a task, which begins by itself. Awaits the handles later, one after the other.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let a = tokio::spawn(job(3 * inputs.delay).observe("A"));
    let b = tokio::spawn(job(2 * inputs.delay).observe("B"));
    sleep(inputs.delay).observe("tea").await;
    let _ = a.observe("1st result").await;
    let _ = b.observe("2nd result").await;
}

async fn job(time: Duration) {
    info!("begins");
    sleep(time).await;
    info!("is done");
}
