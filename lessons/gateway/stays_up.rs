//! Serves as `on_the_loop.rs` does, but for clients of your own, until you press Ctrl-C.

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::{task::JoinSet, time::sleep};

use super::app_asgi::app;

pub async fn scene(inputs: Inputs) {
    let server = Server::open(&inputs.endpoint).await.expect("a free port");
    inputs.out.print_line(format!("http://{}/", server.address())).await;
    let (mut connections, mut number, delay) = (JoinSet::new(), 0, inputs.delay);
    while let Some(connection) = server.accept().await {
        number += 1;
        let serving = connection.serve(move |scope, receiver, sender| {
            let work = async move { sleep(delay).await };
            app(scope, receiver, sender, work)
        });
        connections.spawn(serving.observe(format!("client {number}")));
        // Removes connections that have ended, so that they do not pile up.
        while connections.try_join_next().is_some() {}
    }
    connections.join_all().await;
}
