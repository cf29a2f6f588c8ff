//! Drops a future that was never spawned, in the middle of its work. The work ends there.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{select, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let mut future = Box::pin(work(2 * inputs.delay).observe("work"));
    select! {
        _ = sleep(inputs.delay).observe("before") => {}
        _ = &mut future => {}
    }
    info!("drops the future");
    drop(future);
    sleep(2 * inputs.delay).observe("after").await;
}

async fn work(time: Duration) {
    sleep(time).await;
    info!("has finished");
}
