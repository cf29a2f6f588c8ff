//! A chat: whoever is connected hears what the others say, unless they are too slow to.
//!
//! Each has a place of their own in one queue of bounded length. Nobody waits for who is behind: when the queue has gone
//! round, they are cut off.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use asyncguide::Observe;
use asyncguide::serve::{Disconnected, EventReceiver, EventSender, Message, ReceiveEvent, Scope, ScopeKind, SendEvent};
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::sleep;
use tracing::info;

/// How many lines somebody may be behind the others.
const BEHIND: usize = 1_000;
/// A longer message is cut, in characters.
const LONGEST: usize = 500;
/// Who has said something is heard again after this, so that nobody can talk the others out.
const PACE: Duration = Duration::from_millis(5);
/// RFC 6455's number for who does not keep to the rules.
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
        // If nobody is there any more, there is nothing left to do.
        let _ = match scope.kind {
            ScopeKind::Http => page(&scope, &sender).await,
            ScopeKind::WebSocket => {
                let name = format!("client {}", self.connected.fetch_add(1, Ordering::Relaxed) + 1);
                self.join(&name, receiver, &sender).observe(&name).await
            }
        };
    }

    /// From the handshake to the end, whoever brings that about.
    async fn join(&self, name: &str, mut receiver: EventReceiver, sender: &EventSender) -> Result<(), Disconnected> {
        // It is `websocket.connect`.
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

    /// Hands on what somebody says, until they go.
    async fn say(&self, name: &str, receiver: &mut EventReceiver) {
        while let ReceiveEvent::WebSocketReceive(message) = receiver.recv().await {
            let Message::Text(said) = message else { continue };
            // A line is a line: nobody speaks in somebody else's name.
            let said: String = said.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
            info!("says {said}");
            self.tell(format!("{name}: {said}"));
            sleep(PACE).await;
        }
    }

    fn tell(&self, line: String) {
        // Nobody may be left to hear it.
        let _ = self.lines.send(line.into());
    }
}

/// Sends somebody what is said, for as long as they can keep up.
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

/// The page, which may run its own script and talk to its own server, and nothing else.
async fn page(scope: &Scope, sender: &EventSender) -> Result<(), Disconnected> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let found = scope.path == "/" && ["GET", "HEAD"].contains(&&*scope.method);
    let (status, kind) = if found { (200, "text/html; charset=utf-8") } else { (404, "text/plain") };
    // Only who knows it can run a script here: a number that nobody can guess.
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

/// Some browsers do not count it among `'self'`. The server has checked what stands in `Host`.
fn own_websocket(scope: &Scope) -> String {
    let host = scope.headers.iter().find(|(name, _)| name == "host");
    host.map_or(String::new(), |(_, host)| format!(" ws://{host}"))
}
