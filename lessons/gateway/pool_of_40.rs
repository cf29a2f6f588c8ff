//! Serves as `pool_of_4.rs` does, but with forty worker threads.

use std::sync::Arc;

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::{runtime::Handle, task::JoinSet};

use super::{app_wsgi::app, client, queue::Queue, wsgi};

pub async fn scene(inputs: Inputs) {
    let server = Server::open(&inputs.endpoint).await.expect("a free port");
    let server = Arc::new(server);
    let clients = client::ask(&server, inputs.tasks);
    let (mut workers, queue) = (JoinSet::new(), Arc::new(Queue::new()));
    for _ in 0..40 {
        let queue = Arc::clone(&queue);
        workers.spawn_blocking(move || work(&queue));
    }
    let delay = inputs.delay;
    for name in inputs.names() {
        let Some(connection) = server.accept().await else { break };
        let serving = connection.serve(move |scope, _, sender| {
            wsgi::call(scope, sender, move |environ, start_response| app(environ, start_response, delay))
        });
        queue.put(Some(serving.observe(name)));
    }
    clients.await.expect("all have asked");
    (0..workers.len()).for_each(|_| queue.put(None));
    workers.join_all().await;
}

fn work(queue: &Queue<Option<impl Future>>) {
    while let Some(serving) = queue.take() {
        Handle::current().block_on(serving);
    }
}
