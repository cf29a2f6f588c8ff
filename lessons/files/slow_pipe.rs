//! Reads from a pipe that gets its bytes late. A thread of tokio's pool waits for them, as in all of `tokio::fs`.

use std::io::{Read, Write, pipe};
use std::{thread, time::Duration};

use asyncguide::{Inputs, Observe, observe_call};
use tokio::{sync::mpsc::unbounded_channel, task::spawn_blocking};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let (mut reader, mut writer) = pipe().expect("a pipe");
    thread::spawn(move || {
        thread::sleep(inputs.delay);
        let _ = writer.write_all(b"hello");
    });
    let read = move || reader.read(&mut [0; 64]);
    let read = spawn_blocking(|| observe_call("pool", read));
    beside_a_ticker(async { info!("reads {:?}", read.await) }).await;
}

/// Runs `reads` beside a ticker. A thread sends the beats, so they come on time even while the loop is blocked.
async fn beside_a_ticker(reads: impl Future<Output = ()> + Send + 'static) {
    let (metronome, mut beats) = unbounded_channel();
    let reads = tokio::spawn(reads.observe("reads"));
    thread::spawn(move || {
        while !reads.is_finished() && metronome.send(()).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    });
    let ticker = async { while beats.recv().await.is_some() {} };
    ticker.observe("ticker").await;
}
