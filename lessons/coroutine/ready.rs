//! A hog awaits each piece of its work. But a piece never has to wait: it is done at its first poll.

use std::{hint::spin_loop, thread, time::Duration, time::Instant};

use asyncguide::{Inputs, Observe};
use tokio::{join, sync::oneshot};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let time = inputs.delay;
    let ticker = tokio::spawn(ticker(time / 10).observe("ticker"));
    let hog = async move {
        let start = Instant::now();
        while start.elapsed() < time {
            piece_of_work(time / 500).await;
        }
    };
    let _ = join!(ticker, tokio::spawn(hog.observe("hog")));
}

async fn piece_of_work(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        spin_loop();
    }
}

async fn ticker(beat: Duration) {
    for _ in 0..10 {
        // Another thread keeps the time, so that it wakes this task on time, even while the hog computes.
        let (tell, told) = oneshot::channel();
        thread::spawn(move || {
            thread::sleep(beat);
            tell.send(())
        });
        let _ = told.await;
        info!("ticks");
    }
}
