//! The application: one newsroom, and four ways for clients to come by its news.

use asyncguide::serve::{Gone, Kind, Message, Receive, Received, Scope, Send, Sent, Server};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::news::Newsroom;
use super::page;

/// Serves the newsroom to whoever connects, until the server closes.
pub async fn serve(server: &Server, newsroom: &Newsroom) {
    let (mut connections, mut open) = (FuturesUnordered::new(), true);
    while open || !connections.is_empty() {
        tokio::select! {
            connection = server.accept(), if open => match connection {
                Some(connection) => {
                    let newsroom = newsroom.clone();
                    let app = move |scope, receive, send| app(newsroom.clone(), scope, receive, send);
                    connections.push(connection.serve(app));
                }
                None => open = false,
            },
            Some(()) = connections.next() => {}
        }
    }
}

/// Answers one request, or one WebSocket to its end.
pub async fn app(newsroom: Newsroom, scope: Scope, receive: Receive, send: Send) {
    let path = (scope.kind, scope.method.as_str(), scope.path.as_str());
    // Whoever is gone has no use for an answer.
    let _ = match path {
        (Kind::Http, "GET", "/") => page::show(&newsroom, &send).await,
        (Kind::Http, "GET", "/news") => polled(&newsroom, last_read(&newsroom, &scope), &send).await,
        (Kind::WebSocket, _, "/socket") => socket(&newsroom, last_read(&newsroom, &scope), receive, &send).await,
        (Kind::Http, "GET", "/events") => events(&newsroom, last_read(&newsroom, &scope), &send).await,
        (Kind::Http, "GET", "/pushes") => pushes(&newsroom, last_read(&newsroom, &scope), &scope, &send).await,
        (Kind::Http, "GET", path) if path.starts_with("/news/") => one_piece(&newsroom, path, &send).await,
        (Kind::Http, "POST", "/news") => {
            newsroom.make();
            whole(&send, 204, "").await
        }
        (Kind::Http, ..) => whole(&send, 404, "there is nothing here\n").await,
        (Kind::WebSocket, ..) => send.event(Sent::WebSocketClose { code: 1000 }).await,
    };
}

/// The number of the last piece that a client has: it says so, or it wants nothing but what is new from now on.
fn last_read(newsroom: &Newsroom, scope: &Scope) -> u64 {
    // A browser that lost its connection to server-sent events says where it was when it comes back.
    let header = scope.headers.iter().find(|(name, _)| name == "last-event-id").map(|(_, value)| value.as_str());
    let last = header.or_else(|| scope.query_string.strip_prefix("after=")).and_then(|last| last.parse().ok());
    // A number that was not reached yet is one of an earlier server.
    last.filter(|last| *last <= newsroom.latest()).unwrap_or_else(|| newsroom.latest())
}

/// Polling: the answer is what there is at this moment, which may be nothing.
async fn polled(newsroom: &Newsroom, last: u64, send: &Send) -> Result<(), Gone> {
    let lines = newsroom.after(last).into_iter().map(|news| news + "\n");
    whole(send, 200, lines.collect::<String>()).await
}

/// A WebSocket: each piece is a message, in the moment when it is made.
async fn socket(newsroom: &Newsroom, mut last: u64, mut receive: Receive, send: &Send) -> Result<(), Gone> {
    send.event(Sent::WebSocketAccept).await?;
    loop {
        let news = tokio::select! {
            news = newsroom.next(last) => news,
            // What the client says is of no interest here, only whether it is still there.
            received = receive.next() => match received {
                Received::WebSocketDisconnect { .. } => return Err(Gone),
                _ => continue,
            },
        };
        let Some(news) = news else { return send.event(Sent::WebSocketClose { code: 1001 }).await };
        send.event(Sent::WebSocketSend(Message::Text(news))).await?;
        last += 1;
    }
}

/// Server-sent events: a response that does not end, and each piece is a few lines of it.
async fn events(newsroom: &Newsroom, mut last: u64, send: &Send) -> Result<(), Gone> {
    start(send, 200, "text/event-stream").await?;
    // Some bytes at once, or a browser does not know yet that it is connected.
    body(send, ": news follows\n\n", true).await?;
    while let Some(news) = newsroom.next(last).await {
        last += 1;
        body(send, format!("id: {last}\ndata: {news}\n\n"), true).await?;
    }
    body(send, "", false).await
}

/// HTTP/2's push: for each piece the client is promised the answer to a request that it has not made.
async fn pushes(newsroom: &Newsroom, mut last: u64, scope: &Scope, send: &Send) -> Result<(), Gone> {
    if scope.http_version != "2" {
        return whole(send, 400, "only HTTP/2 has pushes\n").await;
    }
    start(send, 200, "text/plain").await?;
    while newsroom.next(last).await.is_some() {
        last += 1;
        send.event(Sent::HttpResponsePush { path: format!("/news/{last}") }).await?;
    }
    body(send, "", false).await
}

/// What the promise was about: `/news/7` is piece number 7.
async fn one_piece(newsroom: &Newsroom, path: &str, send: &Send) -> Result<(), Gone> {
    let number = path.strip_prefix("/news/").and_then(|number| number.parse::<u64>().ok());
    let number = number.filter(|number| (1..=newsroom.latest()).contains(number));
    let news = match number {
        Some(number) => newsroom.next(number - 1).await,
        None => None,
    };
    match news {
        Some(news) => whole(send, 200, news).await,
        None => whole(send, 404, "there is no such news\n").await,
    }
}

async fn whole(send: &Send, status: u16, text: impl Into<String>) -> Result<(), Gone> {
    start(send, status, "text/plain").await?;
    body(send, text, false).await
}

async fn start(send: &Send, status: u16, kind: &str) -> Result<(), Gone> {
    let headers = [("content-type", kind), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    send.event(Sent::HttpResponseStart { status, headers }).await
}

async fn body(send: &Send, text: impl Into<String>, more_body: bool) -> Result<(), Gone> {
    send.event(Sent::HttpResponseBody { body: text.into().into_bytes(), more_body }).await
}
