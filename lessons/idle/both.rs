//! Starts up to 2,000 tasks, then as many threads.

use std::{io, thread, time::Duration};

use asyncguide::{Inputs, Observe, observe_thread};
use tokio::{task::JoinSet, time::sleep};

pub async fn scene(inputs: Inputs) {
    let (mut tasks, mut threads) = (JoinSet::new(), Vec::new());
    for name in inputs.names().take(2_000) {
        tasks.spawn(sleep(inputs.delay).observe(format!("task {name}")));
    }
    // The tasks start when this task waits.
    sleep(inputs.delay / 4).await;
    for name in inputs.names().take(2_000) {
        threads.extend(start(format!("thread {name}"), inputs.delay));
    }
    tasks.join_all().await;
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

fn start(name: String, delay: Duration) -> io::Result<thread::JoinHandle<()>> {
    let nap = observe_thread(name, move || thread::sleep(delay));
    thread::Builder::new().spawn(nap)
}
