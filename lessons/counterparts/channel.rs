//! Receives a late message from a channel of `std::sync::mpsc`, then from a channel of `tokio::sync::mpsc`.

use std::{sync, thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::sync::mpsc::{Sender, channel, unbounded_channel};
use tokio::time::sleep;

pub async fn scene(inputs: Inputs) {
    let (to_std, at_std) = sync::mpsc::channel();
    let (to_tokio, mut at_tokio) = channel(1);
    let delay = inputs.delay;
    thread::spawn(move || send_late(delay, to_std, to_tokio));
    let calls = async move {
        async move { at_std.recv() }.observe("std").await.expect("a message");
        sleep(delay / 4).await;
        at_tokio.recv().observe("tokio").await.expect("a message");
    };
    beside_a_ticker(delay / 25, calls).await;
}

fn send_late(delay: Duration, to_std: sync::mpsc::Sender<()>, to_tokio: Sender<()>) {
    thread::sleep(delay);
    let _ = to_std.send(());
    thread::sleep(delay * 5 / 4);
    let _ = to_tokio.blocking_send(());
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
