//! Records two naps on the runtime of `#[tokio::main]` and prints their timeline.

use std::time::Duration;

use asyncguide::style::Style;
use asyncguide::{Observe, render, session};
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let nap = Duration::from_millis(200);
    let naps = async { tokio::join!(sleep(nap).observe("A"), sleep(2 * nap).observe("B")) };
    let recording = session::record_here(naps).await;
    print!("{}", render::timeline(&recording.trace, recording.trace.wall, &Style::plain(80)));
}
