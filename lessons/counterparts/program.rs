//! Runs a slow program with `std::process`, then with `tokio::process`.

use std::{process, thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::{process::Command, sync::mpsc::unbounded_channel, time::sleep};

pub async fn scene(inputs: Inputs) {
    let delay = inputs.delay;
    let calls = async move {
        let seconds = delay.as_secs_f64().to_string();
        let mut std = process::Command::new("sleep");
        let _ = async { std.arg(&seconds).status() }.observe("std").await;
        sleep(delay / 4).await;
        let mut tokio = Command::new("sleep");
        let run = async { tokio.arg(&seconds).status().await };
        let _ = run.observe("tokio").await;
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
