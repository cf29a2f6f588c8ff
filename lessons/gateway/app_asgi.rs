//! The application for ASGI: one async function serves requests and WebSockets, and logs every event.

use asyncguide::serve::{EventReceiver, EventSender, ReceiveEvent, Scope, ScopeKind, SendEvent};
use tracing::info;

pub async fn app(scope: Scope, receiver: EventReceiver, sender: EventSender, work: impl Future<Output = ()>) {
    match scope.kind {
        ScopeKind::Http => answer(scope, receiver, sender, work).await,
        ScopeKind::WebSocket => echo(receiver, sender).await,
    }
}

/// Answers a request. `work` is the part that takes time, such as a query to a database.
async fn answer(scope: Scope, mut receiver: EventReceiver, sender: EventSender, work: impl Future<Output = ()>) {
    next(&mut receiver).await;
    work.await;
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    tell(&sender, SendEvent::HttpResponseStart { status: 200, headers }).await;
    let body = format!("{} is here.\n", scope.path).into_bytes();
    tell(&sender, SendEvent::HttpResponseBody { body, more_body: false }).await;
}

async fn echo(mut receiver: EventReceiver, sender: EventSender) {
    loop {
        match next(&mut receiver).await {
            ReceiveEvent::WebSocketConnect => tell(&sender, SendEvent::WebSocketAccept).await,
            ReceiveEvent::WebSocketReceive(message) => tell(&sender, SendEvent::WebSocketSend(message)).await,
            _ => return,
        }
    }
}

async fn next(receiver: &mut EventReceiver) -> ReceiveEvent {
    let event = receiver.recv().await;
    info!("receive {}", event.name());
    event
}

async fn tell(sender: &EventSender, event: SendEvent) {
    info!("send {}", event.name());
    // Ignores errors: the client may be gone by now.
    let _ = sender.send(event).await;
}
