//! As many tasks as asked for, all asleep at the same time, on one thread.

use std::fs;

use asyncguide::{Inputs, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    info!("before: {}", memory());
    let mut tasks = JoinSet::new();
    for name in inputs.names() {
        tasks.spawn(sleep(inputs.delay).observe(name));
    }
    sleep(inputs.delay / 2).await;
    info!("all there: {}", memory());
    tasks.join_all().await;
}

/// What this process holds, itself and in page tables; and the kernel's stacks, of which only the total is told.
fn memory() -> String {
    let files = ["/proc/self/smaps_rollup", "/proc/self/status", "/proc/meminfo"];
    let told: String = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let names = ["Rss:", "VmPTE:", "VmSize:", "KernelStack:"];
    let figures = told.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    figures.collect::<Vec<_>>().join(", ")
}
