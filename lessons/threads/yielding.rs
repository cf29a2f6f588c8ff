//! Runs the same two tasks, but the hog yields the thread to other tasks after each step.

use std::time::{Duration, Instant};
use std::{hint::black_box, thread};

use asyncguide::{Inputs, Observe};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let beats = metronome(inputs.delay / 50);
    let ticker = tokio::spawn(tick(beats).observe("ticker"));
    let hog = tokio::spawn(compute(inputs.delay).observe("hog"));
    let _ = tokio::join!(ticker, hog);
}

async fn tick(mut beats: UnboundedReceiver<()>) {
    for _ in 0..75 {
        beats.recv().await;
        info!("ticks");
    }
}

async fn compute(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        black_box((0..100_000).map(black_box).sum::<u64>());
        tokio::task::yield_now().await;
    }
}

fn metronome(beat: Duration) -> UnboundedReceiver<()> {
    let (sender, beats) = unbounded_channel();
    thread::spawn(move || {
        while sender.send(()).is_ok() {
            thread::sleep(beat);
        }
    });
    beats
}
