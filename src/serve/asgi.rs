//! ASGI, the Asynchronous Server Gateway Interface, in Rust: what an application sees of its server.
//!
//! [ASGI](https://asgi.readthedocs.io) is the interface between Python's asynchronous servers (uvicorn, Hypercorn) and
//! frameworks (FastAPI, Starlette, Django). An application is one async function. The server calls it once for each
//! request and once for each WebSocket, and gives it three things:
//!
//! - a [`Scope`], which says what the client asks for. In Python it is a dictionary.
//! - an [`EventReceiver`], which waits for the server's next event. In Python it is the coroutine function `receive`.
//! - an [`EventSender`], which hands an event to the server. In Python it is the coroutine function `send`.
//!
//! Everything that happens afterwards is an event; `event.rs` lists them all. This file knows nothing of sockets. Read
//! `exchange.rs` next for how an event gets from the server to the application and back.

use std::net::SocketAddr;

use super::event::{Disconnected, ReceiveEvent, SendEvent};
use super::exchange::EventSlot;

/// The facts about a request or a WebSocket that are known before its first event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scope {
    /// Whether this is a request or a WebSocket.
    pub kind: ScopeKind,
    /// The version of HTTP: `1.1` or `2`.
    pub http_version: &'static str,
    /// The method as the client wrote it, such as `GET` or `POST`.
    pub method: String,
    /// The path without the query, such as `/news`. Percent-encoding is left as it is.
    pub path: String,
    /// The query: everything after the question mark. Empty if there is none. Percent-encoding is left as it is.
    pub query_string: String,
    /// The headers as pairs of a name in lower case and a value. A name occurs once for each of its values.
    pub headers: Vec<(String, String)>,
    /// The address and port of the client.
    pub client: SocketAddr,
}

/// The kinds of scope that an application has to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// `http`: one request and its response.
    Http,
    /// `websocket`: messages in both directions until one end closes.
    WebSocket,
}

/// The application's end for the events that the server tells it. There is one for each scope.
#[derive(Debug)]
pub struct EventReceiver(pub(super) EventSlot);

impl EventReceiver {
    /// Waits for the next event. Once the client is gone, each call returns the disconnect event at once.
    pub async fn recv(&mut self) -> ReceiveEvent {
        self.0.recv().await
    }
}

/// The application's end for the events that it tells the server. All clones belong to the same scope.
#[derive(Clone, Debug)]
pub struct EventSender(pub(super) EventSlot);

impl EventSender {
    /// Sends an event. Waits while a slow client has not yet taken the events before it.
    ///
    /// # Errors
    /// Returns [`Disconnected`] once the client is gone, or once the request or the WebSocket is over.
    pub async fn send(&self, event: SendEvent) -> Result<(), Disconnected> {
        self.0.send(event).await
    }
}
