//! Reads a small file many times with `std::fs::read`, in an async function.

use std::{fs, thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tempfile::NamedTempFile;
use tokio::sync::mpsc::unbounded_channel;

pub async fn scene(inputs: Inputs) {
    let file = NamedTempFile::new().expect("a file");
    fs::write(&file, [0; 4096]).expect("room for it");
    let path = file.path().to_owned();
    let reads = async move {
        for _ in 0..inputs.tasks {
            fs::read(&path).expect("the file");
        }
    };
    beside_a_ticker(reads).await;
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
