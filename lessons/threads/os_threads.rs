//! Runs a hog and a ticker, each on a thread: the operating system gives both their turns.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{hint::black_box, thread};

use asyncguide::{Inputs, observe_thread};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let beats = metronome(inputs.delay / 50);
    thread::scope(|scope| {
        scope.spawn(observe_thread("ticker", || tick(beats)));
        scope.spawn(observe_thread("hog", || compute(inputs.delay)));
    });
}

fn tick(beats: Receiver<()>) {
    for () in beats.iter().take(75) {
        info!("ticks");
    }
}

fn compute(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        black_box((0..100_000).map(black_box).sum::<u64>());
    }
}

/// Sends beats from a thread of its own, so that they come on time. The thread ends when the receiver is gone.
fn metronome(beat: Duration) -> Receiver<()> {
    let (sender, beats) = channel();
    thread::spawn(move || {
        while sender.send(()).is_ok() {
            thread::sleep(beat);
        }
    });
    beats
}
