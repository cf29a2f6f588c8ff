//! Starts many tasks, which all sleep at the same time, on one thread.

use std::fs;

use asyncguide::{Inputs, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    say_memory("before");
    let mut tasks = JoinSet::new();
    for name in inputs.names() {
        tasks.spawn(sleep(inputs.delay).observe(name));
    }
    sleep(inputs.delay / 2).await;
    say_memory("all there");
    tasks.join_all().await;
}

/// Logs the memory and the page tables of this process, and the kernel stacks of all: the system has only their sum.
fn say_memory(when: &str) {
    let files = ["/proc/self/smaps_rollup", "/proc/self/status", "/proc/meminfo"];
    let told: String = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let kilobytes = |name: &str| -> Option<u64> {
        let line = told.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    info!(
        resident_kb = kilobytes("Rss:"),
        page_tables_kb = kilobytes("VmPTE:"),
        reserved_kb = kilobytes("VmSize:"),
        kernel_stacks_kb = kilobytes("KernelStack:"),
        "{when}"
    );
}
