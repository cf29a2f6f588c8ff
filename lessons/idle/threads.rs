//! Starts threads that all sleep at the same time: at most 2,000, because systems limit their number.

use std::{fs, io, thread, time::Duration};

use asyncguide::{Inputs, observe_thread};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    say_memory("before");
    let mut threads = Vec::new();
    for name in inputs.names().take(2_000) {
        threads.extend(start(name, inputs.delay));
    }
    sleep(inputs.delay / 2).await;
    say_memory("all there");
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

fn start(name: String, delay: Duration) -> io::Result<thread::JoinHandle<()>> {
    let nap = observe_thread(name, move || thread::sleep(delay));
    thread::Builder::new().spawn(nap)
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
