//! HTTP/1.1: turns hyper's requests into events for an application and its events into responses. A WebSocket begins
//! here, too.
//!
//! Read `websocket.rs` next for what follows the handshake.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use super::asgi::{Scope, ScopeKind};
use super::event::{ReceiveEvent, SendEvent};
use super::exchange::Exchange;
use super::guard::Refusal;
use super::request::{RequestExchange, build_empty_response, build_refusal, build_scope};
use super::stream::ClientStream;
use super::websocket::{self, WebSocketConnection};
use super::{CLIENT_TIMEOUT, CLOSE_TIMEOUT, ConnectionInfo, guard};

/// The longest head of a request (request line and headers), in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// A response of the application, or one of the server, which is empty or says why it refuses.
type HttpResponse = Response<Either<RequestExchange<Incoming>, Full<Bytes>>>;

/// A WebSocket that the application has accepted. The connection can be taken over once hyper has written the response.
type PendingUpgrade = (OnUpgrade, Exchange);

/// Serves requests until the connection ends. Returns the connection if it has become a WebSocket.
///
/// `start_app` starts the application for each request.
pub(super) async fn serve(
    stream: ClientStream,
    mut info: ConnectionInfo,
    start_app: impl Fn(Scope) -> Exchange + Clone + Send + Sync + 'static,
) -> Option<WebSocketConnection> {
    let pending: Arc<Mutex<Option<PendingUpgrade>>> = Arc::default();
    let mut connection = Box::pin({
        let pending = Arc::clone(&pending);
        let info = info.clone();
        let service = service_fn(move |request| {
            let pending = Arc::clone(&pending);
            let info = info.clone();
            let start_app = start_app.clone();
            async move { Ok::<HttpResponse, Infallible>(respond(request, &info, start_app, &pending).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(CLIENT_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
        builder.serve_connection(TokioIo::new(stream), service).with_upgrades()
    });
    // Errors are ignored: a client that breaks the protocol or the connection gets no answer anyway.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = info.wait_for_close() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(CLOSE_TIMEOUT, connection.as_mut()).await;
        }
    }
    drop(connection);
    let (upgrade, exchange) = pending.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let parts = upgrade.await.ok()?.downcast::<TokioIo<ClientStream>>().ok()?;
    // Copies the bytes, because `read_buf` would keep the whole buffer for a request's head as long as the WebSocket.
    let unread = parts.read_buf.to_vec();
    Some(WebSocketConnection::new(parts.io.into_inner(), unread, exchange, info).await)
}

/// Answers one request. If the application accepts a WebSocket, leaves it in `pending`.
async fn respond(
    mut request: Request<Incoming>,
    info: &ConnectionInfo,
    start_app: impl Fn(Scope) -> Exchange,
    pending: &Mutex<Option<PendingUpgrade>>,
) -> HttpResponse {
    let empty = || Either::Right(Full::default());
    let refuse = |status| build_empty_response(status, empty());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    if let Err(Refusal { status, reason }) = guard::check(request.headers(), authority, info.local.ip()) {
        return build_refusal(status, Either::Right(Full::from(reason)));
    }
    if !websocket::is_upgrade(&request) {
        let exchange = start_app(build_scope(&request, ScopeKind::Http, "1.1", info));
        let mut exchange = RequestExchange::new(exchange, request.into_body());
        let head = poll_fn(|context| exchange.poll_head(context)).await;
        return head.map(|()| Either::Left(exchange));
    }
    let handshake = match websocket::build_handshake(&request) {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal.map(|()| empty()),
    };
    let mut exchange = start_app(build_scope(&request, ScopeKind::WebSocket, "1.1", info));
    exchange.slot.put(ReceiveEvent::WebSocketConnect);
    match exchange.next_event().await {
        Some(SendEvent::WebSocketAccept) => {
            let upgrade = hyper::upgrade::on(&mut request);
            *pending.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, exchange));
            handshake.map(|()| empty())
        }
        Some(SendEvent::WebSocketClose { .. }) => refuse(StatusCode::FORBIDDEN),
        _ => refuse(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
