//! The application: greets whoever asks, and repeats to whoever stays what they say.

use asyncguide::serve::{Disconnected, EventReceiver, EventSender, ReceiveEvent, Scope, ScopeKind, SendEvent};

pub async fn app(scope: Scope, receiver: EventReceiver, sender: EventSender) {
    let kind = scope.kind;
    // Otherwise its headers stay in memory for as long as the connection does.
    drop(scope);
    // If nobody is there any more, there is nothing left to do.
    let _ = match kind {
        ScopeKind::Http => greet(sender).await,
        ScopeKind::WebSocket => echo(receiver, sender).await,
    };
}

/// A request is answered, and that is all.
async fn greet(sender: EventSender) -> Result<(), Disconnected> {
    sender.send(SendEvent::HttpResponseStart { status: 200, headers: Vec::new() }).await?;
    sender.send(SendEvent::HttpResponseBody { body: b"hello\n".to_vec(), more_body: false }).await
}

/// A WebSocket is here until one of both closes it. Meanwhile this function waits, in the same line for hours.
async fn echo(mut receiver: EventReceiver, sender: EventSender) -> Result<(), Disconnected> {
    loop {
        match receiver.recv().await {
            ReceiveEvent::WebSocketConnect => sender.send(SendEvent::WebSocketAccept).await?,
            ReceiveEvent::WebSocketReceive(message) => sender.send(SendEvent::WebSocketSend(message)).await?,
            _ => return Ok(()),
        }
    }
}
