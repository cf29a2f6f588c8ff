//! Two tasks block two of four workers. The other two run the tickers.

use std::{thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::{sync::watch, task::JoinSet};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let beats = metronome(inputs.delay / 50);
    let mut tasks = JoinSet::new();
    for name in inputs.names() {
        tasks.spawn(tick(beats.clone()).observe(name));
    }
    for name in ["blocker 1", "blocker 2"] {
        tasks.spawn(block(inputs.delay).observe(name));
    }
    tasks.join_all().await;
}

async fn block(time: Duration) {
    thread::sleep(time);
}

async fn tick(mut beats: watch::Receiver<()>) {
    while beats.changed().await.is_ok() {
        info!("ticks");
    }
}

fn metronome(beat: Duration) -> watch::Receiver<()> {
    let (sender, beats) = watch::channel(());
    thread::spawn(move || {
        for _ in 0..75 {
            thread::sleep(beat);
            sender.send_replace(());
        }
    });
    beats
}
