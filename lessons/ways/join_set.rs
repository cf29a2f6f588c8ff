//! Spawns each job as a task of a set, which gives the results in the order in which the jobs end.

use std::time::Duration;

use asyncguide::{Inputs, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let mut jobs = JoinSet::new();
    jobs.spawn(job(3 * inputs.delay).observe("A"));
    jobs.spawn(job(2 * inputs.delay).observe("B"));
    sleep(inputs.delay).observe("tea").await;
    let _ = jobs.join_next().observe("1st result").await;
    let _ = jobs.join_next().observe("2nd result").await;
}

async fn job(time: Duration) {
    info!("begins");
    sleep(time).await;
    info!("is done");
}
