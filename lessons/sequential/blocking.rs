//! Takes the same naps in a plain function, which holds the thread until it returns.

use std::{thread, time::Duration};

use asyncguide::{Inputs, observe_call};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    for name in inputs.names() {
        observe_call(name, || nap(inputs.delay));
    }
}

fn nap(delay: Duration) {
    info!("falls asleep");
    thread::sleep(delay);
    info!("wakes up");
}
