//! A task is aborted in the middle of a computation, on a thread of its own; an await follows later.

use std::time::{Duration, Instant};

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let handle = tokio::spawn(work(2 * inputs.delay).observe("work"));
    sleep(inputs.delay).observe("before").await;
    info!("aborts the task");
    handle.abort();
    // That only asks. Whoever also awaits it knows that it is gone.
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
