//! Runs the same server for you, until Ctrl-C. Open its address in a browser, or ask it with `curl -N …/events`.

use asyncguide::{Inputs, Observe, serve::Server};
use tokio::task::JoinSet;

use super::app::app;
use super::news::Newsroom;

pub async fn scene(inputs: Inputs) {
    let server = Server::open(&inputs.endpoint).await.expect("a port");
    for address in server.addresses() {
        inputs.out.print_line(format!("http://{address}/")).await;
    }
    let newsroom = Newsroom::open(inputs.delay);
    let (mut tasks, mut number) = (JoinSet::new(), 0);
    tasks.spawn(newsroom.clone().make_some().observe("newsroom"));
    while let Some(connection) = server.accept().await {
        number += 1;
        let newsroom = newsroom.clone();
        let app = move |scope, receiver, sender| app(newsroom.clone(), scope, receiver, sender);
        tasks.spawn(connection.serve(app).observe(format!("client {number}")));
        // Removes tasks that have ended, so that they do not pile up.
        while tasks.try_join_next().is_some() {}
    }
    newsroom.close();
    tasks.join_all().await;
}
