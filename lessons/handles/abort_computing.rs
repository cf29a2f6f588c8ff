//! Aborts a task while it computes on another thread. The task comes to an await only later.

use std::time::{Duration, Instant};

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
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
    info!("comes to an await");
    sleep(time).await;
    info!("has finished");
}
