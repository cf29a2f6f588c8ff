//! Runs the same server with a task for each connection, all of them on one thread.

use std::sync::Arc;

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::task::JoinSet;

use super::{app::app, client};

pub async fn scene(inputs: Inputs) {
    let server = Arc::new(Server::open(&inputs.endpoint).await.expect("a port"));
    let serving = tokio::spawn(serve(Arc::clone(&server)));
    client::four_and_a_fifth(server.address(), inputs.delay).await;
    server.close();
    serving.await.expect("it ends well");
}

async fn serve(server: Arc<Server>) {
    let mut connections = JoinSet::new();
    while let Some(connection) = server.accept().await {
        let name = format!("socket {}", connections.len() + 1);
        connections.spawn(connection.serve(app).observe(name));
    }
    connections.join_all().await;
}
