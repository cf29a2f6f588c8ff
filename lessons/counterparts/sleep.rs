//! Sleeps with `std::thread::sleep`, then with `tokio::time::sleep`.

use std::{thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::sleep;

pub async fn scene(inputs: Inputs) {
    let delay = inputs.delay;
    let calls = async move {
        async { thread::sleep(delay) }.observe("std").await;
        sleep(delay / 4).await;
        async { sleep(delay).await }.observe("tokio").await;
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
