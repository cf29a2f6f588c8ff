//! Aborts a task in the middle of a sleep.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let handle = tokio::spawn(work(2 * inputs.delay).observe("work"));
    sleep(inputs.delay).observe("before").await;
    info!("aborts the task");
    handle.abort();
    // `abort` only asks the task to end. Awaiting the handle waits until it has ended.
    let _ = handle.observe("after").await;
}

async fn work(time: Duration) {
    sleep(time).await;
    info!("has finished");
}
