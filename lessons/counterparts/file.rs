//! Reads a file over and over with `std::fs::read`, then with `tokio::fs::read`.

use std::time::{Duration, Instant};
use std::{fs, thread};

use asyncguide::{Inputs, Observe};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::sleep;

pub async fn scene(inputs: Inputs) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(&file, vec![0; 1 << 20]).expect("room for a megabyte");
    let (delay, path) = (inputs.delay, file.path().to_owned());
    let calls = async move {
        let end = Instant::now() + delay;
        let std = async { while fs::read(&path).is_ok() && Instant::now() < end {} };
        std.observe("std").await;
        sleep(delay / 4).await;
        let end = Instant::now() + delay;
        let tokio = async { while tokio::fs::read(&path).await.is_ok() && Instant::now() < end {} };
        tokio.observe("tokio").await;
    };
    beside_a_ticker(delay / 25, calls).await;
}

/// Runs `calls` beside a ticker. A thread sends the beats, so they come on time even while the loop is blocked.
async fn beside_a_ticker(beat: Duration, calls: impl Future<Output = ()> + Send + 'static) {
    let (calls, (metronome, mut beats)) = (tokio::spawn(calls), unbounded_channel());
    thread::spawn(move || {
        while !calls.is_finished() && metronome.send(()).is_ok() {
            thread::sleep(beat);
        }
    });
    let ticker = async { while beats.recv().await.is_some() {} };
    ticker.observe("ticker").await;
}
