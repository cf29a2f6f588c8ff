//! Sets two timeouts, each after half of the work: one on the work itself, the other on the handle of a task.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{join, time::sleep, time::timeout};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let time = inputs.delay;
    let future = work(2 * time).observe("future");
    let handle = tokio::spawn(work(2 * time).observe("task"));
    let (first, second) = (timeout(time, future), timeout(time, handle));
    let _ = async { join!(first, second) }.observe("before").await;
    info!("time is out for both");
    sleep(2 * time).observe("after").await;
}

async fn work(time: Duration) {
    sleep(time).await;
    info!("has finished");
}
