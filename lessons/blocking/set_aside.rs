//! Makes the same blocking call on a thread of the pool that the runtime keeps for such calls.

use std::{thread, time::Duration};

use asyncguide::{Inputs, Observe, observe_call};
use tokio::{sync::watch, task::JoinSet};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let beats = metronome(inputs.delay / 50);
    let mut tasks = JoinSet::new();
    for name in inputs.names() {
        tasks.spawn(tick(beats.clone()).observe(name));
    }
    tasks.spawn_blocking(move || observe_call("blocker", || block(inputs.delay)));
    tasks.join_all().await;
}

fn block(time: Duration) {
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
