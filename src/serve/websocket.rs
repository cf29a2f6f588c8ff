//! WebSockets: turns frames into events for an application and its events into frames.
//!
//! A message that is too long is refused before memory is reserved for it. This is the only module that uses tungstenite.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use data_encoding::BASE64;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::header::{
    CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};

use super::event::{Message, ReceiveEvent, SendEvent};
use super::exchange::Exchange;
use super::request::build_empty_response;
use super::stream::ClientStream;
use super::{CLOSE_TIMEOUT, ConnectionInfo, MAX_MESSAGE_BYTES};

/// The protocol's version (RFC 6455, section 4.1).
const VERSION: HeaderValue = HeaderValue::from_static("13");
/// The length of `Sec-WebSocket-Key`: 16 random bytes in base64.
const KEY_LENGTH: usize = 24;

// The reasons for the end of a WebSocket, as RFC 6455 numbers them in section 7.4.1.
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const NO_CODE_GIVEN: u16 = 1005;
const CONNECTION_LOST: u16 = 1006;
const NO_TEXT: u16 = 1007;
const MESSAGE_TOO_LONG: u16 = 1009;
const APPLICATION_ERROR: u16 = 1011;

/// Returns whether `request` asks for its connection to become a WebSocket.
pub(super) fn is_upgrade<B>(request: &Request<B>) -> bool {
    header_lists(request, UPGRADE, "websocket")
}

/// Returns whether a comma-separated header holds `word`. Upper and lower case are the same.
fn header_lists<B>(request: &Request<B>, header: HeaderName, word: &str) -> bool {
    let values = request.headers().get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
}

/// Returns whether `key` is 16 bytes in base64, as a client has to choose them.
fn is_key(key: &HeaderValue) -> bool {
    key.len() == KEY_LENGTH && BASE64.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 16)
}

/// Builds the response that turns the connection of `request` into a WebSocket.
///
/// # Errors
/// Returns the response that refuses the request: 426 for another version of the protocol, 400 for anything else that
/// is wrong with it.
pub(super) fn build_handshake<B>(request: &Request<B>) -> Result<Response<()>, Response<()>> {
    let bad_request = || build_empty_response(StatusCode::BAD_REQUEST, ());
    let headers = request.headers();
    // Each comes once (RFC 6455, section 11.3): of two, this server and others may read different ones.
    if [SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION].iter().any(|name| headers.get_all(name).iter().count() > 1) {
        return Err(bad_request());
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| is_key(key)).ok_or_else(bad_request)?;
    if request.method() != Method::GET || !header_lists(request, CONNECTION, "upgrade") {
        return Err(bad_request());
    }
    if headers.get(SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
        let mut refusal = build_empty_response(StatusCode::UPGRADE_REQUIRED, ());
        refusal.headers_mut().insert(SEC_WEBSOCKET_VERSION, VERSION);
        return Err(refusal);
    }
    let accept_key = derive_accept_key(key.as_bytes());
    let accept_key = HeaderValue::from_str(&accept_key).map_err(|_| bad_request())?;
    let mut handshake = build_empty_response(StatusCode::SWITCHING_PROTOCOLS, ());
    handshake.headers_mut().extend([
        (UPGRADE, HeaderValue::from_static("websocket")),
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (SEC_WEBSOCKET_ACCEPT, accept_key),
    ]);
    Ok(handshake)
}

/// A connection that has become a WebSocket. It holds only what a WebSocket needs, since most of them are idle.
pub(super) struct WebSocketConnection {
    socket: WebSocketStream<ClientStream>,
    /// The application that has accepted the WebSocket.
    exchange: Exchange,
    info: ConnectionInfo,
}

impl WebSocketConnection {
    /// Makes a WebSocket of `stream`. `unread` is what was already read of it beyond the handshake.
    pub(super) async fn new(stream: ClientStream, unread: Vec<u8>, exchange: Exchange, info: ConnectionInfo) -> Self {
        // The default buffers take 128 KiB each. One message is enough for the write buffer, since a message that is not
        // yet written holds up the application that sent it.
        let config = WebSocketConfig::default()
            .read_buffer_size(512)
            .write_buffer_size(0)
            .max_write_buffer_size(2 * MAX_MESSAGE_BYTES)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let socket = WebSocketStream::from_partially_read(stream, unread, Role::Server, Some(config)).await;
        WebSocketConnection { socket, exchange, info }
    }
}

/// What the loop of [`serve`] waits for.
enum LoopInput {
    /// An event from the application. `None` if the application has returned.
    FromApp(Option<SendEvent>),
    /// A frame from the client, or an error. `None` if the connection has ended.
    FromClient(Option<Result<Frame, Error>>),
    /// The server closes.
    ServerCloses,
}

