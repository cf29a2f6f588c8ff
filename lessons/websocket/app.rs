//! The application: greets a client that sends a request, and echoes the messages of a client with a WebSocket.

use asyncguide::serve::{Disconnected, EventReceiver, EventSender, ReceiveEvent, Scope, ScopeKind, SendEvent};

pub async fn app(scope: Scope, receiver: EventReceiver, sender: EventSender) {
    let kind = scope.kind;
    // Without this line, the headers would stay in memory for as long as the connection does.
    drop(scope);
    // Ignores errors: if the client is gone, there is nothing left to do.
    let _ = match kind {
        ScopeKind::Http => greet(sender).await,
        ScopeKind::WebSocket => echo(receiver, sender).await,
    };
}

/// Answers a request.
async fn greet(sender: EventSender) -> Result<(), Disconnected> {
    sender.send(SendEvent::HttpResponseStart { status: 200, headers: Vec::new() }).await?;
    sender.send(SendEvent::HttpResponseBody { body: b"hello\n".to_vec(), more_body: false }).await
}

/// Echoes messages until one end closes the WebSocket. Meanwhile this function waits, for hours in the same line.
async fn echo(mut receiver: EventReceiver, sender: EventSender) -> Result<(), Disconnected> {
    loop {
        match receiver.recv().await {
            ReceiveEvent::WebSocketConnect => sender.send(SendEvent::WebSocketAccept).await?,
            ReceiveEvent::WebSocketReceive(message) => sender.send(SendEvent::WebSocketSend(message)).await?,
            _ => return Ok(()),
        }
    }
}
