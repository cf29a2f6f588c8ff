//! The application, as ASGI has it: one async function for a request and a WebSocket alike, and every event told.

use asyncguide::serve::{Kind, Receive, Received, Scope, Send, Sent};
use tracing::info;

pub async fn app(scope: Scope, receive: Receive, send: Send, work: impl Future<Output = ()>) {
    match scope.kind {
        Kind::Http => answer(scope, receive, send, work).await,
        Kind::WebSocket => echo(receive, send).await,
    }
}

/// `work` is what takes time: asking a database, say.
async fn answer(scope: Scope, mut receive: Receive, send: Send, work: impl Future<Output = ()>) {
    next(&mut receive).await;
    work.await;
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    tell(&send, Sent::HttpResponseStart { status: 200, headers }).await;
    let body = format!("{} is here.\n", scope.path).into_bytes();
    tell(&send, Sent::HttpResponseBody { body, more_body: false }).await;
}

async fn echo(mut receive: Receive, send: Send) {
    loop {
        match next(&mut receive).await {
            Received::WebSocketConnect => tell(&send, Sent::WebSocketAccept).await,
            Received::WebSocketReceive(message) => tell(&send, Sent::WebSocketSend(message)).await,
            _ => return,
        }
    }
}

async fn next(receive: &mut Receive) -> Received {
    let event = receive.next().await;
    info!("receive {}", event.name());
    event
}

async fn tell(send: &Send, event: Sent) {
    info!("send {}", event.name());
    // Whoever asked may be gone by now.
    let _ = send.event(event).await;
}
