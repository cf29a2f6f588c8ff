//! A hog and a ticker, each a thread: the operating system sees to it that both get on.

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

/// Its beats come on time, since it is a thread itself; it ends when nobody listens any more.
fn metronome(beat: Duration) -> Receiver<()> {
    let (sender, beats) = channel();
    thread::spawn(move || {
        while sender.send(()).is_ok() {
            thread::sleep(beat);
        }
    });
    beats
}
