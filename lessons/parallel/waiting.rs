//! Joins two waits on one thread: waiting needs no thread at all.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{join, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let a = wait(inputs.delay).observe("A");
    let b = wait(inputs.delay).observe("B");
    join!(a, b);
}

async fn wait(delay: Duration) {
    sleep(delay).await;
    info!("has waited");
}
