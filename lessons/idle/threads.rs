//! The same with threads: no more than 2,000, since systems set a limit.

use std::{fs, io, thread, time::Duration};

use asyncguide::{Inputs, observe_thread};
use tokio::time::sleep;
use tracing::info;

pub async fn scene(inputs: Inputs) {
    info!("before: {}", memory());
    let mut threads = Vec::new();
    for name in inputs.names().take(2_000) {
        threads.extend(start(name, inputs.delay));
    }
    sleep(inputs.delay / 2).await;
    info!("all there: {}", memory());
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

fn start(name: String, delay: Duration) -> io::Result<thread::JoinHandle<()>> {
    let nap = observe_thread(name, move || thread::sleep(delay));
    thread::Builder::new().spawn(nap)
}

/// What this process holds, itself and in page tables; and the kernel's stacks, of which only the total is told.
fn memory() -> String {
    let files = ["/proc/self/smaps_rollup", "/proc/self/status", "/proc/meminfo"];
    let told: String = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let names = ["Rss:", "VmPTE:", "VmSize:", "KernelStack:"];
    let figures = told.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    figures.collect::<Vec<_>>().join(", ")
}