/// How a WebSocket ends.
struct Ending {
    /// The code in the application's disconnect event.
    app_code: u16,
    /// The code in the server's close frame. `None` if the client has closed or is lost.
    close_code: Option<u16>,
}

/// Serves a WebSocket until the client, the application or the server closes it.
pub(super) async fn serve(WebSocketConnection { socket, exchange, info }: &mut WebSocketConnection) {
    let mut closing = pin!(info.wait_for_close());
    let ending = loop {
        let input = poll_fn(|context| poll_input(exchange, socket, closing.as_mut(), context)).await;
        match input {
            LoopInput::FromApp(Some(SendEvent::WebSocketSend(message))) => {
                if socket.send(to_frame(message)).await.is_err() {
                    break Ending { app_code: CONNECTION_LOST, close_code: None };
                }
            }
            LoopInput::FromApp(Some(SendEvent::WebSocketClose { code })) => {
                break Ending { app_code: NO_CODE_GIVEN, close_code: Some(code) };
            }
            LoopInput::FromApp(None) => break Ending { app_code: NO_CODE_GIVEN, close_code: Some(NORMAL) },
            // Any other event has no meaning on an open WebSocket, so it is a mistake in the application.
            LoopInput::FromApp(Some(_)) => {
                break Ending { app_code: CONNECTION_LOST, close_code: Some(APPLICATION_ERROR) };
            }
            LoopInput::FromClient(Some(Ok(frame))) => match frame {
                Frame::Text(text) => put_message(exchange, Message::Text(text.to_string())),
                Frame::Binary(bytes) => put_message(exchange, Message::Bytes(bytes.into())),
                Frame::Close(reason) => {
                    let app_code = reason.map_or(NO_CODE_GIVEN, |reason| reason.code.into());
                    break Ending { app_code, close_code: None };
                }
                // tungstenite answers pings itself.
                Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
            },
            LoopInput::FromClient(Some(Err(Error::Capacity(_)))) => {
                break Ending { app_code: MESSAGE_TOO_LONG, close_code: Some(MESSAGE_TOO_LONG) };
            }
            LoopInput::FromClient(Some(Err(Error::Utf8(_)))) => {
                break Ending { app_code: NO_TEXT, close_code: Some(NO_TEXT) };
            }
            LoopInput::FromClient(Some(Err(Error::Protocol(_)))) => {
                break Ending { app_code: PROTOCOL_ERROR, close_code: Some(PROTOCOL_ERROR) };
            }
            LoopInput::FromClient(Some(Err(_)) | None) => {
                break Ending { app_code: CONNECTION_LOST, close_code: None };
            }
            LoopInput::ServerCloses => break Ending { app_code: GOING_AWAY, close_code: Some(GOING_AWAY) },
        }
    };
    exchange.slot.disconnect(ReceiveEvent::WebSocketDisconnect { code: ending.app_code });
    // Boxed, because this future would otherwise reserve room for both from the start, in every idle WebSocket.
    let _ = Box::pin(timeout(CLOSE_TIMEOUT, close(socket, ending.close_code))).await;
    let _ = Box::pin(timeout(CLOSE_TIMEOUT, async { while exchange.next_event().await.is_some() {} })).await;
}

/// Returns the next input for the loop of [`serve`].
///
/// Reads from the client only while the application has room for a message, so that a slow application slows its client
/// down.
fn poll_input(
    exchange: &mut Exchange,
    socket: &mut WebSocketStream<ClientStream>,
    closing: Pin<&mut impl Future<Output = ()>>,
    context: &mut Context<'_>,
) -> Poll<LoopInput> {
    if let Poll::Ready(event) = exchange.poll_event(context) {
        return Poll::Ready(LoopInput::FromApp(event));
    }
    if exchange.slot.has_room()
        && let Poll::Ready(frame) = socket.poll_next_unpin(context)
    {
        return Poll::Ready(LoopInput::FromClient(frame));
    }
    closing.poll(context).map(|()| LoopInput::ServerCloses)
}

fn to_frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text.into()),
        Message::Bytes(bytes) => Frame::Binary(bytes.into()),
    }
}

fn put_message(exchange: &Exchange, message: Message) {
    exchange.slot.put(ReceiveEvent::WebSocketReceive(message));
}

/// Sends a close frame and waits until the client has closed as well.
async fn close(socket: &mut WebSocketStream<ClientStream>, code: Option<u16>) {
    let frame = code.map(|code| CloseFrame { code: code.into(), reason: Utf8Bytes::default() });
    let _ = socket.close(frame).await;
    while let Some(Ok(_)) = socket.next().await {}
}
