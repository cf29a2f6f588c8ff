//! Runs one computation. The other scenes are compared with it.

use asyncguide::{Inputs, Observe};
use tracing::info;

pub async fn scene(_: Inputs) {
    count_primes(2_000_000).observe("A").await;
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
