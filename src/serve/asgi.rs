//! The asynchronous server gateway interface: what an application sees of a request or a WebSocket.
//!
//! The shape is that of [ASGI](https://asgi.readthedocs.io), which Python's servers and frameworks agree on: an
//! application is one async callable that gets a scope and two ways to speak, `receive` and `send`, and everything that
//! happens is an event. Where Python has dictionaries, Rust has types; [`Received::name`] and [`Sent::name`] are the
//! names that ASGI gives them. Knows nothing of sockets. Read `exchange.rs` next for how events get across.

use std::net::SocketAddr;

use super::exchange::Line;

/// What a connection is about, known before anything else of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scope {
    /// Whether it is a request or a WebSocket.
    pub kind: Kind,
    /// `1.1` or `2`.
    pub http_version: &'static str,
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What follows the question mark, as it came.
    pub query_string: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The other end.
    pub client: SocketAddr,
}

/// The kinds of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `http`: a request, and a response to it.
    Http,
    /// `websocket`: messages both ways for as long as both like.
    WebSocket,
}

/// What the server tells the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// `http.request`: a part of the request's body, the last one unless there is more.
    HttpRequest {
        /// The part; empty if there is no body.
        body: Vec<u8>,
        /// Whether another part follows.
        more_body: bool,
    },
    /// `http.disconnect`: nobody listens any more.
    HttpDisconnect,
    /// `websocket.connect`: somebody would like to connect. To be answered by accepting or closing.
    WebSocketConnect,
    /// `websocket.receive`: a message.
    WebSocketReceive(Message),
    /// `websocket.disconnect`: the connection is gone.
    WebSocketDisconnect {
        /// Why, as RFC 6455 numbers the reasons; 1005 if nobody said, 1006 if the line broke.
        code: u16,
    },
}

/// What the application tells the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// `http.response.start`: the response begins.
    HttpResponseStart {
        /// `200`, `404`, …
        status: u16,
        /// Names in lower case.
        headers: Vec<(String, String)>,
    },
    /// `http.response.body`: a part of its body, the last one unless there is more.
    HttpResponseBody {
        /// The part.
        body: Vec<u8>,
        /// Whether another part follows.
        more_body: bool,
    },
    /// `http.response.push`: the client will want this path as well, and gets it without asking. HTTP/2 only, and only
    /// if the client allows it; elsewhere nothing comes of it.
    HttpResponsePush {
        /// The path that is pushed: this application is called for it, as if it had been asked for.
        path: String,
    },
    /// `websocket.accept`: come in.
    WebSocketAccept,
    /// `websocket.send`: a message.
    WebSocketSend(Message),
    /// `websocket.close`: no more of this; before accepting, the request is refused with 403.
    WebSocketClose {
        /// Why, as RFC 6455 numbers the reasons: 1000 if all is well.
        code: u16,
    },
}

/// A message of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Received {
    /// The event's name in ASGI.
    pub fn name(&self) -> &'static str {
        match self {
            Received::HttpRequest { .. } => "http.request",
            Received::HttpDisconnect => "http.disconnect",
            Received::WebSocketConnect => "websocket.connect",
            Received::WebSocketReceive(_) => "websocket.receive",
            Received::WebSocketDisconnect { .. } => "websocket.disconnect",
        }
    }
}

impl Sent {
    /// The event's name in ASGI.
    pub fn name(&self) -> &'static str {
        match self {
            Sent::HttpResponseStart { .. } => "http.response.start",
            Sent::HttpResponseBody { .. } => "http.response.body",
            Sent::HttpResponsePush { .. } => "http.response.push",
            Sent::WebSocketAccept => "websocket.accept",
            Sent::WebSocketSend(_) => "websocket.send",
            Sent::WebSocketClose { .. } => "websocket.close",
        }
    }
}

/// The server's events, for one scope.
#[derive(Debug)]
pub struct Receive(pub(super) Line);

impl Receive {
    /// Waits for the next event. When the other end is gone, that is the event, however often it is asked for.
    pub async fn next(&mut self) -> Received {
        self.0.receive().await
    }
}

/// The way to tell the server, for one scope.
#[derive(Clone, Debug)]
pub struct Send(pub(super) Line);

impl Send {
    /// Sends an event; waits while the other end is slow to take what was sent before.
    ///
    /// # Errors
    /// If nobody is there any more to send it to.
    pub async fn event(&self, event: Sent) -> Result<(), Gone> {
        self.0.send(event).await
    }
}

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other end is gone")]
pub struct Gone;
