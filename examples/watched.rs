//! A program that records itself when it is asked to.
//!
//! ```sh
//! cargo run --example watched                               # prints what it fetched, and nothing else
//! ASYNCGUIDE_SAVE=run.html cargo run --example watched      # saves a page as well
//! asyncguide watch -- cargo run --example watched           # draws it
//! ```

#![expect(clippy::print_stdout, reason = "an ordinary program prints")]

use std::error::Error;
use std::time::Duration;

use asyncguide::{Observe, observe_thread};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{Instrument as _, info, info_span};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _guide = asyncguide::watch();
    tracing_subscriber::registry().with(asyncguide::layer()).try_init()?;

    let mut fetches = JoinSet::new();
    for page in ["news", "weather", "sports"] {
        fetches.spawn(async move { fetch(page).observe(page).await });
    }
    for page in fetches.join_all().await {
        println!("fetched {page}");
    }
    sum().instrument(info_span!("sum", lane = "sum")).await;

    if let Some(page) = std::env::args().nth(1) {
        return Err(format!("there is no page {page}").into());
    }
    Ok(())
}

async fn fetch(page: &str) -> &str {
    sleep(Duration::from_millis(30)).await;
    info!(page, "here");
    page
}

/// Computes on a thread of its own.
async fn sum() {
    let compute = || (0..1_000_000_u64).sum::<u64>();
    let sum = tokio::task::spawn_blocking(observe_thread("compute", compute)).await;
    assert_eq!(sum.ok(), Some(499_999_500_000));
}
