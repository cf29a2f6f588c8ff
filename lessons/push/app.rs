//! The application: one newsroom, and four ways for clients to get its news.

use std::time::Duration;

use asyncguide::serve::{
    Disconnected, EventReceiver, EventSender, Message, ReceiveEvent, Scope, ScopeKind, SendEvent, Server,
};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

use super::news::Newsroom;
use super::page;

/// The longest silence of server-sent events. Without a word now and then, a client that is gone would not be noticed.
const SILENCE: Duration = Duration::from_secs(15);

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
    // The server sends only the head of an answer to HEAD.
    let method = if scope.method == "HEAD" { "GET" } else { scope.method.as_str() };
    let path = (scope.kind, method, scope.path.as_str());
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

/// What a client has read, and so what it gets next.
struct Cursor {
    /// The number of the last piece that it needs no more.
    last: u64,
    /// Whether it misses pieces, because they are not kept any more or were another server's.
    missed: bool,
}

impl Cursor {
    /// Returns the line that tells the client what it missed; `None` if it missed nothing.
    fn notice(&self, newsroom: &Newsroom) -> Option<String> {
        let line = || format!("missed: all up to number {} of server {}", self.last, newsroom.epoch);
        self.missed.then(line)
    }
}

/// Finds out what a client has. It says so by `EPOCH.NUMBER`, or by the number alone. A client that does not say it gets
/// only what is new.
fn last_read(newsroom: &Newsroom, scope: &Scope) -> Cursor {
    // A browser that lost its connection to server-sent events sends this header when it connects again.
    let header = scope.headers.iter().find(|(name, _)| name == "last-event-id").map(|(_, value)| value.as_str());
    let said = header.or_else(|| scope.query_string.strip_prefix("after="));
    let (epoch, number) = match said.and_then(|said| said.split_once('.')) {
        Some((epoch, number)) => (epoch.parse().ok(), number.parse().ok()),
        None => (Some(newsroom.epoch), said.and_then(|number| number.parse().ok())),
    };
    let Some(last) = number else { return Cursor { last: newsroom.latest(), missed: false } };
    // A number above the latest one comes from an earlier server, too.
    let known = epoch == Some(newsroom.epoch) && (newsroom.forgotten()..=newsroom.latest()).contains(&last);
    Cursor { last: if known { last } else { newsroom.forgotten() }, missed: !known }
}

/// Answers a poll with the pieces that are new at this moment, which may be none.
async fn polled(newsroom: &Newsroom, cursor: Cursor, sender: &EventSender) -> Result<(), Disconnected> {
    let lines = cursor.notice(newsroom).into_iter().chain(newsroom.after(cursor.last));
    whole(sender, 200, lines.map(|line| line + "\n").collect::<String>()).await
}

/// Sends each piece as a message of a WebSocket, at the moment when it is made.
async fn socket(
    newsroom: &Newsroom,
    cursor: Cursor,
    mut receiver: EventReceiver,
    sender: &EventSender,
) -> Result<(), Disconnected> {
    sender.send(SendEvent::WebSocketAccept).await?;
    if let Some(notice) = cursor.notice(newsroom) {
        sender.send(SendEvent::WebSocketSend(Message::Text(notice))).await?;
    }
    let mut last = cursor.last;
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
async fn events(newsroom: &Newsroom, cursor: Cursor, sender: &EventSender) -> Result<(), Disconnected> {
    start(sender, 200, "text/event-stream").await?;
    // Sends some bytes at once: without them, a browser does not know yet that it is connected.
    body(sender, ": news follows\n\n", true).await?;
    let (epoch, mut last) = (newsroom.epoch, cursor.last);
    if let Some(notice) = cursor.notice(newsroom) {
        body(sender, format!("id: {epoch}.{last}\ndata: {notice}\n\n"), true).await?;
    }
    loop {
        let Ok(news) = timeout(SILENCE, newsroom.next(last)).await else {
            // A line without a meaning: it cannot be sent to a client that is gone.
            body(sender, ": no news yet\n\n", true).await?;
            continue;
        };
        let Some(news) = news else { return body(sender, "", false).await };
        last += 1;
        body(sender, format!("id: {epoch}.{last}\ndata: {news}\n\n"), true).await?;
    }
}

/// Sends each piece as a push of HTTP/2: promises the client the answer to a request that it has not made.
async fn pushes(newsroom: &Newsroom, cursor: Cursor, scope: &Scope, sender: &EventSender) -> Result<(), Disconnected> {
    if scope.http_version != "2" {
        return whole(sender, 400, "only HTTP/2 has pushes\n").await;
    }
    start(sender, 200, "text/plain").await?;
    if let Some(notice) = cursor.notice(newsroom) {
        body(sender, notice + "\n", true).await?;
    }
    let mut last = cursor.last;
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
