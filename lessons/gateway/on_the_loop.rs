//! Serves without a pool: each connection is a task, and all tasks share one thread.

use std::sync::Arc;

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::{task::JoinSet, time::sleep};

use super::{app_asgi::app, client};

pub async fn scene(inputs: Inputs) {
    let server = Server::open(&inputs.endpoint).await.expect("a free port");
    let server = Arc::new(server);
    let clients = client::ask(&server, inputs.tasks);
    let (mut connections, delay) = (JoinSet::new(), inputs.delay);
    for name in inputs.names() {
        let Some(connection) = server.accept().await else { break };
        let serving = connection.serve(move |scope, receiver, sender| {
            let work = async move { sleep(delay).await };
            app(scope, receiver, sender, work)
        });
        connections.spawn(serving.observe(name));
    }
    clients.await.expect("all have asked");
    connections.join_all().await;
}
