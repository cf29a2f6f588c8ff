//! The events of ASGI: what the server tells an application, and what an application tells the server.
//!
//! In Python an event is a dictionary with a `type`. Here it is a variant of an enum, and the comment of each variant
//! begins with that `type`. The spellings are those of the
//! [ASGI specification](https://asgi.readthedocs.io/en/latest/specs/www.html). This file depends on no other. Read
//! `asgi.rs` next for how an application receives and sends events.

/// An event that the server tells the application. ASGI calls it a receive event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiveEvent {
    /// `http.request`: one part of the request's body has arrived.
    HttpRequest {
        /// The bytes of this part. Empty if the request has no body. All parts together are at most 64 KiB.
        body: Vec<u8>,
        /// Whether another part follows. A body ends with the first part for which this is false.
        more_body: bool,
    },
    /// `http.disconnect`: the client is gone, or its request was refused because the body was too long or too slow.
    HttpDisconnect,
    /// `websocket.connect`: a client asks for a WebSocket. The application answers with
    /// [`SendEvent::WebSocketAccept`] or [`SendEvent::WebSocketClose`].
    WebSocketConnect,
    /// `websocket.receive`: a message from the client has arrived. It is at most 64 KiB long.
    WebSocketReceive(Message),
    /// `websocket.disconnect`: the WebSocket is closed, or its connection is lost.
    WebSocketDisconnect {
        /// The reason, as a number of RFC 6455, section 7.4.1. 1005 means that no reason was given, 1006 that the
        /// connection was lost.
        code: u16,
    },
}

/// An event that the application tells the server. ASGI calls it a send event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendEvent {
    /// `http.response.start`: the response begins. This comes once, before any part of the body.
    HttpResponseStart {
        /// The status code, such as 200 or 404. If it is not a valid one, the client gets 500 instead.
        status: u16,
        /// Pairs of a name in lower case and a value. If one of them is not valid, the client gets status 500 instead.
        headers: Vec<(String, String)>,
    },
    /// `http.response.body`: one part of the response's body.
    HttpResponseBody {
        /// The bytes of this part. May be empty.
        body: Vec<u8>,
        /// Whether another part follows. The response ends with the first part for which this is false.
        more_body: bool,
    },
    /// `http.response.push`: the client will need another path as well and shall get it without a request. It has no
    /// effect unless the connection speaks HTTP/2 and the client allows pushes.
    HttpResponsePush {
        /// The path to push. The server calls the application for it, as if the client had requested it.
        path: String,
    },
    /// `websocket.accept`: the application accepts the WebSocket.
    WebSocketAccept,
    /// `websocket.send`: a message for the client.
    WebSocketSend(Message),
    /// `websocket.close`: the WebSocket ends. Before [`SendEvent::WebSocketAccept`], the client gets status 403.
    WebSocketClose {
        /// The reason, as a number of RFC 6455, section 7.4.1. 1000 means a normal end.
        code: u16,
    },
}

/// A message on a WebSocket, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message.
    Text(String),
    /// A binary message.
    Bytes(Vec<u8>),
}

/// The error of an event that can no longer be sent: the client is gone, or the server has ended the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client has disconnected")]
pub struct Disconnected;

impl ReceiveEvent {
    /// Returns the event's `type` in ASGI, such as `http.request`.
    pub fn name(&self) -> &'static str {
        match self {
            ReceiveEvent::HttpRequest { .. } => "http.request",
            ReceiveEvent::HttpDisconnect => "http.disconnect",
            ReceiveEvent::WebSocketConnect => "websocket.connect",
            ReceiveEvent::WebSocketReceive(_) => "websocket.receive",
            ReceiveEvent::WebSocketDisconnect { .. } => "websocket.disconnect",
        }
    }
}

impl SendEvent {
    /// Returns the event's `type` in ASGI, such as `http.response.start`.
    pub fn name(&self) -> &'static str {
        match self {
            SendEvent::HttpResponseStart { .. } => "http.response.start",
            SendEvent::HttpResponseBody { .. } => "http.response.body",
            SendEvent::HttpResponsePush { .. } => "http.response.push",
            SendEvent::WebSocketAccept => "websocket.accept",
            SendEvent::WebSocketSend(_) => "websocket.send",
            SendEvent::WebSocketClose { .. } => "websocket.close",
        }
    }
}
