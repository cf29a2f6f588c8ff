//! Spawns the same computations: each becomes a task, and a worker takes it.

use asyncguide::{Inputs, Observe};
use tokio::join;
use tracing::info;

pub async fn scene(_: Inputs) {
    let a = tokio::spawn(count_primes(2_000_000).observe("A"));
    let b = tokio::spawn(count_primes(2_000_000).observe("B"));
    let _ = join!(a, b);
}

async fn count_primes(below: u32) {
    let mut found = 0;
    for number in 2..below {
        let mut divisor = 2;
        while divisor * divisor <= number && number % divisor != 0 {
            divisor += 1;
        }
        if divisor * divisor > number {
            found += 1;
        }
    }
    info!("found {found} primes");
}
