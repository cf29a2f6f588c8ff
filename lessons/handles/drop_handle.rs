//! Drops the handle in the middle of the work. The task goes on, because it belongs to the runtime.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let handle = tokio::spawn(work(2 * inputs.delay).observe("work"));
    sleep(inputs.delay).observe("before").await;
    info!("drops the handle");
    drop(handle);
    // The task cannot be awaited any more. It can run until main returns.
    sleep(2 * inputs.delay).observe("after").await;
}

async fn work(time: Duration) {
    sleep(time).await;
    info!("has finished");
}
