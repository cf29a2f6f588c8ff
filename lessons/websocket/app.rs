//! The application: greets whoever asks, and repeats to whoever stays what they say.

use asyncguide::serve::{Gone, Kind, Receive, Received, Scope, Send, Sent};

pub async fn app(scope: Scope, receive: Receive, send: Send) {
    let kind = scope.kind;
    // Otherwise its headers stay in memory for as long as the connection does.
    drop(scope);
    // If nobody is there any more, there is nothing left to do.
    let _ = match kind {
        Kind::Http => greet(send).await,
        Kind::WebSocket => echo(receive, send).await,
    };
}

/// A request is answered, and that is all.
async fn greet(send: Send) -> Result<(), Gone> {
    send.event(Sent::HttpResponseStart { status: 200, headers: Vec::new() }).await?;
    send.event(Sent::HttpResponseBody { body: b"hello\n".to_vec(), more_body: false }).await
}

/// A WebSocket is here until one of both closes it. Meanwhile this function waits, in the same line for hours.
async fn echo(mut receive: Receive, send: Send) -> Result<(), Gone> {
    loop {
        match receive.next().await {
            Received::WebSocketConnect => send.event(Sent::WebSocketAccept).await?,
            Received::WebSocketReceive(message) => send.event(Sent::WebSocketSend(message)).await?,
            _ => return Ok(()),
        }
    }
}
