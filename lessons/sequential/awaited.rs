//! Awaits each nap before the next one begins. While a nap sleeps, the thread is free.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    for name in inputs.names() {
        nap(inputs.delay).observe(name).await;
    }
}

async fn nap(delay: Duration) {
    info!("falls asleep");
    sleep(delay).await;
    info!("wakes up");
}
