//! Four threads: each takes a connection, serves it to its end, and takes the next one.

use std::sync::{Arc, Mutex};

use asyncguide::{Inputs, observe_call, serve::Server};
use tokio::{runtime::Handle, task::JoinSet};

use super::{app::app, client};

pub async fn scene(inputs: Inputs) {
    let server = Arc::new(Server::open(&inputs.endpoint).await.expect("a port"));
    let taken = Arc::new(Mutex::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let (server, taken) = (Arc::clone(&server), Arc::clone(&taken));
        workers.spawn_blocking(move || work(&server, &taken));
    }
    client::four_and_a_fifth(server.address(), inputs.delay).await;
    server.close();
    workers.join_all().await;
}

/// Serves one connection after another. The thread is not free for the next one before the connection ends.
fn work(server: &Server, taken: &Mutex<usize>) {
    let runtime = Handle::current();
    while let Some(connection) = runtime.block_on(server.accept()) {
        let name = format!("socket {}", next(taken));
        observe_call(name, || runtime.block_on(connection.serve(app)));
    }
}

fn next(taken: &Mutex<usize>) -> usize {
    let mut taken = taken.lock().expect("the lock is not poisoned");
    *taken += 1;
    *taken
}
