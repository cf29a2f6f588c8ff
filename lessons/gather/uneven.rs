//! As in `together.rs`, but the last nap is three times as long as the others.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let mut naps = JoinSet::new();
    for (i, name) in inputs.names().enumerate() {
        let last = i + 1 == inputs.tasks;
        let delay = if last { 3 * inputs.delay } else { inputs.delay };
        naps.spawn(nap(delay).observe(name));
    }
    naps.join_all().await;
}

async fn nap(delay: Duration) {
    info!("falls asleep");
    sleep(delay).await;
    info!("wakes up");
}
