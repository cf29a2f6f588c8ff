//! Awaits the handle, which waits until the task has ended and gives its return value.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let handle = tokio::spawn(work(2 * inputs.delay).observe("work"));
    sleep(inputs.delay).observe("before").await;
    if let Ok(answer) = handle.observe("after").await {
        info!(answer, "gets");
    }
}

async fn work(time: Duration) -> u32 {
    sleep(time).await;
    info!("has finished");
    42
}
