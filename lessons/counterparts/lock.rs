//! Takes a lock that another thread holds: first a mutex of `std::sync`, then a mutex of `tokio::sync`.

use std::{sync, sync::Arc, thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::{sync::Mutex, sync::mpsc::unbounded_channel, sync::oneshot, time::sleep};

pub async fn scene(inputs: Inputs) {
    let locks = Arc::new((sync::Mutex::new(()), Mutex::new(())));
    let (delay, theirs) = (inputs.delay, Arc::clone(&locks));
    let (taken, both_taken) = oneshot::channel();
    thread::spawn(move || hold(&theirs, delay, taken));
    let calls = async move {
        let _ = both_taken.await;
        async { drop(locks.0.lock()) }.observe("std").await;
        sleep(delay / 4).await;
        async { drop(locks.1.lock().await) }.observe("tokio").await;
    };
    beside_a_ticker(delay / 25, calls).await;
}

fn hold(locks: &(sync::Mutex<()>, Mutex<()>), delay: Duration, taken: oneshot::Sender<()>) {
    let held = (locks.0.lock(), locks.1.blocking_lock());
    let _ = taken.send(());
    thread::sleep(delay);
    drop(held.0);
    thread::sleep(delay * 5 / 4);
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
