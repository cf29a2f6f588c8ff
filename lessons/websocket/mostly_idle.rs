//! Opens many idle WebSockets, and one that talks: each of its messages comes back.

use std::{sync::Arc, time::Duration};

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

use super::{app::app, client, system};

pub async fn scene(inputs: Inputs) {
    let server = Arc::new(Server::open(&inputs.endpoint).await.expect("a port"));
    let serving = tokio::spawn(serve(Arc::clone(&server)));
    let mut talker = client::connect(server.address()).await.expect("a server");
    let (many, mut idle) = (system::room_for(inputs.tasks), Vec::new());
    client::idle(&mut idle, many.min(10), server.address()).await;
    info!(idle = idle.len(), own_kb = system::own_memory(), kernel_kb = system::kernel_memory(), "has connected");
    client::talk(&mut talker).observe("talk, few").await;
    client::idle(&mut idle, many, server.address()).await;
    info!(idle = idle.len(), own_kb = system::own_memory(), kernel_kb = system::kernel_memory(), "has connected");
    // The system updates the processor time of a thread when the thread sleeps.
    sleep(Duration::from_millis(1)).await;
    info!(processor_ns = system::processor(), "silence");
    sleep(inputs.delay).await;
    info!(processor_ns = system::processor(), "silence over");
    client::talk(&mut talker).observe("talk, many").await;
    drop(talker);
    client::leave(idle).await;
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
