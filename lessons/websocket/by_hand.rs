//! Runs a chat server that stays up: a browser gets a page, and each message goes to all clients that are connected.

use asyncguide::{Inputs, serve::Server};
use tokio::task::JoinSet;

use super::chat::Chat;

pub async fn scene(inputs: Inputs) {
    let server = Server::open(&inputs.endpoint).await.expect("a port");
    for address in server.addresses() {
        inputs.out.print_line(format!("http://{address}/")).await;
    }
    let (chat, mut connections) = (Chat::new(), JoinSet::new());
    while let Some(connection) = server.accept().await {
        // Removes connections that have ended, so that they do not pile up.
        while connections.try_join_next().is_some() {}
        let chat = chat.clone();
        connections.spawn(connection.serve(move |scope, receiver, sender| chat.clone().app(scope, receiver, sender)));
    }
    connections.join_all().await;
}
