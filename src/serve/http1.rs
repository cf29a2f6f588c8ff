//! HTTP/1.1: hyper's requests and answers on one side, an application's events on the other; and how a WebSocket
//! begins.
//!
//! Read `websocket.rs` next.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{Either, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use super::asgi::{Kind, Received, Scope, Sent};
use super::exchange::Exchange;
use super::request::{Asked, plain, scope};
use super::stream::Stream;
use super::websocket::{self, Upgraded};
use super::{About, GRACE, PATIENCE, guard};

/// The most that a request's head may take, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// What is written back: what the application says, or nothing but a status.
type Answer = Response<Either<Asked<Incoming>, Empty<Bytes>>>;

/// A WebSocket that was accepted, and is there once the answer that says so is written.
type Accepted = (OnUpgrade, Exchange);

/// Serves what `begin` begins for each request, to the connection's end, or until it has become a WebSocket.
pub(super) async fn serve(
    stream: Stream,
    mut about: About,
    begin: impl Fn(Scope) -> Exchange + Clone + Send + Sync + 'static,
) -> Option<Upgraded> {
    let accepted: Arc<Mutex<Option<Accepted>>> = Arc::default();
    let mut connection = Box::pin({
        let (accepted, about) = (Arc::clone(&accepted), about.clone());
        let service = service_fn(move |request| {
            let (accepted, about, begin) = (Arc::clone(&accepted), about.clone(), begin.clone());
            async move { Ok::<Answer, Infallible>(answer(request, &about, begin, &accepted).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(LONGEST_HEAD);
        builder.serve_connection(TokioIo::new(stream), service).with_upgrades()
    });
    // How a connection ended is its other end's business.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = about.closing() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(GRACE, connection.as_mut()).await;
        }
    }
    drop(connection);
    let (upgrade, exchange) = accepted.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Stream>>().ok()?;
    // Copied, or the WebSocket would keep the buffer for a request's head, empty as it is.
    Some(Upgraded::new(parts.io.into_inner(), parts.read_buf.to_vec(), exchange, about).await)
}

async fn answer(
    mut request: Request<Incoming>,
    about: &About,
    begin: impl Fn(Scope) -> Exchange,
    accepted: &Mutex<Option<Accepted>>,
) -> Answer {
    let refuse = |status| plain(status, Either::Right(Empty::new()));
    if !guard::lets_in(request.headers(), request.uri().authority().map(|host| host.as_str()), about.own.ip()) {
        return refuse(StatusCode::FORBIDDEN);
    }
    if !websocket::is_asked_for(&request) {
        let exchange = begin(scope(&request, Kind::Http, "1.1", about));
        let mut asked = Asked::new(exchange, request.into_body());
        let (head, ()) = poll_fn(|context| asked.poll_start(context)).await.into_parts();
        return Response::from_parts(head, Either::Left(asked));
    }
    let handshake = match websocket::handshake(&request) {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal.map(|()| Either::Right(Empty::new())),
    };
    let mut exchange = begin(scope(&request, Kind::WebSocket, "1.1", about));
    exchange.line.put(Received::WebSocketConnect);
    match exchange.next().await {
        Some(Sent::WebSocketAccept) => {
            let upgrade = hyper::upgrade::on(&mut request);
            *accepted.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, exchange));
            handshake.map(|()| Either::Right(Empty::new()))
        }
        Some(Sent::WebSocketClose { .. }) => refuse(StatusCode::FORBIDDEN),
        _ => refuse(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
