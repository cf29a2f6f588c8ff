//! The application: one newsroom, and four ways for clients to get its news.

use asyncguide::serve::{
    Disconnected, EventReceiver, EventSender, Message, ReceiveEvent, Scope, ScopeKind, SendEvent, Server,
};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::news::Newsroom;
use super::page;

/// Serves the newsroom to every client that connects, until the server closes.
pub async fn serve(server: &Server, newsroom: &Newsroom) {
    let (mut connections, mut open) = (FuturesUnordered::new(), true);
    while open || !connections.is_empty() {
        tokio::select! {
            connection = server.accept(), if open => match connection {
                Some(connection) => {
                    let newsroom = newsroom.clone();
                    let app = move |scope, receiver, sender| app(newsroom.clone(), scope, receiver, sender);
                    connections.push(connection.serve(app));
                }
                None => open = false,
            },
            Some(()) = connections.next() => {}
        }
    }
}

/// Answers one request, or serves one WebSocket to its end.
pub async fn app(newsroom: Newsroom, scope: Scope, receiver: EventReceiver, sender: EventSender) {
    let path = (scope.kind, scope.method.as_str(), scope.path.as_str());
    // Ignores errors: a client that is gone needs no answer.
    let _ = match path {
        (ScopeKind::Http, "GET", "/") => page::show(&newsroom, &sender).await,
        (ScopeKind::Http, "GET", "/news") => polled(&newsroom, last_read(&newsroom, &scope), &sender).await,
        (ScopeKind::WebSocket, _, "/socket") => {
            socket(&newsroom, last_read(&newsroom, &scope), receiver, &sender).await
        }
        (ScopeKind::Http, "GET", "/events") => events(&newsroom, last_read(&newsroom, &scope), &sender).await,
        (ScopeKind::Http, "GET", "/pushes") => pushes(&newsroom, last_read(&newsroom, &scope), &scope, &sender).await,
        (ScopeKind::Http, "GET", path) if path.starts_with("/news/") => one_piece(&newsroom, path, &sender).await,
        (ScopeKind::Http, "POST", "/news") => {
            newsroom.make();
            whole(&sender, 204, "").await
        }
        (ScopeKind::Http, ..) => whole(&sender, 404, "there is nothing here\n").await,
        (ScopeKind::WebSocket, ..) => sender.send(SendEvent::WebSocketClose { code: 1000 }).await,
    };
}

/// Returns the number of the last piece that a client has. A client that does not say it gets only what is new.
fn last_read(newsroom: &Newsroom, scope: &Scope) -> u64 {
    // A browser that lost its connection to server-sent events sends this header when it connects again.
    let header = scope.headers.iter().find(|(name, _)| name == "last-event-id").map(|(_, value)| value.as_str());
    let last = header.or_else(|| scope.query_string.strip_prefix("after=")).and_then(|last| last.parse().ok());
    // A number above the latest one comes from an earlier server.
    last.filter(|last| *last <= newsroom.latest()).unwrap_or_else(|| newsroom.latest())
}

/// Answers a poll with the pieces that are new at this moment, which may be none.
async fn polled(newsroom: &Newsroom, last: u64, sender: &EventSender) -> Result<(), Disconnected> {
    let lines = newsroom.after(last).into_iter().map(|news| news + "\n");
    whole(sender, 200, lines.collect::<String>()).await
}

/// Sends each piece as a message of a WebSocket, at the moment when it is made.
async fn socket(
    newsroom: &Newsroom,
    mut last: u64,
    mut receiver: EventReceiver,
    sender: &EventSender,
) -> Result<(), Disconnected> {
    sender.send(SendEvent::WebSocketAccept).await?;
    loop {
        let news = tokio::select! {
            news = newsroom.next(last) => news,
            // It does not matter here what the client says, only whether it is still there.
            received = receiver.recv() => match received {
                ReceiveEvent::WebSocketDisconnect { .. } => return Err(Disconnected),
                _ => continue,
            },
        };
        let Some(news) = news else { return sender.send(SendEvent::WebSocketClose { code: 1001 }).await };
        sender.send(SendEvent::WebSocketSend(Message::Text(news))).await?;
        last += 1;
    }
}

/// Sends each piece as a server-sent event: a few lines of a response that stays open.
async fn events(newsroom: &Newsroom, mut last: u64, sender: &EventSender) -> Result<(), Disconnected> {
    start(sender, 200, "text/event-stream").await?;
    // Sends some bytes at once: without them, a browser does not know yet that it is connected.
    body(sender, ": news follows\n\n", true).await?;
    while let Some(news) = newsroom.next(last).await {
        last += 1;
        body(sender, format!("id: {last}\ndata: {news}\n\n"), true).await?;
    }
    body(sender, "", false).await
}

/// Sends each piece as a push of HTTP/2: promises the client the answer to a request that it has not made.
async fn pushes(newsroom: &Newsroom, mut last: u64, scope: &Scope, sender: &EventSender) -> Result<(), Disconnected> {
    if scope.http_version != "2" {
        return whole(sender, 400, "only HTTP/2 has pushes\n").await;
    }
    start(sender, 200, "text/plain").await?;
    while newsroom.next(last).await.is_some() {
        last += 1;
        sender.send(SendEvent::HttpResponsePush { path: format!("/news/{last}") }).await?;
    }
    body(sender, "", false).await
}

/// Answers a request for one piece, as the pushes promise it: `/news/7` is piece number 7.
async fn one_piece(newsroom: &Newsroom, path: &str, sender: &EventSender) -> Result<(), Disconnected> {
    let number = path.strip_prefix("/news/").and_then(|number| number.parse::<u64>().ok());
    let number = number.filter(|number| (1..=newsroom.latest()).contains(number));
    let news = match number {
        Some(number) => newsroom.next(number - 1).await,
        None => None,
    };
    match news {
        Some(news) => whole(sender, 200, news).await,
        None => whole(sender, 404, "there is no such news\n").await,
    }
}

async fn whole(sender: &EventSender, status: u16, text: impl Into<String>) -> Result<(), Disconnected> {
    start(sender, status, "text/plain").await?;
    body(sender, text, false).await
}

async fn start(sender: &EventSender, status: u16, kind: &str) -> Result<(), Disconnected> {
    let headers = [("content-type", kind), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    sender.send(SendEvent::HttpResponseStart { status, headers }).await
}

async fn body(sender: &EventSender, text: impl Into<String>, more_body: bool) -> Result<(), Disconnected> {
    sender.send(SendEvent::HttpResponseBody { body: text.into().into_bytes(), more_body }).await
}
