//! Spawns every nap before it awaits the first one.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let mut naps = JoinSet::new();
    for name in inputs.names() {
        naps.spawn(nap(inputs.delay).observe(name));
    }
    naps.join_all().await;
}

async fn nap(delay: Duration) {
    info!("falls asleep");
    sleep(delay).await;
    info!("wakes up");
}
