//! A WebSocket: frames on one side, an application's events on the other.
//!
//! Messages are bounded before they are kept. The one door to tungstenite.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

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

use super::asgi::{Message, Received, Sent};
use super::exchange::Exchange;
use super::request::plain;
use super::stream::Stream;
use super::{About, GRACE, LONGEST};

/// The protocol's version (RFC 6455).
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// RFC 6455's numbers for why a connection ends (section 7.4.1).
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const NOBODY_SAID: u16 = 1005;
const LINE_BROKE: u16 = 1006;
const TOO_LONG: u16 = 1009;
const APPLICATION_ERROR: u16 = 1011;

/// Whether `request` would like to become a WebSocket.
pub(super) fn is_asked_for<B>(request: &Request<B>) -> bool {
    names(request, UPGRADE, "websocket")
}

/// Whether a header lists `word`, in whatever case.
fn names<B>(request: &Request<B>, header: HeaderName, word: &str) -> bool {
    let values = request.headers().get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
}

/// The answer that makes `request` a WebSocket, or the one that says what is wrong with it.
pub(super) fn handshake<B>(request: &Request<B>) -> Result<Response<()>, Response<()>> {
    let headers = request.headers();
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let Some(key) = key.filter(|_| request.method() == Method::GET && names(request, CONNECTION, "upgrade")) else {
        return Err(plain(StatusCode::BAD_REQUEST, ()));
    };
    let mut answer = plain(StatusCode::SWITCHING_PROTOCOLS, ());
    if headers.get(SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
        *answer.status_mut() = StatusCode::UPGRADE_REQUIRED;
        answer.headers_mut().insert(SEC_WEBSOCKET_VERSION, VERSION);
        return Err(answer);
    }
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let accept = accept.map_err(|_| plain(StatusCode::BAD_REQUEST, ()))?;
    answer.headers_mut().extend([
        (UPGRADE, HeaderValue::from_static("websocket")),
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ]);
    Ok(answer)
}

/// What happens next on a WebSocket.
enum Step {
    Sent(Option<Sent>),
    Came(Option<Result<Frame, Error>>),
    Closing,
}

/// A connection that has become a WebSocket, and nothing that is not needed for as long as it is one.
pub(super) struct Upgraded {
    socket: WebSocketStream<Stream>,
    /// The application that has accepted it.
    exchange: Exchange,
    about: About,
}

impl Upgraded {
    /// `ahead` is what was read of it already.
    pub(super) async fn new(stream: Stream, ahead: Vec<u8>, exchange: Exchange, about: About) -> Self {
        // The default buffers take 128 KiB each. A message that waits to be written holds its sender up, so there is
        // one.
        let config = WebSocketConfig::default()
            .read_buffer_size(512)
            .write_buffer_size(0)
            .max_write_buffer_size(2 * LONGEST)
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let socket = WebSocketStream::from_partially_read(stream, ahead, Role::Server, Some(config)).await;
        Upgraded { socket, exchange, about }
    }
}

/// Serves it, until either end closes, or the server does.
pub(super) async fn serve(Upgraded { socket, exchange, about }: &mut Upgraded) {
    let mut closing = pin!(about.closing());
    // What the application is told, and what the other end is, unless that has closed itself.
    let (code, close) = loop {
        let step = poll_fn(|context| next_step(exchange, socket, closing.as_mut(), context)).await;
        match step {
            Step::Sent(Some(Sent::WebSocketSend(message))) => {
                if socket.send(frame(message)).await.is_err() {
                    break (LINE_BROKE, None);
                }
            }
            Step::Sent(Some(Sent::WebSocketClose { code })) => break (NOBODY_SAID, Some(code)),
            Step::Sent(None) => break (NOBODY_SAID, Some(NORMAL)),
            // What makes no sense on a WebSocket is a mistake.
            Step::Sent(Some(_)) => break (LINE_BROKE, Some(APPLICATION_ERROR)),
            Step::Came(Some(Ok(Frame::Text(text)))) => receive(exchange, Message::Text(text.to_string())),
            Step::Came(Some(Ok(Frame::Binary(bytes)))) => receive(exchange, Message::Bytes(bytes.into())),
            Step::Came(Some(Ok(Frame::Close(why)))) => break (why.map_or(NOBODY_SAID, |why| why.code.into()), None),
            Step::Came(Some(Ok(_))) => {}
            Step::Came(Some(Err(Error::Capacity(_)))) => break (TOO_LONG, Some(TOO_LONG)),
            Step::Came(Some(Err(Error::Protocol(_) | Error::Utf8(_)))) => break (PROTOCOL_ERROR, Some(PROTOCOL_ERROR)),
            Step::Came(Some(Err(_)) | None) => break (LINE_BROKE, None),
            Step::Closing => break (GOING_AWAY, Some(GOING_AWAY)),
        }
    };
    exchange.line.end(Received::WebSocketDisconnect { code });
    // Both may take their time, but not for ever. On the heap, or every WebSocket would have room for it all the time.
    let _ = Box::pin(timeout(GRACE, say_goodbye(socket, close))).await;
    let _ = Box::pin(timeout(GRACE, async { while exchange.next().await.is_some() {} })).await;
}

/// A message is read only when there is room for it, so a slow application slows its other end down.
fn next_step(
    exchange: &mut Exchange,
    socket: &mut WebSocketStream<Stream>,
    closing: Pin<&mut impl Future<Output = ()>>,
    context: &mut Context<'_>,
) -> Poll<Step> {
    if let Poll::Ready(sent) = exchange.poll_sent(context) {
        return Poll::Ready(Step::Sent(sent));
    }
    if exchange.line.has_room()
        && let Poll::Ready(came) = socket.poll_next_unpin(context)
    {
        return Poll::Ready(Step::Came(came));
    }
    closing.poll(context).map(|()| Step::Closing)
}

fn frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text.into()),
        Message::Bytes(bytes) => Frame::Binary(bytes.into()),
    }
}

fn receive(exchange: &Exchange, message: Message) {
    exchange.line.put(Received::WebSocketReceive(message));
}

/// Closes, and waits for the other end to do so.
async fn say_goodbye(socket: &mut WebSocketStream<Stream>, close: Option<u16>) {
    let close = close.map(|code| CloseFrame { code: code.into(), reason: Utf8Bytes::default() });
    let _ = socket.close(close).await;
    while let Some(Ok(_)) = socket.next().await {}
}
