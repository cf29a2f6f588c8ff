//! A chat: each connected client gets what the others say, unless it is too slow.
//!
//! All clients read one queue of bounded length, each from its own position. The queue does not wait for a slow client:
//! when it drops lines that a client has not read yet, the client is cut off.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use asyncguide::Observe;
use asyncguide::serve::{Disconnected, EventReceiver, EventSender, Message, ReceiveEvent, Scope, ScopeKind, SendEvent};
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::sleep;
use tracing::info;

/// The most lines that a client may be behind the others.
const BEHIND: usize = 1_000;
/// The most characters of a message. A longer message is cut.
const LONGEST: usize = 500;
/// The pause after each message of a client, so that no client can keep the others from talking.
const PACE: Duration = Duration::from_millis(5);
/// The close code of RFC 6455 for a client that breaks the rules.
const POLICY: u16 = 1008;

#[derive(Clone)]
pub struct Chat {
    lines: Sender<Arc<str>>,
    connected: Arc<AtomicUsize>,
}

impl Chat {
    pub fn new() -> Self {
        Chat { lines: channel(BEHIND).0, connected: Arc::default() }
    }

    pub async fn app(self, scope: Scope, receiver: EventReceiver, sender: EventSender) {
        // Ignores errors: if the client is gone, there is nothing left to do.
        let _ = match scope.kind {
            ScopeKind::Http => page(&scope, &sender).await,
            ScopeKind::WebSocket => {
                let name = format!("client {}", self.connected.fetch_add(1, Ordering::Relaxed) + 1);
                self.join(&name, receiver, &sender).observe(&name).await
            }
        };
    }

    /// Serves one WebSocket from the handshake until either end closes it.
    async fn join(&self, name: &str, mut receiver: EventReceiver, sender: &EventSender) -> Result<(), Disconnected> {
        // The first event is `websocket.connect`.
        receiver.recv().await;
        sender.send(SendEvent::WebSocketAccept).await?;
        sender.send(text(&format!("you are {name}"))).await?;
        let lines = self.lines.subscribe();
        info!("is connected");
        self.tell(format!("{name} is here; connected: {}", self.lines.receiver_count()));
        let ended = tokio::select! {
            ended = hear(lines, sender) => ended,
            () = self.say(name, &mut receiver) => Ok(()),
        };
        info!("is gone");
        self.tell(format!("{name} is gone; connected: {}", self.lines.receiver_count()));
        ended
    }

    /// Hands on what a client says, until it is gone.
    async fn say(&self, name: &str, receiver: &mut EventReceiver) {
        while let ReceiveEvent::WebSocketReceive(message) = receiver.recv().await {
            let Message::Text(said) = message else { continue };
            // Replaces line breaks, so that no client can write a line in the name of another.
            let said: String = said.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
            info!("says {said}");
            self.tell(format!("{name}: {said}"));
            sleep(PACE).await;
        }
    }

    fn tell(&self, line: String) {
        // Ignores errors: there may be no client left.
        let _ = self.lines.send(line.into());
    }
}

/// Sends a client all lines, for as long as it can keep up.
async fn hear(mut lines: Receiver<Arc<str>>, sender: &EventSender) -> Result<(), Disconnected> {
    while let Ok(line) = lines.recv().await {
        sender.send(text(&line)).await?;
    }
    info!("is too slow, and is cut off");
    sender.send(SendEvent::WebSocketClose { code: POLICY }).await
}

fn text(line: &str) -> SendEvent {
    SendEvent::WebSocketSend(Message::Text(line.to_owned()))
}

/// Sends the page, which may run its own script and talk to its own server, and nothing else.
async fn page(scope: &Scope, sender: &EventSender) -> Result<(), Disconnected> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let found = scope.path == "/" && ["GET", "HEAD"].contains(&&*scope.method);
    let (status, kind) = if found { (200, "text/html; charset=utf-8") } else { (404, "text/plain") };
    // A script runs on the page only if it has this number, which an attacker cannot guess.
    let nonce = format!("{:016x}", RandomState::new().hash_one(scope.client));
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'{}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        own_websocket(scope)
    );
    let headers = vec![
        header("content-type", kind),
        header("content-security-policy", &policy),
        header("x-content-type-options", "nosniff"),
        header("referrer-policy", "no-referrer"),
        header("cache-control", "no-store"),
    ];
    let body = if found { include_str!("page.html").replace("NONCE", &nonce) } else { "not found\n".to_owned() };
    sender.send(SendEvent::HttpResponseStart { status, headers }).await?;
    sender.send(SendEvent::HttpResponseBody { body: body.into(), more_body: false }).await
}

/// Returns the page's own WebSocket, which some browsers do not count as `'self'`. The server has checked `Host`.
fn own_websocket(scope: &Scope) -> String {
    let host = scope.headers.iter().find(|(name, _)| name == "host");
    host.map_or(String::new(), |(_, host)| format!(" ws://{host}"))
}
