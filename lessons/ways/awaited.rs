//! Plain code waits in `block_on`, which holds its thread. The async code inside awaits one job after the other.

use std::time::Duration;

use asyncguide::{Inputs, Observe, observe_call};
use tokio::{runtime::Handle, task::spawn_blocking, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let runtime = Handle::current();
    let plain_code = move || {
        runtime.block_on(async {
            let a = job(3 * inputs.delay).observe("A");
            let b = job(2 * inputs.delay).observe("B");
            sleep(inputs.delay).observe("tea").await;
            a.await;
            b.await;
        })
    };
    // It needs another thread: block_on panics on a thread that runs tasks.
    let _ = spawn_blocking(|| observe_call("block_on", plain_code)).await;
}

async fn job(time: Duration) {
    info!("begins");
    sleep(time).await;
    info!("is done");
}
